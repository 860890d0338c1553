"""What `ask` prints: the first of what a question was routed to, and what else it named. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from knowledge.answers import Answers, Asked
from knowledge.catalog import Tool
from knowledge.cli.terminal import WIDTH, console, error_card, fit_card, term_card
from knowledge.estimator.request import FitAnswer
from knowledge.guide_rigs import Rig
from knowledge.half_asked import names_no_model
from knowledge.needs import Needs, Place
from knowledge.numbers import Numbers
from knowledge.said import Said
from knowledge.side_by_side import context_text, device_text, is_moe, params_text
from knowledge.units import gib_text, tok_s_text, tokens_text

_KINDS = {
    "new": "new",
    "second_hand": "second-hand",
    "pair": "two cards",
    "unified": "shared memory",
    "with_ram": "small card and RAM",
}
OTHER = (
    "That is neither about fit, nor a word, nor an error that I know. Ask, for example: will qwen3 8b run on a 3060?"
    " · how much vram for gemma 3 27b? · what can I run on 16 GB? · what is a kv cache? · which card should I buy?"
)


def print_asked(answers: Answers, asked: Asked) -> None:
    """Print the cards of a routed question."""
    out = console()
    if asked.page_first:
        from knowledge.cli.guide_command import print_pages  # tables and prices no other answer needs

        print_pages(answers, asked.pages, answered=False)
        return
    for error, confidence in asked.errors[:1]:
        out.print(error_card(error, confidence))
    if asked.route == "diagnose" and asked.open_text:
        out.print(asked.open_text)
    for card in _fits(asked):
        out.print(card)
    for tool in asked.tools[:2]:
        out.print(tool_card(tool))
    numbers = Numbers(answers.knowledge)
    for term in () if asked.tools else asked.terms[:2]:
        out.print(term_card(numbers.term(term)))
    answered = bool(asked.errors or asked.fits or asked.terms or asked.tools)
    if asked.route != "diagnose" and asked.open_text:
        out.print(asked.open_text)
    if asked.pages:
        from knowledge.cli.guide_command import print_pages

        print_pages(answers, asked.pages, answered=answered)
    elif not answered and not asked.open_text:
        out.print(OTHER)


def _fits(asked: Asked) -> list[RenderableType]:
    if asked.needs:
        compared = [facts_table(asked.needs)] if any(one.common for one in asked.needs) else []
        return [*compared, *(needs_card(one) for one in asked.needs)]
    if len(asked.fits) > 1 and names_no_model(asked.question):
        return [Text("What runs best there", style="bold"), _by_model(asked.fits)]
    return [fit_card(answer) for answer in asked.fits]


def _by_model(fits: Sequence[FitAnswer]) -> RenderableType:
    """The answers for models that nobody named, a line each."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0))
    for name in ("model", "on", "quant", "memory", "tok/s", "runs"):
        table.add_column(name, justify="right" if name in {"memory", "tok/s"} else "left")
    for answer in fits:
        request = answer.request
        on = " + ".join(
            f"{ask.count}× {ask.device.name}" if ask.count > 1 else ask.device.name for ask in request.devices
        )
        speed = tok_s_text(answer.written_tok_s.mid) if answer.written_tok_s else "–"
        runs = "comfortably" if answer.fit_tier == "comfortable" else "with trade-offs"
        size = gib_text(answer.memory.total_bytes + answer.memory.host_total_bytes)
        table.add_row(request.model.name, on, request.quant, size, speed, runs)
    said = dict.fromkeys(
        one for answer in fits for one in answer.assumptions if isinstance(one, Said) and one.key.endswith("_stand_in")
    )
    devices = {ask.device.id: ask.device for answer in fits for ask in answer.request.devices}
    facts = [Text(f"{one.name}: {device_text(one)}", style="dim") for one in devices.values()]
    return Group(*(facts if len(devices) > 1 else ()), table, *(Text(one, style="dim") for one in said))


