"""Quick looks at a case with another file type or context: is it held, what is its verdict, how fast does it decode.

What searches ask many times, by the shortest way to the answer `fit` gives: on one card that holds a model whole, or on
the CPU, a sum over parts tells, and nothing is placed. It has no formula of its own and builds no answers.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import sub

from knowledge.catalog import FitTier
from knowledge.estimator.buffers import Where, buffer_at, compute_buffer
from knowledge.estimator.fit import Case, place, work_of
from knowledge.estimator.kv_cache import cache_bytes, cache_coefficients, cells
from knowledge.estimator.layer_costs import LayerBytes, layer_bytes
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES
from knowledge.estimator.quant import cache_bytes_per_element
from knowledge.estimator.request import ContextParams
from knowledge.estimator.speeds import decode_mid
from knowledge.estimator.splits import holds_whole, may_hold, one_holds
from knowledge.estimator.verdict import lacking_bytes, memory_tier_of, speed_trade_offs
from knowledge.estimator.weights import file_sizes


def at_n_ctx(context: ContextParams, n_ctx: int) -> ContextParams:
    """The same settings at another length."""
    return ContextParams(
        n_ctx=n_ctx,
        type_k=context.type_k,
        type_v=context.type_v,
        flash_attn=context.flash_attn,
        n_batch=context.n_batch,
        n_ubatch=context.n_ubatch,
        n_parallel=context.n_parallel,
        kv_unified=context.kv_unified,
        n_outputs=context.n_outputs,
    )


def sum_tells(case: Case) -> bool:
    """Whether a sum over parts tells that a case is held comfortably: one device or the CPU, the engine's own plan."""
    budget, request = case.budget, case.request
    usual = case.engine.uses_llama_cpp and request.n_gpu_layers is None and request.n_cpu_moe is None
    return usual and case.extras is None and budget is not None and len(budget.free_bytes) == 1


def splits_tell(case: Case) -> bool:
    """Whether what several devices hold whole tells the verdict, without a placement: the engine's own plan there."""
    budget, request = case.budget, case.request
    usual = case.engine.uses_llama_cpp and request.n_gpu_layers is None and request.n_cpu_moe is None
    several = budget is not None and len(budget.free_bytes) > 1 and budget.shared_bytes is None
    return usual and case.extras is None and several


def _cost(case: Case, quant: str, context: ContextParams | None) -> LayerBytes:
    n_devices = len(case.budget.free_bytes) if case.budget is not None else 1
    return layer_bytes(case.shape, quant or case.request.quant, context or case.request.context, n_devices=n_devices)


def need_bytes(case: Case, quant: str, context: ContextParams) -> Callable[[int], tuple[int, int]]:
    """Bytes on the device that holds everything, and on the host beside it, by the length of the context."""
    shape, on_cpu = case.shape, case.budget is not None and case.budget.on_cpu
    coefficients, w = cache_coefficients(shape), file_sizes(shape, quant)
    bytes_k, bytes_v = cache_bytes_per_element(context.type_k), cache_bytes_per_element(context.type_v)
    held = w.alone_bytes if on_cpu else w.device_bytes
    buffer = buffer_at(shape, context, Where.HOST_ALONE if on_cpu else Where.DEVICE)
    is_shared = case.budget is not None and case.budget.shared_bytes is not None and not on_cpu

    def need(n_ctx: int) -> tuple[int, int]:
        at = cells(coefficients, context, n_ctx)
        kept = cache_bytes(coefficients, at, bytes_k, bytes_v, flash_attn=context.flash_attn)
        beside = w.host_bytes + compute_buffer(shape, at_n_ctx(context, n_ctx)).host_bytes if is_shared else 0
        return held + round(sum(kept)) + buffer(at), beside

    return need


def excess_bytes(case: Case, quant: str = "", context: ContextParams | None = None) -> Callable[[int], int]:
    """By the length of the context, the bytes that are too many to be held comfortably: 0 or less where it is.

    For cases of which a sum tells.
    """
    budget, quant, context = case.budget, quant or case.request.quant, context or case.request.context
    if budget is None:
        raise ValueError("a case without a budget has no room")
    need = need_bytes(case, quant, context)
    free = budget.free_bytes[0] - (0 if budget.on_cpu else ENGINE_MARGIN_BYTES)
    shared = budget.shared_bytes

    def excess(n_ctx: int) -> int:
        device, host = need(n_ctx)
        return device - free if shared is None else max(device - free, device + host - shared)

    return excess


def memory_tier(case: Case, quant: str = "", context: ContextParams | None = None) -> FitTier:
    """The verdict as far as memory goes, without any speed."""
    if case.budget is None:
        return "no"
    placed = place(case, case.budget, quant, context)
    return memory_tier_of(case.budget, placed.memory, placed.placement)


def must_hold_all(case: Case) -> bool:
    """Whether a case of which a sum tells runs only where the device holds everything: there is no RAM beside it."""
    return case.budget is not None and case.budget.on_cpu


