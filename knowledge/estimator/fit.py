"""The estimate itself: one resolved question in, one whole answer out.

`estimate` gives memory by part, the placement, the verdict and the speeds; `estimate_detailed` adds what people act on
(longest context, best quant, the command, the smallest changes). Formulas live in the modules this one calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from knowledge.catalog import FitTier, ModelShape
from knowledge.errors import BadInput
from knowledge.estimator.budget import ASSUMED_RAM_BYTES, MAX_DEVICES, Budget, budget_of
from knowledge.estimator.device import default_backend
from knowledge.estimator.engines import Engine, check_cache, engine_by_name, memory_of
from knowledge.estimator.extras import ExtraParts, draft_said, extra_parts, speculation, with_extras, with_room_taken
from knowledge.estimator.kv_cache import check_types
from knowledge.estimator.layer_costs import LayerBytes, layer_bytes
from knowledge.estimator.offload import Placement, split_of
from knowledge.estimator.quality import quality_of
from knowledge.estimator.refusals import (
    check_runtimes,
    context_outside,
    memory_unknown,
    no_shape,
    runs_elsewhere,
    too_many_devices,
)
from knowledge.estimator.request import ContextParams, FitAnswer, FitRequest, MemoryParts
from knowledge.estimator.speed_learn import Learnt
from knowledge.estimator.speeds import Speeds, Work, learn_from, speeds_of
from knowledge.estimator.splits import planned, said_of
from knowledge.estimator.verdict import memory_problem, memory_trade_offs, ram_assumed, speed_trade_offs, tier_of
from knowledge.said import worded
from knowledge.units import gib_text, tokens_text

MAX_N_CTX = 16 * 1024 * 1024
MAX_TOK_S = 100_000.0
KV_WORDS = {
    "fp16": "f16",
    "fp8": "q8_0",
    "int8": "q8_0",
    "q8": "q8_0",
    "q6": "q8_0",
    "q5": "q5_1",
    "q4": "q4_0",
    "int4": "q4_0",
}
"""Cache types people and other engines write, and llama.cpp's that takes at least as much."""

KV_TYPES = ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1")


@dataclass(frozen=True, slots=True)
class Case:
    """A request with everything looked up once: shape, engine, backend, what lies beside the model, and the budget."""

    request: FitRequest
    shape: ModelShape
    engine: Engine
    backend: str
    budget: Budget | None
    said: tuple[str, ...] = ()
    extras: ExtraParts | None = None


def case_of(request: FitRequest) -> Case:
    """Check a request and look up what its answer needs. Raises BadInput with the valid range, or Unanswerable."""
    shape = request.model.shape
    if shape is None:
        raise no_shape(request.model)
    check_runtimes(ask.device for ask in request.devices)
    request, said = _with_known_cache(request)
    engine = engine_by_name(request.engine)
    _check_context(request.context, shape, has_hardware=bool(request.devices), llama_cpp=engine.uses_llama_cpp)
    n_devices = sum(ask.count for ask in request.devices)
    if any(ask.count < 1 for ask in request.devices) or n_devices > MAX_DEVICES:
        raise too_many_devices(n_devices, MAX_DEVICES)
    if request.ram_bytes is not None and request.ram_bytes <= 0:
        raise BadInput(
            "RAM must be more than nothing.", subject="ram_gib", hint="Give the machine's RAM in GiB, e.g. 32."
        )
    _check_amounts(request, shape)
    check_cache(engine, request.context, shape)
    backend = _backend(request, engine)
    budget = budget_of(request.devices, request.ram_bytes, backend, engine.utilisation) if request.devices else None
    extras = extra_parts(request, engine)
    if budget is not None and engine.uses_llama_cpp:
        budget = with_room_taken(budget, extras)
    return Case(request, shape, engine, backend, budget, said, extras)


