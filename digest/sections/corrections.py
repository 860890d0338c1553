"""What an earlier issue got wrong, put right in a maintainer's words: an approved issue itself never changes."""

from __future__ import annotations

from digest.context import Context
from digest.issue import Item, Section
from digest.wording import is_month, month_name

ORDER = 90


def build(context: Context) -> Section | None:
    """Return the section, None where there is nothing to put right."""
    if not context.corrections:
        return None
    items = tuple(
        Item(
            title=f"{month_name(about)} issue" if is_month(about) else about or "An earlier issue",
            key=f"correction:{number}",
            text=text,
        )
        for number, (about, text) in enumerate(context.corrections, 1)
    )
    return Section(slug="corrections", title="Corrections", items=items, compact=True)