def is_held(case: Case, quant: str = "", context: ContextParams | None = None) -> bool:
    """Whether memory does not make the verdict a no."""
    if sum_tells(case):
        if excess_bytes(case, quant, context)((context or case.request.context).n_ctx) <= 0:
            return True
        if must_hold_all(case):
            return False
    if is_too_much(case, quant, context, comfortable=False):
        return False
    if case.budget is not None and sum_tells(case):
        held = one_holds(_cost(case, quant, context), case.budget)
        if held is not None:
            return held
    if case.budget is not None and splits_tell(case):
        cost = _cost(case, quant, context)
        if holds_whole(cost, case.budget.free_bytes):
            return True
        if not may_hold(cost, case.budget, whole_only=False):
            return False
    budget = case.budget
    if budget is not None and budget.shared_bytes is None and len(budget.free_bytes) == 1 and case.shape.n_expert:
        lacks = lacking(case, quant, context, in_part=False)
        if lacks <= 0 or lacks > _largest_experts(case, quant, context):
            return lacks <= 0
    return lacking(case, quant, context) <= 0


def _largest_experts(case: Case, quant: str, context: ContextParams | None) -> int:
    """Bytes of the largest layer's experts: a part of one more layer brings no more of them out of RAM."""
    sums = _cost(case, quant, context).experts
    return max(map(sub, sums[1:], sums), default=0)


def least_bytes(case: Case, quant: str = "", context: ContextParams | None = None) -> int:
    """What any placement needs on devices and host together: weights, cache and state, without a buffer."""
    shape, context = case.shape, context or case.request.context
    bytes_k, bytes_v = cache_bytes_per_element(context.type_k), cache_bytes_per_element(context.type_v)
    coefficients = cache_coefficients(shape)
    kept = cache_bytes(coefficients, cells(coefficients, context), bytes_k, bytes_v, flash_attn=context.flash_attn)
    return file_sizes(shape, quant or case.request.quant).device_bytes + round(sum(kept))


def room_bytes(case: Case, *, comfortable: bool = False) -> int:
    """All the room there is: on devices with the engine's margin left free, or in RAM too where that will do."""
    budget = case.budget
    if budget is None:
        return 0
    if comfortable:
        return sum([max(0, free - ENGINE_MARGIN_BYTES) for free in budget.free_bytes])
    return sum(budget.free_bytes) + budget.host_bytes


def is_too_much(case: Case, quant: str = "", context: ContextParams | None = None, *, comfortable: bool) -> bool:
    """Whether a placement need not be worked out: even without buffers it is more than there is room for.

    `comfortable` asks for all of it on devices with the engine's margin left, else RAM counts too.
    """
    budget = case.budget
    if budget is None or budget.on_cpu or not case.engine.uses_llama_cpp:
        return False
    least = least_bytes(case, quant, context)
    if budget.shared_bytes is not None and least > budget.shared_bytes:
        return True
    return least > room_bytes(case, comfortable=comfortable)


def lacking(case: Case, quant: str = "", context: ContextParams | None = None, *, in_part: bool = True) -> float:
    """Bytes of memory that are missing, above 0 where the verdict is no. `in_part` is `fill.plan`'s."""
    if case.budget is None:
        return float("inf")
    placed = place(case, case.budget, quant, context, enough="trade-offs", in_part=in_part)
    return lacking_bytes(case.budget, placed.memory, placed.placement)


def easily_held(case: Case, quant: str = "", context: ContextParams | None = None) -> bool:
    """Whether memory alone would make the verdict comfortable."""
    if sum_tells(case):
        return excess_bytes(case, quant, context)((context or case.request.context).n_ctx) <= 0
    if is_too_much(case, quant, context, comfortable=True):
        return False
    if case.budget is not None and splits_tell(case):
        targets = [free - ENGINE_MARGIN_BYTES for free in case.budget.free_bytes]
        whole = holds_whole(_cost(case, quant, context), targets)
        if whole is not None:
            return whole
    return memory_tier(case, quant, context) == "comfortable"


def decode_mid_tok_s(
    case: Case, quant: str = "", context: ContextParams | None = None, depth: int | None = None
) -> float | None:
    """The middle of the decode estimate alone; None where nothing runs or the bandwidth is unknown."""
    if case.budget is None:
        return None
    return decode_mid(work_of(case, place(case, case.budget, quant, context), quant, context, depth))


def held_decode_mid_tok_s(
    case: Case, quant: str = "", context: ContextParams | None = None, depth: int | None = None
) -> float | None:
    """The same for a case that is easily held: what one device holds whole needs no placement."""
    if not sum_tells(case):
        return decode_mid_tok_s(case, quant, context, depth)
    return decode_mid(work_of(case, None, quant, context, depth))


def is_comfortable(case: Case, quant: str = "", context: ContextParams | None = None) -> bool:
    """Whether the whole verdict is comfortable."""
    return easily_held(case, quant, context) and not speed_trade_offs(held_decode_mid_tok_s(case, quant, context))


def quick_tier(case: Case, quant: str = "", context: ContextParams | None = None) -> FitTier:
    """The whole verdict by the shortest way: speed is only looked at where memory leaves it open."""
    if is_comfortable(case, quant, context):
        return "comfortable"
    return "trade-offs" if is_held(case, quant, context) else "no"
