"""Which of the words and errors found are worth showing: not a program that is but named, nor another program's error.

What is found is the matchers' business; this only leaves out what would answer another question. Nothing is rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from knowledge import linear
from knowledge.catalog import ErrorClass, Knowledge
from knowledge.question.route import asks_meaning
from knowledge.question.text import normalise
from knowledge.search.pages import is_foreign
from knowledge.search.types import TermHit

DESCRIBED: Final = 0.8
"""A term whose description alone was found, in a text that asks what to do, is told from this score on."""
BARE_WORDS: Final = 3
"""Who writes no more words than these asks about them."""
SIGNED: Final = 0.9
"""An error found so surely has said so itself, whatever program is named."""
LEAST: Final = 0.2
"""An error less likely than so is nobody's answer."""
NEAR: Final = 0.5
"""An error of the program named may be so much less likely than the likeliest, as a share of it."""
ANY_TOOL: Final = frozenset({"any", "all", "various"})

_PRACTICAL: Final = linear.compile(
    r"^\W*(?:how (?:do|to|can|should|many|much)|can|could|may|should|shall|will|would|which|where|need"
    r"|looking for|is|are|do|does|got|i (?:have|need|want))\b"
    r"|\b(?:need|want|looking for|anything|something)\b"
)
_INSIDE: Final = {
    "ollama": "llama.cpp",
    "lm studio": "llama.cpp",
    "koboldcpp": "llama.cpp",
    "llamafile": "llama.cpp",
    "jan": "llama.cpp",
    "gpt4all": "llama.cpp",
    "llama-cpp-python": "llama.cpp",
    "ik_llama.cpp": "llama.cpp",
    "text-generation-webui": "llama.cpp",
}
"""The engine inside a program, whose messages it shows."""
_TOPICS: Final = frozenset({"local-llm", "llm", "gpu", "quantization", "system-ram", "vram"})
"""What every other question is about: shown where it is asked for, not where it is but named."""


def worth_telling(text: str, hits: Sequence[TermHit], knowledge: Knowledge) -> tuple[TermHit, ...]:
    """The terms that may be what a text asks about.

    A question for a meaning keeps all. Otherwise a program, a family of models or the topic of everything is left out
    where more is said than its name, and so is a term that was found by a description in a practical question.
    """
    if asks_meaning(text) or len(text.split()) <= BARE_WORDS or len(hits) > 1:
        return tuple(hits)
    low = normalise(text)
    practical = is_foreign(text) or _PRACTICAL.search(low) is not None
    return tuple(hit for hit in hits if not _merely_named(hit, knowledge) and not (practical and _guessed(hit, low)))


def _merely_named(hit: TermHit, knowledge: Knowledge) -> bool:
    return hit.id in _TOPICS or hit.id.endswith("-family") or hit.id in knowledge.tools


def _guessed(hit: TermHit, low: str) -> bool:
    return hit.score < DESCRIBED and hit.matched not in low


def of_the_tool(found: Sequence[tuple[ErrorClass, float]], tool: str | None) -> tuple[tuple[ErrorClass, float], ...]:
    """The errors without those of other programs than the one a text names; as found where that leaves hardly any."""
    if not tool or not found:
        return tuple(found)
    own = tuple(one for one in found if _has(one[0], tool) and one[1] >= LEAST)
    near = own and own[0][1] >= NEAR * found[0][1]
    return own if near or found[0][1] < SIGNED else tuple(found)


def _has(error: ErrorClass, tool: str) -> bool:
    """Whether an error is that program's, or that of an engine inside it."""
    named = tool.lower()
    return not error.tools or bool(
        {named, _INSIDE.get(named, named), *ANY_TOOL} & {name.lower() for name in error.tools}
    )
