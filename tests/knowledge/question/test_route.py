"""Where a text goes, with and without what search found."""

from __future__ import annotations

import pytest

from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.route import route, scores
from knowledge.question.types import FitQuestion

TERM = (0.9,)
ERROR = (0.8,)


@pytest.mark.parametrize(
    ("text", "terms", "errors", "where"),
    [
        ("will qwen3 8b q4 run on a 3060 12gb?", (), (), "fit"),
        ("how much vram for llama 3.3 70b at 32k", (), (), "fit"),
        ("best model for a 4090", (), (), "fit"),
        ("3090 vs 4080 for 32b models?", (), (), "fit"),
        ("what is the best laptop gpu for llms", (), (), "fit"),
        ("能在4090上跑qwen3 32b吗", (), (), "fit"),
        ("what is a kv cache", TERM, (), "define"),
        ("kv cache??", TERM, (), "define"),
        ("mha vs gqa", TERM, (), "define"),
        ("wtf is mirostat", TERM, (), "define"),
        ("what does -ngl do", TERM, (), "define"),
        ("ggml_cuda: CUDA error: out of memory\n  current device: 0", (), ERROR, "diagnose"),
        ("Traceback (most recent call last):\n  File x\nImportError: no module", (), (), "diagnose"),
        ("ollama crashes with exit status 2 when loading any model", (), ERROR, "diagnose"),
        ("my model outputs garbage after the update", (), ERROR, "diagnose"),
        ("the container can't see my gpu", TERM, ERROR, "diagnose"),
        ("address already in use", TERM, ERROR, "diagnose"),
        ("la gpu no funciona", (), ERROR, "diagnose"),
        ("видеокарта не работает", (), ERROR, "diagnose"),
        ("what is gated attention", TERM, (), "define"),
        ("best gpu for 500 euro and 30b models", (), (), "fit"),
        ("good morning everyone", (), (), "other"),
        ("who wins the cup", (), (), "other"),
        ("where shall we eat tonight?", (), (), "other"),
    ],
)
def test_routes(index: NameIndex, text: str, terms: tuple[float, ...], errors: tuple[float, ...], where: str) -> None:
    question = parse(text, index)
    assert route(text, question, terms=terms, errors=errors) == where, scores(text, question, terms, errors)


def test_a_definition_nobody_has_goes_nowhere(index: NameIndex) -> None:
    text = "what is a sourdough starter"
    assert route(text, parse(text, index)) == "other"


def test_what_search_found_can_only_raise_its_side(index: NameIndex) -> None:
    text = "qwen3 8b is slow on my 3060 12gb"
    question = parse(text, index)
    without, with_error = scores(text, question, (), ()), scores(text, question, (), (0.9,))
    assert with_error.diagnose > without.diagnose
    assert (with_error.fit, with_error.define) == (without.fit, without.define)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("updated the engine and lost half my speed since then", "diagnose"),
        ("n8n agent says that this model has no support for tools", "diagnose"),
        ("how can i let other computers reach the engine over lan", "define"),
        ("do i need such a card to tune one of them at home", "define"),
        ("what happens when the context of a chat is full", "define"),
        ("kv cache", "define"),
    ],
)
def test_a_tale_of_trouble_is_a_report_and_a_question_is_none(text: str, where: str) -> None:
    question = FitQuestion(text=text, intent="other")
    assert route(text, question, terms=(0.9,), errors=(0.9,)) == where
