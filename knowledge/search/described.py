"""Compares a question that names nothing with how people ask for each term. No names found, no final scores.

Every way a term is asked for, its names among them, is a phrase: a bag of stems and meanings weighed by how rare they
are. A question is compared with all phrases at once, in arrays, so that more phrases cost next to nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge.search.kinds import kind_of
from knowledge.search.synonyms import MEANINGS
from knowledge.search.text import LITERAL, stem, tokens

Floats = NDArray[np.float32]
Places = NDArray[np.int32]

MAX_READ_CHARS: Final = 320
"""Of a longer question only the beginning is compared: what is asked stands there."""
COVERED_HALF: Final = 4.0
"""A phrase needs about so much weight of matched words to count half; short phrases never count fully."""
BM25_K1: Final = 1.2
BM25_B: Final = 0.4
BM25_HALF: Final = 12.0
COMMON_SHARE: Final = 0.25
"""Words in more than this share of all terms find none."""
LITERAL_SHARE: Final = 0.6
"""A word that has a meaning counts this much for itself; the meaning counts fully."""
UNKNOWN_IDF: Final = 4.5
"""The weight of a word that no term uses."""
SHORT_QUESTION: Final = 3.0
"""Added to the weight of a question when asking for shares of it, so that one word is never all of it."""
_MEANINGS: Final = {stem(word): f"~{line.split()[0]}" for line in reversed(MEANINGS) for word in line.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is said of one term: its names, the ways it is asked for, its definition."""

    names: tuple[str, ...]
    phrases: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike a question and term number `number` are, each 0..1.

    `covered`: of the phrase that the question covers best; `dice`: what question and phrase share of both; `called`:
    of the name it covers best; `bm25`, and the shares of the question that the term's whole text and phrases know.
    """

    number: int
    covered: float = 0.0
    dice: float = 0.0
    called: float = 0.0
    bm25: float = 0.0
    explained: float = 0.0
    said: float = 0.0
    phrase: str = ""

    @property
    def total(self) -> float:
        """One number for all of them, by which candidates are chosen."""
        return 0.35 * self.covered + 0.25 * self.dice + 0.1 * self.called + 0.15 * self.bm25 + 0.15 * self.said


NOT_ALIKE: Final = Alike(-1)
"""The likeness of a term that shares no word with the question."""


def meanings(text: str) -> list[str]:
    """Stems and meanings of `text`; a word that has a meaning is there for itself too."""
    found: list[str] = []
    for token in tokens(text):
        found.extend(_meant(token))
    return found


@lru_cache(maxsize=16384)
def _meant(token: str) -> tuple[str, ...]:
    if token[0] == LITERAL:
        meaning = _MEANINGS.get(token[1:])
        return (token, meaning) if meaning else (token,)
    meaning = _MEANINGS.get(token) or kind_of(token)
    return (meaning, LITERAL + token) if meaning else (token,)


def forget_meanings() -> None:
    """Let go of what was remembered of words' meanings, as `text.forget_words`."""
    _meant.cache_clear()
    kind_of.cache_clear()


