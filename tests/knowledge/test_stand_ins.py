"""A question that says a size and no name: which model is computed for it, and that it is said."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.half_asked import MOST_SUGGESTED
from knowledge.stand_ins import said_of, size_of, stand_ins
from knowledge.units import GIB

SIZES = [("70B", 70.0), ("8b model", 8.0), (" 1.5 b", 1.5), ("0.6B", 0.6)]
NONE = ["qwen 8b", "", None, "8bit", "B"]


@pytest.mark.parametrize(("text", "size"), [*SIZES, *((text, None) for text in NONE)])
def test_only_a_bare_size_is_one(text: str | None, size: float | None) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("size", [1, 4, 7, 8, 14, 32, 70, 120, 235, 671])
def test_who_stands_for_a_size_has_it(answers: Answers, size: float) -> None:
    found = stand_ins(answers.knowledge.models, size)
    assert 1 <= len(found) <= 2
    for model in found:
        assert model.shape is not None
        assert abs((model.params_total or 0) / 1e9 - size) <= 0.1 * size
    experts = [model.shape.n_expert > 0 for model in found if model.shape]
    assert experts == sorted(experts)
    assert len(set(experts)) == len(experts)


def test_nobody_stands_for_a_size_no_model_has(answers: Answers) -> None:
    assert stand_ins(answers.knowledge.models, 5000) == ()
    asked = answers.ask("can i run a 5000b model on a 3090")
    assert not asked.fits
    assert "5000B" in asked.open_text


def test_a_bare_size_is_answered_and_what_stood_in_is_said(answers: Answers) -> None:
    asked = answers.ask("can i run 70b on a 3090")
    assert asked.route == "fit"
    assert [fit.request.model.id for fit in asked.fits] == [m.id for m in stand_ins(answers.knowledge.models, 70)]
    said = said_of(70, [fit.request.model for fit in asked.fits])
    assert all(fit.assumptions[0] == said for fit in asked.fits)
    assert asked.question.model is None


def test_what_a_card_can_run_is_a_question_for_models(answers: Answers) -> None:
    asked = answers.ask("what can a 4090 run")
    assert asked.question.intent == "which_models"
    assert len(asked.fits) == MOST_SUGGESTED


def test_a_fit_question_without_a_model_shows_the_words_it_names(answers: Answers) -> None:
    asked = answers.ask("rocm or vulkan for my 7900xtx")
    assert {"rocm", "vulkan"} <= {term.id for term in asked.terms}
    assert not asked.fits


@pytest.mark.parametrize("text", ["is 16gb ram enough for llama 3.1 8b", "reichen 16 gb ram für llama 3.1 8b?"])
def test_a_model_and_ram_alone_are_answered_without_a_card(answers: Answers, text: str) -> None:
    asked = answers.ask(text)
    assert asked.route == "fit"
    assert not asked.open_text
    assert [fit.fit_tier for fit in asked.fits] == ["comfortable"]
    assert asked.fits[0].request.ram_bytes == 16 * GIB
    assert "no graphics card was named; computed without" in asked.fits[0].assumptions
