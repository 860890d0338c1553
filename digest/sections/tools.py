"""Tools that shipped: engines and apps, one item each however many builds came between, with what their notes say."""

from __future__ import annotations

from digest.context import Context
from digest.issue import Item, Link, Section
from digest.notes import Changes
from digest.releases import Release
from digest.tags import read_tag
from digest.wording import counted, listed

ORDER = 40
_SHOWN = 10
_WORTH = 1.0
_HEADS = (("Breaking", "breaking", 2), ("New models", "models", 3), ("New", "features", 3), ("Fixed", "fixes", 2))


def build(context: Context) -> Section | None:
    """Return the section, None where no tool release was collected for the month."""
    tools = [release for release in context.tools() if _is_worth(release)]
    builds = [release.title for release in context.tools() if release.title.endswith(" builds)")]
    if not tools:
        return None
    shown = [_item(release) for release in tools[:_SHOWN]]
    told = any(item.points for item in shown)
    lead = "New versions of the programs that run models. Builds and candidates in between are not listed."
    return Section(
        slug="tools",
        title="Tools that shipped",
        lead=f"{lead} What changed is in the makers' words." if told else lead,
        items=tuple(shown),
        notes=(f"Builds only: {listed(builds[:8])}.",) if builds else (),
        compact=True,
    )


def _is_worth(release: Release) -> bool:
    changes = release.ranked.item.changes
    return release.ranked.score >= _WORTH or bool(changes and (changes.models or changes.breaking))


def _item(release: Release) -> Item:
    item = release.ranked.item
    rows = item.lead or item.rest
    newest = max(rows, key=lambda row: (read_tag(row.title).version, row.published))
    opened = [row.title for row in rows if read_tag(row.title).is_minor or read_tag(row.title).is_major]
    said = [f"{counted(len(rows), 'release')} this month"]
    if opened and opened[-1] not in release.title:
        said.append(f"{opened[-1]} opened a new line")
    if item.rest and item.lead:
        said.append(f"{counted(len(item.rest), 'build or candidate', 'builds and candidates')} besides")
    return Item(
        title=release.title.partition(" (")[0],
        key=release.key,
        url=newest.url,
        kicker=newest.source,
        text="; ".join(said) + ".",
        points=_points(item.changes),
        links=(Link(text="Release notes", url=newest.url),) if newest.url else (),
    )


def _points(changes: Changes | None) -> tuple[str, ...]:
    """Return what changed, a line a class, in the makers' words."""
    if changes is None:
        return ()
    found = []
    for head, name, shown in _HEADS:
        words: tuple[str, ...] = getattr(changes, name)
        if words:
            more = f" (+{len(words) - shown} more)" if len(words) > shown else ""
            found.append(f"{head}: {'; '.join(words[:shown])}{more}")
    return tuple(found)
