"""One table for everyone: the month's models against the machines readers mostly have, with the file to take."""

from __future__ import annotations

from digest.context import Context
from digest.fits import TONES, Fit
from digest.issue import Cell, Row, Section, Table
from digest.wording import display_name

ORDER = 30


def build(context: Context) -> Section | None:
    """Return the section, None where there is nothing to compare."""
    if len(context.featured) < 2:
        return None
    rows = []
    for release in context.featured:
        model = max(release.models, key=lambda found: found.params_total or 0)
        smaller = context.smallest_fit(release)
        chosen = [model] if smaller is None or smaller.model.id == model.id else [model, smaller.model]
        rows += [
            Row(
                heading=display_name(found.name),
                url=release.url,
                cells=tuple(_cell(context.fits.fit(found, rig)) for rig in context.rigs),
            )
            for found in chosen
        ]
    machines = "; ".join(f"{rig.short}: {rig.name}" for rig in context.rigs)
    return Section(
        slug="machines",
        title="Which file for which machine",
        lead="The file to take, and how fast it writes. Amber has a price: a coarse file, or help from RAM.",
        table=Table(
            caption=f"8k context, 32 GiB of RAM beside the cards. {machines}.",
            head=("Model", *(rig.short for rig in context.rigs)),
            rows=tuple(rows),
        ),
    )


def _cell(fit: Fit) -> Cell:
    if fit.answer is None:
        return Cell(text="?", note="unknown", tone="unknown")
    if fit.tier == "no":
        return Cell(text="–", tone="bad")
    return Cell(text=fit.quant, note=fit.speed_text, tone=TONES[fit.tier])
