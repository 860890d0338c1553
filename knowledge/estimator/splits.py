"""Better places on several devices than the engine's own: layers split by hand, or a device left out.

`--fit` fills devices from the last one with the buffers of a model that is still partly on the host, and splits by free
memory first; so it may leave too little room, or fail, where another split of the same layers runs, and a further small
card can make its plan worse. What is tried here can be asked for with `-ts`, `-ngl` and `-dev`. The engine's own plan
is `fill.plan`; what is better is the verdict's business.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from knowledge.catalog import FitTier
from knowledge.estimator.budget import Budget
from knowledge.estimator.fill import plan
from knowledge.estimator.layer_costs import LayerBytes
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES, DeviceLoad, Placement, placement
from knowledge.estimator.verdict import memory_tier_of
from knowledge.said import worded

_ALL_SUBSETS = 4
"""With more devices than this only one is left out, or the smallest ones."""


def planned(cost: LayerBytes, budget: Budget, *, enough: FitTier = "comfortable", in_part: bool = True) -> Placement:
    """The engine's own plan, or on several devices another that reaches a better verdict.

    None better is looked for where the engine's own reaches `enough`. `in_part` is `fill.plan`'s.
    """
    best = plan(cost, budget.free_bytes, overhead_bytes=budget.overhead_bytes, in_part=in_part)
    tier = memory_tier_of(budget, best.memory, best)
    if len(budget.free_bytes) == 1:
        return _with_less_in_ram(cost, budget, best) if tier == "no" and best.loads[0].fraction == "attn" else best
    if tier in {"comfortable", enough} or not may_hold(cost, budget, whole_only=tier == "trade-offs"):
        return best
    for other in alternatives(cost, budget, whole_only=tier == "trade-offs"):
        reached = memory_tier_of(budget, other.memory, other)
        if reached == "comfortable" or (reached != "no" and tier == "no"):
            return other
    return best


def _with_less_in_ram(cost: LayerBytes, budget: Budget, best: Placement) -> Placement:
    """The placement of one device without a layer's part, which takes shared experts out of it, if RAM holds that."""
    whole = placement(cost, [best.loads[0]._replace(fraction="moe")], overhead_bytes=budget.overhead_bytes)
    return best if memory_tier_of(budget, whole.memory, whole) == "no" else whole


def may_hold(cost: LayerBytes, budget: Budget, *, whole_only: bool) -> bool:
    """Whether the least that any split takes is no more than all there is: on the devices, or with RAM.

    `whole_only` asks for all of it on devices with the engine's margin left free.
    """
    model = _span(cost, 0, cost.n_layer + 1)
    whole = model + min(cost.compute_device, cost.compute_pipelined[0])
    if whole_only:
        return whole <= sum([max(0, free - ENGINE_MARGIN_BYTES) for free in budget.free_bytes])
    room = sum(budget.free_bytes)
    if whole <= room:
        return True
    room += budget.host_bytes - model - cost.token_embd_host
    return min(cost.compute_device, cost.compute_host + cost.least_copy) <= room


def one_holds(cost: LayerBytes, budget: Budget) -> bool | None:
    """Whether one device and the RAM hold a model between them; None where only a placement tells.

    What a device is given leaves its margin free; so RAM that holds everything is enough, and what is more than both
    hold without a buffer is too much.
    """
    whole = cost.token_embd_host + cost.held[-1] + cost.output
    least = whole + min(cost.compute_host, cost.compute_device)
    if least - max(0, budget.free_bytes[0] - ENGINE_MARGIN_BYTES) > budget.host_bytes:
        return False
    if budget.shared_bytes is not None:
        return False if least > budget.shared_bytes else None
    return True if whole + max(cost.compute_host, cost.compute_device) <= budget.host_bytes else None


def holds_whole(cost: LayerBytes, targets: Sequence[int]) -> bool | None:
    """Whether several devices hold every layer within `targets`, the engine's own split or another.

    Devices are filled from the last, each with all it holds: no other split of whole layers gets further. None where
    that does not tell: one device of several, which the engine gives everything, may need less there than alone, and
    a layer with experts may lie on two.
    """
    if packed(cost, targets) is not None:
        return True
    if cost.experts[-1] or cost.compute_pipelined[0] < cost.compute_device:
        least = _span(cost, 0, cost.n_layer + 1) + min(cost.compute_device, cost.compute_pipelined[0])
        return False if least > sum([max(0, target) for target in targets]) else None
    return False


def said_of(placement: Placement | None) -> tuple[str, ...]:
    """That the layers are to be split by hand, and how many devices stay out."""
    if placement is None or not placement.by_hand:
        return ()
    idle = sum(1 for load in placement.loads if not load.n_layer)
    if not idle:
        return (worded("split_by_hand", "split by hand: the engine's own choice leaves too little room"),)
    text = "split by hand, {idle} of {n} devices left out: the engine's own choice leaves too little room"
    return (worded("split_by_hand_idle", text, idle=str(idle), n=str(len(placement.loads))),)


