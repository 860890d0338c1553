"""What people talked about that is no release of a model or tool: the few threads and posts that stood out."""

from __future__ import annotations

from digest.context import Context, source_name
from digest.issue import Item, Link, Section
from digest.releases import Release
from digest.wording import day_name

ORDER = 70
_SHOWN = 6
_WORTH = 2.0


def build(context: Context) -> Section | None:
    """Return the section, None where no posts were collected for the month."""
    stories = [
        release
        for release in context.releases
        if release.ranked.item.kind == "story" and release.ranked.score >= _WORTH
    ]
    if not stories:
        return None
    return Section(
        slug="talk", title="Talked about", items=tuple(_item(release) for release in stories[:_SHOWN]), compact=True
    )


def _item(release: Release) -> Item:
    row = release.ranked.item.lead[0]
    votes = f"{row.votes:,} votes" if row.votes else ""
    kicker = " · ".join(part for part in (source_name(row), day_name(row.published), votes) if part)
    return Item(
        title=row.title,
        key=release.key,
        url=row.url or None,
        kicker=kicker,
        links=(Link(text=source_name(row), url=row.url),) if row.url else (),
    )
