"""What a press of a button or a choice in a select does, in any process, after any restart: the id holds all of it.

An id that was not signed here, or was signed for somebody else, changes nothing. A card in a channel stays as it is for
everybody but its asker: others get a card of their own. Pressing answers are made here, commands' in bot.commands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord

from bot import cards, components, controls, forms, guard, maintain, questions, respond, wire
from bot.commands import best, compare, define, error, fit, guide, hardware, kb, model, report, rig, tool
from bot.layout import Reply
from bot.respond import Interaction, Manner
from bot.say import Say, say_in
from bot.state import CACHE_TYPES, ENGINES, Asked, payload_bytes
from bot.text import plain
from knowledge.errors import KnowledgeError
from knowledge.store.rigs import Feedback

logger = logging.getLogger(__name__)

OWN: Final = frozenset({respond.HELPED, respond.NOT_HELPED, respond.REPORT, rig.FORGET, maintain.APPROVE,
                        kb.TAKE, kb.DECLINE, forms.REPORT_FORM})  # fmt: skip
"""Presses that change something: their ids are signed for one person."""

ABOUTS: Final = frozenset(
    {"fit", "compare", "best", "ask", "define", "error", "model", "hardware", "tool", "guide", "cost"}
)

MOST_PARTS: Final = 24
"""A select has so many lines after its first; no other number is remembered a reply for."""


class Stale(Exception):
    """What a card was made of is gone: it is to be asked anew."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press: what it means, with what, by whom, on what kind of message."""

    interaction: Interaction
    op: str
    payload: str
    values: Sequence[str]
    how: Manner
    own_message: bool

    @property
    def card(self) -> int:
        """The card pressed, by the id of the interaction that made it."""
        message = self.interaction.message
        made_by = message.interaction_metadata if message else None
        return made_by.id if made_by else message.id if message else 0

    @property
    def say(self) -> Say:
        """The reader's language."""
        return self.how.say


async def on_press(interaction: Interaction) -> None:
    """Answer a press, or say why not."""
    data: Mapping[str, Any] = interaction.data or {}
    user_id, signer = interaction.user.id, interaction.client.desk.signer
    custom_id = str(data.get("custom_id", ""))
    say = say_in(interaction.locale.value)
    found = signer.read(custom_id, user_id)
    if found is None or (found[0] in OWN and not signer.bound(custom_id, user_id)) or found[0] not in OPS:
        await _note(interaction, say, "press.not_yours")
        return
    message = interaction.message
    private = message is not None and message.flags.ephemeral
    asker = message.interaction_metadata.user.id if message and message.interaction_metadata else None
    press = Press(
        interaction, found[0], found[1], [str(value) for value in data.get("values") or ()],
        Manner(say, private or asker != user_id, user_id), message is not None and (private or asker == user_id),
    )  # fmt: skip
    try:
        await OPS[press.op](press)
    except (Stale, LookupError, ValueError):
        await _note(interaction, say, "press.stale")


async def _note(interaction: Interaction, say: Say, key: str) -> None:
    reply = cards.note_reply(say(f"{key}_title"), say(key))
    await respond.send(interaction, reply, Manner(say, True, interaction.user.id))


def _asked(press: Press) -> Asked:
    return press.interaction.client.desk.codes.unpack(payload_bytes(press.payload))


# ---- answers that are computed anew


async def _fit(press: Press) -> None:
    """Compute the answer with what was chosen, in place where the card is the presser's own."""
    app, base = press.interaction.client, _base(press)
    if press.own_message and press.op != controls.FIT:
        asked = app.latest.change(press.card, press.interaction.id, base, lambda base: _chosen(press, base))
    else:
        asked = _chosen(press, base)
    message = press.interaction.message
    pictured = press.own_message and message is not None and bool(message.attachments)
    if press.op == controls.CHART:
        pictured = True
    picture = await asyncio.to_thread(app.desk.chart, asked) if pictured and asked.devices else None
    reply = app.pictured(press.say, asked, picture)
    await _place(press, reply)


def _base(press: Press) -> Asked:
    """The question on the card that was pressed; the button for more settings holds what it will be."""
    asked = _asked(press)
    return replace(asked, more=not asked.more) if press.op == controls.MORE else asked


