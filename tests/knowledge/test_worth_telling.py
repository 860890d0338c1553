"""What is left out of an answer: programs but named, descriptions guessed at, another program's errors."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.catalog import ErrorClass
from knowledge.half_asked import names_no_model
from knowledge.worth_telling import of_the_tool, worth_telling


@pytest.mark.parametrize(
    "text",
    [
        "teacher here, need something that makes quizzes",
        "can i give it a whole shelf",
        "is qwen watching when i run it",
    ],
)
def test_what_is_but_named_is_not_told(answers: Answers, text: str) -> None:
    assert answers.ask(text).terms == ()


@pytest.mark.parametrize("text", ["what is ollama", "ollama?", "what is a local llm", "gguf vs exl3", "quantization"])
def test_what_is_asked_about_is_told(answers: Answers, text: str) -> None:
    hits = answers.term_hits(text)
    assert hits
    assert worth_telling(text, hits, answers.knowledge) == hits


def _errors(answers: Answers) -> tuple[ErrorClass, ErrorClass]:
    return answers.knowledge.errors["vllm_arch_unsupported"], answers.knowledge.errors["unknown_arch_llama"]


def test_errors_of_another_program_are_left_out(answers: Answers) -> None:
    theirs, own = _errors(answers)
    assert of_the_tool(((theirs, 0.6), (own, 0.4)), "lm studio") == ((own, 0.4),)
    assert of_the_tool(((theirs, 0.6), (own, 0.05)), "ollama") == ()
    assert of_the_tool(((theirs, 0.6), (own, 0.05)), "vllm") == ((theirs, 0.6),)
    assert of_the_tool(((theirs, 0.97), (own, 0.05)), "lm studio") == ((theirs, 0.97), (own, 0.05))
    assert of_the_tool(((theirs, 0.6),), None) == ((theirs, 0.6),)


@pytest.mark.parametrize(
    ("text", "ram_gib"),
    [
        ("i got a thinkpad t480 with 16gb, anything usable?", 16),
        ("my pc has 32gb, what can i run", 32),
        ("8gb ram laptop. realistic?", 8),
        ("qwen3 8b on a 16gb laptop", 16),
        ("ноутбук 16гб какую модель", 16),
        ("16gb ram'li bilgisayarda hangi model çalışır", 16),
    ],
)
def test_a_computer_s_memory_is_its_ram(answers: Answers, text: str, ram_gib: float) -> None:
    asked = answers.ask(text)
    assert asked.question.ram_gib == ram_gib
    assert asked.fits
    assert asked.question.model or names_no_model(asked.question)
    assert all(ask.device.kind == "cpu" for fit in asked.fits for ask in fit.request.devices)


@pytest.mark.parametrize("text", ["and with 32k?", "what about the smaller one", "und mit 32k?", "а с 32к?"])
def test_what_goes_on_from_a_question_before_is_told_so(answers: Answers, text: str) -> None:
    assert getattr(answers.ask(text).open_text, "key", "") == "follow_up"


@pytest.mark.parametrize("text", ["what about amd", "and how do i install ollama", "what about qwen3 8b on a 3060"])
def test_what_can_be_answered_is(answers: Answers, text: str) -> None:
    asked = answers.ask(text)
    assert asked.pages or asked.tools or asked.fits
