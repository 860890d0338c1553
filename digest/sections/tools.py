"""Tools that shipped: new versions of engines and apps as one line each, however many builds came between."""

from __future__ import annotations

from digest.context import Context
from digest.issue import Item, Link, Section
from digest.releases import Release
from digest.tags import read_tag
from digest.wording import counted, listed

ORDER = 40
_SHOWN = 10
_WORTH = 1.0


def build(context: Context) -> Section | None:
    """Return the section, None where no tool release was collected for the month."""
    tools = [
        release for release in context.releases if release.ranked.item.kind == "tool" and release.ranked.score >= _WORTH
    ]
    if not tools:
        return None
    builds = [
        release.title
        for release in context.releases
        if release.ranked.item.kind == "tool" and release.title.endswith(" builds)")
    ]
    return Section(
        slug="tools",
        title="Tools that shipped",
        lead="New lines of the programs that run models. Builds and candidates in between are not listed.",
        items=tuple(_item(release) for release in tools[:_SHOWN]),
        notes=(f"Builds only: {listed(builds[:8])}.",) if builds else (),
        compact=True,
    )


def _item(release: Release) -> Item:
    rows = release.ranked.item.lead
    newest = max(rows, key=lambda row: (read_tag(row.title).version, row.published))
    opened = [row.title for row in rows if read_tag(row.title).is_minor or read_tag(row.title).is_major]
    text = f"{counted(len(rows), 'release')} this month" + (f"; {opened[-1]} opened a new line" if opened else "") + "."
    return Item(
        title=release.title.partition(" (")[0],
        url=newest.url,
        kicker=newest.source,
        text=text,
        links=(Link(text="Release notes", url=newest.url),),
    )
