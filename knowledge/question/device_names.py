"""Which words people use for a device, and which devices one name may mean: a "4060 Ti" is two cards, a "3060" four.

Devices are put into groups that share a plain name; memory, laptop, form factor and core count tell the members apart.
It knows the shape of vendors' names, no particular product, and resolves nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.catalog import Device
from knowledge.question.text import atoms_of, normalise, squash
from knowledge.units import GIB

_VENDORS = frozenset({"nvidia", "amd", "intel", "apple", "qualcomm", "google", "mediatek", "samsung"})
_SERIES = frozenset({"geforce", "radeon", "quadro", "tesla", "instinct", "snapdragon", "generation", "graphics"})
_PREFIXES = frozenset({"rtx", "gtx", "rx", "arc"})
_LAPTOP = frozenset({"laptop", "mobile"})
_RARE = re.compile(
    r"(?:g[apk]1\d\d|tu1\d\d|a[dg]1\d\d|gddr\dx?|ddr\d|\d+gbps|\d+sp|refresh|low|power|dgxs|fhhl|cnx|server|edition|ceo|mac"
    r"|passive|x2|limited|liquid|cooling|50th|anniversary|watercooled|modded|\d+\.?5?w|xt50th)$"
)
_FORM = re.compile(r"(?:pcie|sxm\d?|nvl)$")
_MEMORY = re.compile(r"\b\d{1,3}(?:\.\d+)? ?gb\b")  # "580g" is a chip
_CORES = re.compile(r"\((\d+)-core gpu\)")
_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_DIGIT = re.compile(r"\d")
_SPLIT = re.compile(r"[\s/]+")
_SHORT_OK = re.compile(r"(?:[12345]0[5-9]0|16[356]0)$")


@dataclass(frozen=True, slots=True)
class DeviceTraits:
    """What tells the members of a group apart. `form` is `pcie`, `sxm` or empty; `rare`: nobody means it unasked."""

    id: str
    group: str
    laptop: bool
    max_q: bool
    form: str
    rare: bool
    memory_gib: tuple[float, ...]
    n_cores: int | None
    bandwidth: float | None
    unified: bool


def traits(device: Device) -> DeviceTraits:
    """Read a device's traits off its catalogue name and memory."""
    low = normalise(device.name).replace("max-q", "maxq")
    cores = _CORES.search(low)
    plain = _MEMORY.sub(" ", _PARENTHESIS.sub(" ", low))
    words = [word for word in _SPLIT.split(plain) if word]
    form = next((_FORM.match(word).group() for word in words if _FORM.match(word)), "")  # type: ignore[union-attr]
    kept = [
        word
        for word in words
        if word not in _LAPTOP
        and word != "maxq"
        and word not in _VENDORS
        and not _RARE.match(word)
        and not _FORM.match(word)
    ]
    options = device.memory_options_bytes or ((device.memory_bytes,) if device.memory_bytes else ())
    return DeviceTraits(
        id=device.id,
        group=squash(" ".join(kept) or low),
        laptop=any(word in _LAPTOP for word in words) or "maxq" in words,
        max_q="maxq" in words,
        form=form[:3] if form != "pcie" else form,
        rare=any(_RARE.match(word) for word in words) or "modded" in low,
        memory_gib=tuple(option / GIB for option in options if option),
        n_cores=int(cores.group(1)) if cores else None,
        bandwidth=device.bandwidth_bytes_per_s,
        unified=device.unified_memory,
    )


def keys(device: Device) -> Iterator[str]:
    """The keys a device's group answers to, the full name first."""
    low = normalise(device.name).replace("max-q", "")
    plain = _MEMORY.sub(" ", _PARENTHESIS.sub(" ", low))
    words = [w for w in _SPLIT.split(plain) if w and w not in _LAPTOP and not _RARE.match(w) and not _FORM.match(w)]
    vendor = normalise(device.vendor)
    bare = [word for word in words if word not in _VENDORS]
    forms = [words, [vendor, *bare], bare]
    short = [word for word in bare if word not in _SERIES]
    forms += [short, [vendor, *short], [w for w in bare if w != "generation"]]
    if short and short[0] in _PREFIXES:
        forms += [["geforce", *short], ["radeon", *short], [vendor, *short[1:]]]
        number = squash("".join(short[1:]))
        if _short_name_is_safe(number, short[0]):
            forms.append(short[1:])
    for form in forms:
        key = squash(" ".join(form))
        if _names_a_device(key, len(form), device):
            yield key


def without_series(name: str) -> str:
    """A name in normal form without its maker and series: "gt 1030 ddr4" of "GeForce GT 1030 DDR4"."""
    words = normalise(name).split()
    return " ".join(word for word in words if word not in _VENDORS and word not in _SERIES) or normalise(name)


def is_mac(key: str) -> bool:
    """Whether a key is the bare name of one of Apple's chips: nobody calls a Tesla M4 "m4"."""
    return len(key) == 2 and key[0] == "m" and key[1].isdigit()


def words_of(device: Device) -> Iterator[str]:
    """The words of letters in a device's name, which a misspelt one may have been meant to be."""
    return (word for word in atoms_of(normalise(device.name)) if word.isalpha() and word.isascii())


def _names_a_device(key: str, n_words: int, device: Device) -> bool:
    """Whether a key says enough: "m3" of a Mac, "t4" of a server card, "3090", "jetson nano", but not "a2" or "580"."""
    if key.isdigit():
        return _SHORT_OK.match(key) is not None
    if len(key) == 2:
        return device.vendor == "Apple" or (device.segment == "datacenter" and key != "a2" and not is_mac(key))
    has_number = _DIGIT.search(key) is not None
    return len(key) >= 3 and (has_number or (len(key) > 8 and n_words > 1))


def _short_name_is_safe(number: str, prefix: str) -> bool:
    """Whether a name without its prefix still names one thing: "3090", "7900xtx", "b580", but not "580" or "6000"."""
    if prefix == "arc":
        return number[:1].isalpha()
    if re.match(r"(?:a\d{4}|vega\d\d|(?:9[5678]0|7[5-8]0)ti)$", number):
        return True
    if number.isdigit():
        return prefix != "rx" and _SHORT_OK.match(number) is not None
    return bool(re.match(r"\d{4}", number)) and prefix != "arc"
