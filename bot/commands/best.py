"""/best: which models run best on this hardware, by use."""

from __future__ import annotations

from typing import Any, Literal

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
from knowledge.errors import KnowledgeError
from knowledge.estimator.rank import Ranked, counted_on
from knowledge.units import MIB

NAME = "best"
DESCRIPTION = "Which models run best on your hardware"
EXAMPLES: tuple[dict[str, Any], ...] = ({"hardware": "RTX 3060 12GB", "ram": 32.0},)

Use = Literal["chat", "code", "reasoning", "vlm", "embedding"]
BUTTONS = 5


def reply(
    desk: Desk,
    say: Say,
    *,
    hardware: Hardware,
    use: str = "chat",
    ram: float | None = None,
    context: int = 8192,
    label: str = "",
) -> Reply:
    """The ranked models as one card, or the one that asks which hardware was meant."""
    try:
        ranked = desk.best(hardware, use=use, ram_gib=ram, n_ctx=context)
    except KnowledgeError as error:
        given = {"hardware": hardware}
        meant = controls.choices_for(
            desk, error, given, lambda other: _again(desk, other["hardware"], use, ram, context)
        )
        return cards.problem_reply(error, say, desk.name_of, meant)
    shown = label or (hardware if isinstance(hardware, str) else "")
    if isinstance(hardware, str):
        shown = desk.name_of(hardware)
    taken = _taken(desk, ranked, hardware, say) if ram is None else ()
    return cards.best_reply(ranked, shown, use, context, say, _opened(desk, ranked, hardware, ram, context), taken)


def _taken(desk: Desk, ranked: tuple[Ranked, ...], hardware: Hardware, say: Say) -> tuple[str, ...]:
    """What is counted on where nobody said how much RAM there is: beside cards that are too small, or shared."""
    asks = desk.answers.hardware_asks(hardware) if isinstance(hardware, str) else hardware
    devices = desk.answers.device_asks(asks)
    counted = counted_on(ranked, devices)
    if not counted:
        return ()
    return (counted,) if any(ask.device.unified_memory for ask in devices) else (say("best.beside"), counted)


def answered(desk: Desk, say: Say, asked: Asked) -> Reply:
    """The card for hardware already resolved."""
    label = " + ".join(desk.name_of(id_) if count == 1 else f"{count}× {desk.name_of(id_)}"
                       for id_, count, _ in asked.devices)  # fmt: skip
    ram = asked.ram_mib / 1024 if asked.ram_mib else None
    return reply(
        desk,
        say,
        hardware=questions.hardware_of(asked),
        use=asked.use or "chat",
        ram=ram,
        context=asked.n_ctx,
        label=label,
    )


def _again(desk: Desk, hardware: str, use: str, ram: float | None, context: int) -> str | None:
    state = controls.packed(desk, _asked(desk, hardware, use=use, ram=ram, context=context))
    return None if state is None else desk.signer.sign(controls.BEST, state)


def _asked(desk: Desk, hardware: Hardware, *, ram: float | None, context: int, use: str = "", model: str = "",
           quant: str = "") -> Asked:  # fmt: skip
    asks = desk.answers.hardware_asks(hardware) if isinstance(hardware, str) else hardware
    devices = desk.answers.device_asks(asks)
    return Asked(
        model=model,
        quant=quant,
        devices=tuple((ask.device.id, ask.count, (ask.memory_bytes or 0) // MIB) for ask in devices),
        ram_mib=round((ram or 0) * 1024),
        n_ctx=context,
        use=use,
    )


def _opened(
    desk: Desk, ranked: tuple[Ranked, ...], hardware: Hardware, ram: float | None, context: int
) -> tuple[Component, ...]:
    """A button a model, which opens its fit card."""
    buttons = []
    for row in ranked[:BUTTONS]:
        asked = _asked(desk, hardware, ram=ram, context=context, model=row.model.id, quant=row.quant)
        state = controls.packed(desk, asked)
        if state is not None:
            buttons.append(button(row.model.name, desk.signer.sign(controls.FIT, state)))
    return tuple(rows_of(buttons))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        hardware="Which GPU, Mac or CPU; several as “RTX 3090 + RTX 3060 12GB”. Without: your saved rig",
        use="What for (default: chat)",
        ram="RAM of the machine in GiB",
        context="How many tokens of context it must hold (default: 8192)",
    )
    @app_commands.autocomplete(hardware=completer(desk, "hardware"))
    async def best(
        interaction: Interaction,
        hardware: app_commands.Range[str, 1, 200] = "",
        use: Use = "chat",
        ram: app_commands.Range[float, 1, 16_384] | None = None,
        context: app_commands.Range[int, 1, 1_048_576] = 8192,
    ) -> None:
        own = await machine(interaction, hardware, ram)

        def make(say: Say) -> Reply:
            return desk.once(
                reply, say=say, hardware=own.hardware, use=use, ram=own.ram, context=context, label=own.label
            )

        await answer(interaction, make, slow=True)

    return best
