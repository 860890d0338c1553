"""The evidence for each way to understand a question about terms, as the numbers a linear model weighs.

A reading is a set of terms: the names the question asks about, all it names, these and one that it describes besides,
one term alone, none. It finds no names and knows no weights (define.py, term_weights.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from knowledge.search.described import NOT_ALIKE, Alike
from knowledge.search.focus import EVERYWHERE_IDS, FORMAT_IDS
from knowledge.search.names import NameHit

_OF_NAMES: Final = (
    "names names_typed names_share names_setting names_generic names_everywhere names_chance names_direct "
    "names_pointed names_compared names_versus names_several names_leftover names_strange names_vague_leftover "
    "names_like names_first names_everyday_strange names_pointed_strange names_like_leftover "
    "names_pointed_leftover names_all_pointed names_vague_unpointed names_vague_unpointed_leftover "
    "names_unpointed_leftover names_aliens names_lost names_everyday_lost "
)
_OF_EVERY: Final = "every every_versus every_pointed every_count every_vague every_placed every_joined "
_OF_ADDED: Final = (
    "added added_covered added_dice added_said added_best added_pointed added_named added_leftover added_several "
    "added_like "
)
_OF_ONE: Final = (
    "one covered covered_squared dice dice_squared called bm25 explained said first margin like_leftover kept "
    "named share vague chance beside_names kept_of_several beside_specific beside_leftover beside_pointed "
    "everyday_strange pointed beside_vague_unpointed one_aliens one_lost beside_topic beside_share of_compared "
)
_OF_NONE: Final = (
    "none strange strange_leftover leftover asks by_chance best_like nothing_everyday_strange "
    "nothing_like_leftover nothing_named aliens lost nothing_everyday_lost "
)
KINDS: Final = (_OF_NAMES, _OF_EVERY, _OF_ADDED, _OF_ONE, _OF_NONE)
"""Evidence for names, for all names, for a term described besides them, for one term alone, for none."""
TERM_FEATURES: Final = tuple("".join(KINDS).split())
"""What each weight of a reading of a question stands for, in order."""
_SIZES: Final = tuple(len(kind.split()) for kind in KINDS)
NAMES, EVERY, ADDED, ONE, NONE = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to understand a question: the terms it asks about, with the numbers the model weighs."""

    ids: tuple[str, ...]
    matched: tuple[str, ...]
    evidence: tuple[tuple[int, tuple[float, ...]], ...]
    """Kinds of evidence (places in `KINDS`) with their numbers; all other numbers are 0."""

    @property
    def features(self) -> tuple[float, ...]:
        """All numbers, in the order of `TERM_FEATURES`."""
        known = dict(self.evidence)
        return tuple(number for kind, size in enumerate(_SIZES) for number in known.get(kind, (0.0,) * size))


def by_kind(weights: Sequence[float]) -> tuple[tuple[float, ...], ...]:
    """Cut weights of `TERM_FEATURES` into those of each kind of evidence."""
    ends = list(accumulate(_SIZES))
    return tuple(tuple(weights[end - size : end]) for end, size in zip(ends, _SIZES, strict=True))


@dataclass(frozen=True, slots=True)
class Named:
    """How a question names one term."""

    hit: NameHit
    kept: bool
    setting: bool
    generic: bool
    chance: bool
    direct: bool
    compared: bool
    pointed: bool
    everyday: bool
    placed: bool
    """Whether "in", "with", "on" or the like stands before it."""


