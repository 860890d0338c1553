"""Which page (guide, quick answer, kit) a question asks for, or none: its words against the ways people put each page.

A question is compared with every phrasing of every page by the rare words both hold; below `LEAST` there is no page.
Nothing is computed or rendered here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.catalog import Page
from knowledge.search.page_languages import MORE_IDEAS
from knowledge.search.page_lexicon import FOREIGN_MARKS, PAGE_IDEAS, PAGE_STOP_WORDS
from knowledge.search.text import LITERAL, UNSPACED, fold, stem, tokens_of, words

MAX_CHARS = 240
"""Longer texts are no short question: they are logs or stories, and no page is put beside their answer."""
LEAST = 0.55
"""The score from which a page is shown. Chosen so that questions about other things find none (the tests hold it)."""
LEAST_SHARED = 2
"""So many words of a longer question must be shared: one alone ("what is mmap in llama.cpp") is but a topic."""
TOPIC = 0.85
"""A question of one word is about a topic: no page answers it more surely than so."""
SURE = 0.9
"""From this score on the page is the answer, before the words and errors that the question also names."""

FOREIGN_UNSEEN = 1.0
UNSPACED_UNSEEN = 0.25
FOREIGN_MOST, UNSPACED_MOST = 1.5, 1.0
"""What a word weighs that no page has, in other languages than English: most of theirs no page has, and two signs of a
script without spaces are hardly ever a word."""

CHOOSING = "+choose"
"""The idea in half of all questions."""

_RUN = re.compile(f"[{UNSPACED}]{{2,}}")
_ONE = re.compile(f"[{UNSPACED}]")
_ALL_WAYS = tuple(
    (fold(way), idea) for ideas in (MORE_IDEAS, PAGE_IDEAS) for idea, ways in ideas.items() for way in ways.split("|")
)
_BEGINNINGS = {way.removesuffix("*"): idea for way, idea in _ALL_WAYS if way.endswith("*")}
_LENGTHS = tuple(sorted({len(way) for way in _BEGINNINGS}, reverse=True))
_WAYS = tuple((way, idea) for way, idea in _ALL_WAYS if not way.endswith("*"))
_PHRASES = tuple((way, idea) for way, idea in _WAYS if " " in way or _ONE.search(way))
_PLAIN_PHRASES = tuple((way, idea) for way, idea in _PHRASES if way.isascii())
_IDEA_OF = {way: idea for way, idea in _WAYS if " " not in way}
_MARKS = frozenset(words(FOREIGN_MARKS))
_STOP = (frozenset(words(PAGE_STOP_WORDS)) | _MARKS) - _IDEA_OF.keys()
_TOLD = frozenset(tokens_of([word])[0] for word in _IDEA_OF if len(tokens_of([word])) == 1)
"""Tokens of words whose idea stands for them."""


@dataclass(frozen=True, slots=True)
class PageIndex:
    """Phrasings as weighted tokens with unit length; `weights` are the tokens' inverse frequencies over pages.

    `bags` hold all words of a page's phrasings together.
    """

    phrasings: Mapping[str, tuple[Mapping[str, float], ...]]
    bags: Mapping[str, frozenset[str]]
    weights: Mapping[str, float]
    unseen: float

    @classmethod
    def build(cls, pages: Iterable[Page]) -> PageIndex:
        """Index the title and the phrasings of every page."""
        ways = [(page.id, frozenset(_tokens(way))) for page in pages for way in (page.title, *page.asks)]
        bags: dict[str, frozenset[str]] = {}
        for id_, way in ways:
            bags[id_] = bags.get(id_, frozenset()) | way
        owners = Counter(token for bag in bags.values() for token in bag)
        weights = {token: math.log(1 + len(bags) / count) for token, count in owners.items()}
        vectors: dict[str, list[Mapping[str, float]]] = {}
        for id_, way in ways:
            if way:
                vectors.setdefault(id_, []).append(_unit({token: weights[token] for token in way}))
        phrasings = {id_: tuple(found) for id_, found in vectors.items()}
        return cls(phrasings, bags, weights, math.log(1 + len(bags)))

    def scores(self, text: str) -> dict[str, float]:
        """How well each page answers a text, 0 to 1; pages that share too few words with it are left out.

        The mean of two: the best cosine of its phrasings with the text, and the share of the text's words, by weight,
        that stand in any of them.
        """
        if len(text) > MAX_CHARS:
            return {}
        foreign = is_foreign(text)
        asked = _unit({token: self._weight(token, foreign=foreign) for token in _tokens(text)})
        total = sum(asked.values())
        telling = {token for token in asked if _tells(token)}
        needed = min(LEAST_SHARED, len(telling))
        found: dict[str, float] = {}
        for id_, ways in self.phrasings.items():
            bag = self.bags[id_]
            if len(bag & telling) >= max(needed, 1):
                held = [token for token in asked if token in bag]
                cosine = max(sum(asked[token] * way[token] for token in held if token in way) for way in ways)
                found[id_] = (cosine + sum(asked[token] for token in held) / total) / 2
        return found if needed >= LEAST_SHARED else {id_: min(score, TOPIC) for id_, score in found.items()}

    def _weight(self, token: str, *, foreign: bool) -> float:
        """What a token of a question weighs; in other languages ideas tell more than words, which few pages have."""
        weight = self.weights.get(token)
        if token.startswith(("+", "@")) or not foreign:
            return weight or self.unseen
        if _ONE.search(token):
            return min(weight or UNSPACED_UNSEEN, UNSPACED_MOST)
        return min(weight or FOREIGN_UNSEEN, FOREIGN_MOST)

    def find(self, text: str, limit: int = 2) -> tuple[str, ...]:
        """Ids of the pages that answer a question, best first; empty where none does."""
        return tuple(id_ for id_, _ in self.hits(text, limit))

    def hits(self, text: str, limit: int = 2) -> tuple[tuple[str, float], ...]:
        """The same with scores."""
        ranked = sorted(self.scores(text).items(), key=lambda item: (-item[1], item[0]))
        return tuple((id_, score) for id_, score in ranked[:limit] if score >= LEAST)


def _tells(token: str) -> bool:
    """Whether a shared token counts: not the word beside its idea, and not that something is to be chosen."""
    return not token.startswith(LITERAL) and token != CHOOSING


def is_foreign(text: str) -> bool:
    """Whether a text is in another language than English."""
    letters = not text.isascii() and any(char.isalpha() and not char.isascii() for char in text)
    return letters or not _MARKS.isdisjoint(words(text))


def _idea(word: str) -> str | None:
    """What a word stands for, by itself or by its beginning."""
    found = _IDEA_OF.get(word)
    if found is not None:
        return found
    return next((_BEGINNINGS[word[:n]] for n in _LENGTHS if n <= len(word) and word[:n] in _BEGINNINGS), None)


def _tokens(text: str) -> list[str]:
    """The tokens of a text; runs of a script without spaces by every two characters, most of which are words."""
    plain = [word for word in words(text) if word not in _STOP]
    ideas = {word: idea for word in plain if (idea := _idea(word)) is not None}
    told = _TOLD | {stem(word) for word in ideas}
    found = [token for token in tokens_of(plain) if token not in told]
    found += ideas.values()
    folded = fold(text)
    phrases = _PLAIN_PHRASES if folded.isascii() else _PHRASES
    found += [idea for phrase, idea in phrases if phrase in folded]
    for run in _RUN.findall(folded):
        found += [run[at : at + 2] for at in range(len(run) - 1)]
    return found


def _unit(weights: Mapping[str, float]) -> Mapping[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {token: weight / length for token, weight in weights.items()} if length else {}
