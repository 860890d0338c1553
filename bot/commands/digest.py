"""The /digest group: maintainers' requests, from status and preview to approve and send."""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import app_commands

from bot import maintain
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction
from bot.say import Say

NAME = "digest"
DESCRIPTION = "For maintainers: the monthly digest"
MAINTAINERS = True
EXAMPLES: tuple[dict[str, Any], ...] = ()

Month = app_commands.Range[str, 7, 7]
Edit = Literal["pin", "hide", "reword", "move", "note", "correct"]
PLAIN = {
    "status": "How the digest stands: sources, the month's draft, the last send",
    "collect": "Ask the sources now",
    "approve": "Approve the issue of a month, as it was last previewed",
    "send-test": "Send the issue to the test addresses alone",
    "send": "Send an approved issue",
    "schedule": "Show when the scheduled jobs run next",
}


def reply(_desk: Desk, say: Say) -> Reply:
    """What those see who are no maintainers."""
    return maintain.not_allowed(say)


def build(desk: Desk) -> app_commands.Group:
    """The commands, hidden from everybody but administrators; who may use them is checked when they are used."""
    hidden = discord.Permissions(administrator=True)
    group = app_commands.Group(name=NAME, description=DESCRIPTION, default_permissions=hidden)
    for kind, said in PLAIN.items():
        group.add_command(_plain(kind, said))

    @group.command(name="preview", description="Show the issue of a month as it would be mailed")
    @app_commands.describe(month="Which month, such as 2026-10", hardware="As the owner of this hardware would get it")
    @app_commands.autocomplete(hardware=completer(desk, "hardware", own=False))
    async def preview(
        interaction: Interaction, month: Month = "", hardware: app_commands.Range[str, 1, 200] = ""
    ) -> None:
        args = {"rig": hardware} if hardware else {}
        await maintain.ask_digest(interaction, "preview", month, args)

    @group.command(name="edit", description="Change an item of the issue: pin, hide, reword, move, note, correct")
    @app_commands.describe(
        month="Which month, such as 2026-10",
        change="What to do with it",
        target="The item's key, as the preview shows it",
        text="The new words, for reword, note and correct",
        place="The new place, for move: 1 is first",
    )
    async def edit(
        interaction: Interaction,
        month: Month,
        change: Edit,
        target: app_commands.Range[str, 0, 200] = "",
        text: app_commands.Range[str, 0, 2000] = "",
        place: app_commands.Range[int, 1, 200] | None = None,
    ) -> None:
        args: dict[str, Any] = {"kind": change, "target": target, "text": text}
        if place is not None:
            args["place"] = place
        await maintain.ask_digest(interaction, "edit", month, args)

    return group


def _plain(kind: str, said: str) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name=kind, description=said)
    @app_commands.describe(month="Which month, such as 2026-10; without: the one in hand")
    async def ask(interaction: Interaction, month: Month = "") -> None:
        await maintain.ask_digest(interaction, kind, month, {})

    return ask
