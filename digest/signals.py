"""What speaks for an item and against it, as numbers. Pure; `rank` has the weights, `why` the words.

Counts enter by their logarithm: the step from 1 repacker to 2 tells as much as the one from 10 to 20.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Final

from digest.families import ENGINES, SIDE, TUNED, home_of
from digest.names import read_name
from digest.stories import announced, subject
from digest.tags import read_tag
from digest.told import Cluster, Told
from digest.wordlists import CLAIM, CLOSED, NEWS, OPEN, OPINION

ANNOUNCED_WITHIN: Final = timedelta(days=75)
"""So long before its announcement a repository may be created and the release still be new."""

VOTES_UNIT: Final = 50
DOWNLOADS_UNIT: Final = 1000
PLAIN_NAME_WORDS: Final = 2
"""`GLM 5.1`, `Granite 4.1`: each further word of a name makes a narrower thing of it."""

_LETTERS: Final = re.compile(r"[a-z]{4,}")
_FIRST_WORDS: Final = 160


def doublings(count: float) -> float:
    """Return how often `count` doubles from nothing: 0, 1, 3, 7 are 0, 1, 2, 3."""
    return math.log2(1 + count)


def votes_of(item: Cluster) -> int:
    """All votes of the threads about an item."""
    return sum(row.votes or 0 for row in _threads(item))


def _threads(item: Cluster) -> list[Told]:
    return [*item.talk, *item.lead] if item.kind == "story" else item.talk


def sources_of(item: Cluster) -> tuple[str, ...]:
    """Return who told of it independently: its maker (with his blog), the library, each blog and each forum once."""
    orgs = {row.org.lower() for row in item.lead if row.org} | {home_of(item.key) or ""}
    own_rows = {id(row) for row in item.lead} if item.kind != "story" else set()
    found: dict[str, None] = {}
    for row in (*item.lead, *item.library, *item.press, *item.talk):
        voice = _LETTERS.search(row.source.removeprefix("feed_").lower())
        if id(row) in own_rows or (row.kind == "blog" and voice and any(org.startswith(voice[0]) for org in orgs)):
            found["its maker"] = None
        else:
            found["ollama library" if voice and voice[0] == "ollama" else row.source] = None
    return tuple(found)


def known_since(item: Cluster, known: Mapping[str, str]) -> str:
    """Return the day the catalogue first knew the item's family, if long enough before to be no news; else nothing.

    `known` maps family keys (`names.read_name(...).key`) to their first release dates. A repository is often there
    weeks before it is announced, so a family only counts as known when it is older than that.
    """
    first, day = known.get(item.key, ""), item.first_day()
    try:
        return first if first and day and day - date.fromisoformat(first[:10]) > ANNOUNCED_WITHIN else ""
    except ValueError:
        return ""


def signals(item: Cluster, makers: AbstractSet[str], known: Mapping[str, str]) -> dict[str, float]:
    """Return what is known for and against an item, by the names of the weights in `rank`."""
    if item.kind == "model":
        votes = doublings(votes_of(item) / VOTES_UNIT)
        edition = float(bool(known_since(item, known)))
        return {"votes": votes, "edition": edition, **_model(item, makers)}
    most = max((row.votes or 0 for row in _threads(item)), default=0)  # a sum would raise what is talked of all month
    return {"story_votes": doublings(most / VOTES_UNIT), **(_tool(item) if item.kind == "tool" else _story(item))}


def _model(item: Cluster, makers: AbstractSet[str]) -> dict[str, float]:
    orgs = {row.org.lower() for row in item.lead if row.org}
    head = item.title.partition(" (")[0]
    extra = len(read_name(head).family.split()) - PLAIN_NAME_WORDS
    downloads = sum(row.downloads or 0 for row in item.lead)
    maker = bool(orgs & makers)
    said = any(NEWS.search(row.title) and not OPINION.search(row.title) for row in (*item.press, *item.talk))
    return {
        "maker": float(maker),
        "news": float(said),
        "named": float(said and not maker),
        "home": float(home_of(item.key) in orgs if orgs else home_of(item.key) is not None and bool(item.library)),
        "library": float(bool(item.library)),
        "press": float(bool(item.press)),
        "repackers": doublings(len({row.org.lower() for row in item.repacks})),
        "repos": doublings(max(0, len(item.lead) - 1)),
        "tuned": doublings(len(item.tuned)),
        "downloads": doublings(downloads / DOWNLOADS_UNIT),
        "extra_words": float(max(0, extra)),
        "by_product": float(bool(SIDE.search(head) or TUNED.search(head))),
        "closed": float(not item.lead and bool(CLOSED.search(item.title))),
        "older": float(not item.lead and not item.library),
    }


def _tool(item: Cluster) -> dict[str, float]:
    tags = [read_tag(row.title) for row in item.lead]
    major, minor = any(tag.is_major for tag in tags), any(tag.is_minor for tag in tags)
    return {
        "tool_major": float(major),
        "tool_minor": float(minor and not major),
        "engine": float(item.key.lower() in ENGINES and any(tag.stable for tag in tags)),
        "named": float(bool(item.talk)),
    }


def _story(item: Cluster) -> dict[str, float]:
    row = item.lead[0]
    name = announced(row.title)
    seller = f"{row.title} {row.source.replace('_', ' ')}"
    said = f"{row.title} {row.summary[:_FIRST_WORDS]}" if name == row.title else row.title
    return {
        "blog": float(row.kind == "blog"),
        "news": float(bool(NEWS.search(said))),
        "named": float(bool(name or subject(row.title))),
        "claim": float(bool(CLAIM.search(said))),
        "closed": float(bool(CLOSED.search(seller)) and not OPEN.search(row.title)),
        "opinion": float(bool(OPINION.search(row.title))),
    }