def _check_amounts(request: FitRequest, shape: ModelShape) -> None:
    """Prompt, depth, layers and the asker's own measurement; each with its valid range."""
    n_ctx, n_all = request.context.n_ctx, shape.n_layer + 1
    if not 1 <= request.n_prompt <= MAX_N_CTX:
        hint = f"Give 1 to {MAX_N_CTX:,}."
        raise BadInput(f"A prompt of {request.n_prompt:,} tokens.", subject="n_prompt", hint=hint)
    if not 0 <= request.depth <= n_ctx:
        hint = f"Give 0 to {n_ctx:,}."
        raise BadInput(f"A depth of {request.depth:,} is outside the context.", subject="depth", hint=hint)
    if request.n_gpu_layers is not None and request.n_gpu_layers < -1:
        hint = f"Give 0 to {n_all}; -1 means all."
        raise BadInput("Layers cannot be negative.", subject="n_gpu_layers", hint=hint)
    if request.n_cpu_moe and (not shape.n_expert or request.n_cpu_moe < 0):
        hint = f"Give 0 to {shape.n_layer}." if shape.n_expert else "It has no experts; leave n_cpu_moe out."
        raise BadInput(f"{request.n_cpu_moe} layers of experts in RAM.", subject="n_cpu_moe", hint=hint)
    measured = request.measured_tok_s
    if measured is not None and not 0 < measured <= MAX_TOK_S:
        hint = f"Give more than 0 and at most {MAX_TOK_S:,.0f}."
        raise BadInput(f"{measured:g} tok/s cannot be a measurement.", subject="measured_tok_s", hint=hint)


def _with_known_cache(request: FitRequest) -> tuple[FitRequest, tuple[str, ...]]:
    """The request with cache types llama.cpp knows, and what was taken for what."""
    context = request.context
    type_k, type_v = (KV_WORDS.get(kind.lower(), kind.lower()) for kind in (context.type_k, context.type_v))
    if (type_k, type_v) == (context.type_k, context.type_v):
        return request, ()
    known = context.type_k.lower() in KV_TYPES
    taken = worded("kv_taken_as", "a KV cache in {kind} counted as {taken}", kind=context.type_k, taken=type_k)
    return replace(request, context=replace(context, type_k=type_k, type_v=type_v)), () if known else (taken,)


def _backend(request: FitRequest, engine: Engine) -> str:
    """The backend asked for, or the one this engine uses on the first device; BadInput where it has none for it."""
    if not request.devices:
        return request.backend or engine.backends[0]
    device = request.devices[0].device
    if request.backend is not None and device.backends and request.backend not in device.backends:
        hint = f"One of {', '.join(device.backends)}."
        raise BadInput(f"{device.name} has no {request.backend} backend.", subject="backend", hint=hint)
    usual = request.backend or default_backend(device)
    if usual in engine.backends:
        return usual
    other = next((name for name in engine.backends if name in device.backends), None)
    if request.backend is None and other is not None:
        return other
    raise runs_elsewhere(engine, device, request.backend)


def _check_context(context: ContextParams, shape: ModelShape, *, has_hardware: bool, llama_cpp: bool) -> None:
    limit = max(shape.n_ctx_train, shape.n_ctx_rope) if has_hardware else MAX_N_CTX
    if not 1 <= context.n_ctx <= limit:
        raise context_outside(context.n_ctx, limit)
    counts = (("n_batch", context.n_batch, 65536), ("n_ubatch", context.n_ubatch, 65536))
    for name, value, high in (*counts, ("n_parallel", context.n_parallel, 256)):
        if not 1 <= value <= high:
            raise BadInput(f"{name} {value} is out of range.", subject=name, hint=f"Give 1 to {high}.")
    for name, kind in (("type_k", context.type_k), ("type_v", context.type_v)):
        if kind not in KV_TYPES:
            raise BadInput(
                f"{name} '{kind[:20]}' is not a KV cache type.", subject=name, hint=f"One of {', '.join(KV_TYPES)}."
            )
    if not context.flash_attn and context.type_v not in {"f32", "f16", "bf16"}:
        raise BadInput(
            "A quantised V cache needs flash attention.", subject="type_v", hint="Turn flash attention on or use f16."
        )
    if llama_cpp:
        check_types(shape, context)


def estimate(request: FitRequest) -> FitAnswer:
    """Memory, placement, verdict and speed for one request. Without devices: the memory parts alone."""
    return answer_case(case_of(request))


