"""One picture for everyone: how much memory the month's models need, against the cards people have."""

from __future__ import annotations

from digest.context import Context
from digest.issue import Bar, Chart, Mark, Section, Tone
from digest.wording import display_name, listed
from knowledge.catalog import Model
from knowledge.units import GIB, gib_text

ORDER = 30
CARDS_GIB = (8, 12, 16, 24, 32)
_BARS = 12


def build(context: Context) -> Section | None:
    """Return the section, None where there is nothing to compare."""
    found: dict[str, tuple[Model, int]] = {}
    for release in context.featured:
        smaller = context.smallest_fit(release)
        largest = max(release.models, key=lambda model: model.params_total or 0)
        for model in (largest, smaller.model if smaller else largest):
            need = context.fits.need_bytes(model)
            if need is not None:
                found[model.id] = (model, need)
    models = sorted(found.values(), key=lambda pair: (pair[1], pair[0].id))[:_BARS]
    if len(models) < 2:
        return None
    bars = tuple(
        Bar(label=display_name(model.name), value_bytes=need, text=gib_text(need), tone=_tone(need))
        for model, need in models
    )
    said = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    chart = Chart(
        name="memory.png",
        title="Memory for Q4_K_M with 8k of context",
        alt=f"Bars: memory for Q4_K_M with 8k of context. {said}.",
        bars=bars,
        marks=tuple(
            Mark(label=f"{size} GB" if size == CARDS_GIB[-1] else str(size), value_bytes=size * GIB)
            for size in CARDS_GIB
        ),
    )
    sizes = listed([str(size) for size in CARDS_GIB])
    return Section(
        slug="machines",
        title="What they need",
        lead="All layers on one card, in the usual file. A bar that stays left of a line fits a card of that size.",
        chart=chart,
        notes=(f"Lines: cards with {sizes} GB. Green fits 12 GB, amber 24 GB, red takes more.",),
    )


def _tone(need: int) -> Tone:
    if need <= 12 * GIB:
        return "good"
    return "fair" if need <= 24 * GIB else "bad"