def facts_table(found: Sequence[Needs]) -> Panel:
    """What each of several compared models is, a column each, and how fast they are on one common card."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0))
    for name in ("", *(one.model.name for one in found)):
        table.add_column(name)
    rows: list[tuple[str, list[str]]] = [
        ("parameters", [params_text(one.model) for one in found]),
        ("kind", [f"{one.model.kind}, {'experts' if is_moe(one.model) else 'dense'}" for one in found]),
        ("context", [context_text(one.model) for one in found]),
        ("licence", [one.model.license or "" for one in found]),
        ("released", [one.model.release_date or "" for one in found]),
        ("by", [one.model.org for one in found]),
    ]
    common = next((one.common for one in found if one.common is not None), None)
    if common is not None:
        card, ram = common.request.devices[0].device.name, gib_text(common.request.ram_bytes or 0, 0)
        rows.append((f"tok/s on {card}, {ram} of RAM", [_common_speed(one.common) for one in found]))
    for name, values in rows:
        if any(values):
            table.add_row(Text(name, style="dim"), *(value or "not known" for value in values))
    return Panel(table, title="Side by side", border_style="cyan", width=WIDTH)


def _common_speed(answer: FitAnswer | None) -> str:
    if answer is None or answer.fit_tier == "no" or answer.written_tok_s is None:
        return "does not run"
    speed = f"{tok_s_text(answer.written_tok_s.mid)} ({answer.request.quant})"
    return speed if answer.fit_tier == "comfortable" else f"{speed}, partly from RAM"


def needs_card(found: Needs) -> Panel:
    """What a model takes, by file type, and where the usual one runs."""
    types = Table.grid(padding=(0, 2))
    for need in found.needs:
        types.add_row(need.quant, Text(gib_text(need.total_bytes), justify="right"), Text(need.words, style="dim"))
    places = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0))
    for name in ("to buy", "rig", "launch price", "tok/s", "runs"):
        places.add_column(name, justify="right" if name in {"launch price", "tok/s"} else "left")
    for place in found.places:
        places.add_row(*_place(place))
    request = found.alone.request
    where: RenderableType = Text("On no card, pair of cards or Mac of the catalogue.")
    if found.places:
        where = Group(Text(f"\nWhere {request.quant} runs: the cheapest of each kind", style="bold"), places)
    body = Group(Text(f"{tokens_text(request.context.n_ctx)} context, {request.engine}", style="dim"), types, where)
    return Panel(body, title=f"What {found.model.name} takes", border_style="cyan", width=WIDTH, padding=(1, 2))


def _place(place: Place) -> tuple[str, ...]:
    speed = place.answer.written_tok_s
    ram = f" + {place.ram_gib} GB of RAM" if place.ram_gib else ""
    price = "not known" if place.rig.price_usd is None else f"{place.rig.price_text} ({place.rig.year_text})"
    runs = "comfortably" if place.answer.fit_tier == "comfortable" else "with trade-offs"
    return (_KINDS[place.kind], _rig(place.rig) + ram, price, tok_s_text(speed.mid) if speed else "–", runs)


def _rig(rig: Rig) -> str:
    return rig.name if f"{rig.memory_bytes >> 30} GB" in rig.name else f"{rig.name} {rig.memory_text}"


def tool_card(tool: Tool) -> Panel:
    """A program and how one model is run with it."""
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("platforms", ", ".join(tool.platforms)),
        ("backends", ", ".join(tool.backends)),
        ("formats", ", ".join(tool.formats)),
        ("API", tool.api),
        ("port", str(tool.default_port or "")),
        ("context", tool.default_context),
        ("licence", tool.license),
    ):
        if value:
            facts.add_row(Text(name, style="dim"), value)
    run = Text(f"\n{tool.run_one_model}", style="bold")
    sources = Text(f"\nSources: {', '.join(tool.sources)}", style="dim")
    return Panel(Group(Text(tool.what), Text(), facts, run, sources), title=tool.name, width=WIDTH, padding=(1, 2))
