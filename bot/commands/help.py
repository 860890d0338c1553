"""/help: what the bot can do and how sure its numbers are."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say
from bot.translate import slug

NAME = "help"
DESCRIPTION = "What this bot can do, and how sure its numbers are"
EXAMPLES: tuple[dict[str, Any], ...] = ({},)
FIRST = (
    "fit",
    "best",
    "ask",
    "error",
    "define",
    "compare",
    "model",
    "hardware",
    "tool",
    "guide",
    "cost",
    "pulse",
    "rig",
)
"""In this order; the others follow by name."""


def reply(desk: Desk, say: Say) -> Reply:
    """The card with all commands and the evidence tiers."""
    from bot import commands

    knowledge = desk.answers.knowledge
    known = (len(knowledge.models), len(knowledge.devices), len(knowledge.terms), len(knowledge.errors))
    shown = [module for module in commands.modules() if not getattr(module, "MAINTAINERS", False)]
    shown.sort(key=lambda module: FIRST.index(module.NAME) if module.NAME in FIRST else len(FIRST))
    said = [(m.NAME, say.get(f"command.{slug(m.NAME)}.description") or m.DESCRIPTION) for m in shown]
    return cards.help_reply(said, known, say)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command, without options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    async def help_(interaction: Interaction) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say))

    return help_