def alternatives(cost: LayerBytes, budget: Budget, *, whole_only: bool) -> Iterator[Placement]:
    """Placements to try where the engine's own does not do, best first: all on devices, then with a part on the host.

    `whole_only` leaves the latter out: nothing better than a part on the host is wanted then.
    """
    free_bytes, overhead_bytes = budget.free_bytes, budget.overhead_bytes
    with_margin = [free - ENGINE_MARGIN_BYTES for free in free_bytes]
    for targets in (with_margin,) if whole_only else (with_margin, free_bytes):
        loads = packed(cost, targets)
        if loads is not None:
            yield _by_hand(cost, loads, overhead_bytes)
    if whole_only:
        return
    tried: set[tuple[int, ...]] = set()
    for kept in _fewer(free_bytes):
        room = tuple([free_bytes[device] for device in kept])
        if room not in tried:  # which one of two alike is left out makes no difference
            tried.add(room)
            yield _spread(plan(cost, room, overhead_bytes=overhead_bytes), kept, len(free_bytes))
    for targets in (with_margin, free_bytes):
        yield _by_hand(cost, filled(cost, targets), overhead_bytes)


def packed(cost: LayerBytes, targets: Sequence[int]) -> list[DeviceLoad] | None:
    """Every layer on the devices: on the roomiest alone if it can be, else from the last back as many as each holds.

    None where they do not hold all. Buffers are those of devices that work in turn, so the sum is what the engine
    would reserve for this very split.
    """
    n_all = cost.n_layer + 1
    roomiest = max(range(len(targets)), key=lambda device: targets[device])
    if _span(cost, 0, n_all) + cost.compute_device <= targets[roomiest]:
        return [DeviceLoad(n_all if device == roomiest else 0) for device in range(len(targets))]
    front, further = cost.compute_pipelined
    loads, stop = [DeviceLoad()] * len(targets), n_all
    for device in range(len(targets) - 1, -1, -1):
        if stop < n_all and _span(cost, 0, stop) + front <= targets[device]:
            loads[device] = DeviceLoad(stop)
            return loads
        start = max(1, _first_held(cost, stop, targets[device] - further))  # all that is left was tried above
        loads[device] = DeviceLoad(stop - start)
        stop = start
    return loads if not stop else None


def filled(cost: LayerBytes, targets: Sequence[int]) -> list[DeviceLoad]:
    """As many layers as each device holds, the last first, experts on the host where the model has any.

    Then experts return to the layers of each device that has room left. Buffers are those of the finished placement.
    """
    n_all, has_experts = cost.n_layer + 1, cost.experts[-1] > 0
    loads, stop = [DeviceLoad()] * len(targets), n_all
    for device in range(len(targets) - 1, -1, -1):
        is_last = stop == n_all
        room = targets[device] - _buffer(cost, is_last, is_first=not device)
        start = _first_held(cost, stop, room, dense=has_experts)
        n_part = max(0, stop - start - is_last) if has_experts else 0
        if n_part:
            room -= _span(cost, start, stop, dense=True)
            n_part -= sum(
                1 for kept in cost.experts[start + 1 : start + n_part + 1] if kept - cost.experts[start] <= room
            )
        loads[device] = DeviceLoad(stop - start, n_part)
        stop = start
    return loads


def _first_held(cost: LayerBytes, stop: int, room: int, *, dense: bool = False) -> int:
    """The first of the units before `stop` that are held together in `room` bytes; `stop` where none is."""
    sums = cost.light if dense else cost.held
    least = sums[min(stop, cost.n_layer)] + (cost.output if stop > cost.n_layer else 0) - room
    return min(bisect_left(sums, least), stop)


def _buffer(cost: LayerBytes, has_head: bool, *, is_first: bool) -> int:
    """The largest buffer of a device that is one of several while something stays on the host."""
    if is_first:
        return max(cost.compute_lent(has_head), cost.compute_experts(has_head) if cost.experts[-1] else 0)
    return max(cost.compute_rest(has_head), cost.compute_device if has_head else cost.compute_headless())


def _span(cost: LayerBytes, start: int, stop: int, *, dense: bool = False) -> int:
    """Weights, cache and state of units `start` to `stop - 1`, the output layer the last; `dense` without experts."""
    n_layer, sums = cost.n_layer, cost.light if dense else cost.held
    if stop <= n_layer:
        return sums[stop] - sums[start]
    return cost.output + sums[-1] - sums[min(start, n_layer)] if stop > start else 0


def _fewer(free_bytes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Devices to keep, most first: every choice of a few devices; of many all but one, or the roomiest."""
    everything = range(len(free_bytes))
    if len(free_bytes) <= _ALL_SUBSETS:
        for n_kept in range(len(free_bytes) - 1, 0, -1):
            yield from combinations(everything, n_kept)
        return
    yield from combinations(everything, len(free_bytes) - 1)
    by_room = sorted(everything, key=lambda device: -free_bytes[device])
    for n_kept in range(len(free_bytes) - 2, 0, -1):
        yield tuple(sorted(by_room[:n_kept]))


def _by_hand(cost: LayerBytes, loads: Sequence[DeviceLoad], overhead_bytes: int) -> Placement:
    """The placement of loads given by hand; devices without any are not shown to the engine at all."""
    kept = tuple(device for device, load in enumerate(loads) if load.n_layer) or (0,)
    few = placement(cost, [loads[device] for device in kept], overhead_bytes=overhead_bytes)
    return _spread(few, kept, len(loads))


def _spread(few: Placement, kept: Sequence[int], n_devices: int) -> Placement:
    """A placement on some devices as one on all of them."""
    loads, used = [DeviceLoad()] * n_devices, [0] * n_devices
    for device, load, size in zip(kept, few.loads, few.device_bytes, strict=True):
        loads[device], used[device] = load, size
    return replace(few, loads=tuple(loads), device_bytes=tuple(used), by_hand=True)
