"""Answers set in type for the terminal: one card an answer. Nothing is computed or decided here."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from knowledge.catalog import ErrorClass, Term
from knowledge.estimator.quality import loss_text, quality_of
from knowledge.estimator.request import FitAnswer, Interval
from knowledge.units import gib_text, seconds_text, tok_s_text, tokens_text

WIDTH = 96
_TIERS = {
    "comfortable": ("Runs comfortably", "green"),
    "trade-offs": ("Runs with trade-offs", "yellow"),
    "no": ("Will not run", "red"),
    None: ("Memory", "cyan"),
}
_EVIDENCE = {
    "M": "measured on this very combination",
    "M~": "measured on a neighbour",
    "C": "from community measurements",
    "~": "extrapolated",
    "E": "estimated",
}


def console() -> Console:
    """A console as wide as a card, or narrower where the terminal is."""
    out = Console()
    return Console(width=min(WIDTH, out.width))


def _bar(share: float, colour: str, width: int = 24) -> Text:
    filled = max(0, min(width, round(share * width)))
    return Text("█" * filled, style=colour) + Text("░" * (width - filled), style="dim")


def _speed(value: Interval | None) -> str:
    if value is None:
        return "unknown"
    return f"{tok_s_text(value.mid)} tok/s  ({tok_s_text(value.low)} to {tok_s_text(value.high)})"


def _memory_table(answer: FitAnswer, colour: str) -> Table:
    memory = answer.memory
    table = Table.grid(padding=(0, 2))
    whole = max(memory.total_bytes, answer.room_bytes or 0, 1)
    parts = (
        ("weights", memory.weights_bytes),
        ("KV cache", memory.kv_cache_bytes),
        ("recurrent state", memory.recurrent_bytes),
        ("compute buffer", memory.compute_bytes),
        ("vision projector", memory.projector_bytes),
        ("draft", memory.draft_bytes),
        ("LoRA", memory.lora_bytes),
        ("driver and runtime", memory.overhead_bytes),
    )
    for name, size in parts:
        if size:
            table.add_row(Text(name, style="dim"), Text(gib_text(size, 2), justify="right"), _bar(size / whole, colour))
    table.add_row(
        Text("on the device", style="bold"),
        Text(gib_text(memory.total_bytes, 2), style="bold"),
        _bar(memory.total_bytes / whole, colour),
    )
    if answer.room_bytes is not None:
        table.add_row(Text("of", style="dim"), Text(gib_text(answer.room_bytes, 2), justify="right"), "")
    if memory.host_total_bytes:
        table.add_row(
            Text("in RAM besides", style="dim"), Text(gib_text(memory.host_total_bytes, 2), justify="right"), ""
        )
    return table


def fit_card(answer: FitAnswer) -> Panel:
    """The whole fit answer: verdict, memory by part, speeds, limits, command, changes, and what was taken as given."""
    verdict, colour = _TIERS[answer.fit_tier]
    rows = Table.grid(padding=(0, 2))
    if answer.fit_tier != "no" and answer.fit_tier is not None:
        writes = answer.request.model.writes_text
        if writes:
            rows.add_row("decode", _speed(answer.decode_tok_s))
        if answer.speculation is not None:
            found = answer.speculation
            rows.add_row("with the draft", f"{_speed(found.decode_tok_s)}, × {found.speedup.mid:.1f}")
        if answer.request.model.kind != "diffusion":
            rows.add_row("prompt", _speed(answer.prefill_tok_s))
        if answer.ttft_s is not None and writes:
            rows.add_row(
                "first token", f"{seconds_text(answer.ttft_s)} after a prompt of {answer.request.n_prompt} tokens"
            )
    if answer.max_n_ctx is not None:
        fluid = answer.max_n_ctx_at_20_tok_s or 0
        above = f"; above 20 tok/s until {tokens_text(fluid)} of it are filled" if 0 < fluid < answer.max_n_ctx else ""
        rows.add_row("context", f"up to {tokens_text(answer.max_n_ctx)}{above}")
    if answer.best_quant:
        best = answer.best_quant
        rows.add_row("best quant", f"{best}: {loss_text(quality_of(best))}" if best != answer.request.quant else best)
    if answer.quality is not None:
        rows.add_row("quality", loss_text(answer.quality))
    if answer.feel:
        rows.add_row("feels", answer.feel)
    body: list[RenderableType] = [
        Text(verdict, style=f"bold {colour}"),
        *(Text(f"· {flag}", style=colour) for flag in answer.flags),
    ]
    body += [Text(), _memory_table(answer, colour), Text(), rows]
    if answer.changes:
        body += [Text(), Text("What would change the answer", style="bold")]
        body += [Text(f"→ {change.text}") for change in answer.changes]
    if answer.command and answer.fit_tier != "no":
        body += [Text(), Text("$ " + answer.command, style="cyan", overflow="fold")]
    taken = "; ".join(answer.assumptions)
    body += [Text(), Text(f"[{answer.evidence}] {_EVIDENCE[answer.evidence]}. {taken}", style="dim")]
    request = answer.request
    devices = " + ".join(
        f"{ask.count}× {ask.device.name}" if ask.count > 1 else ask.device.name for ask in request.devices
    )
    title = f"{request.model.name} {request.quant}" + (f" on {devices}" if devices else "")
    return Panel(Group(*body), title=title, border_style=colour, width=WIDTH, padding=(1, 2))


def _prose(text: str) -> RenderableType:
    """Markdown as people read it; its parser is only loaded where there is some."""
    from rich.markdown import Markdown

    return Markdown(text)


def term_card(term: Term) -> Panel:
    """A glossary entry."""
    parts = [term.definition, "**Practical example.** " + term.practical, "**Workflow example.** " + term.workflow]
    if term.related:
        parts.append("*Related: " + ", ".join(term.related) + "*")
    return Panel(
        _prose("\n\n".join(parts)),
        title=f"{term.term} · {term.category}",
        border_style="cyan",
        width=WIDTH,
        padding=(1, 2),
    )


def error_card(error: ErrorClass, confidence: float) -> Panel:
    """An error entry: cause, ranked fixes, how to verify."""
    lines = [error.cause, ""]
    for number, fix in enumerate(error.fixes, 1):
        lines.append(f"{number}. {fix.text}" + (f"\n\n   `{fix.command}`\n" if fix.command else ""))
    if error.verify:
        lines += ["", "**It worked when** " + error.verify]
    lines += ["", f"*{confidence:.0%} sure · cause {error.confirmed} · last verified {error.verified}*"]
    return Panel(_prose("\n".join(lines)), title=error.title, border_style="magenta", width=WIDTH, padding=(1, 2))
