"""Machines with one memory: what a name leaves unsaid is said, and a Mac's limit can be raised."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.request import FitAnswer


def asked(
    answers: Answers, model: str, on: str, memory_gib: float | None = None, ram_gib: float | None = None
) -> FitAnswer:
    hardware = [HardwareAsk(name=on, memory_gib=memory_gib)]
    return estimate_detailed(answers.request(model=model, hardware=hardware, ram_gib=ram_gib))


@pytest.mark.parametrize(
    ("model", "on", "least"),
    [
        ("gpt-oss-120b", "M2 Max", "96 GiB"),
        ("gpt-oss-120b", "Ryzen 7 7840U", "64 GiB"),
        ("qwen3-14b", "M4 Pro", None),  # every M4 Pro sold holds it
        ("qwen3-8b", "M3 Ultra", None),
    ],
)
def test_a_verdict_says_from_which_size_it_holds(answers: Answers, model: str, on: str, least: str | None) -> None:
    answer = asked(answers, model, on)
    flags = " ".join(answer.flags)
    assert ("was not said" in flags) == (least is not None)
    assert least is None or f"from {least} on" in flags
    assert any("memory counted" in text for text in answer.assumptions)


@pytest.mark.parametrize("said", [{"memory_gib": 96}, {"ram_gib": 96}])
def test_a_size_that_was_said_is_not_questioned(answers: Answers, said: dict[str, float]) -> None:
    answer = asked(answers, "gpt-oss-120b", "M2 Max", **said)
    assert not any("was not said" in text for text in (*answer.flags, *answer.assumptions))
    assert not any("memory counted" in text for text in answer.assumptions)


def test_what_a_smaller_version_holds_agrees_with_its_own_answer(answers: Answers) -> None:
    for gib, tier in ((32, "no"), (64, "trade-offs"), (96, "comfortable")):
        assert asked(answers, "gpt-oss-120b", "M2 Max", memory_gib=gib).fit_tier == tier


def test_a_mac_can_give_its_gpu_more(answers: Answers) -> None:
    tight = asked(answers, "glm-5.1", "M3 Ultra", memory_gib=512)
    assert tight.fit_tier == "trade-offs"
    assert any("iogpu.wired_limit_mb=458752" in change.text for change in tight.changes)
    for model, on, gib in (("glm-5.1", "M3 Ultra", 256), ("qwen3-8b", "M4", 16), ("gpt-oss-120b", "Ryzen 7 7840U", 96)):
        assert not any("iogpu" in change.text for change in asked(answers, model, on, memory_gib=gib).changes)


@pytest.mark.parametrize(
    ("quant", "named"),
    [("MXFP4_MOE", "-hf ggml-org/gpt-oss-20b-GGUF:MXFP4 "), ("Q4_K_M", "-hf unsloth/gpt-oss-20b-GGUF:Q4_K_M ")],
)
def test_gpt_oss_is_fetched_under_the_name_its_files_have(answers: Answers, quant: str, named: str) -> None:
    hardware = [HardwareAsk(name="RTX 4090")]
    answer = estimate_detailed(answers.request(model="gpt-oss-20b", hardware=hardware, quant=quant))
    assert named in answer.command
    assert any("published as" in flag for flag in answer.flags) == (quant != "MXFP4_MOE")


def test_a_larger_file_of_gpt_oss_is_traded_for_its_own_type(answers: Answers) -> None:
    hardware = [HardwareAsk(name="RTX 5060 Ti 16GB")]
    answer = estimate_detailed(answers.request(model="gpt-oss-20b", hardware=hardware, quant="Q6_K", ram_gib=32))
    assert answer.fit_tier == "trade-offs"
    assert any("MXFP4_MOE instead of Q6_K" in change.text for change in answer.changes)
