"""The card of "what does it take?": a model's memory by file type, and the cheapest rigs that run it. Pure.

Figures are knowledge.needs'; nothing is computed here. An answer on hardware that was named is fit.py's.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, VERDICTS, evidence_text, sources_text
from bot.layout import BLUE, Card, Component, Field, Reply
from bot.say import Say
from bot.text import bullets, code, fence, plain
from knowledge.guide_rigs import Rig
from knowledge.needs import Need, Needs, Place
from knowledge.said import Said
from knowledge.side_by_side import context_text, count_text
from knowledge.units import gib_text, tok_s_text, tokens_text

CHEAPEST = ("new", "second_hand", "pair", "unified", "with_ram")


def needs_reply(found: Sequence[Needs], say: Say, controls: tuple[Component, ...] = ()) -> Reply:
    """One model in full, or several side by side; it always says how to have it answered for one's own machine."""
    single = len(found) == 1
    first = found[0]
    context = tokens_text(first.alone.request.context.n_ctx)
    lines = [f"{say('fit.context', n=context)} · {plain(first.alone.request.engine)}", say("needs.yours")]
    given = dict.fromkeys(say.core(text) for one in found for text in one.alone.assumptions if not _told(text))
    fields = _whole(first, say) if single else [_side(one, say) for one in found]
    if given:
        fields.append(Field(name=say("fit.given"), value="-# " + plain("; ".join(given), 600)))
    if single:
        fields.append(Field(name=say("fit.sources"), value=sources_text(first.model.sources[:3])))
    card = Card(
        title=f"🧩 {say('needs.title', model=plain(first.model.name, 120)) if single else say('needs.several')}",
        description="\n".join(lines),
        color=BLUE,
        fields=tuple(field for field in fields if field.value),
        footer=f"{say('needs.prices')} · {evidence_text('E', say)} · {BRAND}",
    )
    return Reply(cards=(card,), controls=controls, about=("needs", first.model.id))


def _told(assumption: str) -> bool:
    """Whether the card says it already, or says it of each rig: the backend, the context."""
    return isinstance(assumption, Said) and assumption.key in {"backend", "context"}


def place_text(place: Place) -> str:
    """A rig in short, for a button."""
    ram = f" + {place.ram_gib} GB RAM" if place.ram_gib else ""
    return f"{_rig(place.rig)}{ram}"


def _whole(found: Needs, say: Say) -> list[Field]:
    wide = max(len(need.quant) for need in found.needs)
    rows = (f"{need.quant:<{wide}}{gib_text(need.total_bytes):>11}  {say.core(need.words)}" for need in found.needs)
    where = [_place(place, say) for place in found.places]
    return [
        Field(name=say("verdict.memory"), value=fence("\n".join(rows), 600)),
        Field(
            name=say("needs.where", quant=found.alone.request.quant),
            value=bullets(where) if where else say("needs.nowhere"),
        ),
    ]


def _side(found: Needs, say: Say) -> Field:
    """One of several models in three lines: its memory, and the cheapest rig of each kind."""
    sizes = " · ".join(_size(need) for need in found.needs)
    seen: dict[str, Place] = {}
    for place in found.places:
        seen.setdefault(place.kind, place)
    where = [_place(seen[kind], say) for kind in CHEAPEST if kind in seen][:2]
    lines = [_what_it_is(found, say), sizes, bullets(where) if where else say("needs.nowhere")]
    return Field(name=plain(found.model.name, 80), value="\n".join(line for line in lines if line))


def _what_it_is(found: Needs, say: Say) -> str:
    """What a compared model is, and how fast on the card that all are told on; empty where nothing is compared."""
    if found.common is None:
        return ""
    model, common = found.model, found.common
    total, active = model.params_total, model.params_active
    size = count_text(total) if total else ""
    params = say("model.active", total=size, active=count_text(active)) if size and active else size
    said = [say("fit.context", n=context_text(model)) if model.shape else "", model.license or ""]
    said += [model.release_date or ""]
    card = plain(common.request.devices[0].device.name, 60)
    runs = common.fit_tier != "no" and common.written_tok_s is not None
    speed = f"{tok_s_text(common.written_tok_s.mid)} tok/s" if runs and common.written_tok_s else say("verdict.no")
    facts = " · ".join([*([f"**{params}**"] if params else []), *(plain(text, 60) for text in said if text)])
    return f"{facts}\n{VERDICTS[common.fit_tier][0]} {card}: **{speed}** ({common.request.quant})"


def _size(need: Need) -> str:
    return f"{code(need.quant)} {gib_text(need.total_bytes)}"


def _place(place: Place, say: Say) -> str:
    kind = say(f"needs.{place.kind}", ram=place.ram_gib) if place.ram_gib else say(f"needs.{place.kind}")
    said = [f"{kind} **{plain(_rig(place.rig), 80)}**"]
    if place.rig.price_usd is not None:
        said.append(f"{place.rig.price_text} ({place.rig.year_text})")
    if place.answer.written_tok_s is not None:
        said.append(f"{tok_s_text(place.answer.written_tok_s.mid)} tok/s")
    if place.answer.fit_tier == "trade-offs":
        said.append("🟡")
    return " · ".join(said)


def _rig(rig: Rig) -> str:
    """Its name with its memory, once."""
    return rig.name if f"{rig.memory_bytes >> 30} GB" in rig.name else f"{rig.name} {rig.memory_text}"
