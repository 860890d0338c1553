"""What this package uses of an RE2 pattern and its matches: the binding ships no types. No patterns live here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Match(Protocol):
    """One match; groups by number, offsets in characters."""

    @property
    def string(self) -> str:
        """The text that was searched."""

    def group(self, index: int = 0, /) -> str:
        """The text of a group; None at run time where the group took no part (check before use)."""

    def groups(self) -> tuple[str | None, ...]:
        """All groups' texts."""

    def span(self, index: int = 0, /) -> tuple[int, int]:
        """Where a group stands."""

    def start(self, index: int = 0, /) -> int:
        """Where a group begins."""

    def end(self, index: int = 0, /) -> int:
        """Where a group ends."""


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str, /) -> Match | None:
        """The first match anywhere."""

    def match(self, text: str, /) -> Match | None:
        """A match at the very beginning."""

    def finditer(self, text: str, /) -> Iterator[Match]:
        """All matches, left to right, not overlapping."""
