"""Why two engines answer the same question differently: their figures held side by side, largest difference first.

It reads finished answers; nothing is estimated here.
"""

from __future__ import annotations

from knowledge.estimator.engines import engine_by_name
from knowledge.estimator.request import FitAnswer
from knowledge.units import MIB, gib_text, tokens_text

LEAST_BYTES = 64 * MIB
"""Smaller differences are not worth a word."""

_PARTS = (
    ("weights", "weights_bytes"),
    ("KV cache", "kv_cache_bytes"),
    ("recurrent state", "recurrent_bytes"),
    ("buffers", "compute_bytes"),
    ("driver and runtime", "overhead_bytes"),
)


def why_differs(base: FitAnswer, other: FitAnswer) -> str:
    """What makes `other` differ from `base`, in one line: file, context, and the parts of memory that changed most."""
    causes: list[str] = []
    if other.request.quant != base.request.quant:
        causes.append(f"{other.request.quant} instead of {base.request.quant}")
    ours, theirs = base.request.context.n_ctx, other.request.context.n_ctx
    if ours != theirs:
        causes.append(f"context {tokens_text(theirs)} instead of {tokens_text(ours)}")
    differences = [(name, getattr(other.memory, part) - getattr(base.memory, part)) for name, part in _PARTS]
    differences.sort(key=lambda pair: -abs(pair[1]))
    parts = [f"{name} {'+' if size > 0 else '−'}{gib_text(abs(size))}" for name, size in differences if _counts(size)]
    room = (other.available_bytes or 0) - (base.available_bytes or 0)
    if _counts(room) and other.available_bytes is not None:
        parts.append(f"{gib_text(abs(room))} {'more' if room > 0 else 'less'} of the device to use")
    rule = engine_by_name(other.request.engine).why
    return "; ".join([*causes, *parts, rule])


def _counts(size: int) -> bool:
    return abs(size) >= LEAST_BYTES
