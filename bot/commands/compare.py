"""/compare: one model on two or three devices, or in two or three quantisations, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from discord import app_commands

from bot import cards, controls, questions
from bot.complete import completer
from bot.components import button, rows_of
from bot.desk import Desk, Hardware
from bot.layout import Component, Reply
from bot.own import machine
from bot.respond import Interaction, answer
from bot.say import Say
from bot.state import Asked
from knowledge.errors import BadInput, KnowledgeError
from knowledge.estimator.request import FitAnswer

NAME = "compare"
DESCRIPTION = "Side by side: one model on several devices, or in several quantisations"
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"model": "qwen3-30b-a3b", "first": "RTX 3060 12GB", "second": "RTX 3090", "third": "RTX 4090", "ram": 32.0},
)


def reply(
    desk: Desk,
    say: Say,
    *,
    model: str,
    first: Hardware,
    second: Hardware = "",
    third: Hardware = "",
    quant: str = "",
    other_quant: str = "",
    context: int | None = None,
    ram: float | None = None,
) -> Reply:
    """One card with a part a candidate, or the one that asks which name was meant."""
    devices = [device for device in (first, second, third) if device]
    quants = list(dict.fromkeys(kind for kind in (quant, other_quant) if kind)) or [""]
    if len(devices) * len(quants) < 2:
        raise BadInput("There is nothing to compare it with.", subject="second", hint=say("compare.two"))

    def fits(model: str, devices: Sequence[Hardware]) -> list[FitAnswer]:
        return [
            desk.fit(model, device, quant=kind, n_ctx=context, ram_gib=ram) for kind in quants for device in devices
        ]

    def custom_id(other: Mapping[str, Any]) -> str | None:
        found = fits(other["model"], [other[name] for name in ("first", "second", "third") if other[name]])
        return _state(desk, found) if len(quants) == 1 else None

    try:
        found = fits(model, devices)
    except KnowledgeError as error:
        given = {"model": model, "first": first, "second": second, "third": third}
        return cards.problem_reply(error, say, desk.name_of, controls.choices_for(desk, error, given, custom_id))
    return replace(cards.compare_reply(found, say), controls=_opened(desk, found))


def answered(desk: Desk, say: Say, asked: Asked) -> Reply:
    """The card for a question already resolved: each device a candidate."""
    found = [questions.answer_to(desk.answers, replace(asked, devices=(device,))) for device in asked.devices]
    return replace(cards.compare_reply(found, say), controls=_opened(desk, found))


def _state(desk: Desk, found: Sequence[FitAnswer]) -> str | None:
    """All candidates in one packed question; None where one is several devices."""
    each = [questions.asked_of(answer.request) for answer in found]
    if any(len(asked.devices) != 1 for asked in each):
        return None
    state = controls.packed(desk, replace(each[0], devices=tuple(asked.devices[0] for asked in each)))
    return None if state is None else desk.signer.sign(controls.COMPARE, state)


def _opened(desk: Desk, found: Sequence[FitAnswer]) -> tuple[Component, ...]:
    """A button a candidate, which opens its fit card."""
    buttons = {}
    for fit in found[:5]:
        state = controls.packed(desk, questions.asked_of(fit.request))
        if state is not None:
            custom_id = desk.signer.sign(controls.FIT, state)
            several = len({one.request.quant for one in found}) > 1
            name = cards.hardware_text(fit) + (f" {fit.request.quant}" if several else "")
            buttons[custom_id] = button(name, custom_id)
    return tuple(rows_of(buttons.values()))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        model="Which model: type a few letters",
        first="The first device",
        second="The second device",
        third="A third device",
        quant="Which quantisation (default: Q4_K_M)",
        other_quant="Another quantisation beside it",
        context="How many tokens of context",
        ram="RAM of the machine in GiB",
    )
    @app_commands.autocomplete(
        model=completer(desk, "model"),
        first=completer(desk, "hardware"),
        second=completer(desk, "hardware"),
        third=completer(desk, "hardware"),
        quant=completer(desk, "quant"),
        other_quant=completer(desk, "quant"),
    )
    async def compare(
        interaction: Interaction,
        model: app_commands.Range[str, 1, 100],
        first: app_commands.Range[str, 1, 200],
        second: app_commands.Range[str, 1, 200] = "",
        third: app_commands.Range[str, 1, 200] = "",
        quant: app_commands.Range[str, 1, 40] = "",
        other_quant: app_commands.Range[str, 1, 40] = "",
        context: app_commands.Range[int, 1, 16_777_216] | None = None,
        ram: app_commands.Range[float, 1, 16_384] | None = None,
    ) -> None:
        own = [(await machine(interaction, one)).hardware if one else "" for one in (first, second, third)]

        def make(say: Say) -> Reply:
            return desk.once(
                reply,
                say=say,
                model=model,
                first=own[0],
                second=own[1],
                third=own[2],
                quant=quant,
                other_quant=other_quant,
                context=context,
                ram=ram,
            )

        await answer(interaction, make)

    return compare
