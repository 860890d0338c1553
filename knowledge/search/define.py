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
from operator import mul
from typing import Final

from knowledge.catalog import Term
from knowledge.search.also_typed import ALSO_TYPED
from knowledge.search.asked import without_asking
from knowledge.search.chat_words import spelled_out
from knowledge.search.courtesy import question_of
from knowledge.search.described import Alike, Described, DescribedIndex
from knowledge.search.engine_names import ENGINE_NAMES
from knowledge.search.everyday import EVERYDAY_NAMES
from knowledge.search.focus import (
    ASKING,
    ASKING_STEMS,
    SETTING_CATEGORIES,
    VERSUS,
    asked_about,
    follows_setting_word,
    in_company,
    is_amount,
    is_compared,
    is_generic,
    is_setting,
    only_a_word,
    stands_for_another,
)
from knowledge.search.foreign import FOREIGN_NAMES
from knowledge.search.lexicon import COMMON_NAMES, DOMAIN_WORDS
from knowledge.search.marks import MARKS
from knowledge.search.names import NameHit, NameTable, Word
from knowledge.search.pointing import compares, pointed_at
from knowledge.search.readings import Named, Question, Reading, by_kind, readings_of
from knowledge.search.term_weights import TERM_BONUS, TERM_WEIGHTS
from knowledge.search.text import LITERAL, tokens
from knowledge.search.types import TermHit

MAX_CHARS: Final = 600
"""Questions are short; of a longer text only this much is read."""
MAX_DESCRIBED: Final = 6
"""So many terms are considered for what the question describes, besides those it names."""
MANY_WORDS: Final = 8
MANY_ALIENS: Final = 3
_ASKING_WORDS: Final = frozenset(
    {
        "what",
        "whats",
        "is",
        "are",
        "explain",
        "define",
        "meaning",
        "of",
        "does",
        "the",
        "a",
        "an",
        "wtf",
        "do",
        "about",
    }
)
NO_NAMES: Final = frozenset({"it", "that", "this", "they", "b", "one"})
"""Names such as `-it` that stand for something asked about before where they stand alone without their hyphen."""
_OPTION: Final = re.compile(r"(?:^|\s)-\w+ [\w.]+=")
"""An option with a value names what the option does and what the value means: "-ot exps=CPU"."""
MAX_SIDES: Final = 5
_VERSUS: Final = re.compile(r" (?:vs\.?|versus|or|and|over|instead of) | ?[/&] ?")
_WHERE: Final = re.compile(r" (?:on|in|for|with) (?:an? |the |my )?[\w.]+(?: [\w.]+)?$")
_PLACE: Final = re.compile(r" (?:on|in) (?:an? |the |my )?([\w.]+(?: [\w.]+)?)$")
_ENDINGS: Final = frozenset({"meaning", "mean", "explained", "stand", "means", "definition", "eli5", "explain"})

_WEIGHTS: Final = by_kind(TERM_WEIGHTS)


