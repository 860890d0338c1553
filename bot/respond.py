"""The one place where replies are sent: private unless the server says otherwise, never a mention, errors as cards.

Order of handling in `answer`: an error a person can mend becomes a card with a hint; anything else is logged under a
number that the card shows. What stands on the cards is bot.cards, what a press does bot.presses.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import orjson
from discord import ui

from bot import cards, components, wire
from bot.layout import Component, File, Reply
from bot.log import fields
from bot.say import ENGLISH, LANGUAGES, Say, say_in
from bot.state import Signer
from bot.wire import already_answered
from knowledge.errors import KnowledgeError, StoreError

if TYPE_CHECKING:
    from bot.app import App  # noqa: F401 -- named in a forward reference

logger = logging.getLogger(__name__)

Interaction = discord.Interaction["App"]
SETTLE_S = 0.1
SHARE, HELPED, NOT_HELPED, REPORT = "s", "y", "x", "r"
EPHEMERAL, V2 = 1 << 6, 1 << 15


class Layout(ui.LayoutView):
    """Components that are JSON already, in the shape discord.py sends. Nothing is kept a message: it is stopped."""

    def __init__(self, parts: list[Component]) -> None:
        super().__init__(timeout=None)
        self._parts = parts
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        """The components as they are."""
        return self._parts  # type: ignore[return-value]  # discord.py only serialises them

    def has_components_v2(self) -> bool:
        """Always: containers of text."""
        return True


@dataclass(frozen=True, slots=True)
class Manner:
    """How to answer here: in which language, for the asker alone or for all, and who asked."""

    say: Say
    private: bool
    user_id: int


async def manner(interaction: Interaction) -> Manner:
    """The reader's language, unless the server has one for what everybody sees."""
    guild = await interaction.client.people.guild(interaction.guild_id)
    code = interaction.locale.value
    private = not guild.public_answers
    if not private and guild.language:
        code = guild.language
    return Manner(say_in(code), private, interaction.user.id)


def public_say(language: str, interaction: Interaction) -> Say:
    """The language of what everybody sees: the server's setting, else the server's own, else the asker's."""
    own = interaction.guild_locale.value if interaction.guild_locale else ""
    return say_in(language or own or interaction.locale.value)


def rendered(reply: Reply, signer: Signer, how: Manner) -> list[Component]:
    """A reply as components, with the buttons that are the asker's own where it is private."""
    found: list[Component] = orjson.loads(_text(reply, signer, how))
    return found


def _text(reply: Reply, signer: Signer, how: Manner) -> bytes:
    parts = components.text_of(reply)
    if how.private and (reply.shareable or reply.about):
        return components.with_row(parts, own_row(reply, signer, how))
    return parts


def callback(reply: Reply, signer: Signer, how: Manner) -> bytes:
    """The callback that posts a reply without files: nothing but the asker's own row is made anew for each."""
    flags = V2 | EPHEMERAL if how.private else V2
    start = b'{"type":4,"data":{"flags":%d,"allowed_mentions":{"parse":[]},"components":' % flags
    return b"%b%b}}" % (start, _text(reply, signer, how))


def own_row(reply: Reply, signer: Signer, how: Manner) -> Component:
    """Share, and what the asker alone may say of the answer."""
    about, sign, user_id = reply.about, signer.sign, how.user_id
    packed = ":".join(about) if about else ""
    fit = packed if about and about[0] == "fit" else ""
    ids = {SHARE: sign(SHARE, fit)} if reply.shareable else {}
    if about:
        ids |= {HELPED: sign(HELPED, packed, user_id), NOT_HELPED: sign(NOT_HELPED, packed, user_id)}
    if fit:
        ids[REPORT] = sign(REPORT, packed, user_id)
    buttons = own_buttons(how.say)
    return {"type": components.ROW, "components": [{**buttons[op], "custom_id": id_} for op, id_ in ids.items()]}


@lru_cache(maxsize=len(LANGUAGES))
def own_buttons(say: Say) -> Mapping[str, Component]:
    """The buttons of the asker's own row without their ids."""
    named = {
        SHARE: ("button.share", "📣"),
        HELPED: ("button.helped", "👍"),
        NOT_HELPED: ("button.not_helped", "👎"),
        REPORT: ("button.report", "⏱️"),
    }
    return {op: components.button(say(key), "", emoji=emoji) for op, (key, emoji) in named.items()}


def files_of(files: Sequence[File]) -> list[discord.File]:
    """A reply's files as discord.py uploads them."""
    return [discord.File(io.BytesIO(file.body), file.name, description=file.alt or None) for file in files]