def _chosen(press: Press, asked: Asked) -> Asked:
    """A question with what was chosen."""
    value = press.values[0] if press.values else ""
    if press.op == controls.MORE:
        return replace(asked, more=_asked(press).more)
    if press.op == controls.QUANT and value:
        return replace(asked, quant=value[:40])
    if press.op == controls.CONTEXT:
        return replace(asked, n_ctx=min(max(int(value), 1), 16_777_216))
    if press.op == controls.CACHE and value in CACHE_TYPES:
        return replace(asked, type_kv="" if value == "f16" else value)
    if press.op == controls.ENGINE and value in ENGINES:
        return replace(asked, engine=value, type_kv="")
    if press.op == controls.RAM:
        return replace(asked, ram_mib=min(max(int(value), 1), 16_384) * 1024)
    if press.op == controls.COUNT and asked.devices:
        id_, _, mib = asked.devices[0]
        return replace(asked, devices=((id_, min(max(int(value), 1), 16), mib), *asked.devices[1:]))
    return asked


async def _best(press: Press) -> None:
    desk, asked = press.interaction.client.desk, _asked(press)
    await _place(press, desk.once(best.answered, say=press.say, asked=asked))


async def _compare(press: Press) -> None:
    desk, asked = press.interaction.client.desk, _asked(press)
    await _place(press, desk.once(compare.answered, say=press.say, asked=asked))


async def _place(press: Press, reply: Reply) -> None:
    """Put an answer where the pressed one was, or beside it where that is somebody else's."""
    if not press.own_message:
        await respond.send(press.interaction, reply, Manner(press.say, True, press.how.user_id))
        return
    latest, press_id = press.interaction.client.latest, press.interaction.id
    latest.note(press.card, press_id)
    async with latest.turn(press.card):
        if not latest.is_newest(press.card, press_id):
            await press.interaction.response.defer()
            return
        try:
            await respond.update(press.interaction, reply, press.how)
        except BaseException:
            latest.forget(press.card)
            raise


def _entry(command: Any, option: str) -> Callable[[Press], Awaitable[None]]:  # noqa: ANN401 -- a command module
    """Show one entry of the catalogue."""

    async def show(press: Press) -> None:
        desk = press.interaction.client.desk
        reply = desk.once(command.reply, say=press.say, **{option: press.payload})
        await respond.send(press.interaction, reply, Manner(press.say, True, press.how.user_id))

    return show


async def _parts(press: Press) -> None:
    """Turn to another part of a page, in place where the card is the presser's own."""
    desk = press.interaction.client.desk
    part = min(max(int(press.values[0]), 0), MOST_PARTS) if press.values else 0
    await _place(press, desk.once(guide.reply, say=press.say, topic=press.payload, part=part))


async def _working(press: Press) -> None:
    desk = press.interaction.client.desk
    found = questions.answer_to(desk.answers, _asked(press))
    reply = Reply(cards=(cards.working_card(found, press.say),), shareable=False)
    await respond.send(press.interaction, reply, Manner(press.say, True, press.how.user_id))


# ---- sharing


async def _share(press: Press) -> None:
    """Post the answer for all, in the server's language where it can be made anew, else as it stands."""
    interaction = press.interaction
    app, message = interaction.client, interaction.message
    guild = await app.people.guild(interaction.guild_id)
    say = respond.public_say(guild.language, interaction)
    files: tuple[Any, ...] = ()
    if press.payload.startswith("fit:"):
        asked = replace(_asked(replace(press, payload=press.payload[4:])), more=False)
        picture = await asyncio.to_thread(app.desk.chart, asked) if asked.devices else None
        reply = fit.answered(app.desk, say, asked, picture)
        shown, files = components.layout(replace(reply, controls=())), reply.files
    else:
        parts = [part.to_dict() for part in message.components] if message else []
        shown = components.without_controls(parts)
    if not shown:
        note = cards.note_reply(press.say("button.share"), press.say("press.nothing_to_share"))
        await respond.send(interaction, note, Manner(press.say, True, press.how.user_id))
        return
    name = components.text(f"-# {say('press.shared_by', name=plain(interaction.user.display_name, 60))}")
    view = respond.Layout([name, *shown])
    await interaction.response.send_message(view=view, files=respond.files_of(files), ephemeral=False)


# ---- what people say of answers


