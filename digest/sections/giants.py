"""What made headlines and will not run on most desks: a line each, with the memory it takes."""

from __future__ import annotations

from digest.context import Context, links_of
from digest.issue import Item, Section
from digest.releases import Release
from digest.wording import facts_of, listed, with_article

ORDER = 50


def build(context: Context) -> Section | None:
    """Return the section, None where nothing of the month was out of reach."""
    if not context.giants:
        return None
    return Section(
        slug="giants",
        title="Too big for most desks",
        lead=f"Open weights that {with_article(context.rigs[-1].name)} cannot run at a usable speed, however coarse.",
        items=tuple(_item(context, release) for release in context.giants),
        compact=True,
    )


def _item(context: Context, release: Release) -> Item:
    smallest = min(release.models, key=lambda model: model.params_total or 0)
    fit = context.fits.usual(smallest, context.workstation)
    machine = with_article(context.workstation.name)
    if fit.tier is None:
        text = ""
    elif fit.tier == "no":
        text = f"{fit.quant} takes {fit.memory_text}: beyond {machine}, too."
    else:
        text = f"{fit.quant} takes {fit.memory_text}; {machine} would write at about {fit.speed_text}."
    makers = listed(list(dict.fromkeys(model.org for model in release.models))[:2])
    return Item(
        title=release.title,
        key=release.key,
        url=release.url,
        kicker=makers,
        text=text,
        facts=facts_of(smallest)[:1],
        links=links_of(release)[:1],
    )
