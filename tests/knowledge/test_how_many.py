"""How many of a card hold a model: the fewest that do, and what is no such question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.answers import Answers
from knowledge.how_many import asks_how_many

ASKED = [
    "how many 3090s for llama 3.3 70b",
    "wie viele 3090 brauche ich für llama 3.3 70b",
    "cuántas 3090 necesito para llama 3.3 70b",
    "quantas 3090 preciso pro llama 3.3 70b",
    "combien de 3090 pour llama 3.3 70b",
    "сколько 3090 нужно для llama 3.3 70b",
    "跑llama 3.3 70b要几张3090",
]


@pytest.mark.parametrize("text", ASKED)
def test_the_fewest_cards_that_hold_all_of_it(answers: Answers, text: str) -> None:
    (fit,) = answers.ask(text).fits
    count = fit.request.devices[0].count
    assert count > 1
    assert fit.n_gpu_layers is not None
    assert fit.request.model.shape is not None
    assert fit.n_gpu_layers >= fit.request.model.shape.n_layer
    assert str(count) in fit.flags[0]
    fewer = replace(fit.request, devices=(replace(fit.request.devices[0], count=count - 1),))
    left = answers.estimate(fewer, detailed=False)
    assert left.fit_tier == "no" or (left.n_gpu_layers or 0) < fit.request.model.shape.n_layer


def test_more_than_a_machine_holds_is_said(answers: Answers) -> None:
    (fit,) = answers.ask("how many 3060 12gb for deepseek v3").fits
    assert fit.request.devices[0].count == 1
    assert "more than one machine has" in fit.flags[0]


@pytest.mark.parametrize(
    "text",
    [
        "how many tokens per second on a 3090",
        "how many layers of llama 70b fit on a 3090",
        "how many gb of vram for llama 70b",
        "сколько видеопамяти нужно для qwen3 32b на 3090",
        "3090跑70b需要多少显存",
        "will llama 70b run on 3090",
    ],
)
def test_counts_of_other_things_are_none_of_cards(text: str) -> None:
    assert not asks_how_many(text)
