"""Where a search for the longest context begins that a sum does not tell: near its end, by looks without a walk.

First what the devices and the RAM hold together is divided as if layers could be cut anywhere, then whole layers are
placed with the buffers of that context. Nothing here is an answer: what is guessed is looked at exactly, in `looks`.
"""

from __future__ import annotations

from collections.abc import Callable

from knowledge.estimator.buffers import Where, buffer_at
from knowledge.estimator.fit import Case
from knowledge.estimator.kv_cache import cache_bytes, cache_coefficients, cache_sums, cells
from knowledge.estimator.layer_costs import layer_bytes
from knowledge.estimator.looks import at_n_ctx, room_bytes
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES, Placement, placement
from knowledge.estimator.quant import cache_bytes_per_element
from knowledge.estimator.splits import filled, packed, planned
from knowledge.estimator.steps import largest_near, largest_within
from knowledge.estimator.verdict import lacking_bytes
from knowledge.estimator.weights import weights

_ROUNDS = 3
"""Guesses with the buffers of the last one: the more layers are in RAM, the more they grow with the context."""


def longest_near(case: Case, holds: Callable[[int], bool], step: int, most: int, *, comfortable: bool) -> int:
    """`largest_that` for how many `step`s of context are held: looked for from where a guess says that it is.

    `comfortable` tells what `holds` looks for: all on devices with a margin, else layers in RAM too.
    """
    about = about_excess_bytes(case, comfortable=comfortable)
    guess = largest_within(lambda n_steps: about(n_steps * step), 0, most)
    if most < 1 or (guess == most and holds(most)):
        return max(most, 0)
    if not guess and not holds(1):
        return 0
    for _ in range(_ROUNDS if case.engine.uses_llama_cpp else 0):
        last = max(guess, 1)
        guess = largest_near(_filled(case, last, step, comfortable=comfortable), last, most)
        if abs(guess - last) <= 1:
            break
    return largest_near(holds, guess, most)


def about_excess_bytes(case: Case, *, comfortable: bool) -> Callable[[int], float]:
    """By the length of the context, about how many bytes are too many: half a layer a device serves no split."""
    request, shape, budget = case.request, case.shape, case.budget
    context, w, coefficients = request.context, weights(shape, request.quant), cache_coefficients(shape)
    bytes_k, bytes_v = cache_bytes_per_element(context.type_k), cache_bytes_per_element(context.type_v)
    n_devices = len(budget.free_bytes) if budget is not None else 1
    whole = comfortable or budget is None
    first, further = (Where.FIRST, Where.FURTHER) if whole else (Where.REST, Where.REST)
    buffers = buffer_at(shape, context, first), buffer_at(shape, context, further)
    beside = 0 if whole else w.host_bytes + max(w.largest.values(), default=0)
    held = w.device_bytes * (1 + n_devices / (2 * shape.n_layer)) + beside
    share = 1 if whole else 1 + 1 / shape.n_layer  # a layer's cache is copied in as well
    room = room_bytes(case, comfortable=comfortable)
    if not comfortable and n_devices == 1:
        room -= ENGINE_MARGIN_BYTES  # several can be filled to the brim by hand
    if budget is not None and budget.shared_bytes is not None:
        room = min(room, budget.shared_bytes)

    def excess(n_ctx: int) -> float:
        at = cells(coefficients, context, n_ctx)
        kept = cache_bytes(coefficients, at, bytes_k, bytes_v, flash_attn=context.flash_attn)
        return held + sum(kept) * share + buffers[0](at) + (n_devices - 1) * buffers[1](at) - room

    return excess


def _filled(case: Case, near_steps: int, step: int, *, comfortable: bool) -> Callable[[int], bool]:
    """By the steps of context, whether devices filled in turn hold them, with the buffers of `near_steps`."""
    budget, shape, context = case.budget, case.shape, case.request.context
    if budget is None:
        raise ValueError("a case without a budget has no devices to fill")
    near_context = at_n_ctx(context, near_steps * step)
    near = layer_bytes(shape, case.request.quant, near_context, n_devices=len(budget.free_bytes))
    targets = [free - ENGINE_MARGIN_BYTES for free in budget.free_bytes]

    def is_enough(placed: Placement) -> bool:
        return lacking_bytes(budget, placed.memory, placed) <= 0

    def holds(n_steps: int) -> bool:
        cost = near.with_cache(*cache_sums(shape, at_n_ctx(context, n_steps * step)))
        if comfortable:
            loads = packed(cost, targets)
            return loads is not None and is_enough(placement(cost, loads))
        by_hand = len(targets) > 1 and is_enough(placement(cost, filled(cost, budget.free_bytes)))
        return by_hand or is_enough(planned(cost, budget, enough="trade-offs", in_part=False))

    return holds
