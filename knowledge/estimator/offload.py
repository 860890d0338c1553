"""What given layers on given devices take: bytes of every device and of the host, and the engine's default split.

The rules are those of the layer split in `llama-model.cpp` and of the overrides `common/fit.cpp` writes (llama.cpp
b11434). Which layers the engine would put where by itself is `fill`'s business; no speeds and no engines other than
llama.cpp are known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.estimator.layer_costs import Fraction, LayerBytes
from knowledge.estimator.request import MemoryParts
from knowledge.units import MIB

ENGINE_MARGIN_BYTES = 1024 * MIB
"""What `--fit` leaves free on each device (`--fit-target`, common.h)."""


class DeviceLoad(NamedTuple):
    """The layers one device holds: `n_layer` counts the output layer too.

    The last `n_part` of them keep experts on the host, or with `in_front` the first. The first of these may be another
    `fraction` of a layer, and where it `spills` what is left out of it is on the next device instead.
    """

    n_layer: int = 0
    n_part: int = 0
    fraction: Fraction = "moe"
    spills: bool = False
    in_front: bool = False

    @property
    def n_full(self) -> int:
        """Layers the device holds whole."""
        return self.n_layer - self.n_part

    @property
    def n_on_host(self) -> int:
        """Layers of which something stays on the host."""
        return self.n_part - self.spills


@dataclass(frozen=True, slots=True)
class Placement:
    """A plan: loads per device in order, bytes per device, and the summed memory parts.

    `n_cpu_moe` are layers on a device whose experts stay in host memory, all or some of them.
    `by_hand` says that the engine would not place it so by itself and must be told; devices without a load are then
    left out (`-dev`).
    """

    loads: tuple[DeviceLoad, ...]
    device_bytes: tuple[int, ...]
    memory: MemoryParts
    fits: bool
    n_cpu_moe: int = 0
    by_hand: bool = False

    @property
    def n_gpu_layers(self) -> int:
        """Layers on accelerators, the output layer counted, as `-ngl` counts them."""
        return sum(load.n_layer for load in self.loads)


def placement(cost: LayerBytes, loads: Sequence[DeviceLoad], *, overhead_bytes: int = 0) -> Placement:
    """Bytes of given loads. Layers left over at the front are on the host, with their share of the cache."""
    n_layer = cost.n_layer
    first = n_layer + 1 - sum(load.n_layer for load in loads)
    front = min(first, n_layer)
    host_weights = (
        cost.token_embd_host + cost.dense[front] + cost.experts[front] + (cost.output if first > n_layer else 0)
    )
    n_used = sum(1 for load in loads if load.n_layer)
    used: list[int] = []
    device_weights = device_kv = device_rec = device_compute = spilled = 0
    start = first
    for device, load in enumerate(loads):
        stop = start + load.n_layer
        begin, end = min(start, n_layer), min(stop, n_layer)
        weight = spilled + cost.dense[end] - cost.dense[begin] + cost.experts[end] - cost.experts[begin]
        weight += cost.output if stop > n_layer and load.n_layer else 0
        on_host, spilled = _left_out(cost, load, start)
        weight -= on_host + spilled
        kv = cost.kv_cache[end] - cost.kv_cache[begin]
        rec = cost.recurrent[end] - cost.recurrent[begin]
        host_weights += on_host
        device_weights, device_kv, device_rec = device_weights + weight, device_kv + kv, device_rec + rec
        compute = _compute(cost, loads, device)
        device_compute += compute
        used.append(weight + kv + rec + compute)
        start = stop
    memory = MemoryParts(
        weights_bytes=device_weights,
        kv_cache_bytes=device_kv,
        recurrent_bytes=device_rec,
        compute_bytes=device_compute,
        overhead_bytes=overhead_bytes,
        host_weights_bytes=host_weights,
        host_kv_cache_bytes=cost.kv_cache[front],
        host_recurrent_bytes=cost.recurrent[front],
        host_compute_bytes=cost.compute_host if n_used else cost.compute_device,
    )
    n_cpu_moe = _n_cpu_moe(loads)
    return Placement(tuple(loads), tuple(used), memory, first == 0 and not n_cpu_moe, n_cpu_moe)


def _n_cpu_moe(loads: Sequence[DeviceLoad]) -> int:
    """Layers of which something stays on the host; the output layer, which may count as a partial one, has nothing."""
    kept = [load.n_on_host for load in loads]
    last = max([device for device, load in enumerate(loads) if load.n_layer], default=0)
    if not loads[last].in_front:
        kept[last] = max(0, kept[last] - 1)
    return sum(kept)


def _compute(cost: LayerBytes, loads: Sequence[DeviceLoad], device: int) -> int:
    """One device's compute buffer under these loads, with the copies of host weights where there are any.

    Devices that hold everything between them work in turn on copies of their inputs, whether or not each has a layer
    (llama-context.cpp). Layers on the host are computed on the first device, which copies their weights over for large
    batches (ggml-backend.cpp takes the first that offers to) and needs a buffer even without a layer of its own.
    """
    own, n_layer = loads[device], cost.n_layer
    if len(loads) == 1:
        return _compute_alone(cost, own)
    n_units = sum([load.n_layer for load in loads])
    lent = device > 0 and loads[device - 1].spills
    if not n_units or (device and not own.n_layer and not lent):
        return 0
    all_here = n_units > n_layer
    if all_here and not any(load.n_part for load in loads):
        behind_others = any(load.n_layer for load in loads[:device])
        return cost.compute_pipelined[behind_others] if own.n_layer else 0
    has_head = own.n_layer > 0 and not any(load.n_layer for load in loads[device + 1 :])
    if not device:
        if not all_here:
            return cost.compute_lent(has_head)
        if _n_cpu_moe(loads):
            return _helping(cost, loads, has_head)
        return cost.compute_device if has_head else cost.compute_front() if own.n_layer else 0
    if not all_here or any(load.n_layer for load in loads[:device]):
        return cost.compute_rest(has_head)
    return cost.compute_device if has_head else cost.compute_headless()


def _helping(cost: LayerBytes, loads: Sequence[DeviceLoad], has_head: bool) -> int:
    """The first device's compute buffer where experts are in RAM: it computes those of the devices behind it, too."""
    own = loads[0]
    if has_head or any(load.in_front for load in loads):
        return cost.compute_experts(has_head)
    stop = 0
    for load in loads:
        stop += load.n_layer
        if load.n_on_host:
            return cost.compute_helper(own.n_layer, stop - load.n_on_host)
    return cost.compute_experts(has_head)


