"""What a free text is read as before it is answered: comparisons, uses, what is missing, how much of it is read."""

from __future__ import annotations

import pytest

from knowledge.asking import MAX_QUESTION_CHARS, check_question, missing_in, use_of
from knowledge.either import alternatives
from knowledge.errors import BadInput
from knowledge.question.types import FitQuestion, HardwareMention

GPU = HardwareMention(id="gpu", name="GPU")


def test_each_compared_model_is_a_question() -> None:
    question = FitQuestion(text="a vs b", intent="fit", model="a", other_models=("b", "c"), hardware=(GPU,))
    assert [one.model for one in alternatives(question)] == ["a", "b", "c"]
    assert all(not one.other_models for one in alternatives(question))


def test_models_and_rigs_are_compared_together() -> None:
    other = HardwareMention(id="other", name="other")
    question = FitQuestion(
        text="a or b on x or y", intent="compare", model="a", other_models=("b",), hardware=(GPU, other)
    )
    got = [(one.model, one.hardware[0].id) for one in alternatives(question)]
    assert got == [("a", "gpu"), ("a", "other"), ("b", "gpu"), ("b", "other")]


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("best coding model for a 4090", "code"),
        ("what runs on my 3060", "chat"),
        ("embedding model for 8 GB", "embedding"),
        ("a vision model for images", "vlm"),
        ("reasoning model for a mac", "reasoning"),
    ],
)
def test_what_a_model_is_wanted_for(text: str, use: str) -> None:
    assert use_of(text) == use


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        (FitQuestion(text="", intent="fit", model="a"), "which hardware"),
        (FitQuestion(text="", intent="fit", hardware=(GPU,)), "which model"),
        (FitQuestion(text="", intent="which_hardware", model="a"), ""),
        (FitQuestion(text="", intent="fit", model="a", other_models=("b",)), ""),
        (FitQuestion(text="", intent="fit", model="a", hardware=(GPU,)), ""),
    ],
)
def test_what_is_missing_is_said(question: FitQuestion, missing: str) -> None:
    assert missing in missing_in(question)
    assert bool(missing_in(question)) == bool(missing)


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    text = "head" + "x" * (2 * MAX_QUESTION_CHARS) + "tail"
    read = check_question(text)
    assert len(read) <= MAX_QUESTION_CHARS
    assert read.startswith("head")
    assert read.endswith("tail")
    assert check_question("short") == "short"


def test_nothing_is_no_question() -> None:
    with pytest.raises(BadInput):
        check_question(" \n ")
