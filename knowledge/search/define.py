"""Says which glossary terms a question is about: `TermIndex.build(terms).define(text)`.

A question names what it asks about, or it describes it, or it asks for something else. So there are some readings of
it: the names it asks about (focus.py), one of the terms alone whose name or phrasing it is like, none. A linear model
over their evidence (weights.py) and a softmax turn them into probabilities. It defines nothing itself and answers with
ids only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from knowledge.catalog import Term
from knowledge.search.focus import (
    ASKING,
    ASKING_STEMS,
    EVERYWHERE_IDS,
    VERSUS,
    asked_about,
    is_compared,
    is_generic,
    is_setting,
    only_a_word,
)
from knowledge.search.foreign import FOREIGN_NAMES
from knowledge.search.names import NameHit, NameTable, Word
from knowledge.search.prose import NOT_ALIKE, Document, Likeness, ProseIndex
from knowledge.search.text import LITERAL, tokens
from knowledge.search.types import TermHit
from knowledge.search.weights import TERM_BONUS, TERM_WEIGHTS

MAX_CHARS: Final = 600
"""Questions are short; of a longer text only this much is read."""
MAX_DESCRIBED: Final = 6
"""So many terms are considered for what the question describes, besides those it names."""
MANY_WORDS: Final = 8
_ASKING_WORDS: Final = frozenset(
    {"what", "whats", "is", "are", "explain", "define", "meaning", "of", "does", "the", "a", "an", "wtf", "do", "about"}
)
_BARE: Final = re.compile(
    r"^(?:so )?(?:(?:what|whats|what's|wtf)(?: is| are| does|'s)?|define|explain|(?:the )?meaning of|definition of)?"
    r"(?: an?| the)? ?(.+?)(?: means?| meaning| explained)?[ ?!.]*$"
)
_ENDINGS: Final = frozenset({"meaning", "mean", "explained", "stand", "means", "definition", "eli5", "explain"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to understand a question: the terms it asks about, with the numbers the model weighs (see weights.py)."""

    ids: tuple[str, ...]
    matched: tuple[str, ...]
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """How a question names one term."""

    hit: NameHit
    kept: bool
    setting: bool
    generic: bool
    chance: bool
    direct: bool
    compared: bool


@dataclass(frozen=True, slots=True)
class _Question:
    """What all readings of one question share: how much it says besides names, and how much of it nobody here says."""

    said: float
    leftover: float
    strange: float
    asks: bool
    versus: bool
    kept: tuple[_Named, ...]
    best: float
    second: float

    @property
    def specific(self) -> bool:
        """Whether a name it asks about is of more than a tool, a family or something general."""
        return any(not what.setting and not what.generic for what in self.kept)


