"""Autocomplete over titles of entries: every word typed must begin a word of the title, an alias or a tag.

No typos, no scores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[a-z0-9]+")
MAX_TYPED_CHARS = 100


@dataclass(frozen=True, slots=True)
class TitleShelf:
    """Titles with their words, in alphabetical order."""

    rows: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, entries: Iterable[tuple[str, str, Sequence[str]]]) -> TitleShelf:
        """Shelve (id, title, further words) rows."""
        rows = [(id_, title, " " + " ".join(_words(" ".join((title, id_, *more))))) for id_, title, more in entries]
        return cls(tuple(sorted(rows, key=lambda row: row[1].lower())))

    def complete(self, typed: str, limit: int = 25) -> tuple[tuple[str, str], ...]:
        """(id, title) pairs that match, those whose title begins so first."""
        words = _words(typed[:MAX_TYPED_CHARS])
        found = [row for row in self.rows if all(" " + word in row[2] for word in words)]
        start = typed.strip().lower()
        found.sort(key=lambda row: not row[1].lower().startswith(start))
        return tuple((id_, title) for id_, title, _ in found[:limit])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
