"""/hardware: the figures of a device, and what runs best on it."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards, controls
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.answers import HardwareAsk
from knowledge.errors import KnowledgeError

NAME = "hardware"
DESCRIPTION = "A GPU, Mac or CPU: memory, bandwidth, price, and what runs best on it"
EXAMPLES: tuple[dict[str, Any], ...] = ({"name": "RTX 3060 12GB"},)
BEST = 5


def reply(desk: Desk, say: Say, *, name: str) -> Reply:
    """The card of a device, or the one that asks which was meant."""
    try:
        device = desk.answers.device_asks(desk.answers.hardware_asks(name))[0].device
    except KnowledgeError as error:
        meant = controls.choices_for(desk, error, {"name": name}, lambda other: _named(desk, other["name"]))
        return cards.problem_reply(error, say, desk.name_of, meant)
    try:
        best = desk.best((HardwareAsk(name=device.id),), use="chat", ram_gib=None, n_ctx=8192)[:BEST]
    except KnowledgeError:  # a device nothing can be ranked on still has its figures
        best = ()
    return cards.device_reply(device, best, say)


def _named(desk: Desk, name: str) -> str | None:
    device = desk.answers.device_asks(desk.answers.hardware_asks(name))[0].device
    return controls.named(desk.signer, controls.DEVICE, device.id)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(name="Which GPU, Mac or CPU: type a few letters")
    @app_commands.autocomplete(name=completer(desk, "hardware", own=False))
    async def hardware(interaction: Interaction, name: app_commands.Range[str, 1, 100]) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say, name=name), slow=True)

    return hardware