async def send(interaction: Interaction, reply: Reply, how: Manner) -> None:
    """Send a reply as the first answer, or as the answer to a deferred interaction."""
    signer, adapter = interaction.client.desk.signer, wire.adapter_here()
    if adapter is not None and not reply.files and not interaction.response.is_done():
        await adapter.post_first(interaction, callback(reply, signer, how))
    else:
        await _send_usual(interaction, reply, Layout(rendered(reply, signer, how)), how)
    if reply.chart is not None and not reply.files:
        lull, now_s = interaction.client.desk.lull, time.monotonic()
        lull.note(now_s)
        if lull.few(now_s):
            interaction.client.spawn(_picture(interaction, reply, how))


async def _send_usual(interaction: Interaction, reply: Reply, view: Layout, how: Manner) -> None:
    """Send by discord.py's own way."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view, attachments=files_of(reply.files))
    elif reply.files:
        await interaction.response.send_message(view=view, files=files_of(reply.files), ephemeral=how.private)
    else:
        await interaction.response.send_message(view=view, ephemeral=how.private)


async def _picture(interaction: Interaction, reply: Reply, how: Manner) -> None:
    """Put a picture into an answer just sent, unless this was the beginning of a burst."""
    await asyncio.sleep(SETTLE_S)
    if interaction.client.desk.lull.few(time.monotonic()):
        interaction.client.draw_later(interaction, reply, how)


async def update(interaction: Interaction, reply: Reply, how: Manner) -> None:
    """Put a reply in the place of the message that was pressed."""
    view = Layout(rendered(reply, interaction.client.desk.signer, how))
    await interaction.response.edit_message(view=view, attachments=files_of(reply.files))


def reply_of(make: Callable[[Say], Reply], say: Say, name_of: Callable[[str], str] = str, *, where: str = "") -> Reply:
    """What `make` answers, or the card of the error it raised."""
    try:
        return make(say)
    except KnowledgeError as error:
        return problem(error, say, name_of)
    except Exception as error:  # noqa: BLE001 -- it is logged, and the person gets its number
        return incident_reply(where, error, say)


def problem(error: KnowledgeError, say: Say, name_of: Callable[[str], str] = str) -> Reply:
    """The card of an error a person can mend; of a store that is away, without its address."""
    if isinstance(error, StoreError):
        logger.warning("store away %s", fields(error=str(error)))
        return cards.note_reply(f"⚠️ {say('problem.store_title')}", say("problem.store"))
    return cards.problem_reply(error, say, name_of)


def incident_reply(where: str, error: BaseException, say: Say | None = None) -> Reply:
    """Log an exception nobody expected and make its card."""
    incident = secrets.token_hex(4)
    logger.error("command failed %s", fields(where=where, incident=incident), exc_info=error)
    return cards.broken_reply(incident, say or say_in(ENGLISH))


async def answer(
    interaction: Interaction, make: Callable[[Say], Reply], *, private: bool | None = None, slow: bool = False
) -> None:
    """Answer an interaction with what `make` returns, or with the card of what it raised.

    `private` True: for the asker alone, whatever the server says. `slow`: "thinking…" at once, `make` in a thread.
    """
    how = await manner(interaction)
    if private and not how.private:
        how = Manner(say_in(interaction.locale.value), True, how.user_id)
    name_of, where = interaction.client.desk.name_of, where_of(interaction)
    try:
        if slow:
            await interaction.response.defer(ephemeral=how.private, thinking=True)
            reply = await asyncio.to_thread(reply_of, make, how.say, name_of, where=where)
        else:
            reply = reply_of(make, how.say, name_of, where=where)
        await send(interaction, reply, how)
    except discord.HTTPException as error:
        if not already_answered(error):
            raise
        logger.info("answer not taken %s", fields(command=where, code=error.code))


async def say_problem(interaction: Interaction, error: BaseException) -> None:
    """Answer with the card of an error, where an answer is still possible."""
    try:
        how = Manner(say_in(interaction.locale.value), True, interaction.user.id)
        if isinstance(error, KnowledgeError):
            reply = problem(error, how.say, interaction.client.desk.name_of)
        else:
            reply = incident_reply(where_of(interaction), error, how.say)
        if interaction.response.is_done():
            await interaction.followup.send(view=Layout(rendered(reply, interaction.client.desk.signer, how)),
                                            ephemeral=True)  # fmt: skip
        else:
            await send(interaction, reply, how)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as again:
        if not already_answered(again):
            logger.warning("error card not sent %s", fields(error=repr(again)[:200]))


def where_of(interaction: Interaction) -> str:
    """What was used, for logs: a command's name, or the kind of press."""
    if interaction.command is not None:
        return interaction.command.qualified_name
    data: Mapping[str, Any] = interaction.data or {}
    return f"press {str(data.get('custom_id', '?'))[:1]}"
