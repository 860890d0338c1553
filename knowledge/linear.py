"""Patterns that cannot backtrack (RE2), asked without most of what the binding does around each call.

The binding counts characters anew for every call and builds its answer through several Python functions: four to seven
times what the match itself takes. In ASCII text bytes are characters, so the engine is asked directly; a text that is
not, and any binding that has no such way in, goes through the binding's public methods. It holds no patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol, TypeAlias, cast

import re2

Span: TypeAlias = tuple[int, int]

_NOWHERE: Final[Span] = (-1, -1)


class Match(Protocol):
    """One match; groups by number, offsets in characters."""

    @property
    def string(self) -> str:
        """The text that was searched."""

    @property
    def lastindex(self) -> int | None:
        """The outermost group that ends last; None where the pattern has none that took part."""

    def __getitem__(self, group: int, /) -> str:
        """The text of a group."""

    def group(self, group: int = 0, /) -> str:
        """The text of a group; None at run time where the group took no part (check before use)."""

    def groups(self) -> tuple[str | None, ...]:
        """All groups' texts."""

    def span(self, group: int = 0, /) -> Span:
        """Where a group stands."""

    def start(self, group: int = 0, /) -> int:
        """Where a group begins."""

    def end(self, group: int = 0, /) -> int:
        """Where a group ends."""


class _Found:
    """A match in ASCII text, as the engine gave it."""

    __slots__ = ("_spans", "string")

    def __init__(self, text: str, spans: list[Span]) -> None:
        self.string = text
        self._spans = spans

    @property
    def lastindex(self) -> int | None:
        furthest, last = -1, None
        for number, (_, end) in enumerate(self._spans):
            if number and end > furthest:
                furthest, last = end, number
        return last

    def __getitem__(self, group: int, /) -> str:
        start, end = self._spans[group]
        return self.string[start:end] if start >= 0 else cast("str", None)

    def group(self, group: int = 0, /) -> str:
        start, end = self._spans[group]
        return self.string[start:end] if start >= 0 else cast("str", None)

    def groups(self) -> tuple[str | None, ...]:
        return tuple([self.string[start:end] if start >= 0 else None for start, end in self._spans[1:]])

    def span(self, group: int = 0, /) -> Span:
        return self._spans[group]

    def start(self, group: int = 0, /) -> int:
        return self._spans[group][0]

    def end(self, group: int = 0, /) -> int:
        return self._spans[group][1]


class Pattern:
    """A compiled pattern. Only texts go in; groups are asked for by number."""

    __slots__ = ("_ask", "_own", "_start", "_whole", "_within")

    def __init__(self, pattern: str, options: Any = None) -> None:  # noqa: ANN401 - re2 ships no types
        self._own: Any = re2.compile(pattern, options)
        ask, anchors = _way_in(self._own)
        self._ask: Callable[[Any, bytes, int, int], list[Span]] | None = ask
        self._within, self._start, self._whole = anchors

    @property
    def pattern(self) -> str:
        """What it was compiled from."""
        return str(self._own.pattern)

    def search(self, text: str) -> Match | None:
        """The first match anywhere."""
        return self._first(self._within, text, self._own.search)

    def match(self, text: str) -> Match | None:
        """A match at the very beginning."""
        return self._first(self._start, text, self._own.match)

    def fullmatch(self, text: str) -> Match | None:
        """A match of the whole text."""
        return self._first(self._whole, text, self._own.fullmatch)

    def _first(self, anchor: Any, text: str, through: Callable[[str], Any]) -> Match | None:  # noqa: ANN401
        if self._ask is None:
            return cast("Match | None", through(text))
        data = text.encode()
        spans = self._ask(anchor, data, 0, len(data))
        if spans[0] == _NOWHERE:
            return None
        return _Found(text, spans) if len(data) == len(text) else cast("Match | None", through(text))

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches, left to right, not overlapping."""
        if self._ask is None or not text.isascii():
            return cast("Iterator[Match]", self._own.finditer(text)) if self._stands_in(text) else iter(())
        return self._each(text, self._ask)

    def _each(self, text: str, ask: Callable[[Any, bytes, int, int], list[Span]]) -> Iterator[Match]:
        data, place, length = text.encode(), 0, len(text)
        while True:
            spans = ask(self._within, data, place, length)
            start, end = spans[0]
            if start < 0:
                return
            yield _Found(text, spans)
            if place == length:
                return
            place = end if end != place else place + 1

    def findall(self, text: str) -> list[Any]:
        """What the binding's `findall` gives: texts, or tuples of groups."""
        return list(self._own.findall(text)) if self._stands_in(text) else []

    def split(self, text: str) -> list[str]:
        """The text cut at every match, groups between."""
        return list(self._own.split(text)) if self._stands_in(text) else [text]

    def sub(self, by: str | Callable[[Match], str], text: str) -> str:
        """The text with every match put otherwise."""
        return str(self._own.sub(by, text)) if self._stands_in(text) else text

    def _stands_in(self, text: str) -> bool:
        if self._ask is None:
            return True
        data = text.encode()
        return self._ask(self._within, data, 0, len(data))[0] != _NOWHERE


def compile(pattern: str, options: Any = None) -> Pattern:  # noqa: A001, ANN401 - as in re and re2, which has no types
    """`pattern` made ready; raises re2.error where it is none. With `options` those of re2."""
    return Pattern(pattern, options)


def _way_in(compiled: Any) -> tuple[Callable[[Any, bytes, int, int], list[Span]] | None, tuple[Any, Any, Any]]:  # noqa: ANN401
    """The engine's own match of a compiled pattern and its anchors; None where this binding hides it."""
    engine = getattr(re2, "_re2", None)
    ask = getattr(getattr(compiled, "_regexp", None), "Match", None)
    anchor = getattr(getattr(engine, "RE2", None), "Anchor", None)
    if ask is None or anchor is None:
        return None, (None, None, None)
    return ask, (anchor.UNANCHORED, anchor.ANCHOR_START, anchor.ANCHOR_BOTH)
