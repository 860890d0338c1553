"""Models and cards that are compared: what they are, and one card on which all are told."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.cli.asked import facts_table
from knowledge.side_by_side import context_text, device_text, params_text


@pytest.mark.parametrize(
    "text",
    [
        "difference between qwen3 30b a3b and qwen3 32b",
        "is mistral small 3.2 better than gemma 3 27b",
        "qwen3 8b oder gemma 3 12b",
        "llama 3.3 70b vs gpt-oss 120b",
    ],
)
def test_compared_models_are_told_on_one_card(answers: Answers, text: str) -> None:
    found = answers.ask(text).needs
    assert len(found) == 2
    commons = [one.common for one in found]
    assert all(common is not None for common in commons)
    devices = {common.request.devices[0].device.id for common in commons if common is not None}
    assert len(devices) == 1
    assert facts_table(found).title == "Side by side"


def test_a_model_alone_is_compared_with_nothing(answers: Answers) -> None:
    (one,) = answers.ask("how much vram for qwen3 32b").needs
    assert one.common is None


def test_an_open_name_gives_its_likeliest_model_beside_another(answers: Answers) -> None:
    found = answers.ask("qwen3 coder or devstral").needs
    assert len({one.model.family for one in found}) == len(found) == 2


def test_facts_are_the_catalogues(answers: Answers) -> None:
    model = answers.knowledge.models["qwen3-30b-a3b"]
    assert params_text(model) == "30.5B, 3.4B active"
    assert context_text(model) == "40k"
    card = device_text(answers.knowledge.devices["nvidia-geforce-rtx-3090"])
    assert "24.0 GiB" in card
    assert "936 GB/s" in card


@pytest.mark.parametrize(
    "text", ["3090 or 4090 for llms", "3090和4090跑大模型差多少", "is a 5070 ti better than a 3090"]
)
def test_compared_cards_are_two_rigs(answers: Answers, text: str) -> None:
    rigs = {tuple(ask.device.id for ask in fit.request.devices) for fit in answers.ask(text).fits}
    assert len(rigs) == 2
    assert all(len(rig) == 1 for rig in rigs)
