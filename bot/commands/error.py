"""/error: what a pasted error or an attached log means, and what to do, in order of likely success."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import discord
from discord import app_commands

from bot import cards, respond
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer

NAME = "error"
DESCRIPTION = "What went wrong? Paste an error or attach a log"
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"text": "alloc_buffer: allocating 5120.00 MiB on device 0: cudaMalloc failed: out of memory"},
    {"text": "my cat sat on the keyboard"},
)

MOST_LOG_BYTES = 2 * 1024 * 1024
LOG_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
READ_TIMEOUT_S = 8.0


def reply(desk: Desk, *, text: str) -> Reply:
    """The card of the likeliest error, or that none is known."""
    known = desk.answers.knowledge.errors.get(text)
    return cards.errors_reply([(known, 1.0)] if known is not None else desk.answers.diagnose(text), desk.name_of)


def refused(log: discord.Attachment, *, loopback: bool) -> str:
    """Why an attachment is not read; empty when it may be. Its size is checked before a byte is fetched."""
    if log.size > MOST_LOG_BYTES:
        most = f"at most {MOST_LOG_BYTES // 1024**2} MiB are read. Cut it to the part with the error."
        return f"The file has {log.size / 1024**2:.1f} MiB; {most}"
    kind = (log.content_type or "text/plain").split(";")[0]
    if not kind.startswith("text/") and kind not in {"application/json", "application/octet-stream"}:
        return "That is not a text file. Attach the log itself: no archive, no picture."
    host = urlsplit(log.url).hostname or ""
    if host not in LOG_HOSTS and not (loopback and host == "127.0.0.1"):
        return "That file does not lie with Discord."
    return ""


async def _from_log(interaction: Interaction, desk: Desk, text: str, log: discord.Attachment) -> None:
    why = refused(log, loopback=bool(interaction.client.settings.api_url))
    if why:
        await respond.send(interaction, cards.note_reply("I can't read that file", why))
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        content = await asyncio.wait_for(log.read(), READ_TIMEOUT_S)
    except (discord.HTTPException, OSError, TimeoutError):
        await respond.send(
            interaction, cards.note_reply("I can't read that file", "Discord did not hand it over. Try again.")
        )
        return
    whole = f"{text}\n{content[:MOST_LOG_BYTES].decode('utf-8', 'replace')}"
    found = await asyncio.to_thread(respond.reply_of, lambda: reply(desk, text=whole), desk.name_of, where=NAME)
    await respond.send(interaction, found)


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
        if log is not None:
            await _from_log(interaction, desk, text, log)
        elif text:
            await answer(interaction, lambda: desk.once(reply, text=text), desk.name_of)
        else:
            hint = "Paste the error into `text`, or attach the log as `log`."
            await respond.send(interaction, cards.note_reply("There is nothing to read", hint))

    return error
