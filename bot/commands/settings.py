"""/settings: how the bot behaves in this server: language, private or public answers, where issues are announced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands

from bot import announce, cards, guard
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import LANGUAGES, Say
from knowledge.store.bot_store import GuildSettings

NAME = "settings"
DESCRIPTION = "This server's language, private or public answers, and announcement channel"
EXAMPLES: tuple[dict[str, Any], ...] = ()

Answers = Literal["private", "public"]
EACH = "each"
PROBLEMS = {"forbidden": "settings.forbidden", "gone": "settings.gone"}


def reply(_desk: Desk, say: Say, *, settings: GuildSettings) -> Reply:
    """The card of a server's settings."""
    language = LANGUAGES.get(settings.language, say("settings.as_reader"))
    answers = say("settings.public" if settings.public_answers else "settings.private")
    channel = f"<#{settings.channel_id}>" if settings.channel_id else say("settings.nowhere")
    if settings.channel_id and settings.channel_problem:
        channel += f"\n⚠️ {say(PROBLEMS.get(settings.channel_problem, 'settings.forbidden'))}"
    lines = [
        f"{say('settings.language')}: **{language}**",
        f"{say('settings.answers')}: **{answers}**",
        f"{say('settings.channel')}: {channel}",
    ]
    return cards.done_reply(f"⚙️ {say('settings.title')}", "\n".join(lines))


def refused(say: Say, *, here: bool) -> Reply:
    """That settings are for servers, and for those who manage them."""
    return cards.note_reply(say("settings.title"), say("settings.not_allowed" if here else "settings.not_here"))


def allowed(interaction: Interaction) -> bool:
    """Whether this person may change this server's settings, as Discord says with the interaction."""
    return guard.may_manage(
        guild_id=interaction.guild_id,
        manage_guild=interaction.permissions.manage_guild,
        guild_installed=interaction.is_guild_integration(),
    )


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options; without any it shows what is set."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        language="Language of what everybody sees",
        answers="Whether answers are private or for everybody",
        channel="Where new issues of the digest are announced",
        silent="True: announce issues nowhere any more",
    )
    @app_commands.choices(
        language=[app_commands.Choice(name="each reader's own", value=EACH)]
        + [app_commands.Choice(name=name, value=code) for code, name in LANGUAGES.items()]
    )
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def settings(
        interaction: Interaction,
        language: app_commands.Choice[str] | None = None,
        answers: Answers | None = None,
        channel: discord.app_commands.AppCommandChannel | None = None,
        silent: bool = False,
    ) -> None:
        if not allowed(interaction) or interaction.guild_id is None:
            here = interaction.guild_id is not None
            await answer(interaction, lambda say: refused(say, here=here), private=True)
            return
        people = interaction.client.people
        found = await people.saved_guild(interaction.guild_id)
        changes: dict[str, Any] = {}
        if language is not None:
            changes["language"] = "" if language.value == EACH else language.value
        if answers is not None:
            changes["public_answers"] = answers == "public"
        if channel is not None or silent:
            changes["channel_id"] = channel.id if channel is not None and not silent else None
            changes["channel_problem"] = ""
        if changes.get("channel_id"):
            changes["channel_problem"] = await announce.problem_of(interaction.client, changes["channel_id"]) or ""
        if changes:
            found = replace(found, **changes)
            await people.save_guild(found)
        await answer(interaction, lambda say: reply(desk, say, settings=found), private=True)

    return settings
