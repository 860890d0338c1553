"""The estimate itself: one resolved question in, one whole answer out.

`estimate` gives memory by part, the placement, the verdict and the speeds; `estimate_detailed` adds what people act on
(longest context, best quant, the command, the smallest changes). Formulas live in the modules this one calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from knowledge.catalog import FitTier, ModelShape
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.budget import MAX_DEVICES, Budget, budget_of
from knowledge.estimator.device import default_backend
from knowledge.estimator.engines import Engine, engine_by_name, memory_of
from knowledge.estimator.offload import ENGINE_MARGIN_BYTES, LayerBytes, Placement, layer_bytes, plan, split_of
from knowledge.estimator.request import ContextParams, FitAnswer, FitRequest, Interval, MemoryParts
from knowledge.estimator.speeds import Speeds, speeds_of
from knowledge.estimator.thresholds import CHAT_SLOW_TOK_S
from knowledge.units import gib_text, tokens_text

MAX_N_CTX = 16 * 1024 * 1024
KV_TYPES = ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1", "fp8")


@dataclass(frozen=True, slots=True)
class Case:
    """A request with everything looked up once: shape, engine, backend and budget."""

    request: FitRequest
    shape: ModelShape
    engine: Engine
    backend: str
    budget: Budget | None


def case_of(request: FitRequest) -> Case:
    """Check a request and look up what its answer needs. Raises BadInput with the valid range, or Unanswerable."""
    shape = request.model.shape
    if shape is None:
        raise Unanswerable(
            f"The shape of {request.model.name} is not known, so nothing is computed for it.",
            subject=request.model.id,
            hint="Its layers, heads and widths have not been published or checked; give them as a shape.",
        )
    _check_context(request.context, shape, has_hardware=bool(request.devices))
    n_devices = sum(ask.count for ask in request.devices)
    if any(ask.count < 1 for ask in request.devices) or n_devices > MAX_DEVICES:
        raise BadInput(
            f"{n_devices} devices in one machine.", subject="hardware", hint=f"Give 1 to {MAX_DEVICES} devices."
        )
    if request.ram_bytes is not None and request.ram_bytes <= 0:
        raise BadInput(
            "RAM must be more than nothing.", subject="ram_gib", hint="Give the machine's RAM in GiB, e.g. 32."
        )
    if request.n_prompt < 1 or request.depth < 0:
        raise BadInput(
            "A prompt has at least one token.", subject="n_prompt", hint="Give 1 or more (depth: 0 or more)."
        )
    engine = engine_by_name(request.engine)
    backend = _backend(request, engine)
    budget = budget_of(request.devices, request.ram_bytes, backend) if request.devices else None
    return Case(request, shape, engine, backend, budget)


def _backend(request: FitRequest, engine: Engine) -> str:
    """The backend asked for, or the one this engine uses on the first device; BadInput where it has none for it."""
    if not request.devices:
        return request.backend or engine.backends[0]
    device = request.devices[0].device
    usual = request.backend or default_backend(device)
    if usual in engine.backends:
        return usual
    other = next((name for name in engine.backends if name in device.backends), None)
    if request.backend is None and other is not None:
        return other
    raise BadInput(
        f"{engine.name} does not run on {device.name}{f' with {request.backend}' if request.backend else ''}.",
        subject="engine",
        hint=f"{engine.name} runs on: {', '.join(engine.backends)}.",
    )


def _check_context(context: ContextParams, shape: ModelShape, *, has_hardware: bool) -> None:
    limit = shape.n_ctx_train if has_hardware else MAX_N_CTX
    if not 1 <= context.n_ctx <= limit:
        raise BadInput(
            f"A context of {context.n_ctx:,} tokens is outside what this model was trained for.",
            subject="n_ctx",
            hint=f"Give 1 to {limit:,}.",
        )
    for name, value, high in (("n_ubatch", context.n_ubatch, 65536), ("n_parallel", context.n_parallel, 256)):
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


def estimate(request: FitRequest) -> FitAnswer:
    """Memory, placement, verdict and speed for one request. Without devices: the memory parts alone."""
    return answer_case(case_of(request))


def answer_case(case: Case) -> FitAnswer:
    """The same for a case already looked up."""
    request = case.request
    if not request.devices:
        memory = parts_without_hardware(case)
        return FitAnswer(
            request=request, memory=memory, n_gpu_layers=case.shape.n_layer + 1, assumptions=_assumptions(case, None)
        )
    if case.budget is None:
        raise Unanswerable(
            "The memory of this device is not known.",
            subject=request.devices[0].device.id,
            hint="Say how much it has, e.g. 'with 16 GB'.",
        )
    memory, placement, cost = _place(case, case.budget)
    speeds = speeds_of(case.shape, request, case.backend, case.engine.id, placement, cost, on_cpu=case.budget.on_cpu)
    tier, flags = _verdict(case.budget, memory, placement, speeds)
    if tier == "no":
        speeds = Speeds(None, None, None, speeds.evidence, speeds.assumptions)
    return FitAnswer(
        request=request,
        memory=memory,
        available_bytes=case.budget.available_bytes,
        host_available_bytes=case.budget.host_bytes,
        fit_tier=tier,
        n_gpu_layers=0 if case.budget.on_cpu else placement.n_gpu_layers if placement else case.shape.n_layer + 1,
        n_cpu_moe=placement.n_cpu_moe if placement else 0,
        decode_tok_s=speeds.decode_tok_s,
        prefill_tok_s=speeds.prefill_tok_s,
        ttft_s=speeds.ttft_s,
        evidence=speeds.evidence,
        assumptions=(*_assumptions(case, case.budget), *speeds.assumptions),
        flags=flags,
    )


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


def _place(case: Case, budget: Budget) -> tuple[MemoryParts, Placement | None, LayerBytes | None]:
    request = case.request
    if not case.engine.uses_llama_cpp:
        parts = memory_of(case.engine, case.shape, request.quant, request.context, len(budget.free_bytes))
        return replace(parts, overhead_bytes=budget.overhead_bytes), None, None
    cost = layer_bytes(case.shape, request.quant, request.context)
    if budget.on_cpu:
        return on_cpu_alone(cost), None, cost
    if request.n_gpu_layers is not None or request.n_cpu_moe is not None:
        asked = case.shape.n_layer + 1 if request.n_gpu_layers is None else request.n_gpu_layers
        placement = split_of(cost, budget.free_bytes, asked, request.n_cpu_moe or 0)
    else:
        placement = plan(cost, budget.free_bytes)
    return replace(placement.memory, overhead_bytes=budget.overhead_bytes), placement, cost


def _verdict(
    budget: Budget, memory: MemoryParts, placement: Placement | None, speeds: Speeds
) -> tuple[FitTier, tuple[str, ...]]:
    """The brand's tier, and in words what stands in the way of the next better one."""
    flags: list[str] = []
    on_device = memory.total_bytes - memory.overhead_bytes
    if placement is None:
        if on_device > budget.available_bytes:
            return "no", (f"needs {gib_text(on_device)}, {gib_text(budget.available_bytes)} are free",)
    elif any(used > free for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True)):
        return "no", ("a device would hold more than it has",)
    elif not placement.fits:
        blocked = _host_problem(budget, memory)
        if blocked:
            return "no", (blocked,)
        flags.append(_offload_text(placement))
    if budget.shared_bytes is not None and on_device + memory.host_total_bytes > budget.shared_bytes:
        need, have = gib_text(on_device + memory.host_total_bytes), gib_text(budget.shared_bytes)
        return "no", (f"needs {need} of the {have} RAM that can be used",)
    if (
        placement is not None
        and placement.fits
        and min(free - used for used, free in zip(placement.device_bytes, budget.free_bytes, strict=True))
        < ENGINE_MARGIN_BYTES
    ):
        flags.append("leaves less than the 1 GiB margin the engine keeps free")
    if speeds.decode_tok_s is not None and speeds.decode_tok_s.mid < CHAT_SLOW_TOK_S:
        flags.append(f"slower than the {CHAT_SLOW_TOK_S:.0f} tok/s below which chat drags")
    return ("trade-offs" if flags else "comfortable"), tuple(flags)


