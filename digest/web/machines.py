"""A reader's machine in the preferences: from what was typed to a rig the answers understand, or to choices. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.web.forms import Form
from knowledge.answers import Answers
from knowledge.errors import BadInput, KnowledgeError, UnknownName
from knowledge.estimator.request import DeviceAsk
from knowledge.store.subscriber_rows import SavedRig
from knowledge.units import GIB

NAME_MAX_CHARS: Final = 120
SUGGESTIONS: Final = 8
RAM_MAX_GIB: Final = 4096
DEVICES_MAX: Final = 64
_COUNT: Final = re.compile(r"^\s*(\d{1,2})\s*[x×]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What stands in the form's fields about the machine, as typed."""

    name: str = ""
    ram: str = ""

    @classmethod
    def of(cls, form: Form) -> Machine:
        """Return what a form says; a name chosen from the suggestions wins over the one typed."""
        chosen = form.text("choice", NAME_MAX_CHARS)
        return cls(name=" ".join((chosen or form.text("rig", NAME_MAX_CHARS)).split()), ram=form.text("ram", 20))


def suggestions(answers: Answers, typed: str, limit: int = SUGGESTIONS) -> tuple[str, ...]:
    """Return names of machines that begin with or resemble what was typed, best first; each can be saved as it is."""
    count = _COUNT.match(typed)
    prefix = f"{int(count[1])}x " if count and int(count[1]) > 1 else ""
    rest = " ".join(typed[count.end() if count else 0 :][:NAME_MAX_CHARS].split())
    if not rest:
        return ()
    found = answers.complete("hardware", rest, limit)
    return tuple(dict.fromkeys(prefix + _name_of(answers, id_) for id_, _ in found))


def saved_rig(answers: Answers, machine: Machine) -> SavedRig | None:
    """Return the rig to keep, None where nothing was typed.

    Raises BadInput (UnknownName, Ambiguous) whose `choices` are names to choose from, where there are any.
    """
    ram_gib = _ram(machine.ram)
    if not machine.name:
        return None
    asks = _asks(answers, machine.name)
    if sum(ask.count for ask in asks) > DEVICES_MAX:
        raise BadInput(f"More than {DEVICES_MAX} devices are no machine we know.", subject="rig")
    return SavedRig(name=_kept(answers, machine.name, asks), ram_gib=ram_gib)


def shown_name(answers: Answers | None, rig: SavedRig) -> str:
    """Return a saved rig's name as people read it."""
    return _name_of(answers, rig.name) if answers else rig.name


def _asks(answers: Answers, typed: str) -> tuple[DeviceAsk, ...]:
    """Return the devices meant: the one whose name was written exactly, else what the answers read in the words."""
    count = _COUNT.match(typed)
    bare = typed[count.end() :] if count else typed
    exact = [device for device in answers.knowledge.devices.values() if device.name.casefold() == bare.casefold()]
    if len(exact) == 1:
        return (DeviceAsk(device=exact[0], count=int(count[1]) if count else 1),)
    try:
        return answers.device_asks(answers.hardware_asks(typed))
    except BadInput as error:
        raise _told(answers, error, typed) from error


def _kept(answers: Answers, typed: str, asks: Sequence[DeviceAsk]) -> str:
    """Return words that the answers understand as these devices: their names, else an id, else what was typed."""
    name = " + ".join(_words(ask) for ask in asks)
    if _same(answers, name, asks):
        return name
    alone = len(asks) == 1 and asks[0].count == 1 and asks[0].memory_bytes is None
    return asks[0].device.id if alone else typed


def _told(answers: Answers, error: BadInput, typed: str) -> BadInput:
    """The same error, its choices as names."""
    named = [_name_of(answers, choice) for choice in error.choices]
    choices = tuple(dict.fromkeys([*named, *suggestions(answers, typed)]))[:SUGGESTIONS]
    if isinstance(error, UnknownName) or not error.choices:
        return BadInput(
            "We know no such machine.", subject="rig", hint="Choose one, or write it another way.", choices=choices
        )
    return BadInput("That could be several machines.", subject="rig", hint="Choose one.", choices=choices)


def _ram(text: str) -> float | None:
    plain = text.replace(",", ".").strip()
    if not plain:
        return None
    number = float(plain) if re.fullmatch(r"\d{1,5}(?:\.\d{1,2})?", plain) else 0.0
    if not 0 < number <= RAM_MAX_GIB:
        raise BadInput(
            "RAM is a number of GiB.", subject="ram", hint=f"Give a number up to {RAM_MAX_GIB}, or leave it empty."
        )
    return number


def _name_of(answers: Answers, id_: str) -> str:
    device = answers.knowledge.devices.get(id_)
    return device.name if device else id_


def _words(ask: DeviceAsk) -> str:
    memory = f" {ask.memory_bytes / GIB:g}GB" if ask.memory_bytes else ""
    return f"{f'{ask.count}x ' if ask.count > 1 else ''}{ask.device.name}{memory}"


def _same(answers: Answers, name: str, asks: Sequence[DeviceAsk]) -> bool:
    """Whether a name is understood as exactly these devices."""
    try:
        return tuple(answers.device_asks(answers.hardware_asks(name))) == tuple(asks)
    except KnowledgeError:
        return False
