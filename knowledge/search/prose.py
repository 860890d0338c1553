"""Compares a description in people's words with the classes' own phrases. No signatures, no final scores.

Five measures for each class, all 0..1: how much of one of its phrases a sentence of the opening covers, and one of the
whole text (weighted by how rare the words are); BM25 between the opening and all that the class says; and how much of
the opening is explained by the class's words at all, or by those of its phrases alone.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from knowledge.search.text import LITERAL, tokens

_SENTENCE: Final = re.compile(r"[\n!?;]+|\.(?=\s|$)")
OPENING_CHARS: Final = 320
"""So much of a text is its opening: the title and the first sentence or two, where people say what is wrong."""
MAX_SENTENCES: Final = 12
COVERAGE_HALF: Final = 4.0
"""A phrase needs about so much weight of matched words to count half; short phrases never count fully."""
BM25_K1: Final = 1.2
BM25_B: Final = 0.4
BM25_HALF: Final = 12.0
COMMON_SHARE: Final = 0.25
"""Words that stand in more than this share of all classes raise no candidate of their own."""
MAX_PHRASES: Final = 200
"""Words that stand in more phrases than this are too common to look up."""
MAX_LIST: Final = 150
"""Words that stand in more phrases than this are not looked up, so that time does not grow with the entries."""
LITERAL_SHARE: Final = 0.4
"""A word that has a concept counts this much for itself; the concept counts fully."""
NOTHING: Final = (0.0, "")
SHORT_OPENING: Final = 3.0
"""Added to the weight of an opening when asking for shares of it, so that one word is never all of it."""
UNKNOWN_IDF: Final = 4.5
"""The weight of a word that no class uses, when asking how much of the opening is explained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What there is to compare with: all text of a class for BM25, its phrases, and words that set the scene."""

    text: str
    phrases: tuple[str, ...]
    context: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a text and class number `number` are; `phrase` is the phrase that is covered best."""

    number: int
    opening: float = 0.0
    anywhere: float = 0.0
    bm25: float = 0.0
    explained: float = 0.0
    said: float = 0.0
    phrase: str = ""


NOT_ALIKE: Final = Likeness(-1)
"""The likeness of a class that shares no word with the text."""


class ProseIndex:
    """The phrases and texts of all classes, as inverted lists."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._phrases: list[tuple[int, str, float]] = []
        self._phrase_lists: dict[str, list[int]] = defaultdict(list)
        bags = [Counter(tokens(document.text)) for document in documents]
        count = max(len(bags), 1)
        holding = Counter(token for bag in bags for token in bag)
        self._idf = {
            token: math.log(1 + (count - n + 0.5) / (n + 0.5)) * (LITERAL_SHARE if token[0] == LITERAL else 1.0)
            for token, n in holding.items()
        }
        average = sum(sum(bag.values()) for bag in bags) / count or 1.0
        self._lists: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, bag in enumerate(bags):
            length = BM25_K1 * (1 - BM25_B + BM25_B * sum(bag.values()) / average)
            for token, times in bag.items():
                self._lists[token].append((number, self._idf[token] * times * (BM25_K1 + 1) / (times + length)))
        self._rare = {token for token, n in holding.items() if n <= min(max(3, COMMON_SHARE * count), MAX_LIST)}
        self._said: dict[str, set[int]] = defaultdict(set)
        for number, document in enumerate(documents):
            for token in set(tokens(" ".join((*document.phrases, document.context)))):
                self._said[token].add(number)
            for phrase in document.phrases:
                self._add_phrase(number, phrase)
        for token in [token for token, places in self._phrase_lists.items() if len(places) > MAX_PHRASES]:
            del self._phrase_lists[token]

    def _add_phrase(self, number: int, phrase: str) -> None:
        bag = set(tokens(phrase))
        weight = sum(self._idf.get(token, 0.0) for token in bag)
        if weight <= 0:
            return
        for token in bag:
            self._phrase_lists[token].append(len(self._phrases))
        self._phrases.append((number, phrase, weight))

    def knows(self, token: str) -> bool:
        """Whether any document says `token`."""
        return token in self._idf

    def score(self, text: str, most: int, always: AbstractSet[int]) -> list[Likeness]:
        """Compare `text` with every class; give the `most` nearest, and those in `always` that are alike at all."""
        opening = _bags(text[:OPENING_CHARS])
        later = _bags(text[OPENING_CHARS:])[: MAX_SENTENCES - len(opening)]
        first = self._coverage(opening)
        then = self._coverage(later)
        bm25, explained, said = self._words(set().union(*opening) if opening else set())
        totals = {
            number: first.get(number, NOTHING)[0]
            + 0.5 * max(first.get(number, NOTHING)[0], then.get(number, NOTHING)[0])
            + _half(bm25.get(number, 0.0))
            + explained.get(number, 0.0)
            for number in {*first, *then, *bm25}
        }
        nearest = heapq.nlargest(most, totals, key=lambda number: (totals[number], -number))
        found = []
        for number in dict.fromkeys([*nearest, *sorted(always & totals.keys())]):
            here, there = first.get(number, NOTHING), then.get(number, NOTHING)
            best = here if here[0] >= there[0] else there
            shares = _half(bm25.get(number, 0.0)), explained.get(number, 0.0), said.get(number, 0.0)
            found.append(Likeness(number, here[0], best[0], *shares, best[1]))
        return found

    def _words(self, bag: Iterable[str]) -> tuple[dict[int, float], dict[int, float], dict[int, float]]:
        """Class → BM25 of the opening's words, the share of their weight it knows, and the share its phrases know."""
        bm25: dict[int, float] = defaultdict(float)
        known: dict[int, float] = defaultdict(float)
        said: dict[int, float] = defaultdict(float)
        every = 0.0
        for token in bag:
            idf = self._idf.get(token)
            if idf is None:
                every += UNKNOWN_IDF if token.isalpha() else 0.0
                continue
            every += idf
            if token in self._rare:
                for number, weight in self._lists[token]:
                    bm25[number] += weight
                    known[number] += idf
                for number in self._said.get(token, ()):
                    said[number] += idf
        every += SHORT_OPENING
        return (
            bm25,
            {n: weight / every for n, weight in known.items()},
            {n: weight / every for n, weight in said.items()},
        )

    def _coverage(self, sentences: Sequence[AbstractSet[str]]) -> dict[int, tuple[float, str]]:
        """Class → the best coverage of one of its phrases by two neighbouring sentences, and that phrase."""
        best: dict[int, tuple[float, str]] = {}
        idfs, lists, phrases = self._idf, self._phrase_lists, self._phrases
        for at in range(len(sentences)):
            window = sentences[at] | sentences[at + 1] if at + 1 < len(sentences) else sentences[at]
            got: dict[int, float] = defaultdict(float)
            for token in window:
                if token in lists:
                    idf = idfs[token]
                    for phrase in lists[token]:
                        got[phrase] += idf
            for phrase, weight in got.items():
                number, words, full = phrases[phrase]
                covered = weight / full * weight / (weight + COVERAGE_HALF)
                if number not in best or covered > best[number][0]:
                    best[number] = (covered, words)
        return best


def _half(weight: float) -> float:
    return weight / (weight + BM25_HALF)


def _bags(text: str) -> list[set[str]]:
    return [bag for part in _SENTENCE.split(text) if (bag := set(tokens(part)))]