class TermIndex:
    """All glossary terms made ready for matching. Immutable; build one for each snapshot of the knowledge."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = {term.id: term for term in terms}
        self._order = [term.id for term in terms]
        self._numbers = {id_: number for number, id_ in enumerate(self._order)}
        self._names = NameTable([(name, term.id) for term in terms for name in _names(term)])
        self._exact: dict[str, str | None] = {}
        for term in terms:
            for name in {_bare(name) for name in _names(term)}:
                self._exact[name] = None if name in self._exact else term.id
        self._described = DescribedIndex([_described(term) for term in terms])

    @classmethod
    def build(cls, terms: Iterable[Term]) -> TermIndex:
        """Make the index of `terms`; the order of equals follows their ids."""
        return cls(sorted(terms, key=lambda term: term.id))

    def define(self, text: str, limit: int = 5) -> tuple[TermHit, ...]:
        """Name the terms that `text` asks about, likeliest first; empty when it is about none of them."""
        text = question_of(text)
        certain = self.certain(text)
        if certain:
            return certain[:limit]
        readings = self.readings(text)
        scores = [
            sum(sum(map(mul, _WEIGHTS[kind], numbers)) for kind, numbers in reading.evidence) for reading in readings
        ]
        top = max(scores)
        total = sum(math.exp(score - top) for score in scores)
        best = min(
            range(len(readings)),
            key=lambda n: (-scores[n] - (TERM_BONUS if readings[n].ids else 0.0), n),
        )
        chance = round(min(max(math.exp(scores[best] - top) / total, 0.0001), 1.0), 4)
        chosen = readings[best]
        return tuple(
            TermHit(id=id_, score=chance, matched=matched)
            for id_, matched in zip(chosen.ids[:limit], chosen.matched, strict=False)
        )

    def certain(self, text: str) -> tuple[TermHit, ...]:
        """The terms of a question that is nothing but their names, "what is X", "X vs Y" (and where); or nothing."""
        if _OPTION.search(text[:MAX_CHARS]):
            return ()
        valid = text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8")  # halves of surrogate pairs are no text
        bare = without_asking(_bare(valid.replace("`", "")))
        sides = _VERSUS.split(_WHERE.sub("", bare))
        for parts in ([bare], sides if 1 < len(sides) <= MAX_SIDES else [], [self._before_place(bare)]):
            found = {self._exact.get(part): part for part in parts}
            if found and None not in found and NO_NAMES.isdisjoint(parts):
                return tuple(TermHit(id=id_, score=1.0, matched=part) for id_, part in found.items() if id_)
        return ()

    def _before_place(self, bare: str) -> str:
        """What is asked about in "rocm on windows": the name, where the place is none of a matter of its own."""
        match = _PLACE.search(bare)
        place = self._exact.get(match[1], "") if match else None
        matter = place is None or (place and self._terms[place].category not in SETTING_CATEGORIES)
        name = bare[: match.start()] if match and not matter else bare
        return bare if not place and (name in EVERYDAY_NAMES or name in COMMON_NAMES) else name

    def readings(self, text: str) -> list[Reading]:
        """Lay out what the weights are fitted on: the ways to understand `text`, the last of them as about no term."""
        text = spelled_out(text[:MAX_CHARS])
        words, hits = self._names.find(text)
        hits = [hit for hit in hits if not stands_for_another(text, words, hit)]
        named = self._named(text, words, hits)
        always = frozenset(self._numbers[id_] for id_ in named)
        likes = {self._order[like.number]: like for like in self._described.score(text, MAX_DESCRIBED, always)}
        return readings_of(self._question(text, words, named, likes))

    def _named(self, text: str, words: Sequence[Word], hits: Sequence[NameHit]) -> dict[str, Named]:
        kept = asked_about(text, words, hits, self._terms)
        pointed = pointed_at(text, words, hits)
        found: dict[str, Named] = {}
        for hit in sorted(hits, key=lambda hit: hit not in kept):
            what = Named(
                hit,
                hit in kept,
                is_setting(hit, self._terms),
                is_generic(hit),
                self._by_chance(text, words, hit, hits),
                _is_direct(hit, words),
                is_compared(hit, words),
                hit in pointed,
                "".join(word.key for word in words[hit.first : hit.last + 1]) in EVERYDAY_NAMES,
                follows_setting_word(hit, words),
            )
            for id_ in hit.ids:
                found.setdefault(id_, what)
        return found

    def _by_chance(self, text: str, words: Sequence[Word], hit: NameHit, hits: Sequence[NameHit]) -> bool:
        """Whether a name stands there as an everyday word, or as the unit of an amount beside other names."""
        if len(hits) > 1 and is_amount(hit, words):
            return True
        return only_a_word(hit, hits, words, text) and not in_company(hit, hits, self._terms)

    def _counts(self, token: str) -> bool:
        """Whether a token says something: what is unknown of an unspaced script may be nothing but grammar."""
        return token.isascii() or self._described.knows(token)

    def _question(
        self,
        text: str,
        words: Sequence[Word],
        named: Mapping[str, Named],
        likes: Mapping[str, Alike],
    ) -> Question:
        rest = list(text)
        for what in named.values():
            start, end = words[what.hit.first].start, words[what.hit.last].end
            rest[start:end] = " " * (end - start)
        left = {token for token in tokens("".join(rest)) if token[0] != LITERAL and self._counts(token)} - ASKING_STEMS
        unknown = sum(not self._described.knows(token) for token in left)
        domain = any(not what.everyday and not what.chance for what in named.values())
        return Question(
            said=max(sum(1 for word in words if tokens(word.key)), 1),
            leftover=min(len(left), MANY_WORDS) / MANY_WORDS,
            strange=unknown / max(len(left), 1),
            aliens=min(unknown, MANY_ALIENS) / MANY_ALIENS,
            domain=domain or any(token in DOMAIN_WORDS for token in left),
            asks=bool(ASKING.search(text.lower())),
            versus=bool(VERSUS.search(text.lower())) or compares(text.lower()),
            named=named,
            likes=likes,
        )


def _bare(text: str) -> str:
    """A name as it is compared whole: small letters, one space for hyphens, underscores and gaps."""
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split()).strip("?!. ")


def _names(term: Term) -> Iterable[str]:
    foreign = FOREIGN_NAMES.get(term.id)
    abroad = foreign.split("|") if foreign else ()
    return (term.term, term.id, *term.aliases, *abroad, *_typed(term.id), *MARKS.get(term.id, ()))


def _typed(id_: str) -> Iterable[str]:
    return (way for names in (ALSO_TYPED, ENGINE_NAMES) if id_ in names for way in names[id_].split("|"))


def _described(term: Term) -> Described:
    return Described(names=(term.term, *term.aliases), phrases=term.cues, definition=term.definition)


def _is_direct(hit: NameHit, words: Sequence[Word]) -> bool:
    """Whether the question asks for just this name: "what is a …", "… meaning", or nothing but it."""
    before = all(word.key in _ASKING_WORDS for word in words[: hit.first])
    after = words[hit.last + 1 :]
    return before and (not after or after[0].key in _ENDINGS or len(after) <= 1)
