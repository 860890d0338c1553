"""/report: the speed somebody measured for a model on their hardware. It is checked before it counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from discord import app_commands

from bot import cards, questions
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.own import machine
from bot.respond import Interaction, answer
from bot.say import Say
from bot.state import Asked
from bot.text import plain, redact
from knowledge.errors import BadInput, KnowledgeError
from knowledge.said import Said
from knowledge.store.rigs import Feedback

NAME = "report"
DESCRIPTION = "Tell what you measure: tokens per second of a model on your hardware"
EXAMPLES: tuple[dict[str, Any], ...] = ()
MOST_TOK_S = 100_000.0
LONGEST_NOTE = 500


def reply(desk: Desk, say: Say, *, speed: float, asked: Asked | None = None) -> Reply:
    """That it is noted; and where the hardware cannot be so fast, why it is left out."""
    doubts = [f"-# {plain(say.core(one), 400)}" for one in _doubts(desk, asked, speed)] if asked else []
    return cards.done_reply(say("press.thanks"), "\n".join([say("report.done", speed=plain(f"{speed:g}")), *doubts]))


def _doubts(desk: Desk, asked: Asked, speed: float) -> list[str]:
    """What is impossible in a measurement, in the estimator's words; none where nothing can be computed."""
    try:
        request = replace(questions.answer_to(desk.answers, asked).request, measured_tok_s=speed)
        found = desk.answers.estimate(request, detailed=False)
    except KnowledgeError:
        return []
    return [one for one in found.assumptions if isinstance(one, Said) and one.key == "measurement_left_out"]


def subject_of(asked: Asked) -> str:
    """What a measurement is of, in one line that needs no packed state to be read."""
    devices = " + ".join(f"{count}x {id_}" + (f" {mib} MiB" if mib else "") for id_, count, mib in asked.devices)
    said = f"{asked.model} {asked.quant} on {devices} n_ctx={asked.n_ctx} kv={asked.type_kv or 'f16'} {asked.engine}"
    return f"{said} ram={asked.ram_mib} MiB" if asked.ram_mib else said


def speed_of(text: str) -> float | None:
    """A speed as people type it ("42.5 tok/s", "42,5"); None where it is none."""
    word = text.strip().split(" ")[0].replace(",", ".")
    try:
        speed = float(word)
    except ValueError:
        return None
    return speed if math.isfinite(speed) and 0 < speed <= MOST_TOK_S else None


async def keep(interaction: Interaction, asked: Asked, speed: float, note: str) -> None:
    """Keep one measurement, its note without secrets."""
    said = Feedback(
        user_id=interaction.user.id,
        kind="fit",
        subject=subject_of(asked),
        measured_tok_s=speed,
        comment=redact(note)[:LONGEST_NOTE],
        content_version=interaction.client.desk.version,
    )
    await interaction.client.people.add_feedback(said)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        model="Which model: type a few letters",
        speed="Tokens per second while it writes, as the engine prints it",
        hardware="On which hardware? Without: your saved rig",
        quant="Which quantisation",
        context="How many tokens of context",
        note="Anything unusual: driver, flags, offloading",
    )
    @app_commands.autocomplete(
        model=completer(desk, "model"), hardware=completer(desk, "hardware"), quant=completer(desk, "quant")
    )
    async def report(
        interaction: Interaction,
        model: app_commands.Range[str, 1, 100],
        speed: app_commands.Range[float, 0.001, 100_000.0],
        hardware: app_commands.Range[str, 1, 200] = "",
        quant: app_commands.Range[str, 1, 40] = "",
        context: app_commands.Range[int, 1, 16_777_216] | None = None,
        note: app_commands.Range[str, 1, 500] = "",
    ) -> None:
        if speed_of(f"{speed:g}") is None:
            raise BadInput("That is no speed.", subject="speed", hint="Give tokens per second, such as 42.5.")
        own = await machine(interaction, hardware)
        found = desk.fit(model, own.hardware, quant=quant, n_ctx=context, ram_gib=own.ram, engine=own.engine)
        asked = questions.asked_of(found.request)
        await keep(interaction, asked, speed, note)
        await answer(interaction, lambda say: reply(desk, say, speed=speed, asked=asked), private=True)

    return report
