"""/compare: one model on two or three devices, or in two or three quantisations, side by side."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from knowledge.errors import BadInput

NAME = "compare"
DESCRIPTION = "Side by side: one model on several devices, or in several quantisations"
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"model": "qwen3-30b-a3b", "first": "RTX 3060 12GB", "second": "RTX 3090", "third": "RTX 4090", "ram": 32.0},
)


def reply(
    desk: Desk,
    *,
    model: str,
    first: str,
    second: str = "",
    third: str = "",
    quant: str = "",
    other_quant: str = "",
    context: int | None = None,
    ram: float | None = None,
) -> Reply:
    """One card with a column a candidate. Raises what `Desk.fit` raises."""
    devices = [device for device in (first, second, third) if device]
    quants = list(dict.fromkeys(kind for kind in (quant, other_quant) if kind)) or [""]
    if len(devices) * len(quants) < 2:
        hint = "Give a second device, or a second quantisation."
        raise BadInput("There is nothing to compare it with.", subject="second", hint=hint)
    found = [desk.fit(model, device, quant=kind, n_ctx=context, ram_gib=ram) for kind in quants for device in devices]
    return cards.compare_reply(found)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        model="Which model: type a few letters",
        first="The first device",
        second="The second device",
        third="A third device",
        quant="Which quantisation (default: Q4_K_M)",
        other_quant="Another quantisation beside it",
        context="How many tokens of context",
        ram="RAM of the machine in GiB",
    )
    @app_commands.autocomplete(
        model=completer(desk, "model"),
        first=completer(desk, "hardware"),
        second=completer(desk, "hardware"),
        third=completer(desk, "hardware"),
        quant=completer(desk, "quant"),
        other_quant=completer(desk, "quant"),
    )
    async def compare(
        interaction: Interaction,
        model: app_commands.Range[str, 1, 100],
        first: app_commands.Range[str, 1, 200],
        second: app_commands.Range[str, 1, 200] = "",
        third: app_commands.Range[str, 1, 200] = "",
        quant: app_commands.Range[str, 1, 40] = "",
        other_quant: app_commands.Range[str, 1, 40] = "",
        context: app_commands.Range[int, 1, 16_777_216] | None = None,
        ram: app_commands.Range[float, 1, 16_384] | None = None,
    ) -> None:
        def make() -> Reply:
            return desk.once(
                reply,
                model=model,
                first=first,
                second=second,
                third=third,
                quant=quant,
                other_quant=other_quant,
                context=context,
                ram=ram,
            )

        await answer(interaction, make, desk.name_of)

    return compare
