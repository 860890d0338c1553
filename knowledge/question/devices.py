"""Choosing among the devices that share one name by what else the text says: memory, laptop, form factor, core count.

Pure filtering over `DeviceTraits`; it finds no names in text (`names`) and reads no amounts (`amounts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.question.device_names import DeviceTraits

_BANDWIDTH_SAME = 0.03
"""Two devices whose bandwidths differ by less decode alike: nobody need be asked which of them it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClues:
    """What a text says about a device besides its name; None, False and empty where it says nothing.

    `version` is a word that marks a rare version in its id: `refresh`, `gddr6x`, a chip's name, `modded`.
    """

    memory_gib: float | None = None
    laptop: bool | None = None
    max_q: bool = False
    form: str = ""
    n_cores: int | None = None
    bytes_per_s: float | None = None
    version: str = ""


def memory_fits(member: DeviceTraits, memory_gib: float) -> bool:
    """Whether a device is sold with that much memory (people round: "6 GB" for 5.9)."""
    return any(abs(option - memory_gib) <= max(0.5, 0.02 * option) for option in member.memory_gib)


def _narrow(members: Sequence[DeviceTraits], keep: Iterable[bool]) -> list[DeviceTraits]:
    """The members marked True, or all of them where none is: a clue that fits nothing decides nothing."""
    kept = [member for member, wanted in zip(members, keep, strict=True) if wanted]
    return kept or list(members)


def choose(members: Sequence[DeviceTraits], clues: DeviceClues) -> tuple[list[DeviceTraits], bool]:
    """The members a name can mean under `clues`, likeliest first, and whether that leaves no real question.

    `members` come likeliest first. A memory size that only a laptop or modded version has leads to it; one that none
    has (a modded card the catalogue lacks) leaves the usual version, and the size asked for stands beside it; a chip
    that is not sold with so much is not the one that was meant.
    """
    left = list(members)
    memory = clues.memory_gib
    if memory is not None and any(memory_fits(member, memory) for member in left):
        left = [member for member in left if memory_fits(member, memory)]
    if clues.version:
        left = _narrow(left, [clues.version in member.id.split("-") or clues.version in member.id for member in left])
    else:
        left = _narrow(left, [not member.rare for member in left])
    left = _narrow(left, [member.max_q == clues.max_q for member in left])
    if clues.laptop is not None or any(not member.laptop for member in left):
        left = _narrow(left, [member.laptop == bool(clues.laptop) for member in left])
    if clues.form:
        left = _narrow(left, [member.form == clues.form for member in left])
    rate = clues.bytes_per_s
    if rate is not None:
        left = _narrow(
            left, [member.bandwidth is not None and abs(member.bandwidth - rate) < 0.02 * rate for member in left]
        )
    if clues.n_cores is not None:
        left = _narrow(left, [member.n_cores == clues.n_cores for member in left])
    unsold = memory is not None and left[0].unified and len(left[0].memory_gib) > 1 and memory > max(left[0].memory_gib)
    return left, not unsold and all(alike(left[0], other, memory is not None) for other in left[1:])


def of_one_line(members: Iterable[DeviceTraits], id_: str, memory_gib: float) -> tuple[str, ...]:
    """The chips of one maker and generation that are sold with so much memory: an "M3 96GB" is some M3 Max or Ultra."""
    line = "-".join(id_.split("-")[:2]) + "-"
    return tuple(member.id for member in members if member.id.startswith(line) and memory_fits(member, memory_gib))


def alike(first: DeviceTraits, other: DeviceTraits, memory_known: bool) -> bool:
    """Whether two devices answer a question alike: the same memory (or it is known) and nearly the same bandwidth."""
    if not memory_known and not first.unified and first.memory_gib != other.memory_gib:
        return False
    if first.bandwidth is None or other.bandwidth is None:
        return first.bandwidth == other.bandwidth
    return abs(first.bandwidth - other.bandwidth) <= _BANDWIDTH_SAME * first.bandwidth
