"""/subscribe: where the digest is ordered by mail. The address goes into a web form, never through Discord."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.components import link_button, row
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say

NAME = "subscribe"
DESCRIPTION = "The monthly digest by mail: opens the form on the web page"
EXAMPLES: tuple[dict[str, Any], ...] = ()


def reply(_desk: Desk, say: Say, *, site_url: str = "") -> Reply:
    """The card with the link, or that this bot has no page for it."""
    if not site_url:
        return cards.note_reply(say("subscribe.title"), say("subscribe.none"))
    button = link_button(say("button.subscribe"), f"{site_url}/subscribe")
    return cards.done_reply(f"💌 {say('subscribe.title')}", say("subscribe.text"), controls=(row(button),))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command, without options: an address has no business here."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    async def subscribe(interaction: Interaction) -> None:
        url = interaction.client.settings.site_url
        await answer(interaction, lambda say: reply(desk, say, site_url=url), private=True)

    return subscribe
