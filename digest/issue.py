"""What an issue is before it is set in type: sections of items and tables, all plain text. No behaviour, no markup.

Every number about fit or speed in these records came from the estimator; every item carries where it was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "fair", "bad", "unknown", "plain"]
"""How a verdict is coloured: comfortable, with trade-offs, will not run, not known, no verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address with the words to show for it."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A short verdict in a colour."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """What one machine makes of an item: its short name, the file to take, the speed or reason."""

    head: str
    text: str
    note: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece of news. `kicker` says who and when, `facts` are the figures, `links` begin with where it was read.

    `key` names it to maintainers; `points` are lines under a heading each; `editor` is a maintainer's own note.
    """

    title: str
    key: str = ""
    url: str | None = None
    kicker: str = ""
    badge: Badge | None = None
    text: str = ""
    facts: tuple[str, ...] = ()
    spots: tuple[Spot, ...] = ()
    points: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    editor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table; `note` is its second, smaller line."""

    text: str
    note: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its heading and its cells."""

    heading: str
    cells: tuple[Cell, ...]
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures side by side. `caption` says what the cells mean."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart: `value_bytes` drawn, `text` beside it; the words a reader without pictures gets."""

    label: str
    value_bytes: int
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line across a chart: a memory size people have."""

    label: str
    value_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of bars against marks. `name` is its file's, `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of an issue. `compact` items are set as lines, not as cards."""

    slug: str
    title: str
    lead: str = ""
    items: tuple[Item, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    compact: bool = False
    editor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A whole issue, ready to be rendered. `month` is `YYYY-MM`, `month_name` as people write it."""

    month: str
    month_name: str
    subject: str
    preheader: str
    intro: tuple[str, ...]
    sections: tuple[Section, ...]
    rig_name: str = ""
    assumptions: tuple[str, ...] = ()
    content_version: str = ""
    editor: str = ""
