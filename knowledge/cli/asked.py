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
    for tool in asked.tools[:1]:
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
        return [needs_card(one) for one in asked.needs]
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
    return Group(table, *(Text(one, style="dim") for one in said))


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