@dataclass(frozen=True)
class Question:
    """What all readings of one question share: how much it says besides names, and how much of it nobody here says."""

    said: float
    leftover: float
    strange: float
    aliens: float
    domain: bool
    asks: bool
    versus: bool
    named: Mapping[str, Named]
    likes: Mapping[str, Alike]

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The terms that it asks about by name."""
        return tuple(id_ for id_, what in self.named.items() if what.kept)

    @cached_property
    def specific(self) -> bool:
        """Whether a name it asks about is of more than a tool, a family or something general."""
        return any(not self.named[id_].setting and not self.named[id_].generic for id_ in self.kept)

    @cached_property
    def topical(self) -> bool:
        """Whether a name it asks about is of a matter of its own, however general: "quants", not "llm"."""
        return any(id_ not in EVERYWHERE_IDS and self.named[id_].generic for id_ in self.kept)

    @cached_property
    def kept_share(self) -> float:
        """How much of what it says are names it asks about."""
        return min(
            sum(_share(what, self) for what in {self.named[id_].hit: self.named[id_] for id_ in self.kept}.values()),
            1.0,
        )

    @cached_property
    def pointed(self) -> bool:
        """Whether it points at a name."""
        return any(self.named[id_].pointed for id_ in self.kept)

    @cached_property
    def lost(self) -> float:
        """How many of its words nobody here says, where nothing in it is of this field for certain."""
        return self.aliens * (not self.domain)

    @cached_property
    def best(self) -> tuple[float, float]:
        """How alike the two terms are that it describes best."""
        totals = sorted((like.total for like in self.likes.values()), reverse=True)
        return (*totals, 0.0, 0.0)[0], (*totals, 0.0, 0.0)[1]


def readings_of(question: Question) -> list[Reading]:
    """All ways to understand `question`, the last of them as about no term."""
    named, likes, kept = question.named, question.likes, question.kept
    found: list[Reading] = []
    if kept:
        found.append(Reading(kept, _matched(question, kept), ((NAMES, _names(question, kept)),)))
    every = _every_name(named)
    if every and set(every) != set(kept):
        evidence = ((NAMES, _names(question, every)), (EVERY, _every(question, every)))
        found.append(Reading(every, _matched(question, every), evidence))
    beside = next((id_ for id_ in likes if id_ not in kept), None)
    if kept and beside:
        ids = (*kept, beside)
        evidence = ((NAMES, _names(question, kept)), (ADDED, _added(question, beside)))
        found.append(Reading(ids, _matched(question, ids), evidence))
    alone = [(id_,) for id_ in dict.fromkeys([*named, *likes]) if kept != (id_,)]
    found += [Reading(ids, _matched(question, ids), ((ONE, _one(question, ids[0])),)) for ids in alone]
    found.append(Reading((), (), ((NONE, _none(question)),)))
    return found


def _every_name(named: Mapping[str, Named]) -> tuple[str, ...]:
    """The terms named at all, without words by chance, kinds of another thing, and tools that say where it is."""
    placed = any(what.setting and what.placed and not what.kept for what in named.values())
    return tuple(
        id_
        for id_, what in named.items()
        if what.kept or not (what.chance or id_ in FORMAT_IDS or (placed and what.setting))
    )


def _matched(question: Question, ids: Sequence[str]) -> tuple[str, ...]:
    named, likes = question.named, question.likes
    return tuple(named[id_].hit.text if id_ in named else likes[id_].phrase for id_ in ids)


def _share(what: Named, question: Question) -> float:
    return min((what.hit.last - what.hit.first + 1) / question.said, 1.0)


def _names(question: Question, ids: Sequence[str]) -> tuple[float, ...]:
    """The evidence for names."""
    hits = list({question.named[id_].hit: question.named[id_] for id_ in ids}.values())
    alike = max((question.likes[id_].total for id_ in ids if id_ in question.likes), default=0.0)
    pointed = float(any(what.pointed for what in hits))
    vague = all(what.setting or what.generic for what in hits)
    return (
        1.0,
        min(what.hit.typed for what in hits),
        min(sum(_share(what, question) for what in hits), 1.0),
        float(all(what.setting for what in hits)),
        float(all(what.generic for what in hits)),
        float(all(set(what.hit.ids) <= EVERYWHERE_IDS for what in hits)),
        float(all(what.chance for what in hits)),
        float(any(what.direct for what in hits)),
        pointed,
        float(any(what.compared for what in hits)),
        float(question.versus and len(hits) > 1),
        float(len(hits) > 1),
        question.leftover,
        question.strange * question.leftover,
        vague * question.leftover,
        alike,
        float(alike > 0 and alike >= question.best[0]),
        all(what.everyday for what in hits) * question.strange,
        pointed * question.strange * question.leftover,
        alike * question.leftover,
        pointed * question.leftover,
        float(len(hits) > 1 and all(what.pointed for what in hits)),
        float(vague and not pointed),
        (vague and not pointed) * question.leftover,
        (not pointed) * question.leftover,
        question.aliens,
        question.lost,
        all(what.everyday for what in hits) * question.lost,
    )


def _every(question: Question, ids: Sequence[str]) -> tuple[float, ...]:
    """The evidence for all names besides those that are asked about by the rules."""
    more = [question.named[id_] for id_ in ids if id_ not in question.kept]
    return (
        1.0,
        float(question.versus),
        float(question.pointed),
        min(len(ids), 5) / 5,
        float(any(what.generic for what in more)),
        float(any(what.placed for what in more)),
        float(all(what.compared for what in more)),
    )


def _added(question: Question, id_: str) -> tuple[float, ...]:
    """The evidence for a term that is described beside names."""
    like = question.likes[id_]
    return (
        1.0,
        like.covered,
        like.dice,
        like.said,
        float(like.total >= question.best[0]),
        float(question.pointed),
        float(id_ in question.named),
        question.leftover,
        float(len(question.kept) > 1),
        like.total,
    )


def _one(question: Question, id_: str) -> tuple[float, ...]:
    """The evidence for one term alone."""
    named, like = question.named.get(id_), question.likes.get(id_, NOT_ALIKE)
    best, second = question.best
    first = like.total > 0 and like.total >= best
    kept = named is not None and named.kept
    several = bool(question.kept)
    return (
        1.0,
        like.covered,
        like.covered**2,
        like.dice,
        like.dice**2,
        like.called,
        like.bm25,
        like.explained,
        like.said,
        float(first),
        like.total - (second if first else best),
        like.total * question.leftover,
        float(kept),
        float(named is not None and not kept),
        _share(named, question) if named else 0.0,
        float(named is not None and (named.setting or named.generic)),
        float(named is not None and named.chance),
        float(named is None and several),
        float(kept and len(question.kept) > 1),
        float(not kept and question.specific),
        question.leftover * (not kept and several),
        float(not kept and question.pointed),
        (named is not None and named.everyday) * question.strange,
        float(named is not None and named.pointed),
        float(several and not kept and not question.pointed and not question.specific),
        question.aliens,
        question.lost,
        float(not kept and question.topical and not question.specific),
        question.kept_share * (not kept),
        float(named is not None and named.compared and len(question.kept) > 1),
    )


def _none(question: Question) -> tuple[float, ...]:
    """The evidence for none of the terms."""
    kept = [question.named[id_] for id_ in question.kept]
    return (
        1.0,
        question.strange,
        question.strange * question.leftover,
        question.leftover,
        float(question.asks),
        float(bool(kept) and all(what.chance for what in kept)),
        question.best[0],
        (bool(kept) and all(what.everyday for what in kept)) * question.strange,
        question.best[0] * question.leftover,
        float(bool(kept)),
        question.aliens,
        question.lost,
        (bool(kept) and all(what.everyday for what in kept)) * question.lost,
    )
