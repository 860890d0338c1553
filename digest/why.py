"""Says in sentences why an item stands where it stands: facts only, who, how many, what is new, what it runs on. Pure.

It adds no figure of its own: sizes are the sources', and how well a model runs is the estimator's matter (`fits`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from digest.names import read_name
from digest.signals import known_since, sources_of, votes_of
from digest.tags import read_tag
from digest.told import Cluster, Told
from digest.wording import counted, day_name, listed, month_name, sentence_start

_SOURCES_NAMED: Final = 4
_SOURCE_NAMES: Final = {"ollama library": "the Ollama library"}
_BILLIONS: Final = re.compile(r";\s*(\d+(?:\.\d+)?)([BM])\b")
_RUNS_ON: Final = (
    (4, "small enough for a phone or any laptop"),
    (9, "for an 8 GB card at 4 bits"),
    (15, "for a 12 GB card at 4 bits"),
    (36, "for a 24 GB card at 4 bits"),
    (75, "for two 24 GB cards or a 64 GB Mac at 4 bits"),
    (130, "for a machine with 96 GB or more at 4 bits"),
)
_TOO_BIG: Final = "too big for most desks"
"""Rules of thumb by billions of weights, 0.6 bytes each at 4 bits; the issue's own figures come from the estimator."""


def why(item: Cluster, known: Mapping[str, str]) -> str:
    """Return the reasons for an item as sentences."""
    if item.kind == "model":
        said = [_who(item), _new(item, known), _size(item), _uptake(item), _sources(item)]
    elif item.kind == "tool":
        said = [_releases(item), _changes(item), _sources(item) if item.talk or item.press else ""]
    else:
        said = [_story(item), _sources(item) if len(sources_of(item)) > 1 else ""]
    return " ".join(f"{sentence_start(words)}." for words in said if words)


def _who(item: Cluster) -> str:
    day = item.first_day()
    when = f" on {day_name(day.isoformat())}" if day else ""
    if item.lead:
        return f"published by {min(row.org for row in item.lead)}{when}"
    if item.library:
        return f"in the {item.library[0].source.replace('ollama', 'Ollama')}{when}"
    return "repacks and fine-tunes of a model of an earlier month"


def _new(item: Cluster, known: Mapping[str, str]) -> str:
    since = known_since(item, known)
    if not known or not (item.lead or item.library):
        return ""
    return (
        f"another size or edition of a family known since {month_name(since[:7])}"
        if since
        else "a new family or version"
    )


def _size(item: Cluster) -> str:
    sizes = sorted(size for row in (*item.lead, *item.repacks) if (size := billions_of(row)))
    if not sizes or not item.lead:
        return ""
    sizes = [size for row in item.lead if (size := billions_of(row))] or sizes[:1]
    smallest, largest = min(sizes), max(sizes)
    runs = next((words for limit, words in _RUNS_ON if smallest <= limit), _TOO_BIG)
    span = f"{_in_words(smallest)} to {_in_words(largest)}" if largest > 1.05 * smallest else _in_words(smallest)
    return f"{span} weights, {'the smallest ' if largest > 1.05 * smallest else ''}{runs}"


def billions_of(row: Told) -> float | None:
    """Return how many billions of weights a repository holds, as its listing says or else its name."""
    match = _BILLIONS.search(row.summary)
    if match:
        return float(match[1]) / (1000 if match[2] == "M" else 1)
    sizes = [re.match(r"\d+(?:\.\d+)?(?=[BM])", size) for size in read_name(row.title).sizes]
    return max((float(size[0]) for size in sizes if size), default=None)


def _in_words(billions: float) -> str:
    return (
        f"{billions * 1000:.0f}M"
        if billions < 1
        else f"{billions:.3g}B"
        if billions < 1000
        else f"{billions / 1000:.2g}T"
    )


def _uptake(item: Cluster) -> str:
    repackers = len({row.org.lower() for row in item.repacks})
    said = [f"repacked by {counted(repackers, 'other')}"] if repackers else []
    said += [f"tuned {_times(len(item.tuned))}"] if item.tuned else []
    downloads = sum(row.downloads or 0 for row in item.lead)
    said += [f"downloaded {_times(downloads)}"] if downloads else []
    return listed(said)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _named(source: str) -> str:
    return _SOURCE_NAMES.get(source, source.removeprefix("feed_").replace("_", " "))


def _sources(item: Cluster) -> str:
    """Say how many told of it independently, and how much attention it drew."""
    names = [_named(name) for name in sources_of(item)]
    more = len(names) - _SOURCES_NAMED
    named = listed([*names[:_SOURCES_NAMED], counted(more, "other")] if more > 0 else names)
    votes = votes_of(item)
    threads = len(item.talk) + (item.kind == "story" and item.lead[0].kind != "blog")
    attention = f"; {votes:,} votes in {counted(threads, 'thread')}" if votes else ""
    if len(names) < 2:
        return attention.removeprefix("; ")
    return f"told by {counted(len(names), 'independent source')} ({named}){attention}"


def _releases(item: Cluster) -> str:
    tags = [read_tag(row.title) for row in item.lead]
    if all(tag.build for tag in tags):
        return f"{counted(len(tags), 'build')} of {item.key}, no version among them"
    opened = next((row.title for row, tag in zip(item.lead, tags, strict=True) if tag.is_major), "") or next(
        (row.title for row, tag in zip(item.lead, tags, strict=True) if tag.is_minor), ""
    )
    start = f"{counted(len(tags), 'release')} of {item.key} this month"
    return f"{start}; {opened} opened a new line" if opened else start


def _changes(item: Cluster) -> str:
    changes = item.changes
    if not changes:
        return ""
    kinds = (
        (changes.breaking, "breaking change", ""),
        (changes.models, "model newly supported", "models newly supported"),
        (changes.features, "feature", ""),
        (changes.fixes, "fix", "fixes"),
    )
    return f"its notes tell of {listed([counted(len(rows), one, many) for rows, one, many in kinds if rows])}"


def _story(item: Cluster) -> str:
    row = item.lead[0]
    day = f" on {day_name(row.published)}" if row.day else ""
    if row.kind == "blog":
        return f"written about by {_named(row.source)}{day}"
    votes = votes_of(item)
    threads = 1 + len(item.talk)
    attention = f", {votes:,} votes" + (f" in {threads} threads" if threads > 1 else "") if votes else ""
    return f"talked about in {_named(row.source)}{day}{attention}"
