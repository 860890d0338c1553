"""What lies beside a model only ever adds memory, takes the first device's room, and is said; adapters, quality."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answers, HardwareAsk
from knowledge.beside import Beside, lora_of, with_beside
from knowledge.catalog import Knowledge
from knowledge.errors import BadInput
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.contrast import why_differs
from knowledge.estimator.engines import ENGINES
from knowledge.estimator.fit import estimate
from knowledge.estimator.ladders import QUANT_LADDER
from knowledge.estimator.lora import MAX_LORAS, lora_bytes
from knowledge.estimator.quality import LOSS, STEPS, WORST, loss_text, quality_of, words_of
from knowledge.estimator.request import ContextParams, FitRequest, LoraAsk
from knowledge.settings import CONTENT_DIR
from knowledge.units import GIB, MIB

RANK = {"no": 0, "trade-offs": 1, "comfortable": 2}
RIGS = ("RTX 3060 12GB", "RTX 4090", "2x RTX 3090", "M4 Max 64GB", "Ryzen 9 7950X", "")
SAID = st.builds(
    Beside,
    vision=st.booleans(),
    projector_type=st.sampled_from(["f16", "q8_0"]),
    projector_on_host=st.booleans(),
    draft=st.sampled_from(["", "gemma-3-1b-it", "gemma-3-4b-it"]),
    draft_max=st.integers(1, 16),
    lora=st.lists(st.sampled_from(["8", "16:q,v", "64", "120MB"]), max_size=2).map(tuple),
)


def asked(answers: Answers, model: str, on: str, **more: object) -> FitRequest:
    hardware = [HardwareAsk(name=on)] if on else []
    return answers.request(model=model, hardware=hardware, ram_gib=64, **more)  # type: ignore[arg-type]


@given(said=SAID, on=st.sampled_from(RIGS), n_ctx=st.sampled_from([2048, 8192, 65536]))
def test_what_lies_beside_only_adds(answers: Answers, said: Beside, on: str, n_ctx: int) -> None:
    request = asked(answers, "gemma-3-27b-it", on, context=ContextParams(n_ctx=n_ctx))
    plain, more = estimate(request), estimate(with_beside(answers, request, said))
    whole = plain.memory.total_bytes + plain.memory.host_total_bytes
    assert more.memory.total_bytes + more.memory.host_total_bytes >= whole
    assert more.available_bytes == plain.available_bytes
    if on:
        assert RANK[str(more.fit_tier)] <= RANK[str(plain.fit_tier)]


@given(said=SAID, on=st.sampled_from(RIGS[:3]))
def test_a_plan_with_extras_leaves_them_room(answers: Answers, said: Beside, on: str) -> None:
    found = estimate(with_beside(answers, asked(answers, "gemma-3-27b-it", on), said))
    if found.fit_tier != "no":
        assert found.memory.total_bytes - found.memory.overhead_bytes <= (found.available_bytes or 0)


def test_extras_that_take_the_whole_device_are_a_no(answers: Answers) -> None:
    found = estimate(with_beside(answers, asked(answers, "gemma-3-27b-it", "RTX 3060 12GB"), Beside(lora=("40GB",))))
    assert found.fit_tier == "no"
    assert "beside the model" in found.flags[0]


def test_the_projector_in_ram_is_offered_where_it_helps(answers: Answers) -> None:
    request = asked(answers, "gemma-3-12b-it", "RTX 3060 12GB", context=ContextParams(n_ctx=32768), quant="Q5_K_M")
    found = estimate_detailed(with_beside(answers, request, Beside(vision=True)))
    assert found.fit_tier == "trade-offs"
    change = next(change for change in found.changes if change.axis == "vision")
    moved = estimate(with_beside(answers, request, Beside(vision=True, projector_on_host=True)))
    assert "--no-mmproj-offload" in change.text
    assert moved.fit_tier == "comfortable"
    assert moved.memory.host_projector_bytes > 800 * MIB


@pytest.mark.parametrize(
    ("model", "said", "engine", "words"),
    [
        ("gemma-3-27b-it", Beside(vision=True), "", "gemma-3-27b-it-GGUF:Q4_K_M"),
        ("gemma-3-27b-it", Beside(), "", "--no-mmproj"),
        ("gemma-3-27b-it", Beside(vision=True, projector_on_host=True), "", "--no-mmproj-offload"),
        ("qwen3-32b", Beside(draft="qwen3-0.6b"), "", "-hfd unsloth/Qwen3-0.6B-GGUF:Q8_0 --spec-draft-n-max 16"),
        ("qwen3.6-27b", Beside(draft="mtp"), "", "--spec-type draft-mtp --spec-draft-n-max 3"),
        ("qwen3-8b", Beside(lora=("16", "8")), "", "--lora adapter-1.gguf --lora adapter-2.gguf"),
        ("qwen3-8b", Beside(draft="qwen3-0.6b", lora=("16",)), "vllm", '"num_speculative_tokens": 16'),
        ("qwen3-8b", Beside(lora=("16",)), "vllm", "--enable-lora"),
    ],
)
def test_the_command_loads_what_was_asked(answers: Answers, model: str, said: Beside, engine: str, words: str) -> None:
    quant = "" if engine else "Q4_K_M"
    request = answers.request(model=model, hardware=[HardwareAsk(name="RTX 4090")], engine=engine, quant=quant)
    command = estimate_detailed(with_beside(answers, request, said)).command
    assert words in command
    assert ("--no-mmproj" in command.split()) == (request.model.kind == "vlm" and not said.vision)


def test_two_settings_at_once_where_none_alone_does_it(answers: Answers) -> None:
    request = asked(answers, "llama-3.3-70b-instruct", "RTX 3090", context=ContextParams(n_ctx=32768), quant="Q4_K_M")
    found = estimate_detailed(replace(request, ram_bytes=4 * GIB))
    assert found.fit_tier == "no"
    assert not {"kv", "quant", "context"} & {change.axis for change in found.changes}
    change = next(change for change in found.changes if change.axis == "context+quant")
    quant = next(word for word in change.text.split() if word in QUANT_LADDER)
    changed = replace(request, ram_bytes=4 * GIB, quant=quant, context=ContextParams(n_ctx=8192))
    assert estimate(changed).fit_tier != "no"
    assert [c.cost for c in found.changes] == sorted(c.cost for c in found.changes)


# ---- adapters


@pytest.mark.parametrize(
    ("ask", "size_bytes"),
    [
        (
            LoraAsk(rank=16),
            2 * 41_943_040,
        ),  # PEFT counts 41,943,040 weights for rank 16 on all of Llama 3.1 8B's layers
        (LoraAsk(rank=16, targets=("q_proj", "v_proj")), 2 * 6_815_744),
        (LoraAsk(file_bytes=123), 123),
    ],
)
def test_adapters_take_what_peft_counts(knowledge: Knowledge, ask: LoraAsk, size_bytes: int) -> None:
    shape = knowledge.models["llama-3.1-8b-instruct"].shape
    assert shape is not None
    assert lora_bytes(shape, ask) == size_bytes


@given(rank=st.integers(1, 500), more=st.integers(1, 500))
def test_a_higher_rank_takes_more(knowledge: Knowledge, rank: int, more: int) -> None:
    shape = knowledge.models["qwen3-30b-a3b"].shape
    assert shape is not None
    assert lora_bytes(shape, LoraAsk(rank=rank)) < lora_bytes(shape, LoraAsk(rank=rank + more))


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("16", LoraAsk(rank=16)),
        ("r=16", LoraAsk(rank=16)),
        ("32:q,v", LoraAsk(rank=32, targets=("q", "v"))),
        ("160MB", LoraAsk(file_bytes=160_000_000)),
        ("1.5 GiB", LoraAsk(file_bytes=3 * GIB // 2)),
    ],
)
def test_adapters_as_people_write_them(text: str, ask: LoraAsk) -> None:
    assert lora_of(text) == ask


@pytest.mark.parametrize("text", ["", "lots", "-3", "16;q", "9999999", "0MB", "1e9GB"])
def test_words_that_are_no_adapter(text: str) -> None:
    with pytest.raises(BadInput, match="no LoRA adapter"):
        lora_of(text)


@pytest.mark.parametrize(
    "ask",
    [LoraAsk(rank=0), LoraAsk(rank=-1), LoraAsk(rank=100_000), LoraAsk(rank=8, targets=("x",)), LoraAsk(file_bytes=-1)],
)
def test_adapters_that_cannot_be(knowledge: Knowledge, ask: LoraAsk) -> None:
    shape = knowledge.models["qwen3-8b"].shape
    assert shape is not None
    with pytest.raises(BadInput) as caught:
        lora_bytes(shape, ask)
    assert caught.value.hint


def test_too_many_adapters(answers: Answers) -> None:
    said = Beside(lora=("8",) * (MAX_LORAS + 1))
    with pytest.raises(BadInput, match="LoRA adapters"):
        estimate(with_beside(answers, asked(answers, "qwen3-8b", "RTX 4090"), said))


# ---- quality


def test_the_estimators_losses_are_the_catalogues() -> None:
    entries = yaml.safe_load((CONTENT_DIR / "quants.yaml").read_text(encoding="utf-8"))["file_types"]
    published = {
        entry["id"]: (entry["kl_divergence"], entry["perplexity_delta_pct"])
        for entry in entries
        if entry.get("kl_divergence") is not None
    }
    assert published == LOSS


def test_the_ladder_goes_down_in_quality_and_has_figures() -> None:
    losses = [LOSS[quant][0] for quant in QUANT_LADDER]
    assert losses == sorted(losses)


def test_words_for_losses() -> None:
    assert [words_of(limit) for limit, _ in STEPS] == [words for _, words in STEPS]
    assert words_of(9.0) == WORST
    assert words_of(LOSS["Q4_K_M"][0]) == "small loss"


@pytest.mark.parametrize(
    ("quant", "kv", "text"),
    [
        ("Q4_K_M", "f16", "small loss; KL divergence 0.0313, perplexity +2.82 % (on Llama 3 8B;"),
        ("bf16", "f16", "as published"),
        ("mlx-4bit", "f16", "no published figure"),
        ("Q8_0", "q8_0", "the KV cache adds 0.0016 to 0.38 by model"),
        ("Q8_0", "q5_1", "no published figure for this KV cache type"),
    ],
)
def test_losses_in_words(quant: str, kv: str, text: str) -> None:
    assert text in loss_text(quality_of(quant, kv, kv))


def test_every_answer_carries_its_quality(answers: Answers) -> None:
    for on in ("", "RTX 4090"):
        quality = estimate(asked(answers, "qwen3-8b", on, quant="Q4_K_M")).quality
        assert quality is not None
        assert quality.kl_divergence == LOSS["Q4_K_M"][0]
        assert quality.source


# ---- engines


def test_each_engine_says_why_it_differs(answers: Answers) -> None:
    base = estimate(asked(answers, "gemma-3-27b-it", "RTX PRO 6000 Blackwell Workstation Edition"))
    for id_, engine in ENGINES.items():
        if id_ in {"llama.cpp", "mlx"}:
            continue
        other = estimate(asked(answers, "gemma-3-27b-it", "RTX PRO 6000 Blackwell Workstation Edition", engine=id_))
        text = why_differs(base, other)
        assert engine.why in text
        assert (other.request.quant == base.request.quant) == (" instead of Q4_K_M" not in text)


@pytest.mark.parametrize(
    ("engine", "kind", "allowed"),
    [("ollama", "q8_0", True), ("ollama", "q5_1", False), ("vllm", "q4_0", False), ("vllm", "fp8", True)],
)
def test_cache_types_an_engine_can_be_asked_for(answers: Answers, engine: str, kind: str, allowed: bool) -> None:
    request = asked(answers, "qwen3-8b", "RTX 4090", engine=engine, context=ContextParams(type_k=kind, type_v=kind))
    if allowed:
        assert estimate(request).memory.kv_cache_bytes > 0
    else:
        with pytest.raises(BadInput, match="has no KV cache") as caught:
            estimate(request)
        assert "One of" in caught.value.hint


def test_vllm_takes_its_share_of_the_card_and_caps_windows(answers: Answers) -> None:
    llama = estimate(asked(answers, "gemma-3-27b-it", "RTX 4090", context=ContextParams(n_ctx=65536)))
    vllm = estimate(asked(answers, "gemma-3-27b-it", "RTX 4090", engine="vllm", context=ContextParams(n_ctx=65536)))
    exl = estimate(asked(answers, "gemma-3-27b-it", "RTX 4090", engine="exllamav3", context=ContextParams(n_ctx=65536)))
    assert vllm.available_bytes == pytest.approx(24 * GIB * 0.92 - 450 * MIB, rel=0.001)
    assert llama.memory.kv_cache_bytes < vllm.memory.kv_cache_bytes < exl.memory.kv_cache_bytes / 3


# ---- what cannot be


def test_one_memory_and_ram_beside_it_is_said(answers: Answers) -> None:
    request = answers.request(model="qwen3-8b", hardware=[HardwareAsk(name="M4 Max 64GB")], ram_gib=32)
    assert any("one memory for GPU and CPU" in text for text in estimate(request).assumptions)
    alike = replace(request, ram_bytes=64 * GIB)
    assert not any("one memory" in text for text in estimate(alike).assumptions)


def test_a_type_that_packs_experts_wants_experts(answers: Answers) -> None:
    with pytest.raises(BadInput, match="packs experts"):
        answers.request(model="qwen3-8b", quant="MXFP4")
    assert answers.request(model="gpt-oss-20b", quant="MXFP4").quant.startswith("MXFP4")


def test_ddr4_said_is_ddr4_used(answers: Answers) -> None:
    for text, memory in (("i7-12700k ddr4", "DDR4"), ("i7-12700K with DDR5", "DDR5"), ("i5-13600k", "DDR5")):
        (ask,) = answers.device_asks(answers.hardware_asks(text))
        assert ask.device.memory_type.startswith(memory), text


def test_quality_and_speculation_are_json(answers: Answers, tmp_path: Path) -> None:
    from knowledge.cli.views import answer_json

    request = asked(answers, "qwen3-32b", "RTX 4090", quant="Q4_K_M")
    body = answer_json(estimate_detailed(with_beside(answers, request, Beside(draft="qwen3-0.6b", lora=("16",)))))
    (tmp_path / "answer.json").write_text(json.dumps(body, allow_nan=False), encoding="utf-8")
    assert body["speculation"]["speedup"]["mid"] > 1
    assert body["draft_bytes"] > 0
    assert body["lora_bytes"] > 0
    assert body["quality"]["words"] == "small loss"
    assert body["best_quant_quality"]["quant"] == body["best_quant"]
