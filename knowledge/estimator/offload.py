"""Which layers go on which device: the plan llama.cpp's own `--fit` would make, computed without the engine.

The rules are those of `common/fit.cpp` and of the layer split in `llama-model.cpp` (llama.cpp b11434): a margin of
1,024 MiB is left free on every device; if the model fits with the layers split in proportion to free memory, that split
stands; otherwise whole layers are filled from the last device backwards (the output layer counts as the last one), for
mixture-of-experts models first with all experts in host memory and then with experts returned front to back as room
allows. This module knows no speeds, names or engines other than llama.cpp's rules.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.estimator.layer_costs import LayerBytes
from knowledge.estimator.request import MemoryParts
from knowledge.units import MIB

ENGINE_MARGIN_BYTES = 1024 * MIB
"""What `--fit` leaves free on each device (`--fit-target`, common.h)."""


class DeviceLoad(NamedTuple):
    """The layers one device holds: `n_layer` counts the output layer too.

    The last `n_part` of them keep experts on the host.
    """

    n_layer: int = 0
    n_part: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """A plan: loads per device in order, bytes per device, and the summed memory parts.

    `by_hand` says that the engine would not place it so by itself and must be told; devices without a load are then
    left out (`-dev`).
    """

    loads: tuple[DeviceLoad, ...]
    device_bytes: tuple[int, ...]
    memory: MemoryParts
    fits: bool
    by_hand: bool = False

    @property
    def n_gpu_layers(self) -> int:
        """Layers on accelerators, the output layer counted, as `-ngl` counts them."""
        return sum(load.n_layer for load in self.loads)

    @property
    def n_cpu_moe(self) -> int:
        """Layers whose experts stay in host memory although the layer is on a device."""
        return sum(load.n_part for load in self.loads)


def plan(
    cost: LayerBytes,
    free_bytes: Sequence[int],
    *,
    margin_bytes: int = ENGINE_MARGIN_BYTES,
    overhead_bytes: int = 0,
) -> Placement:
    """The engine's placement of a model on devices with `free_bytes` each; host memory is not limited here.

    `overhead_bytes` is what the driver and runtime take besides: it is noted, not placed.

    `fits` says whether every layer, experts included, is on the devices with the margin left.
    """
    targets = [free - margin_bytes for free in free_bytes]
    default = _default_split(cost, free_bytes)
    if all(_device_bytes(cost, default, device) <= target for device, target in enumerate(targets)):
        return placement(cost, default, overhead_bytes=overhead_bytes)
    has_experts = cost.experts[-1] > 0
    if len(targets) == 1:
        load = _fill_one(cost, targets[0], experts_on_host=has_experts)
        return placement(cost, [load], overhead_bytes=overhead_bytes)
    loads = _fill_back_to_front(cost, targets, experts_on_host=has_experts)
    if has_experts and sum(load.n_layer for load in loads) == cost.n_layer + 1:
        loads = _return_experts(cost, targets, loads)
    return placement(cost, loads, overhead_bytes=overhead_bytes)


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
    device_weights = device_kv = device_rec = device_compute = 0
    start = first
    for device, load in enumerate(loads):
        stop = start + load.n_layer
        weight, on_host = _load_weights(cost, load, start, stop)
        begin, end = min(start, n_layer), min(stop, n_layer)
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
    whole = first == 0 and not any(load.n_part for load in loads)
    return Placement(tuple(loads), tuple(used), memory, whole)


def _compute(cost: LayerBytes, loads: Sequence[DeviceLoad], device: int) -> int:
    """One device's compute buffer under these loads, with the copies of host weights where there are any.

    Devices that hold everything between them work in turn on copies of their inputs, whether or not each has a layer
    (llama-context.cpp). Layers on the host are computed on the first device, which copies their weights over for large
    batches (ggml-backend.cpp takes the first that offers to) and needs a buffer even without a layer of its own.
    """
    own, n_layer = loads[device], cost.n_layer
    n_units = sum([load.n_layer for load in loads])
    if not n_units or (device and not own.n_layer):
        return 0
    all_here = n_units > n_layer
    if all_here and not any(load.n_part for load in loads):
        if len(loads) == 1:
            return cost.compute_device
        behind_others = any(load.n_layer for load in loads[:device])
        return cost.compute_pipelined[behind_others] if own.n_layer else 0
    has_head = own.n_layer > 0 and not any(load.n_layer for load in loads[device + 1 :])
    if not device:
        return cost.compute_experts(has_head) if all_here else cost.compute_lent(has_head)
    if not all_here or any(load.n_layer for load in loads[:device]):
        return cost.compute_rest(has_head)
    return cost.compute_device if has_head else cost.compute_headless()


def _load_weights(cost: LayerBytes, load: DeviceLoad, start: int, stop: int) -> tuple[int, int]:
    """(weights on the device, experts kept on the host) of units start..stop-1; unit n_layer is the output layer."""
    n_layer = cost.n_layer
    begin, end = min(start, n_layer), min(stop, n_layer)
    part_begin = max(begin, min(stop - load.n_part, n_layer))
    on_host = cost.experts[end] - cost.experts[part_begin] if load.n_part else 0
    weight = cost.dense[end] - cost.dense[begin] + cost.experts[end] - cost.experts[begin] - on_host
    if stop == n_layer + 1 and load.n_layer:
        weight += cost.output
    return weight, on_host


def split_of(
    cost: LayerBytes, free_bytes: Sequence[int], n_gpu_layers: int, n_cpu_moe: int = 0, *, overhead_bytes: int = 0
) -> Placement:
    """The placement for layer counts the asker gave: split over the devices in proportion to their free memory."""
    n_units = min(n_gpu_layers, cost.n_layer + 1)
    loads = _proportional(n_units, free_bytes)
    first = cost.n_layer + 1 - n_units
    out: list[DeviceLoad] = []
    start = first
    for load in loads:
        in_front = max(0, min(start + load.n_layer, n_cpu_moe) - start)
        out.append(DeviceLoad(load.n_layer, in_front))
        start += load.n_layer
    return placement(cost, out, overhead_bytes=overhead_bytes)


def _proportional(n_units: int, free_bytes: Sequence[int]) -> list[DeviceLoad]:
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


def _default_split(cost: LayerBytes, free_bytes: Sequence[int]) -> list[DeviceLoad]:
    return _proportional(cost.n_layer + 1, free_bytes)


def _fill_one(cost: LayerBytes, target: int, *, experts_on_host: bool) -> DeviceLoad:
    """`_fill_back_to_front` and `_return_experts` for a single device, without a list of loads at every step."""
    n_layer = cost.n_layer
    low, high = 0, n_layer + 1
    if experts_on_host and _bytes_on_one(cost, high, n_layer, cost.least_copy) <= target:
        low = high if _bytes_on_one(cost, high, n_layer, cost.compute_experts(True)) <= target else 0
    if low < high:
        low = _most_units(cost, target - cost.compute_lent(True), light=experts_on_host)
    n_units, n_part = low, max(low - 1, 0) if experts_on_host else 0
    low, high = 0, n_part if n_units == n_layer + 1 else 0
    while low < high:
        middle = (low + high + 1) // 2
        buffer = cost.compute_experts(True) if middle < n_part else cost.compute_device
        if _bytes_on_one(cost, n_units, n_part - middle, buffer) <= target:
            low = middle
        else:
            high = middle - 1
    return DeviceLoad(n_units, n_part - low)


def _most_units(cost: LayerBytes, room: int, *, light: bool) -> int:
    """How many units, the output layer first, but never all, are held together in `room`; `light` without experts.

    Of experts the first of these units keeps its own.
    """
    n_layer, held = cost.n_layer, cost.held
    if not light:
        return n_layer + 1 - bisect_left(held, held[-1] + cost.output - room, 1)
    low, high = 0, n_layer
    while low < high:
        middle = (low + high + 1) // 2
        if _bytes_on_one(cost, middle, middle - 1, 0) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _bytes_on_one(cost: LayerBytes, n_units: int, n_part: int, buffer: int) -> int:
    """`_device_bytes` where there is one device only, with its buffer."""
    n_layer = cost.n_layer
    begin = min(n_layer + 1 - n_units, n_layer)
    held = cost.held[-1] - cost.held[begin] + cost.output
    if n_part:
        held -= cost.experts[-1] - cost.experts[max(begin, min(n_layer + 1 - n_part, n_layer))]
    return held + buffer


def _fill_back_to_front(cost: LayerBytes, targets: Sequence[int], *, experts_on_host: bool) -> list[DeviceLoad]:
    """Whole layers (experts left out for MoE) from the last device backwards, as many as each target allows."""
    loads = [DeviceLoad() for _ in targets]
    unassigned = cost.n_layer + 1
    last = len(targets) - 1
    for device in range(last, -1, -1):
        low, high = 0, unassigned
        while low < high:
            n_layer = (low + high + 1) // 2
            trial = _with(loads, device, _dense_load(n_layer, device == last, experts_on_host))
            if _device_bytes(cost, trial, device) <= targets[device]:
                low = n_layer
            else:
                high = n_layer - 1
        loads[device] = _dense_load(low, device == last, experts_on_host)
        unassigned -= low
    return loads


def _dense_load(n_layer: int, is_last: bool, experts_on_host: bool) -> DeviceLoad:
    """A load of `n_layer` units; the output unit on the last device is never a partial one."""
    if not experts_on_host or n_layer == 0:
        return DeviceLoad(n_layer, 0)
    return DeviceLoad(n_layer, n_layer - 1 if is_last else n_layer)


def _with(loads: Sequence[DeviceLoad], device: int, load: DeviceLoad) -> list[DeviceLoad]:
    out = [*loads]
    out[device] = load
    return out


def _device_bytes(cost: LayerBytes, loads: Sequence[DeviceLoad], device: int) -> int:
    """What one device would hold under `loads`: `placement` for that device alone."""
    load = loads[device]
    if not load.n_layer:
        return _compute(cost, loads, device)
    n_layer = cost.n_layer
    n_units = sum([other.n_layer for other in loads])
    start = n_layer + 1 - n_units + sum([other.n_layer for other in loads[:device]])
    stop = start + load.n_layer
    begin, end = min(start, n_layer), min(stop, n_layer)
    held = cost.held[end] - cost.held[begin] + (cost.output if stop == n_layer + 1 else 0)
    if load.n_part:
        held -= cost.experts[end] - cost.experts[max(begin, min(stop - load.n_part, n_layer))]
    return held + _compute(cost, loads, device)


def _return_experts(cost: LayerBytes, targets: Sequence[int], loads: list[DeviceLoad]) -> list[DeviceLoad]:
    """Turn experts-on-host layers into full ones, front device first, while each device stays within its target."""
    for device in range(len(targets)):
        low, high = 0, sum(load.n_part for load in loads[device:])
        while low < high:
            n_moved = (low + high + 1) // 2
            if _device_bytes(cost, _converted(loads, device, n_moved), device) <= targets[device]:
                low = n_moved
            else:
                high = n_moved - 1
        loads = _converted(loads, device, low)
    return loads


def _converted(loads: Sequence[DeviceLoad], device: int, n_moved: int) -> list[DeviceLoad]:
    """`device` holds `n_moved` more full layers, taken from the partial ones of itself and of the devices behind it."""
    out = [*loads]
    for donor in range(device, len(out)):
        taken = min(n_moved, out[donor].n_part)
        out[donor] = DeviceLoad(out[donor].n_layer - taken, out[donor].n_part - taken)
        out[device] = DeviceLoad(out[device].n_layer + taken, out[device].n_part)
        n_moved -= taken
    return out
