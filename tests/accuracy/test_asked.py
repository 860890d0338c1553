"""Floors on free questions as strangers type them: every set was looked at by now, so they catch what breaks."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers
from knowledge.evaluate.asked import QUESTIONS, evaluate_asked, shown

KINDS = {"fit", "needs", "best", "compare", "other", "open"}


def test_every_label_is_a_kind_or_an_id(answers: Answers) -> None:
    known = answers.knowledge
    ids = {"page": known.pages, "term": known.terms, "error": known.errors, "tool": known.tools}
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        _, _, wanted, _ = line.split("\t")
        for one in set(wanted.split("|")) - KINDS:
            kind, _, id_ = one.partition(":")
            assert id_ in ids[kind], one


@pytest.mark.parametrize(
    ("part", "floor"),
    [
        ("first_en", 0.95),
        ("first_others", 0.95),
        ("second_en", 0.9),
        ("second_others", 0.9),
        ("third_en", 0.8),
        ("fourth_en", 0.9),
        ("fourth_others", 0.8),
        ("fifth_en", 0.9),
    ],
)
def test_questions_are_met(figures: dict[str, float], part: str, floor: float) -> None:
    assert figures[f"{part}_right"] >= floor


@pytest.fixture(scope="module")
def figures(answers: Answers) -> dict[str, float]:
    return dict(evaluate_asked(answers))


def test_what_is_shown_first_has_a_name(answers: Answers) -> None:
    assert shown(answers.ask("hello")) == {"other"}
    assert shown(answers.ask("how much vram for qwen3 8b")) == {"needs"}
    assert shown(answers.ask("what can I run on a 3090")) == {"best"}
    assert shown(answers.ask("what is gguf")) == {"term:gguf"}
