"""Whose memory a size is, which of two neighbours a name means, and what a slip of the fingers makes of a name."""

from __future__ import annotations

import pytest

from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.spelling import variants_right


@pytest.mark.parametrize(
    ("text", "device", "memory_gib", "ram_gib"),
    [
        ("qwen3 8b on a 4090 + 64gb", "nvidia-geforce-rtx-4090", None, 64.0),
        ("qwen3 8b on a 4070 12gb and 32gb", "nvidia-geforce-rtx-4070", 12.0, 32.0),
        ("qwen3 8b rtx 3060 12gb, 32gb", "nvidia-geforce-rtx-3060-12-gb", 12.0, 32.0),
        ("qwen3 8b en una 4080 con 64 de ram", "nvidia-geforce-rtx-4080", None, 64.0),
        ("qwen3 8b on a 5070 with 96 ddr5", "nvidia-geforce-rtx-5070", None, 96.0),
        ("qwen3 8b on a 4090 laptop 32gb", "nvidia-geforce-rtx-4090-laptop", None, 32.0),
        ("qwen3 8b, portatile con rtx 4090 e 64gb", "nvidia-geforce-rtx-4090-laptop", None, 64.0),
        ("qwen3 8b on a 4090 48gb", "nvidia-geforce-rtx-4090-48gb-modded", 48.0, None),
        ("qwen3 8b on 2x3090 48gb", "nvidia-geforce-rtx-3090", 24.0, None),
        ("m4 pro 48 qwen3 8b", "apple-m4-pro-20c-gpu", 48.0, 48.0),
        ("qwen3 8b on a mac studio m3 ultra 256", "apple-m3-ultra-80c-gpu", 256.0, 256.0),
        ("4060 ti 16 qwen3 8b", "nvidia-geforce-rtx-4060-ti-16-gb", 16.0, None),
        ("qwen3 8b on m4 16/256", "apple-m4-10c-gpu", 16.0, 16.0),
        ("m4 max 16 inch 64gb qwen3 8b", "apple-m4-max-40c-gpu", 64.0, 64.0),
        ("3090 24 layers on the gpu, qwen3 8b", "nvidia-geforce-rtx-3090", None, None),
        ("qwen3 8b on a 3070 16gb", "nvidia-geforce-rtx-3070", 16.0, None),
        ("4090 2x32gb qwen3 8b", "nvidia-geforce-rtx-4090", None, 64.0),
        ("qwen3 8b on a 4090 + 2x32gb", "nvidia-geforce-rtx-4090", None, 64.0),
    ],
)
def test_a_size_is_the_cards_only_if_a_card_can_have_it(
    index: NameIndex, text: str, device: str, memory_gib: float | None, ram_gib: float | None
) -> None:
    question = parse(text, index)
    assert [(one.id, one.memory_gib) for one in question.hardware] == [(device, memory_gib)]
    assert question.ram_gib == ram_gib


@pytest.mark.parametrize(
    ("text", "field", "choices"),
    [
        ("qwen3 8b on a 4060 16gb", "hardware", {"nvidia-geforce-rtx-4060-ti-16-gb", "nvidia-geforce-rtx-4060"}),
        ("dual xeon with deepseek v3", "hardware", {"cpu-dual-xeon-e5-v4-ddr4-2400"}),
        ("qwen 14b on a 3090", "model", {"qwen3-14b", "qwen2.5-14b-instruct", "qwen-14b"}),
        ("gemma 27b on a 3090", "model", {"gemma-3-27b-it", "gemma-2-27b-it"}),
    ],
)
def test_neighbours_of_one_name_are_asked_about(index: NameIndex, text: str, field: str, choices: set[str]) -> None:
    offered = [set(choice.choices) for choice in parse(text, index).ambiguous if choice.field == field]
    assert offered
    assert choices <= offered[0]
    assert len(offered[0]) > 1


def test_a_family_offers_each_version_once_in_its_usual_tuning(index: NameIndex) -> None:
    (choice,) = parse("gemma 27b on a 3090", index).ambiguous
    assert not any(id_.endswith(("-pt", "-base")) for id_ in choice.choices)


@pytest.mark.parametrize(
    ("text", "model", "others"),
    [
        ("deepseek r1 vs qwq 32b", "deepseek-r1", ("qwq-32b",)),
        ("is phi 4 better than qwen3 14b", "phi-4", ("qwen3-14b",)),
        ("qwen3 coder 30b or gemma 3 12b", "qwen3-coder-30b-a3b-instruct", ("gemma-3-12b-it",)),
    ],
)
def test_the_size_of_one_model_is_not_anothers(
    index: NameIndex, text: str, model: str, others: tuple[str, ...]
) -> None:
    question = parse(text, index)
    assert (question.model, question.other_models) == (model, others)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a 2070 suprr", "a 2070 super"),
        ("4070 ti suepr", "4070 ti super"),
        ("a 2070 super", "a 2070 super"),
        ("a 2070 server", "a 2070 server"),
        ("a 2070 still", "a 2070 still"),
    ],
)
def test_a_misspelt_super_is_no_plain_card(text: str, right: str) -> None:
    assert variants_right(text) == right


@pytest.mark.parametrize(
    ("text", "model"),
    [("lamma 3.1 8b", "llama-3.1-8b-instruct"), ("deepsek coder v2 lite", "deepseek-coder-v2-lite-instruct")],
)
def test_a_misspelt_family_is_a_guess_that_is_told(index: NameIndex, text: str, model: str) -> None:
    question = parse(f"will {text} run on a 3090", index)
    assert question.model == model
    assert question.ambiguous


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("how quick would gpt oss 120 be on a m2 ultra", "gpt-oss-120b"),
        ("llama 3.1 70, 4090", "llama-3.1-70b-instruct"),
        ("deepseek r1 32 with a 3090", "deepseek-r1-distill-qwen-32b"),
        ("gemma 3 on 24gb", None),
        ("qwen3 14 tok/s on a 3060", None),
    ],
)
def test_a_size_may_stand_without_its_letter(index: NameIndex, text: str, model: str | None) -> None:
    assert parse(text, index).model == model
