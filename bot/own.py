"""The asker's own machine, where a command names no hardware: the saved rig, or an error that says how to save it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import questions
from bot.desk import Desk, Hardware
from knowledge.errors import BadInput, StoreError
from knowledge.store.rigs import Rig

if TYPE_CHECKING:
    from bot.respond import Interaction

MINE = "my rig"
"""What autocomplete puts into the option; people may type it too."""


class NoRig(BadInput):
    """No hardware was named and none is saved."""

    code = "no_rig"

    def __init__(self) -> None:
        super().__init__("Say which hardware.", subject="hardware", hint="Or save yours once: /rig set")


@dataclass(frozen=True, slots=True)
class Machine:
    """Hardware with what goes with it; `label` names it for people."""

    hardware: Hardware
    ram: float | None
    engine: str
    label: str


async def machine(interaction: Interaction, text: str, ram: float | None = None, engine: str = "") -> Machine:
    """The hardware a command means; what was said beside it goes before what the rig says.

    Raises NoRig, or StoreError where nobody can know.
    """
    if text and text.strip().casefold() != MINE:
        return Machine(text, ram, engine, text)
    people = interaction.client.people
    rig = await people.rig(interaction.user.id)
    if rig is None:
        raise StoreError("The saved rig cannot be read.", subject="store") if people.away else NoRig()
    hardware = questions.hardware_of_rig(rig)
    own = questions.ram_of_rig(rig) if ram is None else ram
    return Machine(hardware, own, engine or rig.engine, rig_text(interaction.client.desk, rig))


def rig_text(desk: Desk, rig: Rig) -> str:
    """A rig's devices by the names people know."""
    return " + ".join(f"{one.count}× {desk.name_of(one.id)}" if one.count > 1 else desk.name_of(one.id)
                      for one in rig.devices)  # fmt: skip