def _host_problem(budget: Budget, memory: MemoryParts) -> str:
    """Why the host cannot take what the devices leave; empty when it can. Swap is never counted."""
    need = memory.host_total_bytes
    if budget.host_bytes is None:
        return f"{gib_text(need)} would have to sit in RAM, and how much RAM there is was not said"
    if need > budget.host_bytes:
        return (
            f"{gib_text(need)} would have to sit in RAM, {gib_text(budget.host_bytes)} can be used; swap does not count"
        )
    return ""


def _offload_text(placement: Placement) -> str:
    if placement.n_cpu_moe:
        return f"experts of {placement.n_cpu_moe} layers stay in RAM"
    return f"only {placement.n_gpu_layers} layers fit on the GPU, the rest run from RAM"


def _assumptions(case: Case, budget: Budget | None) -> tuple[str, ...]:
    request = case.request
    said = [
        f"{case.engine.name}, {case.backend} backend",
        f"context {tokens_text(request.context.n_ctx)}, KV {request.context.type_k}",
    ]
    if request.context.n_ctx > case.shape.n_ctx_train:
        said.append(f"beyond the {tokens_text(case.shape.n_ctx_train)} the model was trained for")
    if budget is not None and budget.overhead_bytes:
        said.append(f"driver and runtime take {gib_text(budget.overhead_bytes)}")
    if not case.engine.uses_llama_cpp:
        said.append(case.engine.why)
    return tuple(said)


def interval_scaled(interval: Interval, factor: float) -> Interval:
    """The same interval in another unit or on another share."""
    return Interval(low=interval.low * factor, mid=interval.mid * factor, high=interval.high * factor)
