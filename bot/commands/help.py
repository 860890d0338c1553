"""/help: what the bot can do and how sure its numbers are."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer

NAME = "help"
DESCRIPTION = "What this bot can do, and how sure its numbers are"
EXAMPLES: tuple[dict[str, Any], ...] = ({},)


def reply(desk: Desk) -> Reply:
    """The card with all commands and the evidence tiers."""
    from bot import commands

    knowledge = desk.answers.knowledge
    known = (len(knowledge.models), len(knowledge.devices), len(knowledge.terms), len(knowledge.errors))
    return cards.help_reply([(module.NAME, module.DESCRIPTION) for module in commands.modules()], known)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command, without options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    async def help_(interaction: Interaction) -> None:
        await answer(interaction, lambda: desk.once(reply))

    return help_
