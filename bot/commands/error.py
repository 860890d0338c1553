"""/error: what a pasted error or an attached log means, and what to do, in order of likely success."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import discord
from discord import app_commands

from bot import cards, controls, respond
from bot.complete import completer
from bot.components import button, rows_of
from bot.desk import Desk
from bot.layout import Component, Reply
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.catalog import ErrorClass

NAME = "error"
DESCRIPTION = "What went wrong? Paste an error or attach a log"
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"text": "alloc_buffer: allocating 5120.00 MiB on device 0: cudaMalloc failed: out of memory"},
    {"text": "my cat sat on the keyboard"},
)

MOST_LOG_BYTES = 2 * 1024 * 1024
LOG_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
READ_TIMEOUT_S = 8.0


def reply(desk: Desk, say: Say, *, text: str) -> Reply:
    """The card of the likeliest error, or that none is known."""
    known = desk.answers.knowledge.errors.get(text)
    found = ((known, 1.0),) if known is not None else desk.answers.diagnose(text)
    memory = desk.answers.out_of_memory(text) if known is None and found else None
    return cards.errors_reply(found, say, desk.name_of, others(desk, found), memory=memory.told if memory else "")


def others(desk: Desk, found: tuple[tuple[ErrorClass, float], ...]) -> tuple[Component, ...]:
    """A button for each less likely error, then for related ones."""
    if not found:
        return ()
    errors = desk.answers.knowledge.errors
    ids = dict.fromkeys([error.id for error, sure in found[1:4] if sure >= 0.05] + list(found[0][0].related))
    made = [(id_, controls.named(desk.signer, controls.ERROR, id_)) for id_ in ids if id_ in errors]
    return tuple(rows_of([button(errors[id_].title, custom_id) for id_, custom_id in made if custom_id][:4]))


def refused(log: discord.Attachment, say: Say, *, loopback: bool) -> str:
    """Why an attachment is not read; empty when it may be. Its size is checked before a byte is fetched."""
    if log.size > MOST_LOG_BYTES:
        return say("error.too_large", size=f"{log.size / 1024**2:.1f}", most=MOST_LOG_BYTES // 1024**2)
    if refused_kind(log):
        return say("error.not_text")
    host = urlsplit(log.url).hostname or ""
    if host not in LOG_HOSTS and not (loopback and host == "127.0.0.1"):
        return say("error.not_discord")
    return ""


def refused_kind(log: discord.Attachment) -> bool:
    """Whether an attachment is something else than text."""
    kind = (log.content_type or "text/plain").split(";")[0]
    return not kind.startswith("text/") and kind not in {"application/json", "application/octet-stream"}


async def from_log(interaction: Interaction, desk: Desk, text: str, log: discord.Attachment) -> None:
    """Read a log file and say what is in it."""
    how = await respond.manner(interaction)
    say = how.say
    why = refused(log, say, loopback=bool(interaction.client.settings.api_url))
    if why:
        await respond.send(interaction, cards.note_reply(say("error.unread_title"), why), how)
        return
    await interaction.response.defer(ephemeral=how.private, thinking=True)
    try:
        content = await asyncio.wait_for(log.read(), READ_TIMEOUT_S)
    except (discord.HTTPException, OSError, TimeoutError):
        note = cards.note_reply(say("error.unread_title"), say("error.not_handed"))
        await respond.send(interaction, note, how)
        return
    whole = f"{text}\n{content[:MOST_LOG_BYTES].decode('utf-8', 'replace')}"
    found = await asyncio.to_thread(
        respond.reply_of, lambda say: reply(desk, say, text=whole), say, desk.name_of, where=NAME
    )
    count(interaction, found)
    await respond.send(interaction, found, how)


def count(interaction: Interaction, found: Reply) -> None:
    """Count what was diagnosed, for the digest: no text and no person."""
    if found.about:
        interaction.client.diagnosed[found.about[1]] += 1


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        text="The error as it stands on your screen, or what happens in your words",
        log="A log file (text, 2 MiB at most)",
    )
    @app_commands.autocomplete(text=completer(desk, "error"))
    async def error(
        interaction: Interaction, text: app_commands.Range[str, 1, 6000] = "", log: discord.Attachment | None = None
    ) -> None:
        def make(say: Say) -> Reply:
            if not text:
                return cards.note_reply(say("error.nothing_title"), say("error.nothing"))
            found = desk.once(reply, say=say, text=text)
            count(interaction, found)
            return found

        if log is not None:
            await from_log(interaction, desk, text, log)
        else:
            await answer(interaction, make)

    return error
