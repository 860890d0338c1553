"""The brand's verdict from memory and speed: runs comfortably, with trade-offs, or will not run, and why in words.

It looks at figures others computed: no bytes and no speeds are worked out here. Swap never counts as memory.
"""

from __future__ import annotations

from knowledge.catalog import FitTier
from knowledge.estimator.budget import ASSUMED_RAM_BESIDE_BYTES, Budget
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES, Placement
from knowledge.estimator.request import MemoryParts
from knowledge.estimator.thresholds import CHAT_SLOW_TOK_S
from knowledge.said import worded
from knowledge.units import gib_text, gib_texts


def memory_problem(budget: Budget, memory: MemoryParts, placement: Placement | None) -> str:
    """Why the model cannot be held; empty where it can."""
    on_device = memory.total_bytes - memory.overhead_bytes
    if placement is None:
        if on_device > budget.available_bytes:
            need, have = gib_texts(on_device, budget.available_bytes)
            return worded("no_room", "needs {need}, {have} are free", need=need, have=have)
    elif memory.extras_bytes > budget.taken_bytes:
        need, have = gib_texts(memory.extras_bytes, budget.taken_bytes)
        text = "what is loaded beside the model needs {need} on the first device, {have} are free"
        return worded("no_room_beside", text, need=need, have=have)
    elif any(used > free for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True)):
        return worded("device_over", "a device would hold more than it has")
    elif not placement.fits:
        problem = _host_problem(budget, memory)
        if problem:
            return problem
    if budget.shared_bytes is not None and on_device + memory.host_total_bytes > budget.shared_bytes:
        need, have = gib_texts(on_device + memory.host_total_bytes, budget.shared_bytes)
        return worded("no_room_shared", "needs {need} of the {have} RAM that can be used", need=need, have=have)
    return ""


def _host_problem(budget: Budget, memory: MemoryParts) -> str:
    need = memory.host_total_bytes
    if need > budget.host_bytes:
        needed, can = gib_texts(need, budget.host_bytes)
        if budget.ram_assumed:
            text = "{need} would have to sit in RAM, and how much RAM there is was not said"
            return worded("ram_unknown", text, need=needed)
        text = "{need} would have to sit in RAM, {can} can be used; swap does not count"
        return worded("ram_short", text, need=needed, can=can)
    return ""


def lacking_bytes(budget: Budget, memory: MemoryParts, placement: Placement | None) -> float:
    """How much memory is missing: above 0 where `memory_problem` has something to say.

    Below 0 it tells how much is left; it grows with the context, which is what searches go by.
    """
    on_device = memory.total_bytes - memory.overhead_bytes
    lacking: float
    if placement is None:
        lacking = on_device - budget.available_bytes
    else:
        lacking = max([used - free for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True)])
        if memory.extras_bytes > budget.taken_bytes:
            lacking = max(lacking, memory.extras_bytes - budget.taken_bytes)
        if not placement.fits:
            lacking = max(lacking, memory.host_total_bytes - budget.host_bytes)
    if budget.shared_bytes is not None:
        lacking = max(lacking, on_device + memory.host_total_bytes - budget.shared_bytes)
    return lacking


def memory_trade_offs(budget: Budget, placement: Placement | None, n_layer: int = 0) -> tuple[str, ...]:
    """What holding the model costs, though it can be held: layers or experts in RAM, or the engine's margin.

    `n_layer` is the model's, for the words alone: the engine counts the output as one more.
    """
    if placement is None:
        return ()
    if not placement.fits:
        counted = (ram_assumed(ASSUMED_RAM_BESIDE_BYTES),) if budget.ram_assumed else ()
        if placement.n_cpu_moe:
            return (worded("experts_in_ram", "experts of {n} layers stay in RAM", n=str(placement.n_cpu_moe)), *counted)
        text = "only {n} of {total} layers fit on the GPU, the rest run from RAM"
        return (worded("layers_in_ram", text, n=str(placement.n_gpu_layers), total=str(n_layer + 1)), *counted)
    left = (free - used for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True) if used)
    if min(left, default=0) < ENGINE_MARGIN_BYTES:
        return (worded("little_margin", "leaves less than the 1 GiB margin the engine keeps free"),)
    return ()


def ram_assumed(size_bytes: int) -> str:
    """The words for RAM that was counted on though nobody said how much there is."""
    return worded("ram_assumed", "how much RAM there is was not said: taken as {size}", size=gib_text(size_bytes, 0))


def memory_tier_of(budget: Budget, memory: MemoryParts, placement: Placement | None) -> FitTier:
    """The tier as far as memory goes."""
    if lacking_bytes(budget, memory, placement) > 0:
        return "no"
    return tier_of("", memory_trade_offs(budget, placement))


def speed_trade_offs(decode_tok_s: float | None) -> tuple[str, ...]:
    """What the speed costs: below reading speed chat drags."""
    if decode_tok_s is not None and decode_tok_s < CHAT_SLOW_TOK_S:
        return (worded("too_slow", "slower than the {n} tok/s below which chat drags", n=f"{CHAT_SLOW_TOK_S:.0f}"),)
    return ()


def tier_of(problem: str, trade_offs: tuple[str, ...]) -> FitTier:
    """The tier these findings make."""
    if problem:
        return "no"
    return "trade-offs" if trade_offs else "comfortable"
