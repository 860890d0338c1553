"""Processors named in a text: the family is read from the model number, and with it the memory platform it sits on.

The catalogue holds platforms (memory channels and speed), not single processors: that is what decides how fast a model
runs from RAM. A processor of an unknown platform keeps its name and gets no id.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from knowledge import linear
from knowledge.linear import Match, Pattern
from knowledge.question.cpu_platforms import core_generation_platforms, core_platforms, ryzen_platforms


@dataclass(frozen=True, slots=True)
class CpuMention:
    """A processor in the text: its name as makers write it, where it stands, and platform ids, likeliest first."""

    name: str
    start: int
    end: int
    platforms: tuple[str, ...]


_RYZEN = linear.compile(
    r"\b(?:amd )?(?:ryzen[ -]?(?:([3579])[ -])?|r([3579])[ -])(?:pro )?(\d{4})(x3d2?|xt|x|ge|g|hx3d|hx|hs|h|u|f)?\b"
    r"|\bryzen([3579])(\d{4})(x3d2?|xt|x|g)?\b"
)
_THREADRIPPER = linear.compile(r"\b(?:threadripper|tr) ?(pro )?(\d{4})(wx|x)\b")
_EPYC = linear.compile(r"\bepyc[ -]?(\d[0-9a-f]\d{2})([fpxs]|3d)?\b")
_CORE = linear.compile(
    r"\b(?:(?:intel )?core ?)?i([3579])[ -]?(\d{4,5})(ks|kf|k|f|hx|hk|hq|h|mq|mx|qm|m|u|te|t|s|p|xe|x|g\d|y|c|r)?\b"
)
_CORE_GENERATION = linear.compile(r"\b(?:(?:intel )?core ?)?i([3579])(?: cpu)?,? \(?(\d{1,2})(?:th|nd|rd|st)[ -]?gen\b")
_CORE_ULTRA = linear.compile(r"\b(?:core )?ultra ?([579])[ -](\d{3})(k|kf|h|hx|v|u)?\b")
_XEON_E5 = linear.compile(r"\b(?:xeon )?e5[ -]?(?:2|1|4)6\d{2}[a-z]{0,2} ?(v[1-4])?\b")
_XEON_E3 = linear.compile(r"\b(?:xeon )?(?:cpu )?e3[ -]?(12\d{2}[a-z]?) ?(v[1-6])?\b")
_XEON_E = linear.compile(r"\bxeon e[ -](2[1-4]\d{2}[a-z]?)\b")
_XEON_5600 = linear.compile(r"\b(?:xeon )?(?:cpu )?([xelw][35][56]\d{2})\b")
_FX = linear.compile(r"\b(?:amd )?fx[ -]?([4689]\d{3})[a-z]?\b")
_PENTIUM = linear.compile(r"\b(pentium|celeron)(?: gold| silver)?(?: cpu)? ([gnj])(\d{4})[a-z]{0,2}\b")
_XEON_W = linear.compile(r"\b(?:xeon )?(w)([3579]?)[ -](\d{4})(x|w|m)?\b")
_XEON = linear.compile(
    r"\b(?:xeon )(?:scalable |gold |silver |platinum |bronze )?([3-9]\d{3})([a-z+]{0,2})(?:[^\w+]|$)"
    r"|\b(?:gold|silver|platinum) ([3-9]\d{3})([a-z+]{0,2})(?:[^\w+]|$)"
)
_XEON_BARE = linear.compile(r"(?:\d× |dual |two )([4568][1-5]\d{2})([a-z]?)\b")
_DDR4 = linear.compile(r"(?i)\bddr ?4\b")
_CPU_ALONE = linear.compile(
    r"\b(?:on|with|using|by|via|only|pure)(?: the| my| a)? cpu\b|\bcpu[- ]only\b|\bcpu inference\b|纯cpu|仅cpu"
    r"|用cpu|只用cpu|auf (?:der|meiner) cpu|\bno gpu\b.{0,20}\bcpu\b"
)


def _ryzen(match: Match) -> tuple[str, tuple[str, ...]]:
    tier = match.group(1) or match.group(2) or match.group(5) or ""
    number = match.group(3) or match.group(6)
    tail = (match.group(4) or match.group(7) or "").upper()
    name = f"Ryzen {tier} {number}{tail}".replace("  ", " ")
    return name, (f"amd-ryzen-{tier}-{number}{tail.lower()}", *ryzen_platforms(number, tail))


def _threadripper(match: Match) -> tuple[str, tuple[str, ...]]:
    number, tail = match.group(2), match.group(3).upper()
    pro = "Pro " if tail == "WX" else ""
    name = f"Threadripper {pro}{number}{tail}"
    generation = number[0]
    if pro:
        by_generation = {"7": "cpu-threadripper-pro-7000wx-ddr5-5200", "9": "cpu-threadripper-pro-9000wx-ddr5-6400"}
        if number in {"2970", "2990"}:
            return name.replace("Pro ", ""), ("cpu-threadripper-1900x-2990wx-ddr4-2933",)
        return name, (by_generation.get(generation, "cpu-threadripper-pro-3000wx-5000wx-ddr4-3200"),)
    plain = {
        "1": "1900x-2990wx-ddr4-2933",
        "2": "1900x-2990wx-ddr4-2933",
        "3": "3960x-3990x-ddr4-3200",
        "7": "7960x-7980x-ddr5-5200",
        "9": "9960x-9980x-ddr5-6400",
    }
    return name, (f"cpu-threadripper-{plain[generation]}",) if generation in plain else ()


def _epyc(match: Match) -> tuple[str, tuple[str, ...]]:
    number, tail = match.group(1), (match.group(2) or "").upper()
    first, last = number[0], number[-1]
    platforms: dict[tuple[str, str], tuple[str, ...]] = {
        ("7", "1"): ("cpu-epyc-7001-naples-ddr4-2666",),
        ("7", "2"): ("cpu-epyc-7002-rome-ddr4-3200",),
        ("7", "3"): ("cpu-epyc-7003-milan-ddr4-3200",),
        ("9", "4"): ("cpu-epyc-9004-genoa-ddr5-4800",),
        ("9", "5"): ("cpu-epyc-9005-turin-ddr5-6000", "cpu-epyc-9005-turin-ddr5-6400"),
        ("8", "4"): ("cpu-epyc-8004-siena-ddr5-4800",),
        ("4", "4"): ("cpu-epyc-4004-4005-ddr5-5600",),
        ("4", "5"): ("cpu-epyc-4004-4005-ddr5-5600",),
    }
    return f"EPYC {number.upper()}{tail}", platforms.get((first, last), ())


def _core(match: Match) -> tuple[str, tuple[str, ...]]:
    tier, number, tail = match.group(1), match.group(2), (match.group(3) or "").upper()
    has_ddr4 = _DDR4.search(match.string) is not None
    return f"Core i{tier}-{number}{tail}", core_platforms(number, tail, has_ddr4=has_ddr4)


def _core_generation(match: Match) -> tuple[str, tuple[str, ...]]:
    generation = int(match.group(2))
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(generation, "th")
    has_ddr4 = _DDR4.search(match.string) is not None
    return f"Core i{match.group(1)} {generation}{suffix} gen", core_generation_platforms(generation, has_ddr4=has_ddr4)


def _core_ultra(match: Match) -> tuple[str, tuple[str, ...]]:
    tier, number, tail = match.group(1), match.group(2), (match.group(3) or "").upper()
    platform: tuple[str, ...] = ()
    if number[0] == "2" and tail in {"K", "KF", "", "HX"}:
        platform = ("cpu-intel-core-ultra-200s-ddr5-6400",)
    elif number[0] == "2" and tail == "V":
        platform = ("intel-arc-140v-lunar-lake",)
    elif number[0] == "2" and tail == "H":
        platform = ("intel-arc-140t-arrow-lake-h",)
    elif number[0] == "1" and tail == "H":
        platform = ("intel-arc-graphics-8-xe-meteor-lake-core-ultra-7-155h",)
    elif tail == "U":
        platform = ("cpu-dual-channel-ddr5-5600",)
    return f"Core Ultra {tier} {number}{tail}", platform


def _xeon_e5(match: Match) -> tuple[str, tuple[str, ...]]:
    version = match.group(1) or ""
    platform = {
        "": "cpu-xeon-e5-ddr3-1600",
        "v1": "cpu-xeon-e5-ddr3-1600",
        "v2": "cpu-xeon-e5-v2-ddr3-1866",
        "v3": "cpu-xeon-e5-v3-ddr4-2133",
        "v4": "cpu-xeon-e5-v4-ddr4-2400",
    }.get(version)
    words = match.group().removeprefix("xeon ").upper().replace("V", "v").strip()
    return f"Xeon {words}", (platform,) if platform else ()


def _xeon_e3(match: Match) -> tuple[str, tuple[str, ...]]:
    version = match.group(2) or "v1"
    speed = {
        "v1": "ddr3-1333",
        "v2": "ddr3-1600",
        "v3": "ddr3-1600",
        "v4": "ddr3-1600",
        "v5": "ddr4-2133",
        "v6": "ddr4-2400",
    }
    return f"Xeon E3-{match.group(1).upper()} {version}".removesuffix(" v1"), (f"cpu-dual-channel-{speed[version]}",)


def _xeon_e(match: Match) -> tuple[str, tuple[str, ...]]:
    number = match.group(1)
    speed = {"1": "ddr4-2666", "2": "ddr4-2666", "3": "ddr4-3200", "4": "ddr5-4800"}[number[1]]
    return f"Xeon E-{number.upper()}", (f"cpu-dual-channel-{speed}",)


def _xeon_5600(match: Match) -> tuple[str, tuple[str, ...]]:
    return f"Xeon {match.group(1).upper()}", ("cpu-xeon-5600-ddr3-1333",)


def _fx(match: Match) -> tuple[str, tuple[str, ...]]:
    return f"FX-{match.group(1)}", ("cpu-dual-channel-ddr3-1866",)


def _pentium(match: Match) -> tuple[str, tuple[str, ...]]:
    line, letter, number = match.group(1), match.group(2), match.group(3)
    speed = "2666" if letter == "g" and number[0] in "56" else "2400"
    return f"{line.capitalize()} {letter.upper()}{number}", (f"cpu-dual-channel-ddr4-{speed}",)


def _xeon_w(match: Match) -> tuple[str, tuple[str, ...]]:
    tier, number, tail = match.group(2), match.group(3), (match.group(4) or "").upper()
    platform: tuple[str, ...] = ()
    if number[:2] in {"24", "25"}:
        platform = ("cpu-xeon-w-2400-2500-ddr5-4800",)
    elif number[:2] in {"34", "35"}:
        platform = ("cpu-xeon-w-3400-3500-ddr5-4800",)
    elif number[:2] in {"21", "22"}:
        platform = ("cpu-intel-x299-core-i9-ddr4-2666",)  # the same socket, with ECC
    elif number[:2] == "33":
        platform = ("cpu-xeon-scalable-3rd-gen-ddr4-3200",)
    return f"Xeon W{tier}-{number}{tail}", platform


def _xeon(match: Match) -> tuple[str, tuple[str, ...]]:
    number, tail = next(
        (match.group(i), match.group(i + 1) or "") for i in range(1, len(match.groups()), 2) if match.group(i)
    )
    return f"Xeon {number}{tail.upper()}", _xeon_platform(number, tail)


def _xeon_platform(number: str, tail: str) -> tuple[str, ...]:
    if number[0] == "6" and tail.startswith("p"):
        return ("cpu-xeon-6-6900p-mrdimm-8800",) if number[1] == "9" else ("cpu-xeon-6-6700p-ddr5-6400",)
    names = {
        "1": "cpu-xeon-scalable-1st-gen-ddr4-2666",
        "2": "cpu-xeon-scalable-2nd-gen-ddr4-2933",
        "3": "cpu-xeon-scalable-3rd-gen-ddr4-3200",
        "4": "cpu-xeon-scalable-4th-gen-ddr5-4800",
        "5": "cpu-xeon-scalable-5th-gen-ddr5-5600",
    }
    found = names.get(number[1])
    return (found,) if found else ()


_READERS: tuple[tuple[Pattern, Callable[[Match], tuple[str, tuple[str, ...]]]], ...] = (
    (_THREADRIPPER, _threadripper),
    (_RYZEN, _ryzen),
    (_EPYC, _epyc),
    (_CORE, _core),
    (_CORE_GENERATION, _core_generation),
    (_CORE_ULTRA, _core_ultra),
    (_XEON_E5, _xeon_e5),
    (_XEON_E3, _xeon_e3),
    (_XEON_E, _xeon_e),
    (_XEON_5600, _xeon_5600),
    (_FX, _fx),
    (_PENTIUM, _pentium),
    (_XEON_W, _xeon_w),
    (_XEON, _xeon),
    (_XEON_BARE, _xeon),
)
_HINTS = (
    "ryzen",
    "r3",
    "r5",
    "r7",
    "r9",
    "epyc",
    "i3",
    "i5",
    "i7",
    "i9",
    "ultra",
    "xeon",
    "e5",
    "e3",
    "fx",
    "pentium",
    "celeron",
    "w3",
    "w5",
    "w7",
    "w9",
    "w-",
    "gold",
    "silver",
    "platinum",
    "ripper",
    "tr ",
    "ddr",
)


def read_cpus(text: str, known: Container[str]) -> list[CpuMention]:
    """The processors a text (in normal form, counts marked) names, with those of their platforms that `known` has."""
    if not any(hint in text for hint in _HINTS):
        return []
    found: list[CpuMention] = []
    for pattern, read in _READERS:
        if pattern is _XEON_BARE and not ("ddr" in text or "xeon" in text):
            continue
        for match in pattern.finditer(text):
            start, end = match.span(1) if pattern is _XEON_BARE else match.span()
            if any(start < other.end and other.start < end for other in found):
                continue
            name, platforms = read(match)
            start += len(match.group()) - len(match.group().lstrip()) if pattern is not _XEON_BARE else 0
            found.append(CpuMention(name, start, end, tuple(p for p in platforms if p in known)))
    return sorted(found, key=lambda mention: mention.start)


def says_cpu_alone(text: str) -> bool:
    """Whether the text asks about running on the processor without naming it."""
    return _CPU_ALONE.search(text) is not None
