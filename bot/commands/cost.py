"""/cost: is one's own machine cheaper than paying for tokens, every assumption said."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from discord import app_commands

from bot import cards
from bot.complete import completer
from bot.desk import Desk, Hardware
from bot.layout import Reply
from bot.own import machine
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.cloud_prices import CloudPrice, load_prices
from knowledge.costs import CostAsk, cost_answer

NAME = "cost"
DESCRIPTION = "Your own machine or an API: what a million tokens cost, and when the machine has paid for itself"
EXAMPLES: tuple[dict[str, Any], ...] = ({"model": "qwen3-30b-a3b", "hardware": "RTX 3090", "tokens": 50.0},)


@lru_cache(maxsize=1)
def _prices() -> Mapping[str, CloudPrice]:
    """The listed prices: a small file of the content, read once a process (they are a month old by design)."""
    return load_prices()


def reply(
    desk: Desk,
    say: Say,
    *,
    model: str,
    hardware: Hardware,
    quant: str = "",
    tokens: float | None = None,
    kwh_price: float | None = None,
    device_price: float | None = None,
    watts: float | None = None,
    input_price: float | None = None,
    output_price: float | None = None,
    ram: float | None = None,
) -> Reply:
    """The card. `tokens` in millions a month, prices in dollars. Raises what `cost_answer` raises."""
    ask = CostAsk(
        tokens_per_month=None if tokens is None else tokens * 1e6,
        kwh_price=kwh_price,
        device_price=device_price,
        watts=watts,
        input_price=input_price,
        output_price=output_price,
    )
    asks = desk.answers.hardware_asks(hardware) if isinstance(hardware, str) else hardware
    found = cost_answer(desk.answers, _prices(), model=model, hardware=asks, quant=quant, ram_gib=ram, ask=ask)
    return cards.cost_reply(found, say)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        model="Which model: type a few letters",
        hardware="Which GPU, Mac or CPU. Without: your saved rig",
        quant="Which quantisation (default: Q4_K_M)",
        tokens="Millions of tokens you write in a month",
        kwh_price="What you pay for a kWh, in dollars",
        device_price="What the hardware cost you, in dollars",
        watts="What the whole machine draws at work",
        input_price="The API's price for a million tokens read, in dollars",
        output_price="The API's price for a million tokens written, in dollars",
    )
    @app_commands.autocomplete(
        model=completer(desk, "model"), hardware=completer(desk, "hardware"), quant=completer(desk, "quant")
    )
    async def cost(
        interaction: Interaction,
        model: app_commands.Range[str, 1, 100],
        hardware: app_commands.Range[str, 1, 200] = "",
        quant: app_commands.Range[str, 1, 40] = "",
        tokens: app_commands.Range[float, 0.001, 1_000_000.0] | None = None,
        kwh_price: app_commands.Range[float, 0.0, 10.0] | None = None,
        device_price: app_commands.Range[float, 0.0, 1_000_000.0] | None = None,
        watts: app_commands.Range[float, 1.0, 100_000.0] | None = None,
        input_price: app_commands.Range[float, 0.0, 1000.0] | None = None,
        output_price: app_commands.Range[float, 0.0, 1000.0] | None = None,
    ) -> None:
        own = await machine(interaction, hardware)

        def make(say: Say) -> Reply:
            return desk.once(
                reply,
                say=say,
                model=model,
                hardware=own.hardware,
                quant=quant,
                tokens=tokens,
                kwh_price=kwh_price,
                device_price=device_price,
                watts=watts,
                input_price=input_price,
                output_price=output_price,
                ram=own.ram,
            )

        await answer(interaction, make)

    return cost
