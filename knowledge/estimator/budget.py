"""What memory a set of devices and a machine leave for a model: per device, in all, and on the host.

Discrete cards bring their own memory; SoCs and integrated GPUs take theirs out of the machine's RAM, within what the
system lets the GPU have. The engine's margin is not part of the budget (offload.py leaves it).
No models are known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.estimator.device import overhead_bytes, usable_memory_bytes
from knowledge.estimator.request import DeviceAsk
from knowledge.said import worded
from knowledge.units import GIB, gib_text


def os_reserve_bytes(ram_bytes: int) -> int:
    """RAM the system and its desktop keep for themselves: 2 GiB, or a sixteenth of a larger machine's memory.

    A model may not count on it: a 64 GB machine cannot hold 61 GiB of weights without swapping.
    """
    return max(2 * GIB, ram_bytes // 16)


ASSUMED_RAM_BYTES = 32 * GIB
"""The RAM of a desktop whose owner named only its processor; the answer says that it was assumed."""

ASSUMED_RAM_BESIDE_BYTES = 16 * GIB
"""The RAM beside an accelerator where none was said: nearly every machine with a card has it. Said where it matters."""

MAX_DEVICES = 16
"""More accelerators than this in one question is taken for a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`free_bytes` per accelerator after the driver's own share, in order; `host_bytes` is the RAM left for the model.

    `shared_bytes` is the machine's RAM when the accelerator shares it (None otherwise): device and host part together
    must stay below it. `on_cpu` says that no accelerator was named. `taken_bytes` is what already lies on the first
    accelerator beside the model (`free_bytes` is without it).
    """

    free_bytes: tuple[int, ...]
    overhead_bytes: int
    host_bytes: int
    shared_bytes: int | None
    on_cpu: bool
    asks: tuple[DeviceAsk, ...]
    ram_assumed: bool = False
    taken_bytes: int = 0
    said: tuple[str, ...] = ()

    @property
    def available_bytes(self) -> int:
        """What a model and all beside it may take on the accelerator(s), drivers' share already gone."""
        return sum(self.free_bytes) + self.taken_bytes


def budget_of(
    asks: Sequence[DeviceAsk], ram_bytes: int | None, backend: str, utilisation: float = 1.0
) -> Budget | None:
    """The budget of a rig; None where a device's memory is unknown. CPUs beside a GPU only describe the host.

    `utilisation` is the share of a device's memory the engine takes, its driver's share included.
    """
    accelerators = [ask for ask in asks if ask.device.kind not in {"cpu", "npu"}]
    if not accelerators or backend == "cpu":
        return _cpu_budget(asks, ram_bytes)
    free: list[int] = []
    overhead = 0
    shared: int | None = None
    ram = ram_bytes or ASSUMED_RAM_BESIDE_BYTES
    host = max(0, ram - os_reserve_bytes(ram))
    for ask in accelerators:
        device_memory = ask.memory_bytes or ask.device.memory_bytes
        if ask.device.unified_memory:
            device_memory = ask.memory_bytes or ram_bytes or ask.device.memory_bytes
        if device_memory is None:
            return None
        taken = overhead_bytes(ask.device, backend)
        usable = usable_memory_bytes(ask.device, device_memory)
        if usable is None:
            return None
        free.extend([max(0, round(usable * utilisation) - taken)] * ask.count)
        overhead += taken * ask.count
        if ask.device.unified_memory:
            shared = max(0, device_memory - os_reserve_bytes(device_memory))
            host = shared
    return Budget(
        free_bytes=tuple(free),
        overhead_bytes=overhead,
        host_bytes=host,
        shared_bytes=shared,
        on_cpu=False,
        asks=tuple(accelerators),
        ram_assumed=ram_bytes is None and shared is None,
        said=tuple(text for ask in accelerators if (text := _two_memories(ask, ram_bytes))),
    )


def _two_memories(ask: DeviceAsk, ram_bytes: int | None) -> str:
    """What must be said where a machine with one shared memory was given RAM beside it."""
    if not ask.device.unified_memory or not ask.memory_bytes or not ram_bytes or ask.memory_bytes == ram_bytes:
        return ""
    given, taken = gib_text(ram_bytes, 0), gib_text(ask.memory_bytes, 0)
    text = "{device} has one memory for GPU and CPU: {taken} are counted, the {given} of RAM named are not"
    return worded("two_memories", text, device=ask.device.name, taken=taken, given=given)


def _cpu_budget(asks: Sequence[DeviceAsk], ram_bytes: int | None) -> Budget | None:
    """The CPU with the machine's RAM: what was said, what the board is sold with, or ASSUMED_RAM_BYTES."""
    hosts = [ask for ask in asks if ask.device.kind != "npu"]
    if not hosts:
        return None
    on_board = hosts[0].device.memory_bytes if hosts[0].device.kind != "cpu" else None
    known = ram_bytes or hosts[0].memory_bytes or on_board
    memory = known or ASSUMED_RAM_BYTES
    free = max(0, memory - os_reserve_bytes(memory))
    return Budget(
        free_bytes=(free,),
        overhead_bytes=0,
        host_bytes=free,
        shared_bytes=free,
        on_cpu=True,
        asks=tuple(hosts[:1]),
        ram_assumed=known is None,
    )
