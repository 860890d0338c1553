"""/kb suggestions | reload: maintainers' side of the knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot import cards, maintain
from bot.components import DANGER, SUCCESS, button, rows_of
from bot.desk import Desk
from bot.layout import Component, Field, Reply
from bot.respond import Interaction, answer
from bot.say import Say
from bot.text import code, plain
from knowledge.store.bot_store import Suggestion

NAME = "kb"
DESCRIPTION = "For maintainers: the knowledge base"
MAINTAINERS = True
EXAMPLES: tuple[dict[str, Any], ...] = ()
TAKE, DECLINE = "T", "D"
SHOWN = 4


def reply(desk: Desk, say: Say, *, found: Sequence[Suggestion] = (), user_id: int = 0) -> Reply:
    """The oldest open suggestions, each with a button to take and one to decline it."""
    if not found:
        return cards.done_reply(say("maintain.suggestions"), say("maintain.none_open"))
    fields = tuple(_field(one) for one in found[:SHOWN])
    return cards.done_reply(
        f"{say('maintain.suggestions')} ({len(found)})", "", fields, tuple(rows_of(_buttons(desk, say, found, user_id)))
    )


def _field(one: Suggestion) -> Field:
    source = f"\n-# {plain(one.source, 300)}" if one.source else ""
    return Field(name=f"#{one.id} {code(one.about, 100)}", value=plain(one.text, 600) + source)


def _buttons(desk: Desk, say: Say, found: Sequence[Suggestion], user_id: int) -> list[Component]:
    sign = desk.signer.sign
    made = []
    for one in found[:SHOWN]:
        made.append(button(f"{say('button.take')} #{one.id}", sign(TAKE, str(one.id), user_id), style=SUCCESS))
        made.append(button(f"{say('button.decline')} #{one.id}", sign(DECLINE, str(one.id), user_id), style=DANGER))
    return made


def reloaded(say: Say, version: str, *, changed: bool) -> Reply:
    """Whether there was newer content."""
    key = "maintain.reloaded" if changed else "maintain.same"
    return cards.done_reply("🔄 /kb reload", say(key, version=code(version[:12] or "-")))


def build(desk: Desk) -> app_commands.Group:
    """The commands, hidden from everybody but administrators; who may use them is checked when they are used."""
    hidden = discord.Permissions(administrator=True)
    group = app_commands.Group(name=NAME, description=DESCRIPTION, default_permissions=hidden)

    @group.command(name="suggestions", description="The open suggestions, oldest first")
    async def suggestions(interaction: Interaction) -> None:
        if await maintain.refused(interaction, "kb suggestions"):
            return
        found = await interaction.client.people.suggestions()
        me = interaction.user.id
        await interaction.client.people.record(me, "kb suggestions", {}, f"{len(found)} open", interaction.guild_id)
        await answer(interaction, lambda say: reply(desk, say, found=found, user_id=me), private=True)

    @group.command(name="reload", description="Read the content from the store now, where it is newer")
    async def reload(interaction: Interaction) -> None:
        if await maintain.refused(interaction, "kb reload"):
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        changed = await desk.refresh()
        said = f"{'new' if changed else 'same'} {desk.version[:12]}"
        await interaction.client.people.record(interaction.user.id, "kb reload", {}, said, interaction.guild_id)
        await answer(interaction, lambda say: reloaded(say, desk.version, changed=changed), private=True)

    return group