def answer_case(case: Case) -> FitAnswer:
    """The same for a case already looked up."""
    request = case.request
    if not request.devices:
        return FitAnswer(
            request=request,
            memory=with_extras(parts_without_hardware(case), case.extras),
            n_gpu_layers=case.shape.n_layer + 1,
            assumptions=_assumptions(case, None),
            quality=quality_of(request.quant, request.context.type_k, request.context.type_v),
        )
    if case.budget is None:
        raise memory_unknown(request.devices[0].device)
    placed = place(case, case.budget)
    speeds = speeds_of(work_of(case, placed))
    problem = memory_problem(case.budget, placed.memory, placed.placement)
    decode = speeds.decode_tok_s.mid if speeds.decode_tok_s else None
    trade_offs = (*memory_trade_offs(case.budget, placed.placement, case.shape.n_layer), *speed_trade_offs(decode))
    if problem:
        speeds = Speeds(None, None, None, speeds.evidence, speeds.assumptions)
    drafted = speculation(request, case.engine.id, case.backend, speeds.decode_tok_s, speeds.prefill_tok_s)
    n_all = case.shape.n_layer + 1
    return FitAnswer(
        request=request,
        memory=with_extras(_needed(placed, case.budget), case.extras) if problem else placed.memory,
        available_bytes=case.budget.available_bytes,
        host_available_bytes=case.budget.host_bytes,
        fit_tier=tier_of(problem, trade_offs),
        n_gpu_layers=0 if case.budget.on_cpu else placed.placement.n_gpu_layers if placed.placement else n_all,
        n_cpu_moe=placed.placement.n_cpu_moe if placed.placement else 0,
        decode_tok_s=speeds.decode_tok_s,
        prefill_tok_s=speeds.prefill_tok_s,
        ttft_s=speeds.ttft_s,
        evidence=speeds.evidence,
        assumptions=(
            *_assumptions(case, case.budget),
            *said_of(placed.placement),
            *draft_said(drafted, request),
            *speeds.assumptions,
        ),
        flags=(problem,) if problem else trade_offs,
        quality=quality_of(request.quant, request.context.type_k, request.context.type_v),
        speculation=drafted,
    )


def _needed(placed: Placed, budget: Budget) -> MemoryParts:
    """What a model that will not run would need: all of it on the accelerator(s), not the part that could be placed."""
    if placed.placement is None or placed.cost is None:
        return placed.memory
    return replace(whole_model(placed.cost), overhead_bytes=budget.overhead_bytes)


def parts_without_hardware(case: Case) -> MemoryParts:
    """All layers on one accelerator that nothing else is known of."""
    if not case.engine.uses_llama_cpp:
        return memory_of(case.engine, case.shape, case.request.quant, case.request.context)
    cost = layer_bytes(case.shape, case.request.quant, case.request.context)
    return whole_model(cost)


def whole_model(cost: LayerBytes) -> MemoryParts:
    """The memory parts with every layer on one accelerator."""
    return MemoryParts(
        weights_bytes=cost.dense[-1] + cost.experts[-1] + cost.output,
        kv_cache_bytes=cost.kv_cache[-1],
        recurrent_bytes=cost.recurrent[-1],
        compute_bytes=cost.compute_device,
        host_weights_bytes=cost.token_embd_host,
        host_compute_bytes=cost.compute_host,
    )


def on_cpu_alone(cost: LayerBytes) -> MemoryParts:
    """The memory parts when the CPU is the only device: everything is its own, nothing is 'host' besides."""
    return MemoryParts(
        weights_bytes=cost.dense[-1] + cost.experts[-1] + cost.cpu_output,
        kv_cache_bytes=cost.kv_cache[-1],
        recurrent_bytes=cost.recurrent[-1],
        compute_bytes=cost.compute_cpu,
    )


class Placed(NamedTuple):
    """Bytes by part and, for llama.cpp's engines, the placement and the costs it was made from."""

    memory: MemoryParts
    placement: Placement | None
    cost: LayerBytes | None


