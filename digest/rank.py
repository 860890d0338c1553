"""Orders releases by how much they matter to someone who runs models at home. Pure; the weights are one table.

What speaks for a release: its maker is known, the Ollama library took it up, people voted on it, others repacked or
tuned it, somebody wrote about it. What speaks against: closed models, by-products, opinions, plain version bumps.
The weights were set against months that editors judged, each month left out in turn (`leave_out`, docs/digest.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from digest.cluster import cluster
from digest.names import read_name
from digest.signals import signals
from digest.told import Cluster, Told
from digest.why import why

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "maker": 1.7,
        "home": 0.6,
        "library": 2.5,
        "press": 0.8,
        "repackers": 0.7,
        "tuned": 0.3,
        "votes": 0.45,
        "story_votes": 0.5,
        "downloads": 0.25,
        "repos": 0.1,
        "edition": -0.2,
        "extra_words": -0.25,
        "by_product": -1.5,
        "closed": -2.5,
        "older": -2.0,
        "tool_major": 2.2,
        "tool_minor": 1.0,
        "engine": 1.0,
        "blog": 0.3,
        "news": 1.0,
        "named": 1.2,
        "claim": 0.7,
        "opinion": -1.2,
    }
)
"""What each signal of `signals.py` adds to the score, by one unit of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One item with its score, and the facts behind it as a sentence."""

    item: Cluster
    score: float
    why: str


def rank(
    told: Iterable[Told],
    *,
    makers: AbstractSet[str],
    packagers: AbstractSet[str],
    known: Mapping[str, str] = MappingProxyType({}),
    weights: Mapping[str, float] = WEIGHTS,
) -> list[Ranked]:
    """Cluster the entries and order them, best first; ties by title, so that the order never depends on input order.

    `known` maps the families the catalogue knows to their first release dates: what was long there is not new.
    """
    items = cluster(told, makers=makers, packagers=packagers)
    ranked = [
        Ranked(item=item, score=score(signals(item, makers, known), weights), why=why(item, known)) for item in items
    ]
    return sorted(ranked, key=lambda entry: (-entry.score, entry.item.title, entry.item.key))


def score(found: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS) -> float:
    """Return the weighted sum of an item's signals."""
    return round(sum(weights[name] * value for name, value in found.items()), 4)


def first_dates(models: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """Return the first release date of every family, from pairs of a model's name and date."""
    first: dict[str, str] = {}
    for name, date in models:
        key = read_name(name).key
        if date and date < first.get(key, "9999"):
            first[key] = date
    return first
