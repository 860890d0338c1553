"""Words for hardware that name no product: "AMD GPU", "MacBook Pro", "Raspberry Pi", "my mac".

They become mentions without an id. Which devices they may be is left open; nothing is picked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import re2


@dataclass(frozen=True, slots=True)
class GenericMention:
    """A generic word for hardware, where it stands, and whether such things share memory between CPU and GPU."""

    name: str
    start: int
    end: int
    unified: bool
    choices: tuple[str, ...] = ()


_WORDS = re2.compile(
    r"\b(?:(?P<maker>amd|nvidia|intel|radeon|geforce)(?: graphics| video)? (?:gpu|card|graphics card|video card)s?"
    r"|(?P<igpu>igpu|integrated graphics|integrated gpu)"
    r"|(?P<mac>mac ?book ?(?:pro|air|neo)?|mac ?studio|mac ?mini|mac ?pro|imac(?: pro)?|macs?|apple silicon)"
    r"|(?P<pi>(?:raspberry ?pi|raspi|rpi)(?: ?(?:zero(?: 2)?(?: w)?|[1-5](?:b\+?)?|400|500))?)"
    r"|(?P<opi>orange ?pi(?: ?\d\w*)?)"
    r"|(?P<jetson>jetson(?: (?:orin|xavier|agx|nano|thor))*)"
    r"|(?P<phone>iphone(?: \d\d(?: pro)?)?|ipad(?: pro| air)?|android (?:phone|tablet)|smartphone|pixel \d(?: pro)?|galaxy s\d\d))\b"
)
_MAKERS = {"amd": "AMD GPU", "radeon": "AMD GPU", "nvidia": "NVIDIA GPU", "geforce": "NVIDIA GPU", "intel": "Intel GPU"}
_MACS = (
    ("macbookpro", "Apple MacBook Pro"),
    ("macbookair", "Apple MacBook Air"),
    ("macbookneo", "Apple MacBook Neo"),
    ("macbook", "Apple MacBook"),
    ("macstudio", "Apple Mac Studio"),
    ("macmini", "Apple Mac mini"),
    ("macpro", "Apple Mac Pro"),
    ("imac", "Apple iMac"),
    ("mac", "Apple Mac"),
    ("applesilicon", "Apple silicon"),
)
_NEAR = 32
"""A product word this close to a chip's name ("MacBook Pro M3 Max") is part of that device."""


def read_generic(text: str, taken: Sequence[tuple[int, int, bool]]) -> list[GenericMention]:
    """Generic hardware words in `text` that stand for no device already found (`taken`: start, end, unified)."""
    found: list[GenericMention] = []
    for match in _WORDS.finditer(text):
        start, end = match.span()
        if any(start < other_end and other_start < end for other_start, other_end, _ in taken):
            continue
        if match.group("maker"):
            name, unified = _MAKERS[match.group("maker")], False
            if any(not shared for _, _, shared in taken):
                continue
        else:
            name, unified = _shared_memory_name(match), True
            if any(shared and -_NEAR <= other_start - end <= _NEAR for other_start, _, shared in taken):
                continue
            if any(shared and 0 <= start - other_end <= _NEAR for _, other_end, shared in taken):
                continue
        if name == "Apple Mac" and any(other.name.startswith("Apple") for other in found):
            continue
        if not any(other.name == name for other in found):
            found.append(GenericMention(name, start, end, unified))
    return found


def _shared_memory_name(match: Any) -> str:
    """The name makers write for a matched generic word."""
    if match.group("mac"):
        plain = match.group("mac").replace(" ", "")
        return next(name for beginning, name in _MACS if plain.startswith(beginning))
    if match.group("pi"):
        model = (
            match.group("pi").replace("raspberry", "").replace("raspi", "").replace("rpi", "").replace("pi", "").strip()
        )
        return f"Raspberry Pi {model}".strip().replace("zero", "Zero").replace(" w", " W")
    if match.group("opi"):
        return f"Orange Pi {match.group('opi').replace('orange', '').replace('pi', '').strip()}".strip()
    if match.group("igpu"):
        return "integrated GPU"
    words = (match.group("jetson") or match.group("phone")).split()
    return (
        " ".join(
            word.upper() if word == "agx" else word if word.startswith("i") else word.capitalize() for word in words
        )
        .replace("iphone", "iPhone")
        .replace("ipad", "iPad")
    )
