"""Words for hardware that name no chip: "AMD GPU", "MacBook Pro", "Raspberry Pi", "my mac".

They become mentions without an id. For Macs the chips such a machine is sold with, and the memory said, narrow down
which devices it may be; which one it is stays open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge import linear
from knowledge.catalog import Device
from knowledge.question.device_names import DeviceTraits
from knowledge.question.devices import memory_fits


@dataclass(frozen=True, slots=True)
class GenericMention:
    """A generic word for hardware, where it stands, and whether such things share memory between CPU and GPU."""

    name: str
    start: int
    end: int
    unified: bool


_MAKER = r"(?:amd|nvidia|intel|radeon|geforce)(?: graphics| video)? (?:gpu|card|graphics card|video card)s?"
_WORDS = linear.compile(
    r"\b(?:" + _MAKER + r"|igpu|integrated graphics|integrated gpu"
    r"|mac ?book ?(?:pro|air|neo)s?|mac ?books?|mac ?studios?|mac ?minis?|mac ?pros?|imacs?(?: pro)?|macs?"
    r"|apple silicon"
    r"|(?:raspberry ?pi|raspi|rpi)(?: ?(?:zero(?: 2)?(?: w)?|[1-5](?:b\+?)?|400|500))?"
    r"|orange ?pi(?: ?\d\b(?: ?(?:plus|max|pro|ultra|b))?)?"
    r"|jetson(?: (?:orin|xavier|agx|nano|thor))*"
    r"|iphone(?: \d\d(?: pro)?)?|ipad(?: pro| air)?|android (?:phone|tablet)|smartphone"
    r"|pixel \d(?: pro)?|galaxy s\d\d)\b"
)
_MAKERS = {
    "amd": "AMD GPU",
    "radeon": "AMD GPU",
    "nvidia": "NVIDIA GPU",
    "geforce": "NVIDIA GPU",
    "intel": "Intel GPU",
}
_MACS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("macbookpro", "Apple MacBook Pro", ("", "Pro", "Max")),
    ("macbookair", "Apple MacBook Air", ("",)),
    ("macbookneo", "Apple MacBook Neo", ()),
    ("macbook", "Apple MacBook", ("", "Pro", "Max")),
    ("macstudio", "Apple Mac Studio", ("Max", "Ultra")),
    ("macmini", "Apple Mac mini", ("", "Pro")),
    ("macpro", "Apple Mac Pro", ("Ultra",)),
    ("imac", "Apple iMac", ("",)),
    ("mac", "Apple Mac", ("", "Pro", "Max", "Ultra")),
    ("applesilicon", "Apple silicon", ("", "Pro", "Max", "Ultra")),
)
"""Beginning of the word, the product's name, and the tiers of M chips it is sold with ("" is the plain one)."""

_NEVER_IN = {
    "Apple Mac Studio": {"Apple M3 Max"},
    "Apple Mac mini": {"Apple M1 Pro", "Apple M3", "Apple M3 Pro"},
    "Apple iMac": {"Apple M2"},
}
"""Chips of the right tier that a product skipped."""

_NEAR = 32
"""A product word this close to a chip's name ("MacBook Pro M3 Max") is part of that device."""

_FEW_CHIPS = 2


def read_generic(text: str, taken: Sequence[tuple[int, int, bool]]) -> list[GenericMention]:
    """Generic hardware words in `text` that stand for no device already found (`taken`: start, end, unified)."""
    found: list[GenericMention] = []
    for match in _WORDS.finditer(text):
        start, end = match.span()
        name, unified = _name_of(match.group())
        if any(_same_thing(start, end, unified, other) for other in taken):
            continue
        if name == "Apple Mac" and any(other.name.startswith("Apple") for other in found):
            continue
        if not any(other.name == name for other in found):
            found.append(GenericMention(name, start, end, unified))
    return found


def _same_thing(start: int, end: int, unified: bool, other: tuple[int, int, bool]) -> bool:
    """Whether a generic word speaks of a device that is named: any graphics card, or a shared-memory device near by."""
    other_start, other_end, other_unified = other
    if start < other_end and other_start < end:
        return True
    if not unified:
        return not other_unified
    return other_unified and (abs(other_start - end) <= _NEAR or abs(start - other_end) <= _NEAR)


def _name_of(words: str) -> tuple[str, bool]:
    """The name makers write for a matched generic word, and whether such a thing shares its memory."""
    plain = words.replace(" ", "")
    maker = next((name for word, name in _MAKERS.items() if plain.startswith(word)), None)
    if maker is not None:
        return maker, False
    mac = next((name for beginning, name, _ in _MACS if plain.startswith(beginning)), None)
    if mac is not None:
        return mac, True
    if plain.startswith("i") and not plain.startswith("ip"):
        return "integrated GPU", True
    for beginning, name in (("raspberrypi", "Raspberry Pi"), ("raspi", "Raspberry Pi"), ("rpi", "Raspberry Pi")):
        if plain.startswith(beginning):
            return f"{name} {plain.removeprefix(beginning).replace('zero', 'Zero ')}".strip(), True
    if plain.startswith("orangepi"):
        return f"Orange Pi {plain.removeprefix('orangepi')}".strip(), True
    return " ".join(_capital(word) for word in words.split()), True


def _capital(word: str) -> str:
    if word == "agx":
        return "AGX"
    return {"iphone": "iPhone", "ipad": "iPad"}.get(word, word.capitalize())


def mac_choices(
    name: str, memory_gib: float | None, traits: Mapping[str, DeviceTraits], devices: Mapping[str, Device]
) -> tuple[str, ...]:
    """The chips a Mac called `name` may have, older ones first; those sold with that memory where it is said."""
    tiers = next((tiers for _, product, tiers in _MACS if product == name), ())
    fitting = []
    for device in devices.values():
        if device.segment != "apple" or not device.name.startswith("Apple M") or "GPU" not in device.name:
            continue
        words = device.name.split()
        tier = words[2] if words[2] in {"Pro", "Max", "Ultra"} else ""
        if " ".join(words[: 3 if tier else 2]) in _NEVER_IN.get(name, ()):
            continue
        if tier in tiers and (memory_gib is None or memory_fits(traits[device.id], memory_gib)):
            fitting.append(device)
    fitting.sort(
        key=lambda device: (device.release_year or 0, device.name.split()[:3], -(device.fp16_flops or 0), device.id)
    )
    return tuple(device.id for device in fitting)


def is_one_machine(name: str, choices: Sequence[str], devices: Mapping[str, Device]) -> bool:
    """Whether a workstation Mac is all but settled: one or two chips come with the memory that was said."""
    chips = {" ".join(devices[id_].name.split()[:3]) for id_ in choices}
    return name in {"Apple Mac Studio", "Apple Mac Pro"} and 0 < len(chips) <= _FEW_CHIPS
