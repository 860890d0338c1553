"""Words by how they are spelt and how they sound: how a mistyped word finds the one it probably stands for.

Whether a word is mistyped at all is the caller's business. Words are compared only with those of the same first letter
and about the same length, so the time grows with a few dozens of them, not with all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from knowledge.search.sounds import sound_of

LONG_CHARS: Final = 9
"""A word from this length on may have two letters wrong."""
SHORT_CHARS: Final = 4
"""A word so short may only have two letters in the wrong order."""
MAX_ALIKE: Final = 20


class NearWords:
    """The words given, by first letter and length, and by sound."""

    def __init__(self, words: Iterable[str]) -> None:
        self._shelves: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._sounds: dict[str, list[str]] = defaultdict(list)
        for word in sorted(words):
            self._shelves[word[0], len(word)].append(word)
            if word.isascii():
                self._sounds[sound_of(word)].append(word)

    def nearest(self, word: str, edits: int) -> str | None:
        """The word with the fewest letters other than in `word`, at most `edits`; the first of equals."""
        short = len(word) <= SHORT_CHARS
        sizes = range(len(word), len(word) + 1) if short else range(len(word) - edits, len(word) + edits + 1)
        swapped = word[1:2] + word[:1] + word[2:]
        if edits and swapped in self._shelves.get((swapped[:1], len(word)), ()):
            return swapped
        best: list[tuple[float, str]] = []
        for size in sizes:
            shelf = self._shelves.get((word[:1], size))
            if shelf:
                found = extract(word, shelf, scorer=OSA.distance, score_cutoff=edits, limit=MAX_ALIKE)
                best += [(distance, other) for other, distance, _ in found]
        if short:
            best = [(distance, other) for distance, other in best if sorted(other) == sorted(word)]
        return min(best)[1] if best else None

    def by_ear(self, word: str) -> str | None:
        """The word that sounds like `word` and has the fewest other letters, at most a third of them."""
        if not word.isascii():
            return None
        near = ((OSA.distance(word, other), other) for other in self._sounds.get(sound_of(word), ()))
        best = min(near, default=None)
        return best[1] if best and best[0] <= max(1, max(len(word), len(best[1])) // 3) else None


def allowed_edits(length: int) -> int:
    """How many letters of a word of `length` letters may be wrong."""
    return 2 if length >= LONG_CHARS else 1
