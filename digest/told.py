"""The records understanding works on: `Told`, one entry; `Cluster`, one release and everything that told of it.

No judgement here: `cluster` folds, `signals` and `rank` weigh.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from digest.notes import Changes

ClusterKind = Literal["model", "tool", "story"]
LISTS: Final = ("lead", "library", "press", "talk", "repacks", "tuned", "rest")
"""The lists of a cluster, in the order its links are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry as clustering sees it. `source` is `huggingface:ORG`, `ollama library`, `owner/repo` or a name.

    `kind` is `model_listing`, `github_release`, `blog` or `discussion`; `published` begins with an ISO date.
    """

    source: str
    kind: str
    url: str
    title: str
    published: str = ""
    summary: str = ""
    votes: int | None = None
    downloads: int | None = None

    @property
    def day(self) -> date | None:
        """The day it was told, None where unknown."""
        try:
            return date.fromisoformat(self.published[:10])
        except ValueError:
            return None

    @property
    def org(self) -> str:
        """The organisation of a model repository, empty for other entries."""
        return self.title.partition("/")[0] if "/" in self.title and self.kind == "model_listing" else ""


@dataclass(slots=True, kw_only=True)
class Cluster:
    """One release and who told of it. `lead` entries are its own; the others point at it, by `names`.

    `rest` holds what is accounted for but not news: a tool's builds and candidates, links to the same page.
    `changes` is what a tool's release notes say of the month; None for models and stories.
    """

    kind: ClusterKind
    key: str
    title: str
    names: set[str] = field(default_factory=set)
    lead: list[Told] = field(default_factory=list)
    library: list[Told] = field(default_factory=list)
    repacks: list[Told] = field(default_factory=list)
    tuned: list[Told] = field(default_factory=list)
    talk: list[Told] = field(default_factory=list)
    press: list[Told] = field(default_factory=list)
    rest: list[Told] = field(default_factory=list)
    changes: Changes | None = None

    def entries(self) -> list[Told]:
        """Everything that told of it, its own first."""
        return [row for name in LISTS for row in getattr(self, name)]

    def absorb(self, other: Cluster) -> None:
        """Take over another cluster's entries."""
        for name in LISTS:
            getattr(self, name).extend(getattr(other, name))
        self.names |= other.names

    def first_day(self) -> date | None:
        """Return the earliest day of its own entries and the library's."""
        days = [told.day for told in ([*self.lead, *self.library] or self.entries()) if told.day]
        return min(days, default=None)


def in_order(told: list[Told]) -> list[Told]:
    """Return the entries by date, each page once: of two with one address and title the one with more votes stays."""
    kept: dict[tuple[str, str, str], Told] = {}
    for row in sorted(told, key=_place):
        mark = (row.kind, row.url.partition("://")[2].rstrip("/") or row.source, row.title.casefold())
        first = kept.get(mark)
        if first is None or (row.votes or 0) > (first.votes or 0):
            kept[mark] = row
    return sorted(kept.values(), key=_place)


def _place(row: Told) -> tuple[str, str, str, str, int]:
    return row.published, row.title, row.url, row.source, row.votes or 0