class TermIndex:
    """All glossary terms made ready for matching. Immutable; build one for each snapshot of the knowledge."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = {term.id: term for term in terms}
        self._order = [term.id for term in terms]
        self._numbers = {id_: number for number, id_ in enumerate(self._order)}
        self._names = NameTable([(name, term.id) for term in terms for name in _names(term)])
        self._exact: dict[str, set[str]] = {}
        for term in terms:
            for name in (term.term, term.id, *term.aliases):
                self._exact.setdefault(_bare(name), set()).add(term.id)
        self._prose = ProseIndex([_document(term) for term in terms])

    @classmethod
    def build(cls, terms: Iterable[Term]) -> TermIndex:
        """Make the index of `terms`; the order of equals follows their ids."""
        return cls(sorted(terms, key=lambda term: term.id))

    def define(self, text: str, limit: int = 5) -> tuple[TermHit, ...]:
        """Name the terms that `text` asks about, likeliest first; empty when it is about none of them."""
        asked = _BARE.match(_bare(text[:MAX_CHARS]))
        exact = self._exact.get(asked[1], set()) if asked else set()
        if len(exact) == 1:  # nothing but a name is asked: there is no other reading
            return (TermHit(id=next(iter(exact)), score=1.0, matched=asked[1] if asked else ""),)
        readings = self.readings(text)
        scores = [sum(map(mul, TERM_WEIGHTS, reading.features)) for reading in readings]
        top = max(scores)
        total = sum(math.exp(score - top) for score in scores)
        best = min(range(len(readings)), key=lambda n: (-scores[n] - (TERM_BONUS if readings[n].ids else 0.0), n))
        chance = round(min(max(math.exp(scores[best] - top) / total, 0.0001), 1.0), 4)
        chosen = readings[best]
        return tuple(
            TermHit(id=id_, score=chance, matched=matched)
            for id_, matched in zip(chosen.ids[:limit], chosen.matched, strict=False)
        )

    def readings(self, text: str) -> list[Reading]:
        """Lay out what the weights are fitted on: the ways to understand `text`, the last of them as about no term."""
        text = text[:MAX_CHARS]
        words, hits = self._names.find(text)
        named = self._named(text, words, hits)
        always = frozenset(self._numbers[id_] for id_ in named)
        likes = {self._order[like.number]: like for like in self._prose.score(text, MAX_DESCRIBED, always)}
        question = self._question(text, words, named, likes)
        found = []
        kept = [id_ for id_, what in named.items() if what.kept]
        if kept:
            best_kept = max((_alike(likes[id_]) for id_ in kept if id_ in likes), default=0.0)
            matched = tuple(named[id_].hit.text for id_ in kept)
            found.append(Reading(tuple(kept), matched, (*_name_features(question, best_kept), *_NO_SINGLE, *_NO_NONE)))
        for id_ in dict.fromkeys([*named, *likes]):
            if kept != [id_]:
                one = _single_features(named.get(id_), likes.get(id_, NOT_ALIKE), question)
                matched = (named[id_].hit.text if id_ in named else likes[id_].phrase,)
                found.append(Reading((id_,), matched, (*_NO_NAMES, *one, *_NO_NONE)))
        found.append(Reading((), (), (*_NO_NAMES, *_NO_SINGLE, *_none_features(question))))
        return found

    def _named(self, text: str, words: Sequence[Word], hits: Sequence[NameHit]) -> dict[str, _Named]:
        kept = asked_about(text, words, hits, self._terms)
        found: dict[str, _Named] = {}
        for hit in sorted(hits, key=lambda hit: hit not in kept):
            what = _Named(
                hit,
                hit in kept,
                is_setting(hit, self._terms),
                is_generic(hit),
                only_a_word(hit, hits, words, text),
                _is_direct(hit, words),
                is_compared(hit, words),
            )
            for id_ in hit.ids:
                found.setdefault(id_, what)
        return found

    def _counts(self, token: str) -> bool:
        """Whether a token says something: what is unknown of an unspaced script may be nothing but grammar."""
        return token.isascii() or self._prose.knows(token)

    def _question(
        self, text: str, words: Sequence[Word], named: Mapping[str, _Named], likes: Mapping[str, Likeness]
    ) -> _Question:
        rest = list(text)
        for what in named.values():
            start, end = words[what.hit.first].start, words[what.hit.last].end
            rest[start:end] = " " * (end - start)
        left = {token for token in tokens("".join(rest)) if token[0] != LITERAL and self._counts(token)} - ASKING_STEMS
        strange = sum(not self._prose.knows(token) for token in left)
        alike = sorted((_alike(like) for like in likes.values()), reverse=True)
        return _Question(
            said=max(sum(1 for word in words if tokens(word.key)), 1),
            leftover=min(len(left), MANY_WORDS) / MANY_WORDS,
            strange=strange / max(len(left), 1),
            asks=bool(ASKING.search(text.lower())),
            versus=bool(VERSUS.search(text.lower())),
            kept=tuple({what.hit: what for what in named.values() if what.kept}.values()),
            best=alike[0] if alike else 0.0,
            second=alike[1] if len(alike) > 1 else 0.0,
        )


def _bare(text: str) -> str:
    """A name as it is compared whole: small letters, one space for hyphens, underscores and gaps."""
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split()).strip("?!. ")


def _names(term: Term) -> Iterable[str]:
    foreign = FOREIGN_NAMES.get(term.id)
    return (term.term, term.id, *term.aliases, *(foreign.split("|") if foreign else ()))


def _document(term: Term) -> Document:
    names = " ".join((term.term, *term.aliases))
    return Document(text=" ".join((names, *term.cues, *term.cues, term.definition)), phrases=term.cues, context=names)


def _alike(like: Likeness) -> float:
    return 0.6 * like.opening + 0.2 * like.bm25 + 0.2 * like.explained


def _is_direct(hit: NameHit, words: Sequence[Word]) -> bool:
    """Whether the question asks for just this name: "what is a …", "… meaning", or nothing but it."""
    before = all(word.key in _ASKING_WORDS for word in words[: hit.first])
    after = words[hit.last + 1 :]
    return before and (not after or after[0].key in _ENDINGS or len(after) <= 1)


def _share(what: _Named, question: _Question) -> float:
    return min((what.hit.last - what.hit.first + 1) / question.said, 1.0)


def _name_features(question: _Question, best_kept: float) -> tuple[float, ...]:
    """The evidence for the names that the question asks about by the rules."""
    kept = question.kept
    vague = not question.specific
    return (
        1.0,
        min(what.hit.typed for what in kept),
        min(sum(_share(what, question) for what in kept), 1.0),
        float(all(what.setting for what in kept)),
        float(all(what.generic for what in kept)),
        float(all(set(what.hit.ids) <= EVERYWHERE_IDS for what in kept)),
        float(all(what.chance for what in kept)),
        float(any(what.direct for what in kept)),
        float(any(what.compared for what in kept)),
        float(question.versus and len(kept) > 1),
        float(len(kept) > 1),
        question.leftover,
        question.strange * question.leftover,
        vague * question.leftover,
        best_kept,
        float(best_kept > 0 and best_kept >= question.best),
    )


def _single_features(named: _Named | None, like: Likeness, question: _Question) -> tuple[float, ...]:
    """The evidence for one term alone."""
    mine = _alike(like)
    first = mine > 0 and mine >= question.best
    kept = named is not None and named.kept
    return (
        1.0,
        like.opening,
        like.opening**2,
        like.bm25,
        like.explained,
        like.said,
        float(first),
        mine - (question.second if first else question.best),
        mine * question.leftover,
        float(kept),
        float(named is not None and not kept),
        _share(named, question) if named else 0.0,
        float(named is not None and (named.setting or named.generic)),
        float(named is not None and named.chance),
        float(named is None and bool(question.kept)),
        float(kept and len(question.kept) > 1),
        float(not kept and question.specific),
        question.leftover * (not kept and bool(question.kept)),
    )


def _none_features(question: _Question) -> tuple[float, ...]:
    """The evidence for none of the terms."""
    return (
        1.0,
        question.strange,
        question.strange * question.leftover,
        question.leftover,
        float(question.asks),
        float(bool(question.kept) and all(what.chance for what in question.kept)),
        question.best,
    )


_NO_NAMES: Final = (0.0,) * 16
_NO_SINGLE: Final = (0.0,) * 18
_NO_NONE: Final = (0.0,) * 7