async def _helped(press: Press) -> None:
    kind, _, rest = press.payload.partition(":")
    if kind not in ABOUTS:
        raise Stale
    subject = report.subject_of(_asked(replace(press, payload=rest))) if kind == "fit" else rest
    app = press.interaction.client
    said = Feedback(
        user_id=press.how.user_id, kind=kind, subject=subject[:500], helpful=press.op == respond.HELPED,
        content_version=app.desk.version,
    )  # fmt: skip
    await app.people.add_feedback(said)
    await _thank(press)


async def _thank(press: Press) -> None:
    reply = cards.done_reply("", press.say("press.thanks"))
    await respond.send(press.interaction, reply, Manner(press.say, True, press.how.user_id))


async def _report(press: Press) -> None:
    custom_id = press.interaction.client.desk.signer.sign(
        forms.REPORT_FORM, press.payload.removeprefix("fit:"), press.how.user_id
    )
    await press.interaction.response.send_modal(forms.report_form(custom_id, press.say))


async def _reported(press: Press) -> None:
    data: Mapping[str, Any] = press.interaction.data or {}
    given = forms.values(data)
    speed = report.speed_of(given.get("speed", ""))
    if speed is None:
        note = cards.note_reply(press.say("report.title"), press.say("report.bad"))
        await respond.send(press.interaction, note, Manner(press.say, True, press.how.user_id))
        return
    asked = _asked(press)
    await report.keep(press.interaction, asked, speed, given.get("note", ""))
    reply = report.reply(press.interaction.client.desk, press.say, speed=speed, asked=asked)
    await respond.send(press.interaction, reply, Manner(press.say, True, press.how.user_id))


async def _forget(press: Press) -> None:
    await rig.forget(press.interaction)


# ---- maintainers


async def _approve(press: Press) -> None:
    month, _, revision = press.payload.partition(":")
    await maintain.ask_digest(press.interaction, "approve", month, {"revision": revision})


async def _decide(press: Press) -> None:
    app, interaction = press.interaction.client, press.interaction
    if not guard.is_maintainer(press.how.user_id, app.settings.maintainers):
        await maintain.refused(interaction, "kb decide")
        return
    state = "taken" if press.op == kb.TAKE else "declined"
    number = int(press.payload)
    done = await app.people.decide(number, state, press.how.user_id)  # type: ignore[arg-type]  # one of the two above
    await app.people.record(
        press.how.user_id, f"kb {state}", {"suggestion": number}, "done" if done else "gone", interaction.guild_id
    )
    word = press.say("maintain.decided", n=number, state=state) if done else press.say("maintain.gone")
    reply = cards.done_reply(press.say("maintain.suggestions"), word)
    await respond.send(interaction, reply, Manner(press.say, True, press.how.user_id))


OPS: Final[Mapping[str, Callable[[Press], Awaitable[None]]]] = {
    **dict.fromkeys(
        (controls.FIT, controls.QUANT, controls.CONTEXT, controls.CACHE, controls.ENGINE, controls.COUNT, controls.RAM,
         controls.MORE, controls.CHART),
        _fit,
    ),
    controls.WORKING: _working,
    controls.BEST: _best,
    controls.COMPARE: _compare,
    controls.TERM: _entry(define, "term"),
    controls.ERROR: _entry(error, "text"),
    controls.MODEL: _entry(model, "name"),
    controls.DEVICE: _entry(hardware, "name"),
    controls.TOOL: _entry(tool, "name"),
    controls.PAGE: _entry(guide, "topic"),
    controls.PARTS: _parts,
    respond.SHARE: _share,
    respond.HELPED: _helped,
    respond.NOT_HELPED: _helped,
    respond.REPORT: _report,
    forms.REPORT_FORM: _reported,
    rig.FORGET: _forget,
    maintain.APPROVE: _approve,
    kb.TAKE: _decide,
    kb.DECLINE: _decide,
}  # fmt: skip


async def handle(interaction: Interaction) -> None:
    """Answer a press whatever comes; the last one to see an error."""
    try:
        await on_press(interaction)
    except (KnowledgeError, discord.HTTPException) as problem:
        if not wire.already_answered(problem):
            await respond.say_problem(interaction, problem)
    except Exception as problem:  # noqa: BLE001 -- it is logged, and the person gets its number
        interaction.client.counts["errors"] += 1
        await respond.say_problem(interaction, problem)
