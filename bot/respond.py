"""The one place where cards become Discord objects and are sent: private, with a button to share, never a mention.

Order of handling in `answer`: an error a person can mend becomes a card with a hint; anything else is logged under a
number that the card shows. What stands on the cards is bot.cards.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from re import Match
from typing import Any, Self

import discord
from discord import ui

from bot import cards
from bot.layout import Card, Reply, within_limits
from bot.log import fields
from bot.text import plain
from bot.wire import already_answered
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
SHARE_ID = "share:1"


def embed(card: Card) -> discord.Embed:
    """A card as Discord's embed."""
    made = discord.Embed(title=card.title or None, description=card.description or None, color=card.color)
    for field in card.fields:
        made.add_field(name=field.name, value=field.value, inline=field.inline)
    if card.footer:
        made.set_footer(text=card.footer)
    if card.author:
        made.set_author(name=card.author)
    return made


def embeds(reply: Reply) -> list[discord.Embed]:
    """A reply's cards as embeds, all limits kept."""
    return [embed(card) for card in within_limits(reply.cards)]


class ShareButton(ui.DynamicItem[ui.Button[ui.View]], template=SHARE_ID):
    """Posts a private answer to the channel. It keeps no state: the embeds come back with the press."""

    def __init__(self, *, done: bool = False) -> None:
        label = "Shared" if done else "Share to channel"
        super().__init__(ui.Button(label=label, emoji="✅" if done else "📣", custom_id=SHARE_ID, disabled=done))

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, _item: ui.Item[Any], _match: Match[str], /) -> Self:
        """Make the button anew from a press, in whatever process that arrives."""
        return cls()

    async def callback(self, interaction: Interaction) -> None:
        """Mark the private answer as shared and post its embeds for all."""
        shown = interaction.message.embeds if interaction.message else []
        if not shown:
            await send(
                interaction, cards.note_reply("Nothing to share", "This answer has no card any more. Ask again.")
            )
            return
        await interaction.response.edit_message(view=share_view(done=True))
        name = plain(interaction.user.display_name, 60)
        await interaction.followup.send(content=f"-# shared by {name}", embeds=shown, ephemeral=False)


def share_view(*, done: bool = False) -> ui.View:
    """The view with the share button. It is stopped at once, so that discord.py keeps nothing per message."""
    view = ui.View(timeout=None)
    view.add_item(ShareButton(done=done))
    view.stop()
    return view


async def send(interaction: Interaction, reply: Reply, *, private: bool = True) -> None:
    """Send a reply as the first answer, or as the answer to a deferred interaction."""
    shown = embeds(reply)
    view = share_view() if private and reply.shareable else discord.utils.MISSING
    if interaction.response.is_done():
        await interaction.edit_original_response(embeds=shown, view=None if view is discord.utils.MISSING else view)
    else:
        await interaction.response.send_message(embeds=shown, view=view, ephemeral=private)


def reply_of(make: Callable[[], Reply], name_of: Callable[[str], str] = str, *, where: str = "") -> Reply:
    """What `make` answers, or the card of the error it raised."""
    try:
        return make()
    except KnowledgeError as error:
        return cards.problem_reply(error, name_of)
    except Exception as error:  # noqa: BLE001 -- it is logged, and the person gets its number
        return incident_reply(where, error)


def incident_reply(where: str, error: BaseException) -> Reply:
    """Log an exception nobody expected and make its card."""
    incident = secrets.token_hex(4)
    logger.error("command failed %s", fields(where=where, incident=incident), exc_info=error)
    return cards.broken_reply(incident)


async def answer(interaction: Interaction, make: Callable[[], Reply], name_of: Callable[[str], str] = str) -> None:
    """Answer an interaction with what `make` returns, or with the card of what it raised."""
    reply = reply_of(make, name_of, where=_where(interaction))
    await _deliver(interaction, reply)


async def answer_later(
    interaction: Interaction, make: Callable[[], Reply], name_of: Callable[[str], str] = str
) -> None:
    """The same for answers that take long: "thinking…" at once, `make` in a worker thread, then its cards."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    reply = await asyncio.to_thread(reply_of, make, name_of, where=_where(interaction))
    await _deliver(interaction, reply)


def _where(interaction: Interaction) -> str:
    return interaction.command.qualified_name if interaction.command else "?"


async def _deliver(interaction: Interaction, reply: Reply) -> None:
    try:
        await send(interaction, reply)
    except discord.HTTPException as error:
        if not already_answered(error):
            raise
        logger.info("answer not taken %s", fields(command=_where(interaction), code=error.code))
