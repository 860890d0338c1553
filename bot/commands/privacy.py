"""/privacy: what is kept of people and what is not, and how to have it deleted."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.desk import Desk
from bot.layout import Field, Reply
from bot.respond import Interaction, answer
from bot.say import Say

NAME = "privacy"
DESCRIPTION = "What is kept of you, what is not, and how to delete it"
EXAMPLES: tuple[dict[str, Any], ...] = ({},)


def reply(_desk: Desk, say: Say) -> Reply:
    """The card."""
    fields = tuple(
        Field(name=say(f"privacy.{name}_title"), value=say(f"privacy.{name}"))
        for name in ("kept", "not_kept", "delete")
    )
    return cards.done_reply(f"🔒 {say('privacy.title')}", "", fields)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command, without options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    async def privacy(interaction: Interaction) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say))

    return privacy