def _compute_alone(cost: LayerBytes, own: DeviceLoad) -> int:
    """The only device's compute buffer: it has the output head wherever it has anything."""
    if not own.n_layer:
        return 0
    if own.n_layer <= cost.n_layer:
        return cost.compute_lent(True)
    if not own.n_part or not _n_cpu_moe((own,)):
        return cost.compute_device
    if own.in_front:
        return cost.compute_experts(True)
    return cost.compute_parted(own.n_layer - own.n_part, own.fraction)


def _left_out(cost: LayerBytes, load: DeviceLoad, start: int) -> tuple[int, int]:
    """Bytes of the load's layers, `start` the first, that stay on the host, and that lie on the next device."""
    if not load.n_part:
        return 0, 0
    stop = start + load.n_layer
    if load.in_front:
        return cost.experts[min(start + load.n_part, cost.n_layer)] - cost.experts[min(start, cost.n_layer)], 0
    first, end = max(start, stop - load.n_part), min(stop, cost.n_layer)
    if load.fraction == "moe" or first >= end:
        return cost.experts[end] - cost.experts[min(first, end)], 0
    own, behind = cost.left_out(load.fraction, first), cost.experts[end] - cost.experts[first + 1]
    return (behind, own) if load.spills else (behind + own, 0)


def split_of(
    cost: LayerBytes, free_bytes: Sequence[int], n_gpu_layers: int, n_cpu_moe: int = 0, *, overhead_bytes: int = 0
) -> Placement:
    """The placement for layer counts the asker gave: split over the devices in proportion to their free memory."""
    n_units = min(n_gpu_layers, cost.n_layer + 1)
    loads = proportional(n_units, free_bytes)
    first = cost.n_layer + 1 - n_units
    out: list[DeviceLoad] = []
    start = first
    for load in loads:
        n_part = max(0, min(start + load.n_layer, n_cpu_moe, cost.n_layer) - start)
        out.append(DeviceLoad(load.n_layer, n_part, in_front=True))
        start += load.n_layer
    return placement(cost, out, overhead_bytes=overhead_bytes)


def proportional(n_units: int, free_bytes: Sequence[int]) -> list[DeviceLoad]:
    """llama.cpp's default split: unit i goes to the first device whose cumulated share of free memory exceeds i / n."""
    if len(free_bytes) == 1:
        return [DeviceLoad(n_units, 0)]
    total = sum(free_bytes) or 1
    loads: list[DeviceLoad] = []
    cumulated = assigned = 0
    for free in free_bytes[:-1]:
        cumulated += free
        upto = min(n_units, -(-cumulated * n_units // total))  # units i with i / n < cumulated / total
        loads.append(DeviceLoad(upto - assigned, 0))
        assigned = upto
    return [*loads, DeviceLoad(n_units - assigned, 0)]


def device_bytes(cost: LayerBytes, loads: Sequence[DeviceLoad], device: int) -> int:
    """What one device would hold under `loads`: `placement` for that device alone."""
    load, before = loads[device], loads[device - 1] if device else None
    n_layer = cost.n_layer
    start = n_layer + 1 - sum([other.n_layer for other in loads[device:]])
    held = _compute(cost, loads, device)
    if before is not None and before.spills:
        held += _left_out(cost, before, start - before.n_layer)[1]
    if not load.n_layer:
        return held
    stop = start + load.n_layer
    begin, end = min(start, n_layer), min(stop, n_layer)
    held += cost.held[end] - cost.held[begin] + (cost.output if stop == n_layer + 1 else 0)
    return held - sum(_left_out(cost, load, start)) if load.n_part else held
