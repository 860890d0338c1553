"""How well a ranking agrees with people who judged the same months: the rank table, and whether an item is a row.

Pure. It reads no files (the command does) and knows nothing of how a score comes about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from digest.families import home_of
from digest.mentions import NameIndex
from digest.names import squash, words_of
from digest.rank import Ranked

FIRST: Final = 10
"""Of the first so many items one asks how many were judged worth naming."""

WITHIN: Final = 30
"""Within so many items the rows that matter should be found."""

ENOUGH_SOURCES: Final = 2
"""A row matters when so many independent sources named it and it runs locally."""

SHARED_WORDS: Final = 0.6
SHARED_AT_LEAST: Final = 3
"""An item is a row when a title of its own holds this share of the row's words, and at least so many."""

_FIRST_NAME: Final = re.compile(r"\s*[/(]|\s+or\s+|\s+in\s+(?=[A-Z])")
_WORDS: Final = re.compile(r"[a-z]+(?:\.[a-z]+)+|[a-z]+|\d+(?:\.\d+)*[a-z]?")
_COINED: Final = re.compile(r"\b(?=\w*[a-z])\w*[A-Z]\w*[A-Z]\w*\b|\b[a-z]+\.(?:ai|cpp)\b")
_COMMON: Final = frozenset({"open", "weights", "preview", "the", "and", "in", "of", "at", "to", "new", "model", "ai"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One row of a judged month: what was named, by how many independent sources, and whether it runs locally."""

    month: str
    title: str
    sources: int
    local: bool

    @property
    def matters(self) -> bool:
        """Whether a digest should not miss it."""
        return self.local and self.sources >= ENOUGH_SOURCES


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthScore:
    """One month's agreement. `missed` rows mattered and were not found; `unjudged` are first items nobody named."""

    month: str
    wanted: int
    missed: tuple[str, ...]
    first: int
    unjudged: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Share of the rows that mattered found within the first items."""
        return 1.0 if not self.wanted else 1 - len(self.missed) / self.wanted

    @property
    def precision(self) -> float:
        """Share of the very first items that somebody named."""
        return 1.0 if not self.first else 1 - len(self.unjudged) / self.first


def judged_from(rows: Iterable[Mapping[str, str]]) -> list[Judged]:
    """Read rows of `month,title,n_independent_sources,local_relevant`."""
    return [
        Judged(
            month=row["month"],
            title=row["title"],
            sources=int(row["n_independent_sources"] or 0),
            local=row["local_relevant"] == "1",
        )
        for row in rows
    ]


def evaluate(month: str, ranked: Sequence[Ranked], judged: Iterable[Judged]) -> MonthScore:
    """Compare one month's ranking with its judged rows."""
    rows = [row for row in judged if row.month == month]
    coined = own_words(rows)
    within, first = ranked[:WITHIN], ranked[:FIRST]
    wanted = [row for row in rows if row.matters]
    missed = [row.title for row in wanted if not any(is_row(item, row.title, coined) for item in within)]
    unjudged = [item.item.title for item in first if not any(is_row(item, row.title, coined) for row in rows)]
    return MonthScore(month=month, wanted=len(wanted), missed=tuple(missed), first=len(first), unjudged=tuple(unjudged))


def rank_table(scores: Sequence[MonthScore], left_out: Mapping[str, tuple[float, float]]) -> dict[str, object]:
    """Return the rank table as data: a row a month, then mean and worst; `left_out` is what `leave_out` gives."""
    rows = [
        {
            "month": score.month,
            "wanted": score.wanted,
            "recall": round(score.recall, 3),
            "precision": round(score.precision, 3),
            "left_out_recall": round(left_out[score.month][0], 3),
            "left_out_precision": round(left_out[score.month][1], 3),
            "missed": list(score.missed),
            "unjudged": list(score.unjudged),
        }
        for score in scores
    ]
    columns = ("recall", "precision", "left_out_recall", "left_out_precision")
    values = {name: [float(str(row[name])) for row in rows] for name in columns}
    return {
        "months": rows,
        "mean": {name: round(sum(found) / len(found), 3) for name, found in values.items()},
        "worst": {name: min(found) for name, found in values.items()},
    }


def table_text(table: Mapping[str, Any]) -> str:
    """Return the rank table for a terminal, with what was missed and what came first unjudged."""
    head = f"{'month':9s} {'rows':>4s}  {'shipped weights':>17s}  {'month left out':>17s}"
    lines = [
        head,
        f"{'':14s}  {f'in {WITHIN}':>8s} {f'first {FIRST}':>8s}  {f'in {WITHIN}':>8s} {f'first {FIRST}':>8s}",
    ]
    rows = [*table["months"], *({"month": name, "wanted": "", **table[name]} for name in ("mean", "worst"))]
    for row in rows:
        shares = (row["recall"], row["precision"], row["left_out_recall"], row["left_out_precision"])
        first, second, third, fourth = (f"{value:.0%}" for value in shares)
        lines.append(f"{row['month']:9s} {row['wanted']!s:>4s}  {first:>8s} {second:>8s}  {third:>8s} {fourth:>8s}")
    for row in table["months"]:
        lines += [f"{row['month']} missed: {'; '.join(row['missed']) or 'nothing'}"]
        lines += [f"{row['month']} first but unjudged: {'; '.join(row['unjudged']) or 'nothing'}"]
    return "\n".join(lines)


def is_row(item: Ranked, title: str, coined: Iterable[str] = ()) -> bool:
    """Say whether an item is what a row names: by its name, by a word coined for it, or by most of its words."""
    own = [item.item.title, *(row.title for row in item.item.lead), *(row.title for row in item.item.library)]
    name = squash(_FIRST_NAME.split(title)[0])
    if any(name in NameIndex([name]).find(text) for text in own):
        return True
    mine = [word.lower() for word in _COINED.findall(title) if word.lower() in set(coined)]
    if any(word in _words(text) | set(words_of(text)) for word in mine for text in own):
        return True
    words = _words(title)
    shared = max(len(words & _words(text)) for text in own)
    return shared >= SHARED_AT_LEAST and shared / len(words) >= SHARED_WORDS


def _words(text: str) -> set[str]:
    return {word for word in _WORDS.findall(text.lower()) if word not in _COMMON}


def own_words(rows: Iterable[Judged]) -> set[str]:
    """Return the coined words that only one row has."""
    count = Counter(word for row in rows for word in {found.lower() for found in _COINED.findall(row.title)})
    return {word for word, times in count.items() if times == 1 and home_of(word) is None}
