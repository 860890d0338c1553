"""The month in at most five lines: what to try, what fits a small card, what is too big, programs, licences."""

from __future__ import annotations

from digest.context import Context, model_url
from digest.fits import Fit
from digest.issue import Item, Link, Section
from digest.releases import Release
from digest.wording import counted, display_name, listed, number_word, sentence_start, with_article
from knowledge.units import gib_text

ORDER = 5
_LINES = 5
_FREE = frozenset({"apache-2.0", "mit"})


def build(context: Context) -> Section | None:
    """Return the section, None where fewer than two lines can be said."""
    first = _first(context)
    made = (
        _try_one(context, first),
        _small_card(context, first),
        _giants(context),
        _programs(context),
        _licences(context),
        _asked(context),
    )
    lines = [line for line in made if line is not None][:_LINES]
    if len(lines) < 2:
        return None
    title = f"The month in {number_word(len(lines))} lines"
    return Section(slug="brief", title=title, items=tuple(lines), compact=True)


def _first(context: Context) -> tuple[Release, Fit] | None:
    """Return the first release to recommend, with its fit: on the reader's rig, else on the smallest machine."""
    for release in context.featured:
        fit = context.fits.best_of(release.models, context.rig) if context.rig else context.smallest_fit(release)
        if fit is not None and fit.usable:
            return release, fit
    return None


def _try_one(context: Context, first: tuple[Release, Fit] | None) -> Item | None:
    if first is None:
        return None
    _, fit = first
    where = f"your {fit.rig.name}" if context.rig else with_article(fit.rig.name)
    speed = f", at about {fit.speed_text}" if fit.speed_text else ""
    text = f"{display_name(fit.model.name)} {fit.badge.text} on {where} as {fit.quant}{speed}."
    return Item(title="If you try only one:", key="brief:try", text=text, links=_page(fit))


def _small_card(context: Context, first: tuple[Release, Fit] | None) -> Item | None:
    rig = context.rigs[0]
    for release in (*context.featured, *context.also):
        fit = context.fits.best_of(release.models, rig)
        new = first is None or release.key != first[0].key
        if new and fit is not None and fit.tier == "comfortable" and fit.model.writes_text:
            speed = f" at about {fit.speed_text}" if fit.speed_text else ""
            text = f"{display_name(fit.model.name)} runs comfortably as {fit.quant}{speed}."
            return Item(title=f"On {with_article(rig.name)}:", key="brief:small", text=text, links=_page(fit))
    return None


def _page(fit: Fit) -> tuple[Link, ...]:
    url = model_url(fit.model)
    return (Link(text="Hugging Face", url=url),) if url else ()


def _giants(context: Context) -> Item | None:
    if not context.giants:
        return None
    names = [release.title.partition(" (")[0] for release in context.giants]
    sizes = [
        fit.total_bytes
        for release in context.giants
        for model in release.models
        if (fit := context.fits.usual(model, context.workstation)).tier is not None
    ]
    least = f" The smallest takes {gib_text(min(sizes))} as Q4_K_M." if sizes else ""
    more = f" and {counted(len(names) - 3, 'other')}" if len(names) > 3 else ""
    text = (listed(names) if not more else ", ".join(names[:3]) + more) + "." + least
    return Item(title="Too big for most desks:", key="brief:giants", text=text)


def _programs(context: Context) -> Item | None:
    tools = [release for release in context.tools() if release.ranked.score > 0]
    if not tools:
        return None
    names = [release.title.partition(" (")[0] for release in tools[:3]]
    new_models = sum(bool(release.ranked.item.changes and release.ranked.item.changes.models) for release in tools)
    text = f"{listed(names)}{' among others' if len(tools) > 3 else ''}."
    if new_models:
        notes = "The notes of one name" if new_models == 1 else f"The notes of {number_word(new_models)} name"
        text += f" {notes} newly supported models."
    return Item(title="New versions:", key="brief:tools", text=text)


def _licences(context: Context) -> Item | None:
    releases = [release for release in (*context.featured, *context.giants) if release.models]
    known = [release for release in releases if all(model.license for model in release.models)]
    if len(known) < 3:
        return None
    free = [release for release in known if {model.license for model in release.models} <= _FREE]
    count = number_word(len(free))
    of = f"{number_word(len(known))} releases above whose licence is known"
    verb = "carries" if len(free) == 1 else "carry"
    text = f"{sentence_start(count)} of the {of} {verb} Apache 2.0 or MIT."
    return Item(title="Licences:", key="brief:licences", text=text.replace("above ", ""))


def _asked(context: Context) -> Item | None:
    known = [(count, id_) for id_, count in context.diagnoses.items() if id_ in context.knowledge.errors]
    if not known:
        return None
    count, error_id = max(known)
    title = context.knowledge.errors[error_id].title
    return Item(title="Most asked about:", key="brief:errors", text=f"{title} ({counted(count, 'time')}).")
