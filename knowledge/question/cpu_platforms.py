"""Which memory a processor of a consumer line sits on, told from its number: an i7-7700HQ on two channels of DDR4-2400.

What decides how fast a model runs from RAM. Speeds are the fastest that the maker's sheet of the line allows; a machine
may hold slower or overclocked memory. It reads no text, and knows no servers (`cpus` does).

Sources: Intel's pages by generation (6th: DDR4-2133, 7th: 2400, 8th and 9th: 2666, 10th: 2933, 11th: 3200) and AMD's
product pages; the third and fourth digit of AMD's mobile numbers of 2023 and later name the core and the series.
"""

from __future__ import annotations

_MOBILE = frozenset({"U", "H", "HS", "HX"})
_APU = frozenset({"G", "GE"})
_APU_SPEED = {"2": "ddr4-2933", "3": "ddr4-2933", "4": "ddr4-3200", "5": "ddr4-3200", "8": "ddr5-5200"}
_MOBILE_SPEED = {
    "2": "ddr4-2400",
    "3": "ddr4-2400",
    "4": "ddr4-3200",
    "5": "ddr4-3200",
    "6": "ddr5-4800",
    "8": "ddr5-5600",
    "9": "ddr5-5600",
}
_MOBILE_7000 = {"30": "ddr4-3200", "35": "ddr5-4800", "36": "ddr5-4800", "40": "ddr5-5600", "45": "ddr5-5200"}
"""By the last two digits: Barcelo-R, Rembrandt-R, Phoenix, Dragon Range."""
_CORE_SPEED = {
    2: "ddr3-1333",
    3: "ddr3-1600",
    4: "ddr3-1600",
    5: "ddr3-1600",
    6: "ddr4-2133",
    7: "ddr4-2400",
    8: "ddr4-2666",
    9: "ddr4-2666",
    10: "ddr4-2933",
    11: "ddr4-3200",
}
_LAPTOP_CORE_SPEED = {12: "ddr5-4800", 13: "ddr5-5200", 14: "ddr5-5600"}
_LAPTOP_TAILS = frozenset({"U", "H", "HK", "HX", "P", "HQ", "MQ", "QM", "M", "MX", "Y"})
_BOARDS = ("cpu-intel-core-12th-14th-gen-ddr5-5600", "cpu-intel-core-12th-14th-gen-ddr4-3200")
_X99 = frozenset({"5820", "5930", "5960", "6800", "6850", "6900", "6950"})
_X79 = frozenset({"3820", "3930", "3960", "3970", "4820", "4930", "4960"})


def ryzen_platforms(number: str, tail: str) -> tuple[str, ...]:
    """The platforms of a Ryzen, likeliest first. `number` has four digits; `tail` is in capitals, empty for none."""
    generation = number[0]
    if tail in _APU:
        return _dual(_APU_SPEED.get(generation, ""))
    if tail in _MOBILE:
        if generation == "7":
            return _dual(_MOBILE_7000[number[2:]]) if number[2:] in _MOBILE_7000 else ("cpu-single-channel-ddr5-5600",)
        return _dual("ddr5-5200" if (generation, tail) == ("8", "HX") else _MOBILE_SPEED.get(generation, ""))
    if generation == "7":
        return "cpu-ryzen-7000-9000-am5-ddr5-6000", "cpu-ryzen-7000-am5-ddr5-5200"
    if generation in "89":
        return "cpu-ryzen-9000-am5-ddr5-5600", "cpu-ryzen-7000-9000-am5-ddr5-6000"
    if generation in "345":
        return "cpu-ryzen-5000-am4-ddr4-3200", "cpu-dual-channel-ddr4-3200"
    return _dual("ddr4-2666")


def core_platforms(number: str, tail: str, *, has_ddr4: bool) -> tuple[str, ...]:
    """The platforms of a Core i3 to i9, likeliest first. From the 12th generation on they take either memory."""
    if number in _X99:
        return ("cpu-intel-x99-core-i7-ddr4-2400",)
    if number in _X79:
        return ("cpu-xeon-e5-v2-ddr3-1866",)
    if tail in {"X", "XE"}:
        return ("cpu-intel-x299-core-i9-ddr4-2666",)
    generation = int(number[:2]) if number[0] == "1" else int(number[:-3])  # "1165G7" is of the 11th
    if tail in _LAPTOP_TAILS and generation in _LAPTOP_CORE_SPEED and not (tail == "HX" and has_ddr4):
        return _dual("ddr4-3200" if has_ddr4 else _LAPTOP_CORE_SPEED[generation])
    return core_generation_platforms(generation, has_ddr4=has_ddr4)


def core_generation_platforms(generation: int, *, has_ddr4: bool) -> tuple[str, ...]:
    """The platforms of a generation of Core processors, likeliest first."""
    if generation >= 12:
        return _BOARDS[::-1] if has_ddr4 else _BOARDS
    return _dual(_CORE_SPEED.get(generation, "ddr3-1333"))


def _dual(speed: str) -> tuple[str, ...]:
    return (f"cpu-dual-channel-{speed}",) if speed else ()
