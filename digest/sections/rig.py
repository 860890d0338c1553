"""The month on the reader's own machine: what of it runs there, with which file and how fast."""

from __future__ import annotations

from digest.context import Context
from digest.fits import TONES, Fit
from digest.issue import Cell, Row, Section, Table
from digest.wording import counted, display_name

ORDER = 10
_ROWS = 10
_SHORT = {"comfortable": "comfortable", "trade-offs": "with trade-offs", "no": "will not run", None: "not known"}


def build(context: Context) -> Section | None:
    """Return the section, None where the reader gave no rig."""
    rig = context.rig
    if rig is None:
        return None
    asked = [
        (release, context.fits.best_of(release.models, rig))
        for release in (*context.featured, *context.also, *context.giants)
        if any(model.kind != "embedding" for model in release.models)
    ]
    known = [(release, fit) for release, fit in asked if fit is not None and fit.answer is not None]
    runs = [(release, fit) for release, fit in known if fit.tier in {"comfortable", "trade-offs"}]
    if not runs:
        return Section(
            slug="rig",
            title=f"On your {rig.name}",
            lead=f"Nothing new fits this month: we tried {counted(len(known), 'release')} down to the smallest files.",
        )
    runs.sort(key=lambda pair: -pair[0].ranked.score)
    smooth = sum(fit.tier == "comfortable" for _, fit in runs)
    lead = f"{counted(len(runs), 'release')} of {len(known)} we could reckon run here, {smooth} of them comfortably."
    return Section(
        slug="rig",
        title=f"On your {rig.name}",
        lead=lead,
        table=Table(
            caption="8k context; the largest size of each release that runs, with the best file for it.",
            head=("Model", "File", "Memory", "Speed"),
            rows=tuple(_row(fit, release.url) for release, fit in runs[:_ROWS]),
        ),
        notes=_notes(context, len(runs)),
    )


def _row(fit: Fit, url: str | None) -> Row:
    tone = TONES[fit.tier]
    return Row(
        heading=display_name(fit.model.name),
        url=url,
        cells=(
            Cell(text=fit.quant, note=_SHORT[fit.tier], tone=tone),
            Cell(text=fit.memory_text),
            Cell(text=fit.speed_text or "unknown", note=_interval(fit)),
        ),
    )


def _interval(fit: Fit) -> str:
    speed = fit.answer.decode_tok_s if fit.answer else None
    return f"{speed.low:.0f} to {speed.high:.0f}" if speed else ""


def _notes(context: Context, count: int) -> tuple[str, ...]:
    notes = [f"{count - _ROWS} more run here; ask the bot with /best."] if count > _ROWS else []
    if context.rig is not None and context.rig.ram_gib is not None:
        notes.append(f"Reckoned with {context.rig.ram_gib:g} GiB of RAM beside the card.")
    return tuple(notes)
