"""The month's models that run on machines people have: a card each, with the verdict on the smallest that will do."""

from __future__ import annotations

from digest.context import Context, links_of, model_url
from digest.fits import BETTER, COARSE, QUANT, SMALLER, TONES, Fit
from digest.issue import Badge, Item, Section, Spot
from digest.proposals import is_proposed
from digest.releases import Release
from digest.wording import (
    counted,
    day_name,
    display_name,
    facts_of,
    listed,
    params_text,
    sentence_start,
    size_word,
    verdict_on,
    with_article,
)
from knowledge.catalog import Model

ORDER = 20


def build(context: Context) -> Section | None:
    """Return the section, None where no model of the month runs anywhere near home."""
    if not context.featured:
        return None
    return Section(
        slug="models",
        title="Models worth the download",
        lead="Ordered by maker and uptake. Each verdict is for the smallest of our machines that will do.",
        items=tuple(_item(context, release) for release in context.featured),
    )


def _item(context: Context, release: Release) -> Item:
    fit = context.smallest_fit(release)
    model = fit.model if fit is not None else release.models[0]
    makers = list(dict.fromkeys(found.org for found in release.models))
    day = release.ranked.item.first_day()
    kicker = " · ".join(part for part in (listed(makers[:2]), day_name(day.isoformat() if day else None)) if part)
    return Item(
        title=release.title,
        key=release.key,
        url=model_url(model, release.url or "") or None,
        kicker=kicker,
        badge=_badge(fit) if fit is not None else None,
        text=_text(release, context, fit),
        facts=(*facts_of(model), *_sizes(release), *_doubt(model)),
        spots=_spots(release, context),
        links=links_of(release, model),
    )


def _spots(release: Release, context: Context) -> tuple[Spot, ...]:
    """Return what each reference machine makes of the release: the largest of its models that runs there."""
    if not release.models:
        return ()
    spots = []
    for rig in context.rigs:
        fit = context.fits.best_of(release.models, rig)
        if fit is None or fit.tier is None:
            spots.append(Spot(head=rig.short, text="?", note="unknown", tone="unknown"))
        elif not fit.usable:
            note = "will not run" if fit.tier == "no" else f"too slow: {fit.speed_text}"
            spots.append(Spot(head=rig.short, text="–", note=note, tone="bad"))
        else:
            name = size_word(fit.model) if len(release.models) > 1 else ""
            note = f"{name}, {fit.speed_text}" if name and fit.speed_text else name or fit.speed_text
            spots.append(Spot(head=rig.short, text=fit.quant, note=note, tone=TONES[fit.tier]))
    return tuple(spots)


def _sizes(release: Release) -> tuple[str, ...]:
    """Return the sizes of a release that has several, smallest first."""
    models = sorted(release.models, key=lambda model: model.params_total or 0)
    sizes = list(dict.fromkeys(word for model in models if (word := size_word(model))))
    return (f"sizes {', '.join(sizes)}",) if len(sizes) > 1 else ()


def _doubt(model: Model) -> tuple[str, ...]:
    return ("read from its own header, not yet checked by us",) if is_proposed(model) else ()


def _badge(fit: Fit) -> Badge:
    return Badge(text=f"{fit.rig.name}: {fit.badge.text}", tone=fit.badge.tone)


def _text(release: Release, context: Context, fit: Fit | None) -> str:
    if fit is None:
        return ""
    sentences = []
    if len(release.models) > 1:
        sentences.append(f"Of its {counted(len(release.models), 'size')} take {display_name(fit.model.name)}.")
    if release is _first_sparse(context):
        active, total = params_text(fit.model.params_active), params_text(fit.model.params_total)
        sentences.append(f"A mixture of experts: of {total} weights only {active} work on each token, hence the pace.")
    sentences.append(verdict_on(fit, context.fits.longest_context(fit)))
    sentences += _elsewhere(context, fit)
    sentences += _signals(release)
    return " ".join(sentences)


def _first_sparse(context: Context) -> Release | None:
    """Return the first release whose chosen model is sparse: it is explained once, not in every card."""
    for release in context.featured:
        fit = context.smallest_fit(release)
        if fit is not None and fit.model.shape is not None and fit.model.shape.n_expert and fit.model.params_active:
            return release
    return None


def _elsewhere(context: Context, fit: Fit) -> list[str]:
    """Say what the smallest machine makes of it, or the first that holds the usual file, where that tells something."""
    for rig in context.rigs:
        other = context.fits.fit(fit.model, rig)
        if rig.name == fit.rig.name:
            break
        if other.tier == "trade-offs" and other.usable and other.in_ram and other.quant not in COARSE:
            sparse = fit.model.shape is not None and fit.model.shape.n_expert > 0
            part = "most experts" if sparse else "part of its layers"
            return [
                f"{sentence_start(with_article(rig.name))} still writes at about {other.speed_text} with {part} in RAM."
            ]
    if fit.quant == QUANT or fit.quant in BETTER:
        return []
    for rig in context.rigs:
        other = context.fits.fit(fit.model, rig)
        if other.tier == "comfortable" and other.quant not in COARSE and other.quant not in SMALLER:
            return [f"{sentence_start(with_article(rig.name))} holds {other.quant} whole, at about {other.speed_text}."]
    return []


def _signals(release: Release) -> list[str]:
    """Say what others did with it, where entries tell."""
    item = release.ranked.item
    repackers = {row.org.lower() for row in item.repacks}
    votes = sum(row.votes or 0 for row in item.talk)
    said = []
    if len(repackers) > 2:
        said.append(f"{len(repackers)} others repacked it within the month")
    if len(item.tuned) > 2:
        said.append(f"{len(item.tuned)} fine-tunes followed")
    if votes > 200:
        said.append(f"{counted(len(item.talk), 'thread')} about it drew {votes:,} votes")
    return [f"{sentence_start(listed(said))}."] if said else []