class DescribedIndex:
    """What is said of all terms, as arrays."""

    def __init__(self, documents: Sequence[Described]) -> None:
        named = [[set(meanings(name)) for name in document.names] for document in documents]
        asked = [[meanings(phrase) for phrase in document.phrases] for document in documents]
        bags = [
            Counter(
                [*(t for name in names for t in name), *(2 * [t for p in ways for t in p]), *meanings(doc.definition)]
            )
            for names, ways, doc in zip(named, asked, documents, strict=True)
        ]
        holding = Counter(token for bag in bags for token in bag)
        count = max(len(bags), 1)
        self._idf = {
            token: math.log(1 + (count - n + 0.5) / (n + 0.5)) * (LITERAL_SHARE if token[0] == LITERAL else 1.0)
            for token, n in holding.items()
        }
        self._count = len(documents)
        self._rare = {token for token, n in holding.items() if n <= max(3, COMMON_SHARE * count)}
        self._bm25 = self._weigh(bags)
        self._said = _places(
            {t for bag in (*names, *ways) for t in bag} & self._rare for names, ways in zip(named, asked, strict=True)
        )
        self._names = _Phrases(named, self._idf, self._rare)
        self._ways = _Phrases([[set(way) for way in ways] for ways in asked], self._idf, self._rare)
        self._texts = [document.phrases for document in documents]

    def _weigh(self, bags: Sequence[Counter[str]]) -> dict[str, tuple[Places, Floats]]:
        average = sum(bag.total() for bag in bags) / max(len(bags), 1) or 1.0
        numbers: dict[str, list[int]] = defaultdict(list)
        weights: dict[str, list[float]] = defaultdict(list)
        for number, bag in enumerate(bags):
            length = BM25_K1 * (1 - BM25_B + BM25_B * bag.total() / average)
            for token, times in bag.items():
                if token in self._rare:
                    numbers[token].append(number)
                    weights[token].append(self._idf[token] * times * (BM25_K1 + 1) / (times + length))
        return {
            token: (np.array(found, dtype=np.int32), np.array(weights[token], dtype=np.float32))
            for token, found in numbers.items()
        }

    def knows(self, token: str) -> bool:
        """Whether anything says `token`."""
        return token in self._idf

    def score(self, text: str, most: int, always: AbstractSet[int]) -> list[Alike]:
        """Compare `text` with every term; give the `most` nearest, and those in `always` that are alike at all."""
        bag = dict.fromkeys(meanings(text[:MAX_READ_CHARS]))  # in order: sums come out alike in every process
        weight = sum(self._idf.get(token, UNKNOWN_IDF if token.isalpha() else 0.0) for token in bag)
        known = [token for token in bag if token in self._rare]
        if not known:
            return []
        got = self._ways.got(known, self._idf)
        ways, way_dice = self._ways.shares(got, weight)
        called, _ = self._names.shares(self._names.got(known, self._idf), weight)
        bm25, explained, said = (np.zeros(self._count, dtype=np.float32) for _ in range(3))
        for token in known:
            numbers, weights = self._bm25[token]
            bm25[numbers] += weights
            explained[numbers] += self._idf[token]
            said[self._said.get(token, _NOWHERE)] += self._idf[token]
        bm25 /= bm25 + BM25_HALF
        explained /= weight + SHORT_QUESTION
        said /= weight + SHORT_QUESTION
        totals = 0.35 * ways + 0.25 * way_dice + 0.1 * called + 0.15 * bm25 + 0.15 * said
        nearest = np.argsort(-totals, kind="stable")[:most].tolist()
        return [
            Alike(
                n,
                covered=float(ways[n]),
                dice=float(way_dice[n]),
                called=float(called[n]),
                bm25=float(bm25[n]),
                explained=float(explained[n]),
                said=float(said[n]),
                phrase=self._text(n, got),
            )
            for n in dict.fromkeys([*nearest, *sorted(always)])
            if explained[n] > 0
        ]

    def _text(self, number: int, got: Floats) -> str:
        """The phrase of term `number` that has most of what the question says."""
        way = self._ways.best(number, got)
        return self._texts[number][way] if way is not None else ""


class _Phrases:
    """Bags of words, those of one term behind each other; a term without any has an empty one."""

    def __init__(
        self, owned: Sequence[Sequence[AbstractSet[str]]], idf: Mapping[str, float], rare: AbstractSet[str]
    ) -> None:
        nothing: list[AbstractSet[str]] = [frozenset()]
        bags = [bag for of_one in owned for bag in (of_one or nothing)]
        sizes = [max(len(of_one), 1) for of_one in owned]
        self._starts = np.cumsum([0, *sizes[:-1]], dtype=np.intp)
        self._lists = _places(bag & rare for bag in bags)
        self._full = np.array([math.fsum(idf[t] for t in bag) or np.inf for bag in bags], dtype=np.float32)

    def got(self, known: Iterable[str], idf: Mapping[str, float]) -> Floats:
        """The weight of the words that each bag shares with the question."""
        got = np.zeros(len(self._full), dtype=np.float32)
        for token in known:
            if token in self._lists:
                got[self._lists[token]] += idf[token]
        return got

    def shares(self, got: Floats, weight: float) -> tuple[Floats, Floats]:
        """Of each term's bags, how much of the best is covered, and the most that bag and question share of both."""
        covered = got * got / (self._full * (got + COVERED_HALF))
        dice = 2 * got / (self._full + weight)
        return np.maximum.reduceat(covered, self._starts), np.maximum.reduceat(dice, self._starts)

    def best(self, number: int, got: Floats) -> int | None:
        """Which bag of term `number` is covered best, if any is."""
        start = int(self._starts[number])
        end = int(self._starts[number + 1]) if number + 1 < len(self._starts) else len(got)
        shares = got[start:end] / self._full[start:end]
        best = int(shares.argmax())
        return best if shares[best] > 0 else None


def _places(bags: Iterable[AbstractSet[str]]) -> dict[str, Places]:
    """Word → the places in `bags` it stands at."""
    lists: dict[str, list[int]] = defaultdict(list)
    for place, bag in enumerate(bags):
        for token in bag:
            lists[token].append(place)
    return {token: np.array(places, dtype=np.int32) for token, places in lists.items()}


_NOWHERE: Final = np.zeros(0, dtype=np.int32)
