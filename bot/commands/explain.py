"""The context menu "Explain this error" on a message: its text, or a log attached to it. No intent is needed for it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot import cards
from bot.commands import error
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say

NAME = "Explain this error"
DESCRIPTION = "On a message: what its error means, and what to do"
EXAMPLES: tuple[dict[str, Any], ...] = ()
MOST_CHARS = 6000


def reply(desk: Desk, say: Say, *, text: str) -> Reply:
    """The card for a message's text."""
    if not text.strip():
        return cards.note_reply(say("error.nothing_title"), say("error.none"))
    return error.reply(desk, say, text=text)


def text_of(message: discord.Message) -> str:
    """What a message says, its embeds included."""
    parts = [message.content, *(f"{embed.title or ''}\n{embed.description or ''}" for embed in message.embeds)]
    return "\n".join(part for part in parts if part.strip())[:MOST_CHARS]


def build(desk: Desk) -> app_commands.ContextMenu:
    """The menu."""

    async def explain(interaction: Interaction, message: discord.Message) -> None:
        log = next((one for one in message.attachments if not error.refused_kind(one)), None)
        if log is not None:
            await error.from_log(interaction, desk, text_of(message), log)
            return

        def make(say: Say) -> Reply:
            found = reply(desk, say, text=text_of(message))
            error.count(interaction, found)
            return found

        await answer(interaction, make, private=True)

    return app_commands.ContextMenu(name=NAME, callback=explain)
