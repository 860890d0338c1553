"""A question is answered alike in every dress people send it in: bold, quoted, with emoji, greetings and thanks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from knowledge.answers import Answers
from knowledge.asking import Asked

QUESTIONS = [
    "bm25 vs embeddings",
    "what is a kv cache",
    "can my 3060 12gb run qwen3 14b at q4",
    "ollama does not use my gpu",
    "model keeps repeating the same sentence over and over",
    "CUDA error: out of memory when loading",
    "best gpu under 500 dollars for local llms",
    "what can i run on 8gb vram",
    "ist mein modell auf dem server sicher",
    "good evening",
]


def _kind(asked: Asked) -> tuple[object, ...]:
    fits = tuple((fit.request.model.id, fit.fit_tier) for fit in asked.fits)
    return (
        asked.route,
        tuple(term.id for term in asked.terms),
        tuple(error.id for error, _ in asked.errors),
        tuple(page.id for page in asked.pages),
        fits,
    )


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: f"🤔 {text} 🙏",
        lambda text: f"**{text}**",
        lambda text: f"> {text}",
        lambda text: f"@bot {text}",
        lambda text: text.replace(" ", "  "),
        lambda text: f"Hi everyone, newbie here. {text} Thanks in advance!",
        lambda text: f"hey guys, quick question: {text}\nthx",
    ],
    ids=["emoji", "bold", "quote", "mention", "spaces", "hello", "quick"],
)
def test_the_dress_of_a_question_changes_nothing(answers: Answers, dress: Callable[[str], str]) -> None:
    changed = {text: dress(text) for text in QUESTIONS if _kind(answers.ask(dress(text))) != _kind(answers.ask(text))}
    assert changed == {}
