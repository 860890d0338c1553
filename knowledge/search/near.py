"""Words by what is left when letters are taken out of them: how a mistyped word finds those it may stand for.

Two sorted arrays instead of a table of lists: twelve bytes an entry where that took two hundred. A hash may stand for
several texts, so what comes back is to be compared letter by letter; that, and how many letters may differ, is the
caller's business.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

import numpy as np


class NearWords:
    """The words given with how many letters may be missing from each; looked up by what is left."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._words: list[str] = []
        hashes, numbers = array("q"), array("i")
        for number, (word, edits) in enumerate(words):
            self._words.append(word)
            left = deletions(word, edits)
            hashes.extend(map(hash, left))
            numbers.extend([number] * len(left))
        order = np.argsort(np.array(hashes, dtype=np.int64), kind="stable")
        self._hashes = array("q", np.array(hashes, dtype=np.int64)[order].tobytes())
        self._numbers = array("i", np.array(numbers, dtype=np.int32)[order].tobytes())

    def of(self, left: str) -> Iterator[str]:
        """The words that may leave `left`."""
        wanted = hash(left)
        at = bisect_left(self._hashes, wanted)
        while at < len(self._hashes) and self._hashes[at] == wanted:
            yield self._words[self._numbers[at]]
            at += 1


def deletions(word: str, edits: int) -> set[str]:
    """Give `word` and all texts that deleting up to `edits` of its letters leaves."""
    found = {word}
    layer = {word}
    for _ in range(edits):
        layer = {w[:n] + w[n + 1 :] for w in layer for n in range(len(w))}
        found |= layer
    return found
