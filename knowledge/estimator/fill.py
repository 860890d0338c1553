"""Which layers go on which device: the plan llama.cpp's own `--fit` would make, computed without the engine.

The rules and the order of trials are those of `common/fit.cpp` (llama.cpp b11434): a margin of 1,024 MiB is left free
on every device; if the model fits with the layers split in proportion to free memory, that split stands; otherwise
whole layers are filled from the last device backwards (the output layer counts as the last one), for mixture-of-experts
models first with all experts in host memory. Experts then return front to back as room allows, and each device is
offered a part of one more layer, whose rest lies on the next device. What loads take is `offload`'s business; a shorter
context, which the engine also tries where none was asked for, is not tried.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from knowledge.estimator.layer_costs import Fraction, LayerBytes
from knowledge.estimator.offload import (
    ENGINE_MARGIN_BYTES,
    DeviceLoad,
    Placement,
    device_bytes,
    placement,
    proportional,
)
from knowledge.estimator.steps import largest_near

_Loads = list[DeviceLoad]


def plan(
    cost: LayerBytes,
    free_bytes: Sequence[int],
    *,
    margin_bytes: int = ENGINE_MARGIN_BYTES,
    overhead_bytes: int = 0,
    in_part: bool = True,
) -> Placement:
    """The engine's placement of a model on devices with `free_bytes` each; host memory is not limited here.

    `overhead_bytes` is what the driver and runtime take besides: it is noted, not placed. Without `in_part` no part of
    one more layer is looked for on a single device, for searches that need not know it.

    `fits` says whether every layer, experts included, is on the devices with the margin left.
    """
    targets = [free - margin_bytes for free in free_bytes]
    if len(targets) == 1:
        return placement(cost, [_on_one(cost, targets[0], in_part=in_part)], overhead_bytes=overhead_bytes)
    default = proportional(cost.n_layer + 1, free_bytes)
    if all(device_bytes(cost, default, device) <= target for device, target in enumerate(targets)):
        return placement(cost, default, overhead_bytes=overhead_bytes)
    has_experts = cost.experts[-1] > 0
    loads = _fill_back_to_front(cost, targets, experts_on_host=has_experts)
    if has_experts and _surplus_without_experts(cost, default, targets) > 0:
        loads = _return_experts(cost, targets, loads)
    return placement(cost, loads, overhead_bytes=overhead_bytes)


def _on_one(cost: LayerBytes, target: int, *, in_part: bool) -> DeviceLoad:
    """What the only device is given: everything where it holds that."""
    n_all = cost.n_layer + 1
    if _bytes_on_one(cost, n_all, 0, cost.compute_device) <= target:
        return DeviceLoad(n_all)
    return _fill_one(cost, target, experts_on_host=cost.experts[-1] > 0, in_part=in_part)


def _fill_one(cost: LayerBytes, target: int, *, experts_on_host: bool, in_part: bool) -> DeviceLoad:
    """`_fill_back_to_front` and `_return_experts` for a single device, without a list of loads at every step."""
    n_layer = cost.n_layer
    low, high = 0, n_layer + 1
    room = target - _bytes_on_one(cost, high, n_layer, 0)
    if experts_on_host and room >= cost.least_copy:
        plenty = cost.compute_device + 6 * cost.least_copy  # two copies of three matrices: more than any graph needs
        low = high if room >= plenty or room >= cost.compute_parted(1, "moe") else 0
    if low < high:
        low = _most_units(cost, target - cost.compute_lent(True), light=experts_on_host)
        return DeviceLoad(low, max(low - 1, 0) if experts_on_host else 0)
    if not experts_on_host:
        return DeviceLoad(low)
    load = DeviceLoad(n_layer + 1, n_layer - _most_whole(cost, target))
    return _with_part(cost, target, load) if in_part else load


def _most_whole(cost: LayerBytes, target: int) -> int:
    """How many layers keep their experts where all layers are on the one device.

    Buffers differ little with that number: it is looked for near what a usual one makes of it, then near what the one
    found there makes of it.
    """
    n_layer = cost.n_layer
    most = max(n_layer - 2, 0)  # the output layer counts as a partial one, and all of it was tried before
    room = target - _bytes_on_one(cost, n_layer + 1, n_layer, 0)

    def within(buffer: int) -> int:
        return min(max(bisect_right(cost.experts, cost.experts[1] + room - buffer, 1) - 2, 1), most)

    def holds(n_whole: int) -> bool:
        buffer = cost.compute_parted(n_whole + 1, "moe")
        return _bytes_on_one(cost, n_layer + 1, n_layer - n_whole, buffer) <= target

    about = within(cost.compute_device + 2 * cost.least_copy) if most else 0
    return largest_near(holds, within(cost.compute_parted(about + 1, "moe")) if most else 0, most)


def _with_part(cost: LayerBytes, target: int, load: DeviceLoad) -> DeviceLoad:
    """`_part_of_one_more` for a single device: more of its first partial layer, or less than all but the experts."""
    first = cost.n_layer + 1 - load.n_part
    room = target - _bytes_on_one(cost, load.n_layer, load.n_part - 1, 0)

    least = cost.compute_parted(min(first + 1, cost.n_layer - 1), "moe")  # the layers behind need it, too

    def held(fraction: Fraction) -> bool:
        left = room + cost.left_out(fraction, first)
        return left > least and cost.compute_parted(first, fraction) < left

    if held("up"):
        return load._replace(fraction="gate" if held("gate") else "up")
    return load._replace(fraction="attn") if held("attn") else load


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
    """`device_bytes` where there is one device only, with its buffer."""
    n_layer = cost.n_layer
    begin = min(n_layer + 1 - n_units, n_layer)
    held = cost.held[-1] - cost.held[begin] + cost.output
    if n_part:
        held -= cost.experts[-1] - cost.experts[max(begin, min(n_layer + 1 - n_part, n_layer))]
    return held + buffer


def _surplus_without_experts(cost: LayerBytes, default: Sequence[DeviceLoad], targets: Sequence[int]) -> int:
    """Bytes left on all devices together with the default split and all experts on the host."""
    light = [DeviceLoad(load.n_layer, load.n_layer) for load in default]
    return sum(targets) - sum([device_bytes(cost, light, device) for device in range(len(targets))])


def _fill_back_to_front(cost: LayerBytes, targets: Sequence[int], *, experts_on_host: bool) -> _Loads:
    """Whole layers (experts left out for MoE) from the last device backwards, as many as each target allows."""
    loads = [DeviceLoad() for _ in targets]
    unassigned = cost.n_layer + 1
    for device in range(len(targets) - 1, -1, -1):
        is_last = device == len(targets) - 1
        low, high = loads, [*loads]
        high[device] = DeviceLoad(unassigned, unassigned - is_last if experts_on_host and unassigned else 0)
        held, held_high = device_bytes(cost, low, device), device_bytes(cost, high, device)
        if held_high <= targets[device]:
            low, unassigned = high, 0
        while (open_ := high[device].n_layer - low[device].n_layer) > 1:
            step, before = _step(open_, targets[device], held, held_high), low[device]
            # the engine takes one of each step for the output layer until a layer is a partial one
            n_part = before.n_part + step - (is_last and not before.n_part) if experts_on_host else 0
            trial = [*loads]
            trial[device] = DeviceLoad(before.n_layer + step, n_part)
            needed = device_bytes(cost, trial, device)
            if needed <= targets[device]:
                low, held = trial, needed
            else:
                high, held_high = trial, needed
        loads, unassigned = low, cost.n_layer + 1 - sum([load.n_layer for load in low])
    return loads


def _step(n_open: int, target: int, held: int, held_high: int) -> int:
    """How many of `n_open` layers to try next: where a straight line between what both ends take meets the target."""
    if target < held or held_high <= held:
        return n_open - 1
    return min(max(n_open * (target - held) // (held_high - held), 1), n_open - 1)


def _return_experts(cost: LayerBytes, targets: Sequence[int], loads: _Loads) -> _Loads:
    """Turn experts-on-host layers into full ones, front device first, while each device stays within its target."""
    last = len(targets) - 1
    start = last + 1
    while start and loads[start - 1].n_layer:
        start -= 1
    for device in range(len(targets)):
        if device > start or start > last:
            break
        loads, start = _more_full(cost, targets, loads, device, start)
        if start <= last and loads[start].n_layer > (device == last) and (loads[start].n_part or start > device):
            loads, start = _part_of_one_more(cost, targets, loads, device, start)
    return loads


def _more_full(cost: LayerBytes, targets: Sequence[int], low: _Loads, device: int, start: int) -> tuple[_Loads, int]:
    """As many full layers on `device` as it holds, taken from the partial ones of the devices from `start` on.

    With them the first device that has partial ones then.
    """
    target, high = targets[device], _all_on(low, device, start)
    held, held_high = device_bytes(cost, low, device), device_bytes(cost, high, device)
    if held_high <= target:
        return high, len(low) - 1
    while (open_ := high[device].n_full - low[device].n_full) > 1:
        trial, next_start = _converted(low, device, start, _step(open_, target, held, held_high))
        needed = device_bytes(cost, trial, device)
        if needed <= target:
            low, held, start = trial, needed, next_start
        else:
            high, held_high = trial, needed
    return low, start


def _all_on(loads: _Loads, device: int, start: int) -> _Loads:
    """Every layer of the devices from `start` on a full one of `device`; the output layer stays with the last."""
    out = [*loads]
    n_moved = 0
    for donor in range(start, len(out)):
        n_kept = 1 if donor == len(out) - 1 else 0
        n_moved += out[donor].n_layer - n_kept
        out[donor] = DeviceLoad(n_kept)
    out[device] = DeviceLoad(out[device].n_layer + n_moved, out[device].n_part)
    return out


def _converted(loads: _Loads, device: int, start: int, n_moved: int) -> tuple[_Loads, int]:
    """`device` holds `n_moved` more full layers; and the first device then that has partial ones."""
    out = [*loads]
    while start < len(out):
        donor = out[start]
        taken = min(n_moved, donor.n_part)
        out[start] = DeviceLoad(donor.n_layer - taken, donor.n_part - taken)
        out[device] = DeviceLoad(out[device].n_layer + taken, out[device].n_part)
        n_moved -= taken
        if out[start].n_part:
            break
        start += 1
    return out, start


def _part_of_one_more(
    cost: LayerBytes, targets: Sequence[int], loads: _Loads, device: int, start: int
) -> tuple[_Loads, int]:
    """A part of one more layer on `device`, as large as both it and the next device, which takes the rest, hold."""
    spills = device < len(targets) - 1
    trial, donor = [*loads], loads[start]
    trial[start] = DeviceLoad(donor.n_layer - 1, max(0, donor.n_part - 1))
    more = DeviceLoad(trial[device].n_layer + 1, trial[device].n_part + 1, "up", spills)

    def held(load: DeviceLoad) -> bool:
        trial[device] = load
        both = range(device, device + 1 + spills)
        return all(device_bytes(cost, trial, each) < targets[each] for each in both)

    if held(more):
        found = larger if held(larger := more._replace(fraction="gate")) else more
    elif held(less := more._replace(fraction="attn")):
        found = less
    else:
        return loads, start
    trial[device] = found
    return trial, start + (not trial[start].n_part)
