"""The month on the reader's own machine: what of it runs there, with which file and how fast, and what is new to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from digest.context import Context, Offer, model_url
from digest.fits import BEARABLE_TOK_S, TONES, Fit, Fits, Rig
from digest.issue import Cell, Row, Section, Table
from digest.wording import counted, display_name, params_text
from knowledge.catalog import Model
from knowledge.units import GIB, gib_text, tok_s_text

ORDER = 10
_ROWS = 10
_SHORT = {"comfortable": "comfortable", "trade-offs": "with trade-offs", "no": "will not run", None: "not known"}
LARGE: Final = 20_000_000_000
"""Parameters from which a model counts as large where speeds are compared with those of earlier months."""

FASTER: Final = 1.1
"""How much faster a record must be: less is within what drivers and prompts make of it."""


def build(context: Context) -> Section | None:
    """Return the section, None where the reader gave no rig."""
    if context.rig is None:
        return None
    return rig_section(context.offers(), context.history, context.fits, context.rig)


def rig_section(offers: Sequence[Offer], history: Sequence[Model], fits: Fits, rig: Rig) -> Section:
    """Return a machine's section: the month's offers on it, and what it could run of earlier months."""
    title = f"On your {rig.name}"
    asked = [(offer, fits.best_of(offer.models, rig)) for offer in offers]
    known = [(offer, fit) for offer, fit in asked if fit is not None and fit.tier is not None]
    runs = [(offer, fit) for offer, fit in known if fit.usable]
    if not runs:
        lead = f"Nothing new fits this month: we tried {counted(len(known), 'release')} down to the smallest files."
        return Section(slug="rig", title=title, lead=lead)
    smooth = sum(fit.tier == "comfortable" for _, fit in runs)
    runs.sort(key=lambda pair: pair[1].tier != "comfortable" and pair[1].decode_tok_s < BEARABLE_TOK_S)
    lead = f"{counted(len(runs), 'release')} of {len(known)} we could reckon run here, {smooth} of them comfortably."
    return Section(
        slug="rig",
        title=title,
        lead=lead,
        table=Table(
            caption="8k context; the largest size of each release that runs, with the best file for it.",
            head=("Model", "File", "Memory", "Speed"),
            rows=tuple(_row(fit, offer.url) for offer, fit in runs[:_ROWS]),
        ),
        notes=(*_newly_possible([fit for _, fit in runs], history, fits, rig), *_notes(rig, len(runs))),
    )


def _row(fit: Fit, url: str) -> Row:
    return Row(
        heading=display_name(fit.model.name),
        url=model_url(fit.model, url) or None,
        cells=(
            Cell(text=fit.quant, note=_SHORT[fit.tier], tone=TONES[fit.tier]),
            Cell(text=fit.memory_text, note=_beside(fit)),
            Cell(text=fit.speed_text or "unknown", note=_interval(fit)),
        ),
    )


def _beside(fit: Fit) -> str:
    """Say how much of the memory is not the card's: else 20 GiB beside a card of 12 looks like a mistake."""
    host_bytes = fit.answer.memory.host_total_bytes if fit.answer and fit.in_ram else 0
    return f"{gib_text(host_bytes)} in RAM" if host_bytes >= GIB else ""


def _interval(fit: Fit) -> str:
    answer = fit.answer
    speed = answer.decode_tok_s if answer else None
    return f"{tok_s_text(speed.low)} to {tok_s_text(speed.high)}" if speed else ""


def _newly_possible(new: Sequence[Fit], history: Sequence[Model], fits: Fits, rig: Rig) -> list[str]:
    """Say which of the month's models beat on this machine what earlier months had: in size, or in speed at size."""
    said = []
    earlier = [fit for model in history if (fit := fits.fit(model, rig)).usable]
    before, smooth = ([fit for fit in group if fit.tier == "comfortable"] for group in (earlier, new))
    largest, until_now = max(smooth, key=_size, default=None), max(before, key=_size, default=None)
    if largest and until_now and _size(largest) > _size(until_now):
        said.append(
            f"Newly possible: {_named(largest)} is the largest that runs comfortably here. Until now that was "
            f"{_named(until_now)}, of the {len(history)} models most downloaded before."
        )
    new_large, old_large = [[fit for fit in group if _size(fit) >= LARGE] for group in (new, earlier)]
    if new_large and old_large:
        fastest, record = max(new_large, key=_speed), max(old_large, key=_speed)
        if fastest.decode_tok_s > FASTER * record.decode_tok_s > 0:
            said.append(
                f"Newly fast: no model of 20B or more wrote faster here than {_named(fastest)}, at about "
                f"{fastest.speed_text}; before, {display_name(record.model.name)} led with {record.speed_text}."
            )
    elif new_large and earlier:
        said.append(f"Newly possible: {_named(new_large[0])} is the first of 20B or more that runs here.")
    return said


def _size(fit: Fit) -> int:
    return fit.model.params_total or 0


def _speed(fit: Fit) -> float:
    return fit.decode_tok_s


def _named(fit: Fit) -> str:
    size = params_text(fit.model.params_total)
    name = display_name(fit.model.name)
    return name if not size or size.lower() in name.lower() else f"{name} ({size})"


def _notes(rig: Rig, count: int) -> tuple[str, ...]:
    notes = [f"{count - _ROWS} more run here; ask the bot with /best."] if count > _ROWS else []
    if rig.ram_gib is not None:
        notes.append(f"Reckoned with {rig.ram_gib:g} GiB of RAM beside the card.")
    return tuple(notes)
