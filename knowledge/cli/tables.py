"""Answers side by side for the terminal: ranked models, compared devices and quants, engines.

Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from knowledge.estimator.contrast import why_differs
from knowledge.estimator.engines import engine_by_name
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import FitAnswer
from knowledge.units import GIB, gib_text, tok_s_text, tokens_text

_COLOURS = {"comfortable": "green", "trade-offs": "yellow", "no": "red", None: "dim"}
_WORDS = {"comfortable": "comfortably", "trade-offs": "with trade-offs", "no": "will not run", None: "unknown"}


def _verdict(tier: str | None) -> Text:
    return Text(_WORDS[tier], style=_COLOURS[tier])


def _speed(answer: FitAnswer) -> str:
    return tok_s_text(answer.written_tok_s.mid) if answer.written_tok_s else "–"


def rank_table(ranked: Sequence[Ranked], counted: str = "") -> Table:
    """The best models of a rig, one line each. `counted`: the RAM that was counted on."""
    caption = "ordered by size, recency, quant loss and speed; tok/s are estimates"
    table = Table(title="Best on this rig", caption=f"{caption}\n{counted}" if counted else caption)
    for name in ("model", "quant", "runs", "memory", "tok/s"):
        table.add_column(name, justify="right" if name in {"memory", "tok/s"} else "left")
    for row in ranked:
        speed = tok_s_text(row.decode_tok_s) if row.model.writes_text else "–"
        table.add_row(row.model.name, row.quant, _verdict(row.fit_tier), gib_text(row.total_bytes), speed)
    return table


def compare_table(rows: Sequence[FitAnswer]) -> Table:
    """One model on several devices or with several quants."""
    table = Table(title=rows[0].request.model.name if rows else "", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.caption = "KLD: published KL divergence of the file type (Llama 3 8B); larger models lose less"
    columns = (("on", 16), ("quant", 6), ("KLD", 5), ("runs", 12), ("GiB", 12), ("tok/s", 5), ("context", 7))
    for name, least in columns:
        table.add_column(name, min_width=least)
    for row in rows:
        devices = " + ".join(
            f"{ask.count}× {ask.device.name}" if ask.count > 1 else ask.device.name for ask in row.request.devices
        )
        have = "" if row.room_bytes is None else f" of {row.room_bytes / GIB:.1f}"
        longest = "–" if row.max_n_ctx is None else tokens_text(row.max_n_ctx)
        table.add_row(
            devices,
            row.request.quant,
            f"{row.quality.kl_divergence:.3f}" if row.quality and row.quality.kl_divergence is not None else "–",
            _verdict(row.fit_tier),
            f"{row.memory.total_bytes / GIB:.1f}{have}",
            _speed(row),
            longest,
        )
    return table


def why_of(rows: Sequence[tuple[str, FitAnswer | str]], answer: FitAnswer) -> str:
    """Why an engine's answer differs from the first one's; of the first itself, its rules."""
    first = next((row for _, row in rows if not isinstance(row, str)), answer)
    return engine_by_name(answer.request.engine).why if first is answer else why_differs(first, answer)


def engines_table(rows: Sequence[tuple[str, FitAnswer | str]]) -> RenderableType:
    """One question, every engine, and beneath it why they differ."""
    table = Table(title="The same question, engine by engine")
    for name in ("engine", "quant", "context", "runs", "memory", "of", "tok/s"):
        table.add_column(name)
    reasons = Table.grid(padding=(0, 2))
    for engine, row in rows:
        if isinstance(row, str):
            table.add_row(engine, "–", "–", Text("–", style="dim"), "–", "–", "–")
            reasons.add_row(Text(engine, style="bold"), row)
            continue
        request = row.request
        room = "–" if row.room_bytes is None else gib_text(row.room_bytes)
        memory = gib_text(row.memory.total_bytes)
        n_ctx = tokens_text(request.context.n_ctx)
        table.add_row(engine, request.quant, n_ctx, _verdict(row.fit_tier), memory, room, _speed(row))
        reasons.add_row(Text(engine, style="bold"), "; ".join([*row.flags[:1], why_of(rows, row)]))
    return Group(table, Text(), Text("Why they differ", style="bold"), reasons)
