"""`cost`: the command that compares a device of one's own with an API, and its card. No figure is computed here."""

from __future__ import annotations

import argparse
import json

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from knowledge.answers import Answers
from knowledge.cli.terminal import WIDTH, console
from knowledge.cli.views import cost_json
from knowledge.cloud_prices import load_prices
from knowledge.costs import CostAnswer, CostAsk, cost_answer
from knowledge.estimator.cost import AMORTISE_MONTHS, INPUTS_PER_OUTPUT
from knowledge.units import tok_s_text


def run_cost(answers: Answers, args: argparse.Namespace) -> int:
    """Compare and print a card or JSON; 1 where the device never pays for itself."""
    ask = CostAsk(
        tokens_per_month=args.tokens_per_month,
        kwh_price=args.kwh_price,
        device_price=args.device_price,
        watts=args.watts,
        input_price=args.api_input,
        output_price=args.api_output,
        inputs_per_output=INPUTS_PER_OUTPUT if args.inputs_per_output is None else args.inputs_per_output,
        currency=args.currency,
        rate=args.rate,
    )
    hardware = answers.hardware_asks(args.hardware)
    found = cost_answer(
        answers, load_prices(), model=args.model, hardware=hardware, quant=args.quant, ram_gib=args.ram, ask=ask
    )
    if args.json:
        print(json.dumps(cost_json(found), ensure_ascii=False, indent=2))
    else:
        console().print(cost_card(found))
    return 0 if found.cost.reachable else 1


def tokens_text(tokens: float) -> str:
    """A count of tokens as people say it: 850k, 12M, 3.4 billion."""
    if tokens >= 1e9:
        return f"{tokens / 1e9:.1f} billion"
    return f"{tokens / 1e6:.1f}M" if tokens >= 1e6 else f"{tokens / 1e3:.0f}k"


def _verdict(found: CostAnswer) -> tuple[str, str]:
    cost = found.cost
    if cost.break_even_tokens is None:
        return "The API is cheaper than the electricity alone", "red"
    if not cost.reachable:
        return f"It cannot write enough in {AMORTISE_MONTHS} months to pay for itself", "yellow"
    if cost.months is not None and cost.months > AMORTISE_MONTHS:
        return f"At this use it pays for itself after {cost.months:.0f} months", "yellow"
    if cost.months is not None:
        return f"It pays for itself after {cost.months:.1f} months", "green"
    return "It pays for itself if it is used enough", "green"


def cost_card(found: CostAnswer) -> Panel:
    """The comparison: verdict, both prices for a million tokens, break-even, and every assumption."""
    cost, given, money = found.cost, found.given, found.currency
    verdict, colour = _verdict(found)
    rows = Table.grid(padding=(0, 2))
    reads = f"with {given.inputs_per_output:g} read for each"
    rows.add_row(
        "a million tokens at home", f"{cost.local_per_mtok:.2f} {money} of electricity, {cost.kwh_per_mtok:.2f} kWh"
    )
    rows.add_row("at the API", f"{cost.cloud_per_mtok:.2f} {money}, {reads}")
    rows.add_row("the device", f"{given.device_price:,.0f} {money}, {given.watts:.0f} W at work")
    rows.add_row("its speed", f"{tok_s_text(given.decode_tok_s)} tok/s written, {tok_s_text(given.prefill_tok_s)} read")
    if cost.break_even_tokens is not None and cost.break_even_tokens_per_month is not None:
        rows.add_row("paid for after", f"{tokens_text(cost.break_even_tokens)} tokens written")
        monthly = tokens_text(cost.break_even_tokens_per_month)
        rows.add_row("that is", f"{monthly} tokens a month for {AMORTISE_MONTHS} months")
    rows.add_row("it can write", f"{tokens_text(cost.most_tokens_per_month)} tokens a month, day and night")
    request = found.fit.request
    devices = " + ".join(f"{a.count}× {a.device.name}" if a.count > 1 else a.device.name for a in request.devices)
    taken = Text("; ".join(found.assumptions), style="dim")
    body: list[RenderableType] = [Text(verdict, style=f"bold {colour}"), Text(), rows, Text(), taken]
    title = f"{request.model.name} {request.quant} on {devices}, against an API"
    return Panel(Group(*body), title=title, border_style=colour, width=WIDTH, padding=(1, 2))
