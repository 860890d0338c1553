"""Compares a description in people's words with the classes' own phrases. No signatures, no final scores.

Five measures for each class, all 0..1: how much of one of its phrases a sentence of the opening covers, and one of the
whole text (weighted by how rare the words are); BM25 between the opening and all that the class says; and how much of
the opening is explained by the class's words at all, or by those of its phrases alone.

Which class or phrase says a word is kept in arrays and added up there: a long text costs no more than its words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.search.text import LITERAL, tokens

SENTENCE: Final = re.compile(r"[\n!?;]+|\.(?=\s|$)")
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
SCENE_SHARE: Final = 0.5
"""So much of its weight a token counts that says where something happens: a program, a card, a system."""
CORE_SHARE: Final = 0.2
"""What so many of a class's phrases say belongs to the class."""
SHORT_OPENING: Final = 3.0
"""Added to the weight of an opening when asking for shares of it, so that one word is never all of it."""
UNKNOWN_IDF: Final = 4.5
"""The weight of a word that no class uses, when asking how much of the opening is explained."""
FOREIGN: Final = "@foreign"
"""The token that stands in a text of another language than English."""
FOREIGN_SHARE: Final = 0.2
"""There an unknown word counts so much: the language has many of which no class speaks."""

TINY: Final = 1e-9
"""Added to the weight of a phrase, so that one without any can be divided by."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


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


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens of a text: of each sentence of its opening, of each later one, and of the whole opening."""

    opening: tuple[AbstractSet[str], ...]
    later: tuple[AbstractSet[str], ...]
    said: AbstractSet[str]


class _Postings:
    """Token → the numbers it stands for, each with a value, all in two arrays."""

    def __init__(self, ids: Ints, numbers: Ints, values: Floats, size: int) -> None:
        """Take a token's id, number and value of each entry; `size` is how many numbers there are."""
        order = np.argsort(ids, kind="stable")
        self._numbers, self._values = numbers[order], values[order].astype(np.float32)
        self._ends = np.concatenate(([0], np.cumsum(np.bincount(ids)))).tolist() if len(ids) else [0]
        self._size = size

    def total(self, ids: Iterable[int]) -> Floats:
        """Number → the sum of its values over the tokens of `ids`."""
        ends, last = self._ends, len(self._ends) - 1
        spans = [slice(ends[id_], ends[id_ + 1]) for id_ in ids if id_ < last]
        if not spans:
            return np.zeros(self._size)
        numbers = np.concatenate([self._numbers[span] for span in spans])
        values = np.concatenate([self._values[span] for span in spans])
        return np.bincount(numbers, weights=values, minlength=self._size).astype(np.float64, copy=False)


