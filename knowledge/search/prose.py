"""Compares a description in people's words with the classes' own phrases. No signatures, no final scores.

Two measures for each class: how much of one of its phrases a sentence of the text covers (weighted by how rare the
words are), and BM25 between the whole text and all that the class says. Both are 0..1.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from knowledge.search.text import tokens

_SENTENCE: Final = re.compile(r"[\n!?;]+|\.(?=\s|$)")
MAX_SENTENCES: Final = 40
COVERAGE_HALF: Final = 4.0
"""A phrase needs about so much weight of matched words to count half; short phrases never count fully."""
BM25_K1: Final = 1.2
BM25_B: Final = 0.4
BM25_HALF: Final = 12.0
COMMON_SHARE: Final = 0.25
"""Words that stand in more than this share of all classes raise no candidate of their own."""


class ProseIndex:
    """The phrases and texts of all classes, as inverted lists."""

    def __init__(self, documents: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self._phrases: list[tuple[int, str, float]] = []
        self._phrase_lists: dict[str, list[int]] = defaultdict(list)
        bags = [Counter(tokens(text)) for text, _ in documents]
        count = max(len(bags), 1)
        holding = Counter(token for bag in bags for token in bag)
        self._idf = {token: math.log(1 + (count - n + 0.5) / (n + 0.5)) for token, n in holding.items()}
        average = sum(sum(bag.values()) for bag in bags) / count or 1.0
        self._lists: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, bag in enumerate(bags):
            length = BM25_K1 * (1 - BM25_B + BM25_B * sum(bag.values()) / average)
            for token, times in bag.items():
                self._lists[token].append((number, self._idf[token] * times * (BM25_K1 + 1) / (times + length)))
        self._rare = {token for token, n in holding.items() if n <= max(3, COMMON_SHARE * count)}
        for number, (_, phrases) in enumerate(documents):
            for phrase in phrases:
                self._add_phrase(number, phrase)

    def _add_phrase(self, number: int, phrase: str) -> None:
        bag = set(tokens(phrase))
        weight = sum(self._idf.get(token, 0.0) for token in bag)
        if weight <= 0:
            return
        for token in bag:
            self._phrase_lists[token].append(len(self._phrases))
        self._phrases.append((number, phrase, weight))

    def score(self, text: str, most: int, always: AbstractSet[int]) -> list[tuple[int, float, float, str]]:
        """Give (class, phrase coverage, BM25, the phrase) of the `most` nearest classes, and of those in `always`."""
        sentences = [bag for part in _SENTENCE.split(text)[:MAX_SENTENCES] if (bag := set(tokens(part)))]
        cues = self._coverage(sentences)
        bm25: dict[int, float] = defaultdict(float)
        for token in set().union(*sentences) if sentences else ():
            if token in self._rare or token[0] == "@":
                for number, weight in self._lists.get(token, ()):
                    bm25[number] += weight
        total = {
            n: cues.get(n, (0.0, ""))[0] + bm25.get(n, 0.0) / (bm25.get(n, 0.0) + BM25_HALF) for n in {*cues, *bm25}
        }
        best = sorted(total, key=lambda n: (-total[n], n))[:most]
        return [
            (
                n,
                *cues.get(n, (0.0, ""))[:1],
                bm25.get(n, 0.0) / (bm25.get(n, 0.0) + BM25_HALF),
                cues.get(n, (0.0, ""))[1],
            )
            for n in {*best, *(always & set(total))}
        ]

    def _coverage(self, sentences: Sequence[AbstractSet[str]]) -> dict[int, tuple[float, str]]:
        """Class → the best coverage of one of its phrases by two neighbouring sentences, and that phrase."""
        best: dict[int, tuple[float, str]] = {}
        for at in range(len(sentences)):
            window = sentences[at] | sentences[at + 1] if at + 1 < len(sentences) else sentences[at]
            got: dict[int, float] = defaultdict(float)
            for token in window:
                idf = self._idf.get(token, 0.0)
                for phrase in self._phrase_lists.get(token, ()):
                    got[phrase] += idf
            for phrase, weight in got.items():
                number, words_, full = self._phrases[phrase]
                covered = weight / full * weight / (weight + COVERAGE_HALF)
                if covered > best.get(number, (0.0, ""))[0]:
                    best[number] = (covered, words_)
        return best
