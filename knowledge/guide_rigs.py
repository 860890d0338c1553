"""What can be bought: the catalogue's devices as rigs on four shelves, with the price as far as it is known.

A rig is a device with one of its memory sizes, or two cards of one kind. Prices are launch prices and carry their year;
one that is not known is None. Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from knowledge.catalog import Device, Knowledge
from knowledge.estimator.request import DeviceAsk
from knowledge.units import GIB

SHELVES: Final = ("gpu", "laptop", "mac", "mini-pc")
LEAST_GIB: Final = {"gpu": 6, "laptop": 6, "mac": 8, "mini-pc": 16}
"""Less memory than this holds no model worth a purchase."""
EARLIEST_YEAR: Final = {"gpu": 2019, "laptop": 2021, "mac": 2020, "mini-pc": 2022}
USED_AFTER_YEARS: Final = 3
"""A device this much older than the newest one of the catalogue is out of the shops as a rule."""
_DOUBTFUL: Final = "not checked"
"""A price basis with these words is no price to give advice on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """One thing to buy. `price_usd` is the launch price of all of it in dollars, None where it is not known."""

    device: Device
    count: int = 1
    memory_bytes: int = 0
    price_usd: float | None = None
    used: bool = False

    @property
    def ask(self) -> DeviceAsk:
        """The rig as the estimator takes it."""
        own = self.device.memory_bytes == self.memory_bytes and not self.device.unified_memory
        return DeviceAsk(device=self.device, count=self.count, memory_bytes=None if own else self.memory_bytes)

    @property
    def name(self) -> str:
        """The rig as people would look for it, without its memory."""
        name = self.device.name.removeprefix("GeForce ").removeprefix("Radeon ").removeprefix("Apple ")
        return f"2× {name}" if self.count == 2 else name

    @property
    def memory_text(self) -> str:
        """Its memory as it is sold."""
        size = f"{self.memory_bytes / GIB:.0f} GB"
        return f"2 × {size}" if self.count == 2 else size

    @property
    def price_text(self) -> str:
        """Launch price, or that it is not known."""
        return "not known" if self.price_usd is None else f"${self.price_usd:,.0f}"

    @property
    def year_text(self) -> str:
        """The year that the price is of."""
        return str(self.device.release_year)


def rigs(knowledge: Knowledge, shelf: str) -> tuple[Rig, ...]:
    """All rigs of a shelf, smallest memory first; of devices that differ in name alone the one most plainly named."""
    newest = max((device.release_year or 0 for device in knowledge.devices.values()), default=0)
    largest: dict[str, int] = {}
    for device in knowledge.devices.values():
        chip = _chip(device)
        largest[chip] = max(largest.get(chip, 0), *device.memory_options_bytes, device.memory_bytes or 0)
    kept: dict[tuple[object, ...], Rig] = {}
    for device in sorted(knowledge.devices.values(), key=lambda device: (len(device.name), device.name)):
        if not _on_shelf(device, shelf):
            continue
        for rig in _of_device(
            device, largest[_chip(device)], used=(device.release_year or 0) <= newest - USED_AFTER_YEARS
        ):
            if rig.memory_bytes >= LEAST_GIB[shelf] * GIB:
                kept.setdefault(_likeness(rig), _priced(rig, shelf))
    return tuple(sorted(kept.values(), key=lambda rig: (rig.memory_bytes * rig.count, rig.count, rig.device.id)))


def _priced(rig: Rig, shelf: str) -> Rig:
    """The rig as the shelf sells it: the price of a chip is that of a box on a desk, which no laptop costs."""
    return replace(rig, price_usd=None) if shelf == "laptop" else rig


def _likeness(rig: Rig) -> tuple[object, ...]:
    device = rig.device
    return (device.vendor, device.bandwidth_bytes_per_s, device.fp16_flops, rig.memory_bytes, rig.count, rig.price_usd)


def _chip(device: Device) -> str:
    """What a device is sold as, whatever its count of cores: "Apple M5 Max"."""
    return device.name.partition(" (")[0]


def _of_device(device: Device, largest_bytes: int, *, used: bool) -> Iterator[Rig]:
    """One rig for each memory size. The price of a chip sold in several sizes is that of its largest."""
    sizes = device.memory_options_bytes if device.unified_memory else ()
    sizes = sizes or ((device.memory_bytes,) if device.memory_bytes else ())
    for size in sizes:
        price = _price(device) if size == largest_bytes or not device.unified_memory else None
        yield Rig(device=device, memory_bytes=size, price_usd=price, used=used)
        if device.segment in {"desktop", "workstation"} and device.kind == "gpu" and price is not None:
            yield Rig(device=device, count=2, memory_bytes=size, price_usd=2 * price, used=used)


def _price(device: Device) -> float | None:
    return None if _DOUBTFUL in device.price_basis else device.launch_price_usd


def unpriced(knowledge: Knowledge) -> tuple[str, ...]:
    """Names of recent desktop and workstation cards that no table can list, because their price is not known."""
    newest = max((device.release_year or 0 for device in knowledge.devices.values()), default=0)
    missing = (
        device
        for device in knowledge.devices.values()
        if device.kind == "gpu"
        and device.segment in {"desktop", "workstation"}
        and (device.release_year or 0) >= newest - 1
        and (device.memory_bytes or 0) >= 16 * GIB
        and _price(device) is None
    )
    return tuple(device.name for device in sorted(missing, key=lambda one: (-(one.memory_bytes or 0), one.name)))


def _on_shelf(device: Device, shelf: str) -> bool:
    usable = device.bandwidth_bytes_per_s is not None and bool(device.backends)
    if not usable or (device.release_year or 0) < EARLIEST_YEAR[shelf] or "Max-Q" in device.name:
        return False
    if shelf == "gpu":  # a desktop card whose price nobody states is no advice
        return device.kind == "gpu" and device.segment in {"desktop", "workstation"} and _price(device) is not None
    if shelf == "mac":
        return device.kind == "soc" and device.segment == "apple"
    if shelf == "laptop":
        consumer = device.kind == "gpu" and device.name.startswith(("GeForce", "Radeon", "Arc"))
        return device.segment == "laptop" and (device.kind in {"soc", "igpu"} or consumer)
    small = device.segment == "laptop" and device.kind in {"soc", "igpu"} and not device.name.startswith("Snapdragon")
    return small or (device.kind == "soc" and device.segment == "desktop")
