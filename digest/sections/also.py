"""Everything else of the month, one line each: small models, embeddings, and what has no checked architecture yet."""

from __future__ import annotations

from digest.context import Context, links_of
from digest.issue import Item, Section
from digest.releases import Release
from digest.wording import day_name, facts_of, listed

ORDER = 60


def build(context: Context) -> Section | None:
    """Return the section, None where nothing is left."""
    if not context.also:
        return None
    return Section(
        slug="also",
        title="Also released",
        items=tuple(_item(context, release) for release in context.also),
        compact=True,
    )


def _item(context: Context, release: Release) -> Item:
    fit = context.smallest_fit(release)
    makers = listed(list(dict.fromkeys(model.org for model in release.models))[:2])
    model = fit.model if fit is not None else release.models[0]
    text = (
        f"{fit.quant} on {fit.rig.name}: {fit.badge.text}."
        if fit is not None and fit.tier is not None
        else "No figures: architecture not checked."
    )
    if not model.writes_text:
        text = ""
    date = release.ranked.item.first_day()
    kicker = " · ".join(part for part in (makers, day_name(date.isoformat() if date else None)) if part)
    return Item(
        title=release.title,
        key=release.key,
        url=release.url,
        kicker=kicker,
        text=text,
        facts=facts_of(model)[:1],
        links=links_of(release)[:1],
    )
