"""Errors of the month: what the bot was asked about most, counted without a word of any log, with a fix."""

from __future__ import annotations

from digest.context import Context
from digest.issue import Item, Link, Section
from digest.wording import counted, first_sentence
from knowledge.catalog import ErrorClass

ORDER = 75
_SHOWN = 5
LEAST = 3
"""Fewer people than this say nothing about a month."""


def build(context: Context) -> Section | None:
    """Return the section, None where nobody asked often enough."""
    known = [
        (count, context.knowledge.errors[id_])
        for id_, count in context.diagnoses.items()
        if id_ in context.knowledge.errors and count >= LEAST
    ]
    if not known:
        return None
    known.sort(key=lambda pair: (-pair[0], pair[1].id))
    total = sum(context.diagnoses.values())
    return Section(
        slug="errors",
        title="Errors of the month",
        lead=f"From {counted(total, 'diagnosis', 'diagnoses')} the bot made. Kinds are counted, no logs kept.",
        items=tuple(_item(error, count) for count, error in known[:_SHOWN]),
        compact=True,
    )


def _item(error: ErrorClass, count: int) -> Item:
    fix = error.fixes[0] if error.fixes else None
    points = (f"First try: {fix.text}" + (f" — {fix.command}" if fix.command else ""),) if fix else ()
    links = (Link(text="Source", url=error.sources[0]),) if error.sources else ()
    return Item(
        title=error.title,
        key=f"error:{error.id}",
        kicker=counted(count, "time"),
        text=first_sentence(error.cause),
        points=points,
        links=links,
    )
