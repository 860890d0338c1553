"""Finds which signature patterns stand in a text, in time linear in the text: a literal automaton first, then RE2.

The automaton (Aho-Corasick) says which patterns can match and on which lines; RE2 is asked only there. It knows
patterns by number and nothing about errors or scores. Sizes are capped by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast

import ahocorasick
import re2

from knowledge.search.literals import required_literals
from knowledge.search.localised import in_english

MAX_LINES_TRIED: Final = 24
"""A pattern is tried on so many different lines that hold its literal, from the first on and from the last back."""
MAX_LINE_BYTES: Final = 1000
"""Of longer lines only this much around the literal is looked at."""

_OFFLOAD = re.compile(rb"offloaded (\d{1,4})/(\d{1,4}) layers", re.IGNORECASE)


class _Pattern(Protocol):
    """A compiled pattern of RE2, as far as it is used here."""

    def search(self, text: bytes) -> re.Match[bytes] | None: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """Pattern number `pattern` stands at bytes `start` to `end` of the searched text."""

    pattern: int
    start: int
    end: int


def prepare(text: str) -> bytes:
    """`text` as the bytes that are searched: UTF-8, with computed marks of what no pattern can compare appended.

    `offload=partial`, `offload=none` and `offload=full` say what the engine's `offloaded n/m layers` means; messages of
    an operating system in another language are repeated in English.
    """
    data = text.encode("utf-8", "replace")
    english = in_english(data)
    if english:
        data += b"\n" + english
    counts = _OFFLOAD.findall(data)
    if not counts:
        return data
    some, every = (int(count) for count in counts[-1])
    mark = b"none" if some == 0 else b"full" if some >= every else b"partial"
    return data + b"\n[offload=" + mark + b"]"


class SignatureSet:
    """Patterns made ready to be looked for together."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._options = re2.Options()
        self._options.log_errors = False
        self._options.encoding = re2.Options.Encoding.LATIN1
        self._patterns = tuple(patterns)
        self._compiled: list[_Pattern | None] = [None] * len(patterns)
        self._always: list[int] = []
        by_literal: dict[str, list[int]] = {}
        for number, pattern in enumerate(patterns):
            literals = required_literals(pattern)
            if literals is None:
                self._always.append(number)
            for literal in literals or ():
                by_literal.setdefault(literal, []).append(number)
        self._automaton = ahocorasick.Automaton()
        for literal, numbers in by_literal.items():
            self._automaton.add_word(literal, tuple(numbers))
        if by_literal:
            self._automaton.make_automaton()
        self._searchable = bool(by_literal)

    def _pattern(self, number: int) -> _Pattern:
        """The compiled pattern; most are never asked for, so each is compiled when it first is."""
        compiled = self._compiled[number]
        if compiled is None:
            made = re2.compile(b"(?im)" + self._patterns[number].encode(), self._options)
            compiled = self._compiled[number] = cast("_Pattern", made)
        return compiled

    def find(self, data: bytes) -> list[Hit]:
        """Give the first match of each pattern that stands in `data` (from `prepare`), by pattern number."""
        hits = {
            number: hit for number, ends in self._candidates(data).items() if (hit := self._try(number, ends, data))
        }
        for number in self._always:
            match = self._pattern(number).search(data)
            if match is not None:
                hits[number] = Hit(number, match.start(), match.end())
        return [hits[number] for number in sorted(hits)]

    def _candidates(self, data: bytes) -> dict[int, list[int]]:
        """Pattern number → byte offsets where one of its literals ends."""
        found: dict[int, list[int]] = {}
        if not self._searchable:
            return found
        lowered = data.lower().decode("latin-1")
        for end, numbers in self._automaton.iter(lowered):
            for number in numbers:
                ends = found.get(number)
                if ends is None:
                    found[number] = [end]
                else:
                    ends.append(end)
        return found

    def _try(self, number: int, ends: Sequence[int], data: bytes) -> Hit | None:
        pattern = self._pattern(number)
        seen_until = -1
        for end in _both_ends(ends):
            if 0 <= end < seen_until:
                continue
            start, stop = _line_around(data, end)
            seen_until = stop
            match = pattern.search(data[start:stop])
            if match is not None:
                return Hit(number, start + match.start(), start + match.end())
        return None


def _both_ends(ends: Sequence[int]) -> Iterable[int]:
    if len(ends) <= MAX_LINES_TRIED:
        return ends
    return [*ends[: MAX_LINES_TRIED // 2], *ends[-MAX_LINES_TRIED // 2 :]]


def _line_around(data: bytes, at: int) -> tuple[int, int]:
    """Where the line that holds byte `at` begins, and where the second line after it ends (messages wrap)."""
    start = max(data.rfind(b"\n", 0, at) + 1, at - MAX_LINE_BYTES)
    stop = at
    for _ in range(3):
        following = data.find(b"\n", stop + 1, at + MAX_LINE_BYTES)
        if following < 0:
            return start, min(len(data), at + MAX_LINE_BYTES)
        stop = following
    return start, stop