class ProseIndex:
    """The phrases and texts of all classes, as inverted lists. `read` turns texts into tokens."""

    def __init__(
        self,
        documents: Sequence[Document],
        read: Callable[[str], list[str]] = tokens,
        *,
        common_share: float = COMMON_SHARE,
        max_phrases: int = MAX_PHRASES,
        scene: AbstractSet[str] = frozenset(),
    ) -> None:
        """Make ready; tokens in `scene` say where something happens rather than what, and weigh less."""
        self._read = read
        self._max_phrases = max_phrases
        self._count = len(documents)
        lines: dict[str, list[str]] = {}
        bags = [
            Counter(token for line in document.text.split("\n") for token in _once(line, read, lines))
            for document in documents
        ]
        self._ids: dict[str, int] = {token: id_ for id_, token in enumerate(dict.fromkeys(t for b in bags for t in b))}
        ids = np.array([self._ids[token] for bag in bags for token in bag], dtype=np.int32)
        holding = np.bincount(ids, minlength=len(self._ids))
        count = max(len(bags), 1)
        literal = np.array([LITERAL_SHARE if token[0] == LITERAL else 1.0 for token in self._ids])
        literal[[id_ for token, id_ in self._ids.items() if token in scene]] *= SCENE_SHARE
        idf = np.log(1 + (count - holding + 0.5) / (holding + 0.5)) * literal
        rare = holding <= min(max(3, common_share * count), MAX_LIST)
        self._idf: list[float] = idf.tolist()
        self._add_words(bags, ids, idf, rare)
        self._add_phrases(documents, lines, idf, rare)

    def _add_words(self, bags: Sequence[Counter[str]], ids: Ints, idf: Floats, rare: Flags) -> None:
        sizes = np.array([sum(bag.values()) for bag in bags], dtype=np.float64)
        average = float(sizes.mean()) or 1.0 if len(bags) else 1.0
        numbers = np.repeat(np.arange(len(bags), dtype=np.int32), [len(bag) for bag in bags])
        times = np.array([n for bag in bags for n in bag.values()], dtype=np.float64)
        lengths = BM25_K1 * (1 - BM25_B + BM25_B * sizes / average)
        values = idf[ids] * times * (BM25_K1 + 1) / (times + lengths[numbers])
        kept = rare[ids]
        self._bm25 = _Postings(ids[kept], numbers[kept], values[kept], self._count)
        self._known = _Postings(ids[kept], numbers[kept], idf[ids][kept], self._count)

    def _add_phrases(
        self, documents: Sequence[Document], lines: dict[str, list[str]], idf: Floats, rare: Flags
    ) -> None:
        self._phrases = [phrase for document in documents for phrase in document.phrases]
        self._starts = np.cumsum([0, *(len(document.phrases) for document in documents)]).tolist()
        self._spoken = np.flatnonzero(np.diff(self._starts))
        self._first = np.array(self._starts[:-1], dtype=np.intp)[self._spoken]
        bags = [self._known_ids(_once(phrase, self._read, lines)) for phrase in self._phrases]
        ids = np.array([id_ for bag in bags for id_ in bag], dtype=np.int32)
        numbers = np.repeat(np.arange(len(bags), dtype=np.int32), [len(bag) for bag in bags])
        self._full = np.bincount(numbers, weights=idf[ids], minlength=len(bags)) + TINY
        kept = (np.bincount(ids, minlength=len(idf)) <= self._max_phrases)[ids]
        self._covered = _Postings(ids[kept], numbers[kept], idf[ids][kept], len(bags))
        self._add_said(documents, bags, idf, rare)

    def _add_said(
        self, documents: Sequence[Document], bags: Sequence[AbstractSet[int]], idf: Floats, rare: Flags
    ) -> None:
        names = list(self._ids)
        self.core: list[frozenset[str]] = []
        """Class → the tokens of a good part of its phrases."""
        said: list[list[int]] = []
        for number, document in enumerate(documents):
            counts = Counter(id_ for bag in bags[self._starts[number] : self._starts[number + 1]] for id_ in bag)
            least = CORE_SHARE * len(document.phrases)
            self.core.append(frozenset(names[id_] for id_, n in counts.items() if n >= least))
            said.append([id_ for id_ in {*counts, *self._known_ids(self._read(document.context))} if rare[id_]])
        ids = np.array([id_ for own in said for id_ in own], dtype=np.int32)
        numbers = np.repeat(np.arange(len(said), dtype=np.int32), [len(own) for own in said])
        self._said = _Postings(ids, numbers, idf[ids], self._count)

    def _known_ids(self, bag: Iterable[str]) -> set[int]:
        ids = self._ids
        return {ids[token] for token in bag if token in ids}

    def knows(self, token: str) -> bool:
        """Whether any document says `token`."""
        return token in self._ids

    def idf(self, token: str) -> float:
        """How rare `token` is among the documents; 0 where none says it."""
        id_ = self._ids.get(token)
        return 0.0 if id_ is None else self._idf[id_]

    def read(self, text: str) -> Reading:
        """Read as much of `text` as is compared."""
        opening = self._bags(text[:OPENING_CHARS])
        later = self._bags(text[OPENING_CHARS:])[: max(MAX_SENTENCES - len(opening), 0)]
        return Reading(tuple(opening), tuple(later), frozenset().union(*opening))

    def _bags(self, text: str) -> list[set[str]]:
        return [bag for part in SENTENCE.split(text) if (bag := set(self._read(part)))]

    def score(self, text: str | Reading, most: int, always: AbstractSet[int]) -> list[Likeness]:
        """Compare `text` with every class; give the `most` nearest, and those in `always` that are alike at all."""
        reading = self.read(text) if isinstance(text, str) else text
        here, there = self._coverage(reading.opening), self._coverage(reading.later)
        first, then = self._by_class(here), self._by_class(there)
        ids = self._known_ids(reading.said)
        bm25 = self._bm25.total(ids)
        bm25 /= bm25 + BM25_HALF
        every = self._weight(reading.said)
        explained, said = self._known.total(ids) / every, self._said.total(ids) / every
        totals = first + 0.5 * np.maximum(first, then) + bm25 + explained
        nearest = [int(number) for number in np.argsort(-totals, kind="stable")[:most] if totals[number] > 0]
        alike = dict.fromkeys([*nearest, *(number for number in sorted(always) if totals[number] > 0)])
        best = np.maximum(here, there)
        return [
            Likeness(
                number,
                float(first[number]),
                float(max(first[number], then[number])),
                float(bm25[number]),
                float(explained[number]),
                float(said[number]),
                self._best_phrase(number, here if first[number] >= then[number] else best),
            )
            for number in alike
        ]

    def _weight(self, bag: AbstractSet[str]) -> float:
        """How much the words of `bag` say together; strange words weigh too, less in another language."""
        strange = UNKNOWN_IDF * (FOREIGN_SHARE if FOREIGN in bag else 1.0)
        unknown = sum(token.isalpha() for token in bag if token not in self._ids)
        return sum(map(self.idf, bag)) + unknown * strange + SHORT_OPENING

    def _coverage(self, sentences: Sequence[AbstractSet[str]]) -> Floats:
        """Phrase → how well two neighbouring sentences cover it at best."""
        best = np.zeros(len(self._phrases))
        for at, sentence in enumerate(sentences):
            window = sentence | sentences[at + 1] if at + 1 < len(sentences) else sentence
            got = self._covered.total(self._known_ids(window))
            np.maximum(best, got * got / (self._full * (got + COVERAGE_HALF)), out=best)
        return best

    def _by_class(self, covered: Floats) -> Floats:
        """Class → the greatest of its phrases' values in `covered`."""
        found = np.zeros(self._count)
        if len(self._first):
            found[self._spoken] = np.maximum.reduceat(covered, self._first)
        return found

    def _best_phrase(self, number: int, covered: Floats) -> str:
        start, end = self._starts[number], self._starts[number + 1]
        return self._phrases[start + int(covered[start:end].argmax())] if end > start else ""


def _once(line: str, read: Callable[[str], list[str]], lines: dict[str, list[str]]) -> list[str]:
    """What `read` makes of `line`, remembered in `lines`: a phrase is also a line of its class's text."""
    found = lines.get(line)
    if found is None:
        found = lines[line] = read(line)
    return found
