"""/rig set | show | forget: the asker's own machine, saved once so that no command needs it again."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards, questions
from bot.commands.fit import Engine
from bot.complete import completer
from bot.components import DANGER, button, row
from bot.desk import Desk
from bot.layout import Component, Reply
from bot.own import rig_text
from bot.respond import Interaction, answer
from bot.say import Say
from bot.text import plain
from knowledge.store.rigs import Forgotten, Rig
from knowledge.units import gib_text

NAME = "rig"
DESCRIPTION = "Your machine, saved once"
EXAMPLES: tuple[dict[str, Any], ...] = ()
FORGET = "F"


def reply(desk: Desk, say: Say, *, rig: Rig | None, saved: bool = False, user_id: int = 0) -> Reply:
    """The card of a saved rig, or that there is none; with a button to forget it."""
    if rig is None:
        return cards.note_reply(say("rig.none_title"), say("rig.none"))
    lines = [f"{say('rig.hardware')}: **{plain(rig_text(desk, rig), 300)}**"]
    if rig.ram_bytes:
        lines.append(f"{say('rig.ram')}: **{gib_text(rig.ram_bytes)}**")
    if rig.engine:
        lines.append(f"{say('rig.engine')}: **{plain(rig.engine)}**")
    lines += [
        say("rig.gone", name=plain(one.id)) for one in rig.devices if one.id not in desk.answers.knowledge.devices
    ]
    if saved:
        lines.append(f"-# {say('rig.saved')}")
    controls: tuple[Component, ...] = ()
    if user_id:
        controls = (row(button(say("button.forget"), desk.signer.sign(FORGET, "", user_id), emoji="🗑️", style=DANGER)),)
    return cards.done_reply(f"🖥️ {say('rig.title')}", "\n".join(lines), controls=controls)


def forgot(say: Say, gone: Forgotten) -> Reply:
    """What was deleted, in numbers."""
    text = say("rig.forgot", rigs=gone.rigs, feedback=gone.feedback, suggestions=gone.suggestions)
    return cards.done_reply(f"🗑️ {say('rig.forgot_title')}", text)


async def forget(interaction: Interaction) -> None:
    """Delete all that is kept of the asker and say how much it was."""
    gone = await interaction.client.people.forget(interaction.user.id)
    await answer(interaction, lambda say: forgot(say, gone), private=True)


def build(desk: Desk) -> app_commands.Group:
    """The commands."""
    group = app_commands.Group(name=NAME, description=DESCRIPTION)

    @group.command(name="set", description="Save your machine: the other commands take it when you name none")
    @app_commands.describe(
        hardware="Which GPU, Mac or CPU; several as “RTX 3090 + RTX 3060 12GB”",
        ram="RAM of the machine in GiB",
        engine="The engine you use",
    )
    @app_commands.autocomplete(hardware=completer(desk, "hardware", own=False))
    async def set_(
        interaction: Interaction,
        hardware: app_commands.Range[str, 1, 200],
        ram: app_commands.Range[float, 1, 16_384] | None = None,
        engine: Engine | None = None,
    ) -> None:
        asks = desk.answers.device_asks(desk.answers.hardware_asks(hardware))
        mine = questions.rig_of(interaction.user.id, asks, ram, engine or "")
        await interaction.client.people.save_rig(mine)
        await answer(
            interaction, lambda say: reply(desk, say, rig=mine, saved=True, user_id=mine.user_id), private=True
        )

    @group.command(name="show", description="Show what is saved")
    async def show(interaction: Interaction) -> None:
        mine = await interaction.client.people.saved_rig(interaction.user.id)
        await answer(interaction, lambda say: reply(desk, say, rig=mine, user_id=interaction.user.id), private=True)

    @group.command(name="forget", description="Delete all that is kept of you, and say what it was")
    async def forget_(interaction: Interaction) -> None:
        await forget(interaction)

    return group