def place(
    case: Case,
    budget: Budget,
    quant: str = "",
    context: ContextParams | None = None,
    enough: FitTier = "comfortable",
    *,
    in_part: bool = True,
) -> Placed:
    """Where a case's layers lie on its rig, with what is loaded beside them.

    `quant` and `context` may be others than those asked for; `enough` is the verdict after which none better is sought.
    `in_part` is `fill.plan`'s.
    """
    quant, context = quant or case.request.quant, context or case.request.context
    placed = _placed(case, budget, quant, context, enough, in_part=in_part)
    return placed if case.extras is None else placed._replace(memory=with_extras(placed.memory, case.extras))


def _placed(
    case: Case, budget: Budget, quant: str, context: ContextParams, enough: FitTier, *, in_part: bool
) -> Placed:
    request, n_devices = case.request, len(budget.free_bytes)
    if not case.engine.uses_llama_cpp:
        parts = memory_of(case.engine, case.shape, quant, context, n_devices)
        return Placed(replace(parts, overhead_bytes=budget.overhead_bytes), None, None)
    cost = layer_bytes(case.shape, quant, context, n_devices=n_devices, on_cpu=budget.on_cpu)
    if budget.on_cpu:
        return Placed(on_cpu_alone(cost), None, cost)
    if request.n_gpu_layers is not None or request.n_cpu_moe is not None:
        given = request.n_gpu_layers
        asked = case.shape.n_layer + 1 if given is None or given < 0 else given
        placement = split_of(
            cost, budget.free_bytes, asked, request.n_cpu_moe or 0, overhead_bytes=budget.overhead_bytes
        )
    else:
        placement = planned(cost, budget, enough=enough, in_part=in_part)
    return Placed(placement.memory, placement, cost)


def learnt_from(request: FitRequest, measured_tok_s: float) -> Learnt | None:
    """What a decode speed measured for one request teaches about its machine; None where nothing can be computed."""
    case = case_of(replace(request, measured_tok_s=measured_tok_s))
    if case.budget is None:
        return None
    return learn_from(work_of(case, place(case, case.budget)), measured_tok_s)


def work_of(
    case: Case, placed: Placed | None, quant: str = "", context: ContextParams | None = None, depth: int | None = None
) -> Work:
    """The work of a case and where it lies; without a placement all of it on its one device.

    File type, context and depth may be others than those asked for.
    """
    request = case.request
    return Work(
        shape=case.shape,
        request=request,
        quant=quant or request.quant,
        context=context or request.context,
        depth=request.depth if depth is None else depth,
        backend=case.backend,
        engine=case.engine.id,
        placement=placed.placement if placed is not None else None,
        cost=placed.cost if placed is not None else None,
        on_cpu=case.budget is not None and case.budget.on_cpu,
    )


def _assumptions(case: Case, budget: Budget | None) -> tuple[str, ...]:
    request = case.request
    said = [
        *case.said,
        *(budget.said if budget is not None else ()),
        *(case.extras.said if case.extras is not None else ()),
        worded("backend", "{engine}, {backend} backend", engine=case.engine.name, backend=case.backend),
        worded("context", "context {n}, KV {kind}", n=tokens_text(request.context.n_ctx), kind=request.context.type_k),
    ]
    if request.context.n_ctx > case.shape.n_ctx_train:
        trained = tokens_text(case.shape.n_ctx_train)
        if request.context.n_ctx <= case.shape.n_ctx_rope:
            text = "with rope scaling (YaRN), beyond the {n} the model was trained for"
            said.append(worded("beyond_scaled", text, n=trained))
        else:
            said.append(worded("beyond", "beyond the {n} the model was trained for", n=trained))
    if budget is not None and budget.ram_assumed and budget.on_cpu:
        said.append(ram_assumed(ASSUMED_RAM_BYTES))
    if budget is not None and budget.overhead_bytes:
        said.append(worded("overhead", "driver and runtime take {size}", size=gib_text(budget.overhead_bytes)))
    if request.model.kind == "vlm" and (request.extras is None or not request.extras.vision):
        said.append(worded("no_projector", "without its vision projector"))
    if not case.engine.uses_llama_cpp:
        said.append(case.engine.why)
    return tuple(said)
