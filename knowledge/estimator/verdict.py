"""The brand's verdict from memory and speed: runs comfortably, with trade-offs, or will not run, and why in words.

It looks at figures others computed: no bytes and no speeds are worked out here. Swap never counts as memory.
"""

from __future__ import annotations

from knowledge.catalog import FitTier
from knowledge.estimator.budget import Budget
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES, Placement
from knowledge.estimator.request import MemoryParts
from knowledge.estimator.thresholds import CHAT_SLOW_TOK_S
from knowledge.units import gib_text


def memory_problem(budget: Budget, memory: MemoryParts, placement: Placement | None) -> str:
    """Why the model cannot be held; empty where it can."""
    on_device = memory.total_bytes - memory.overhead_bytes
    if placement is None:
        if on_device > budget.available_bytes:
            return f"needs {gib_text(on_device)}, {gib_text(budget.available_bytes)} are free"
    elif memory.extras_bytes > budget.taken_bytes:
        need, have = gib_text(memory.extras_bytes), gib_text(budget.taken_bytes)
        return f"what is loaded beside the model needs {need} on the first device, {have} are free"
    elif any(used > free for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True)):
        return "a device would hold more than it has"
    elif not placement.fits:
        problem = _host_problem(budget, memory)
        if problem:
            return problem
    if budget.shared_bytes is not None and on_device + memory.host_total_bytes > budget.shared_bytes:
        need, have = gib_text(on_device + memory.host_total_bytes), gib_text(budget.shared_bytes)
        return f"needs {need} of the {have} RAM that can be used"
    return ""


def _host_problem(budget: Budget, memory: MemoryParts) -> str:
    need = memory.host_total_bytes
    if budget.host_bytes is None:
        return f"{gib_text(need)} would have to sit in RAM, and how much RAM there is was not said"
    if need > budget.host_bytes:
        can = gib_text(budget.host_bytes)
        return f"{gib_text(need)} would have to sit in RAM, {can} can be used; swap does not count"
    return ""


def memory_trade_offs(budget: Budget, placement: Placement | None) -> tuple[str, ...]:
    """What holding the model costs, though it can be held: layers or experts in RAM, or the engine's margin."""
    if placement is None:
        return ()
    if not placement.fits:
        if placement.n_cpu_moe:
            return (f"experts of {placement.n_cpu_moe} layers stay in RAM",)
        return (f"only {placement.n_gpu_layers} layers fit on the GPU, the rest run from RAM",)
    least = min(free - used for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True))
    if least < ENGINE_MARGIN_BYTES:
        return ("leaves less than the 1 GiB margin the engine keeps free",)
    return ()


def speed_trade_offs(decode_tok_s: float | None) -> tuple[str, ...]:
    """What the speed costs: below reading speed chat drags."""
    if decode_tok_s is not None and decode_tok_s < CHAT_SLOW_TOK_S:
        return (f"slower than the {CHAT_SLOW_TOK_S:.0f} tok/s below which chat drags",)
    return ()


def tier_of(problem: str, trade_offs: tuple[str, ...]) -> FitTier:
    """The tier these findings make."""
    if problem:
        return "no"
    return "trade-offs" if trade_offs else "comfortable"
