"""What is set against each other: machines nobody builds as one, one device with this or that memory, an upgrade."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.either import alternatives, with_either_memory

APART = [
    "macbook m3 mü yoksa rtx 4060 laptop mu daha iyi",
    "4060 laptop czy mac mini m4",
    "3080 of 7900xt",
    "should i upgrade from a 3080 to a 5080",
    "replace my 2070 with a 5060 ti",
    "m4 max and a 4090, which runs qwen3 32b faster",
    "mac studio m2 ultra, rtx 5090 for llama 3.3 70b",
    "3090 아니면 4080",
    "从3060换成4070值得吗",
    "сменить 3060 на 4070 вместо",
]
TOGETHER = [
    "can i add a 3060 to my 3090",
    "3090 + 3060 for qwen3 32b",
    "a second 3060 beside my 3090",
    "qwen3 32b on 3090 and 3060 12gb",
]


@pytest.mark.parametrize("text", APART)
def test_machines_set_against_each_other_are_two(answers: Answers, text: str) -> None:
    rigs = alternatives(answers.parse(text))
    assert len(rigs) == 2
    assert all(len(one.hardware) == 1 for one in rigs)


@pytest.mark.parametrize("text", TOGETHER)
def test_cards_that_work_together_are_one(answers: Answers, text: str) -> None:
    question = answers.parse(text)
    assert len(question.hardware) == 2
    assert alternatives(question) == [question]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("m4 pro 48gb or 64gb", [48, 64]),
        ("5060 ti 8gb or 16gb for llms", [8, 16]),
        ("3060 8gb vs 12gb", [8, 12]),
        ("mac mini m4 16 oder 24 gb für qwen3 14b", [16, 24]),
        ("is 12 or 16gb vram better", [12, 16]),
    ],
)
def test_one_device_with_either_memory_is_asked_about_twice(answers: Answers, text: str, sizes: list[int]) -> None:
    rigs = alternatives(with_either_memory(text, answers.parse))
    assert [one.hardware[0].memory_gib for one in rigs] == sizes
    asked = answers.ask(text)
    assert len({fit.request.devices for fit in asked.fits}) == 2


@pytest.mark.parametrize("text", ["qwen3 8b on a 3060 12gb", "4090 with 32gb or more", "q4 or q8 on 16gb"])
def test_a_memory_said_once_is_one(answers: Answers, text: str) -> None:
    assert with_either_memory(text, answers.parse) == answers.parse(text)


@pytest.mark.parametrize("text", ["is a gtx 1060 6gb still good for anything", "steam deck for this?", "rtx 2080 ok?"])
def test_hardware_alone_is_told_what_runs_there(answers: Answers, text: str) -> None:
    asked = answers.ask(text)
    assert asked.fits or asked.page_first


def test_what_stood_in_is_said(answers: Answers) -> None:
    (asked,) = answers.ask("can i run qwen3 8b without a gpu, 32gb ram").fits
    assert any(getattr(one, "key", "") == "processor_stand_in" for one in asked.assumptions)
    best = answers.ask("will blorbo run on a 4090")
    assert all(any(getattr(one, "key", "") == "model_stand_in" for one in fit.assumptions) for fit in best.fits)


def test_what_no_figure_tells_is_said_beside_a_ranking(answers: Answers) -> None:
    wished = answers.ask("which model is best at german with 16gb vram")
    assert all(any(getattr(one, "key", "") == "unranked_stand_in" for one in fit.assumptions) for fit in wished.fits)
    plain = answers.ask("best model for 24gb vram")
    assert plain.fits
    assert not any(getattr(one, "key", "") == "unranked_stand_in" for fit in plain.fits for one in fit.assumptions)
