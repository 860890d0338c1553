"""/best: which models run best on this hardware, by use."""

from __future__ import annotations

from typing import Any, Literal

from discord import app_commands

from bot import cards
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer_later

NAME = "best"
DESCRIPTION = "Which models run best on your hardware"
EXAMPLES: tuple[dict[str, Any], ...] = ({"hardware": "RTX 3060 12GB", "ram": 32.0},)

Use = Literal["chat", "code", "reasoning", "vlm", "embedding"]


def reply(desk: Desk, *, hardware: str, use: str = "chat", ram: float | None = None, context: int = 8192) -> Reply:
    """The ranked models as one card. Raises what `Answers.best` raises."""
    return cards.best_reply(desk.best(hardware, use=use, ram_gib=ram, n_ctx=context), hardware, use, context)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        hardware="Which GPU, Mac or CPU; several as “RTX 3090 + RTX 3060 12GB”",
        use="What for (default: chat)",
        ram="RAM of the machine in GiB",
        context="How many tokens of context it must hold (default: 8192)",
    )
    @app_commands.autocomplete(hardware=completer(desk, "hardware"))
    async def best(
        interaction: Interaction,
        hardware: app_commands.Range[str, 1, 200],
        use: Use = "chat",
        ram: app_commands.Range[float, 1, 16_384] | None = None,
        context: app_commands.Range[int, 1, 1_048_576] = 8192,
    ) -> None:
        def make() -> Reply:
            return desk.once(reply, hardware=hardware, use=use, ram=ram, context=context)

        await answer_later(interaction, make, desk.name_of)

    return best
