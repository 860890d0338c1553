"""The cards of "will it run?": one answer, several side by side, the best models of a rig. Pure: figures set in type.

Nothing is computed here and nothing knows Discord's classes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.common import BRAND, EVIDENCE, VERDICTS, sources_text
from bot.cards.notes import note_reply
from bot.layout import BLUE, GREEN, Card, Field, Reply, bar
from bot.text import bullets, code, fence, plain
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import FitAnswer, Interval
from knowledge.units import gib_text, seconds_text, tok_s_text, tokens_text


def fit_card(answer: FitAnswer, *, short: bool = False) -> Card:
    """The card of one fit answer; `short` leaves out all but memory and speeds, where several share a message."""
    icon, verdict, color = VERDICTS[answer.fit_tier]
    request = answer.request
    asked = [code(request.quant), f"{tokens_text(request.context.n_ctx)} context", plain(request.engine)]
    if request.context.type_k != "f16":
        asked.insert(2, f"KV {code(request.context.type_k)}")
    lines = [f"**{verdict}** · {' · '.join(asked)}", *(f"-# {plain(flag)}" for flag in answer.flags)]
    fields = (
        Field(name="Memory", value=memory_block(answer)),
        *_speed_fields(answer),
        Field(name="What would change it", value=bullets(plain(change.text) for change in answer.changes)),
        Field(
            name="Run it", value=fence(answer.command, 900, "sh") if answer.command and answer.fit_tier != "no" else ""
        ),
        Field(
            name="Taken as given", value="-# " + plain("; ".join(answer.assumptions), 600) if answer.assumptions else ""
        ),
        Field(name="Sources", value=sources_text((*request.model.sources[:2], *_devicesources_text(answer)))),
    )
    return Card(
        title=f"{icon} {plain(request.model.name, 120)}{_on(answer)}",
        description="\n".join(lines),
        color=color,
        fields=fields[:4] if short else fields,
        footer=f"{answer.evidence} = {EVIDENCE[answer.evidence]} · {BRAND}",
    )


def hardware_text(answer: FitAnswer) -> str:
    """The hardware asked about, in words."""
    return " + ".join(
        f"{ask.count}× {ask.device.name}" if ask.count > 1 else ask.device.name for ask in answer.request.devices
    )


def _on(answer: FitAnswer) -> str:
    return f" on {plain(hardware_text(answer), 130)}" if answer.request.devices else ""


def _devicesources_text(answer: FitAnswer) -> tuple[str, ...]:
    return tuple(source for ask in answer.request.devices[:2] for source in ask.device.sources[:1])


def memory_block(answer: FitAnswer) -> str:
    """Memory by part against what is free, as a code block narrow enough for a telephone.

    Where it does not run, what would have to sit in RAM counts as needed too, and the block says how much is missing.
    """
    memory = answer.memory
    falls_short = answer.fit_tier == "no"
    parts = (
        ("weights", memory.weights_bytes + (memory.host_weights_bytes if falls_short else 0)),
        ("KV cache", memory.kv_cache_bytes + (memory.host_kv_cache_bytes if falls_short else 0)),
        ("state", memory.recurrent_bytes + (memory.host_recurrent_bytes if falls_short else 0)),
        ("compute", memory.compute_bytes + (memory.host_compute_bytes if falls_short else 0)),
        ("driver", memory.overhead_bytes),
    )
    need = sum(size for _, size in parts)
    have = None if answer.available_bytes is None else answer.available_bytes + memory.overhead_bytes
    whole = max(have or 0, need, 1)
    rows = [f"{bar(need, whole, 16)} {_of(need, have)}"]
    rows += [f"{_row(name, size)}  {bar(size, whole, 10, fine=True)}".rstrip() for name, size in parts if size]
    if have is not None:
        rows.append(_row("free", have - need) if need <= have else _row("short by", need - have))
    if memory.host_total_bytes and not falls_short:
        rows.append(_row("in RAM", memory.host_total_bytes))
    return fence("\n".join(rows), 1000)


def _row(name: str, size: int) -> str:
    return f"{name:<9}{gib_text(size, 2):>10}"


def _of(used: int, have: int | None) -> str:
    return gib_text(used) if have is None else f"{gib_text(used).removesuffix(' GiB')} of {gib_text(have)}"


def speed_text(speed: Interval) -> str:
    """A speed with its 80 % interval."""
    return f"**{tok_s_text(speed.mid)} tok/s**\n-# {tok_s_text(speed.low)} to {tok_s_text(speed.high)}"


def _speed_fields(answer: FitAnswer) -> tuple[Field, ...]:
    if answer.fit_tier in {None, "no"}:
        return ()
    fields = [
        Field(name="Writes", value=speed_text(answer.decode_tok_s) if answer.decode_tok_s else "unknown", inline=True),
        Field(name="Reads", value=speed_text(answer.prefill_tok_s) if answer.prefill_tok_s else "unknown", inline=True),
    ]
    room = []
    if answer.ttft_s is not None:
        room.append(f"first token after {seconds_text(answer.ttft_s)}")
    if answer.max_n_ctx is not None:
        room.append(f"context up to {tokens_text(answer.max_n_ctx)}")
    if answer.max_n_ctx_at_20_tok_s is not None:
        room.append(f"{tokens_text(answer.max_n_ctx_at_20_tok_s)} filled at 20 tok/s")
    if answer.best_quant and answer.best_quant != answer.request.quant:
        room.append(
            f"{'also takes' if answer.fit_tier == 'comfortable' else 'comfortable with'} {code(answer.best_quant)}"
        )
    fields.append(Field(name="Room", value="\n".join(room), inline=True))
    fields.append(Field(name="How it feels", value=plain(answer.feel)))
    return tuple(fields)


def compare_reply(found: Sequence[FitAnswer]) -> Reply:
    """Answers about one model side by side, a column each."""
    several_quants = len({answer.request.quant for answer in found}) > 1
    fields = tuple(
        Field(name=_candidate(answer, several_quants), value=_column(answer), inline=True) for answer in found
    )
    first = found[0].request
    quant = "" if several_quants else f"{code(first.quant)} · "
    card = Card(
        title=f"⚖️ {plain(first.model.name, 120)}, side by side",
        description=f"{quant}{tokens_text(first.context.n_ctx)} context · {plain(first.engine)}",
        color=BLUE,
        fields=fields,
        footer=" · ".join(dict.fromkeys(f"{answer.evidence} = {EVIDENCE[answer.evidence]}" for answer in found)),
    )
    return Reply(cards=(card,))


def _candidate(answer: FitAnswer, several_quants: bool) -> str:
    icon = VERDICTS[answer.fit_tier][0]
    quant = f" {answer.request.quant}" if several_quants else ""
    return f"{icon} {plain(hardware_text(answer) + quant, 120)}"


def _column(answer: FitAnswer) -> str:
    memory = answer.memory
    runs = answer.fit_tier != "no"
    need = memory.total_bytes + (0 if runs else memory.host_total_bytes)
    have = None if answer.available_bytes is None else answer.available_bytes + memory.overhead_bytes
    lines = [
        speed_text(answer.decode_tok_s) if runs and answer.decode_tok_s else VERDICTS[answer.fit_tier][1],
        _of(need, have),
    ]
    if runs and memory.host_total_bytes:
        lines.append(f"and {gib_text(memory.host_total_bytes)} in RAM")
    if runs and answer.max_n_ctx is not None:
        lines.append(f"context up to {tokens_text(answer.max_n_ctx)}")
    return "\n".join(lines) + f"\n-# {answer.evidence}"


def best_reply(ranked: Sequence[Ranked], hardware: str, use: str, n_ctx: int) -> Reply:
    """The models that run best on a rig, one line each, or that none does."""
    if not ranked:
        text = f"No {plain(use)} model that I know runs on {code(hardware)} with {tokens_text(n_ctx)} of context."
        return note_reply("None runs there", text)
    lines = [
        f"{VERDICTS[row.fit_tier][0]} **{plain(row.model.name, 60)}** {code(row.quant)}"
        f" · {gib_text(row.total_bytes)} · {tok_s_text(row.decode_tok_s)} tok/s"
        for row in ranked
    ]
    card = Card(
        title=f"🏆 Best for {plain(use)} on {plain(hardware, 130)}",
        description="\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)),
        color=GREEN,
        footer=f"{tokens_text(n_ctx)} context · ranked by size, recency, quant loss and speed · E = {EVIDENCE['E']}",
    )
    return Reply(cards=(card,))
