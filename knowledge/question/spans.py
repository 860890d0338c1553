"""Whether words found in a text really stand there as a name: boundaries, glue, gaps, overlaps, contradictions.

Small rules over atoms, shared by the name index and the readers of models and hardware. No tables, no resolution.
"""

from __future__ import annotations

import re
from typing import Protocol, TypeVar

from knowledge.catalog import Model
from knowledge.question.index_parts import BANNED_KEYS, NameEntry
from knowledge.question.text import Atoms

_HARDWARE_GAPS = frozenset({"", " ", "-", "_", "  ", "\t", "®", "™", " - "})
_MODEL_GAPS = _HARDWARE_GAPS | {":", " (", "/", " : ", "."}
_MAY_LEAD = frozenset({"rtx", "gtx", "rx", "nvidia", "geforce", "radeon", "amd", "intel", "apple", "tesla", "x"})
_MAY_FOLLOW = frozenset({"+", "s", "pcie", "sxm", "nvl", "laptop", "mobile"})
_NUMBERS = re.compile(r"\d+")
_SIZE_WORD = re.compile(r"^[ \-_:(]{0,2}(\d+(?:\.\d+)?)\s?b\b")
_KEY_SIZE = re.compile(r"\d[bmt](?![a-z])|\d[bmt](?:a\d|it|instruct|chat|base|think|coder)|\dx\d+b")


class Span(Protocol):
    """Anything that takes a stretch of the text."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def entry(self) -> NameEntry:
        """What it means."""


S = TypeVar("S", bound=Span)


def unfit_for_scanning(key: str, entry: NameEntry) -> bool:
    """Keys too short or too ordinary to be looked for in running text."""
    return (
        key in BANNED_KEYS
        or len(key) < 2
        or (len(key) == 2 and not (key[0].isalpha() and key[1].isdigit()))
        or (entry.kind == "model" and key.isdigit())
    )


def stands_alone(atoms: Atoms, first: int, last: int, entry: NameEntry) -> bool:
    """Whether atoms `first`..`last` are a name and not part of a longer word ("a10" in "a10b", "m.2" the slot)."""
    words = atoms.words
    gaps = _HARDWARE_GAPS if entry.kind == "hardware" else _MODEL_GAPS
    for number in range(first, last):
        if atoms.gap(number) not in gaps:
            return False
    if (
        len(words[first]) == 1
        and first < last
        and words[first].isalpha()
        and atoms.gap(first).strip() == ""
        and atoms.gap(first)
    ):
        return False  # "has a 100 GB disk" names no A100
    if last + 1 < len(words) and not atoms.gap(last) and not _may_follow(words[last], words[last + 1]):
        return False
    return first == 0 or bool(atoms.gap(first - 1)) or _may_precede(words[first - 1], words[first])


def _may_follow(word: str, glued: str) -> bool:
    """Whether `glued` may stand right behind a name's last word without making another word of it."""
    if glued in _MAY_FOLLOW or not glued[0].isascii():
        return True
    if word[-1].isdigit():
        return len(glued) > 3 and glued.isalpha()
    return word[-1] == "+" or not word[-1].isascii()


def _may_precede(glued: str, word: str) -> bool:
    """Whether `glued` may stand right before a name's first word."""
    if not glued[-1].isascii() or glued == "+":
        return True
    return glued in _MAY_LEAD and word[0].isdigit()


def without_overlaps(found: list[S], text: str) -> list[S]:
    """The longest of overlapping spans, in text order; of equally long ones an ungated name, and a model, first.

    Who published a model ("nvidia/" before its name) does not count: the longer name is the one that says more of it.
    """
    if not found:
        return []
    taken = bytearray(max(span.end for span in found))
    chosen: list[S] = []

    def rank(span: S) -> tuple[int, bool, bool, int]:
        name = max(span.start, text.rfind("/", span.start, span.end))
        return name - span.end, span.entry.gated, span.entry.kind != "model", span.start - span.end

    for span in sorted(found, key=rank):
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            chosen.append(span)
    return sorted(chosen, key=lambda span: span.start)


def numbers(key: str) -> list[str]:
    """The numbers in a key, in order."""
    return _NUMBERS.findall(key)


def number_words(name: str) -> set[str]:
    """The numbers a name has, versions whole: {"3.6", "27"} of `qwen3.6-27b`."""
    return {word for word in Atoms(name).words if word[0].isdigit()}


def after(atoms: Atoms, last: int) -> str:
    """The text behind atom `last`."""
    return atoms.text[atoms.spans[last][1] :]


def stated_size(rest: str) -> float | None:
    """The parameter count (in billions) standing directly behind a name, as in "phi-4 14b"."""
    found = _SIZE_WORD.match(rest)
    return float(found.group(1)) if found else None


def has_size(key: str) -> bool:
    """Whether a key carries a parameter count itself."""
    return _KEY_SIZE.search(key) is not None


def contradicts(model: Model, key: str, rest: str) -> bool:
    """Whether the size said behind a name without one is not that model's ("gemma 3n 40b")."""
    size = stated_size(rest)
    if size is None or has_size(key) or not model.params_total:
        return False
    return abs(size * 1e9 - model.params_total) > 0.2 * model.params_total
