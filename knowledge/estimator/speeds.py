"""From a placement to speeds: which processor does which share of the work, and what that makes in tokens per second.

The speed formulas are in speed.py; this module only divides a model's work between accelerators and host as the plan
says, and names what it assumed about the host. It decides no placement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.catalog import Device, Evidence, ModelShape
from knowledge.estimator.cpu import TYPICAL_OPS_PER_BYTE
from knowledge.estimator.kv_cache import kv_read_bytes
from knowledge.estimator.layer_costs import LayerBytes
from knowledge.estimator.offload import Placement
from knowledge.estimator.physics import roofline_flags
from knowledge.estimator.request import ContextParams, FitRequest, Interval
from knowledge.estimator.speed import (
    Part,
    SpeedInputs,
    decode_s,
    decode_tok_s,
    evidence_tier,
    prefill_tok_s,
    recalibrated,
    recalibration,
    rig_of,
)
from knowledge.estimator.speed_learn import Kind, Learnt
from knowledge.estimator.speed_loads import load_of
from knowledge.estimator.speed_terms import Load, Rig
from knowledge.estimator.weights import weights
from knowledge.said import worded

DEFAULT_HOST_BYTES_PER_S = 51.2e9
"""Dual-channel DDR4-3200, the commonest desktop memory: assumed for the host where no CPU or RAM type was named."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Decode and prefill (tok/s), seconds to the first token, what they rest on and what was assumed."""

    decode_tok_s: Interval | None
    prefill_tok_s: Interval | None
    ttft_s: float | None
    evidence: Evidence
    assumptions: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def _load(shape: ModelShape, quant: str, type_k: str, type_v: str) -> Load:
    return load_of(shape, weights(shape, quant), type_k=type_k, type_v=type_v)


def _load_at(shape: ModelShape, quant: str, depth: int, type_k: str, type_v: str) -> Load:
    """The work of a token after `depth` others: only what is read of the cache differs."""
    load = _load(shape, quant, type_k, type_v)
    if not depth:
        return load
    return replace(load, kv_bytes=float(kv_read_bytes(shape, depth, type_k, type_v)), depth=float(depth))


def split_load(load: Load, layer_share: float, expert_share: float, head: bool) -> Load:
    """The work of a processor that holds these shares of the layers and of the experts, and the output head or not."""
    all_experts = load.expert_bytes / load.expert_share
    return Load(
        stream_bytes=load.stream_bytes * layer_share,
        dequant_weights=load.dequant_weights * layer_share,
        kv_bytes=load.kv_bytes * layer_share,
        dense_params=load.dense_params * layer_share,
        attention_width=load.attention_width * layer_share,
        kv_token_bytes=load.kv_token_bytes * layer_share,
        sliding_width=load.sliding_width * layer_share,
        n_layer=load.n_layer * layer_share,
        n_layer_recurrent=load.n_layer_recurrent * layer_share,
        expert_bytes=load.expert_bytes * expert_share,
        expert_params=load.expert_params * expert_share,
        n_layer_expert=load.n_layer_expert * expert_share,
        total_bytes=(load.total_bytes - all_experts) * layer_share + all_experts * expert_share,
        n_vocab=load.n_vocab if head else 0.0,
        n_embd=load.n_embd,
        expert_share=load.expert_share,
        depth=load.depth,
        float_share=load.float_share,
        k_share=load.k_share,
        cpu_work=load.cpu_work,
        n_swa=load.n_swa,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A model's work and where it lies: with a placement and its costs by layer, else all on the named devices.

    `quant`, `context` and `depth` are what is run, which need not be the request's.
    """

    shape: ModelShape
    request: FitRequest
    quant: str
    context: ContextParams
    depth: int
    backend: str
    engine: str
    placement: Placement | None
    cost: LayerBytes | None
    on_cpu: bool


def _inputs(work: Work) -> tuple[SpeedInputs | None, tuple[str, ...]]:
    """Inputs of the speed formulas, and what was assumed; None where a device's bandwidth is unknown."""
    request, context = work.request, work.context
    load = _load_at(work.shape, work.quant, work.depth, context.type_k, context.type_v)
    rigs = rigs_of(request, work.engine, work.backend, tensor_parallel=work.placement is None and not work.on_cpu)
    if not rigs:
        return None, ("the device's memory bandwidth is not known, so no speed is given",)
    assumptions: tuple[str, ...] = ()
    streamed = 0.0
    if work.placement is None or work.cost is None:
        parts: tuple[Part, ...] = (Part(rig=rigs[0], load=load),)
    else:
        parts, streamed, assumptions = _placed_parts(request, load, rigs, work.placement, work.cost)
    inputs = SpeedInputs(
        parts=parts,
        n_hops=2 * (len(parts) - 1),
        streamed_bytes=streamed,
        n_ubatch=context.n_ubatch,
        is_moe=work.shape.n_expert > 0,
        kind=Kind(model_id=request.model.id, family=request.model.family, quant=work.quant),
        learnt=request.learnt,
    )
    if request.measured_tok_s is not None:
        return _recalibrated(work, inputs, assumptions, request.measured_tok_s)
    return inputs, assumptions


def _recalibrated(
    work: Work, inputs: SpeedInputs, assumptions: tuple[str, ...], measured_tok_s: float
) -> tuple[SpeedInputs, tuple[str, ...]]:
    """The inputs with what the asker measured learnt from, unless no machine could have done it."""
    device = work.request.devices[0].device
    read = weights(work.shape, work.quant).read_bytes_per_token
    n_devices = sum(ask.count for ask in work.request.devices)
    impossible = roofline_flags(
        device, read_bytes_per_token=read, active_params=0.0, decode_tok_s=measured_tok_s, n_devices=n_devices
    )
    if impossible:
        left_out = worded("measurement_left_out", "your measurement was left out: {why}", why=impossible[0])
        return inputs, (*assumptions, left_out)
    learnt = recalibrated(inputs, recalibration(inputs, measured_tok_s))
    taught = worded("recalibrated", "recalibrated by your {n} tok/s", n=f"{measured_tok_s:g}")
    return learnt, (*assumptions, taught)


def learn_from(work: Work, measured_tok_s: float) -> Learnt | None:
    """What a decode speed measured on some work teaches about its machine, for any `FitRequest.learnt` on the same.

    None where the bandwidth is not known.
    """
    inputs, _ = _inputs(replace(work, request=replace(work.request, measured_tok_s=None, learnt=None)))
    return None if inputs is None else recalibration(inputs, measured_tok_s)


def speeds_of(work: Work) -> Speeds:
    """Decode, prefill and first token of some work."""
    inputs, assumptions = _inputs(work)
    if inputs is None:
        return Speeds(None, None, None, "E", assumptions)
    request = work.request
    decode = decode_tok_s(inputs)
    prefill = prefill_tok_s(inputs, request.n_prompt)
    ttft_s = None if prefill is None or decode is None else request.n_prompt / prefill.mid + 1.0 / decode.mid
    return Speeds(decode, prefill, ttft_s, _evidence(request, request.model.family), assumptions)


def decode_mid(work: Work) -> float | None:
    """The middle of the decode estimate alone, tok/s; None where the bandwidth is unknown."""
    inputs, _ = _inputs(work)
    return None if inputs is None else 1.0 / float(decode_s(inputs))


def decode_mid_at(work: Work) -> Callable[[int], float] | None:
    """`decode_mid` by the depth, for work of which nothing else changes with it; None where the bandwidth is unknown.

    Only for work without a placement, and one that was measured at the depth it has.
    """
    inputs, _ = _inputs(work)
    if inputs is None:
        return None
    known, context, shape = inputs, work.context, work.shape
    load = known.parts[0].load

    def at(depth: int) -> float:
        read = float(kv_read_bytes(shape, depth, context.type_k, context.type_v))
        part = replace(known.parts[0], load=replace(load, kv_bytes=read, depth=float(depth)))
        return 1.0 / float(decode_s(replace(known, parts=(part,))))

    return at


def _evidence(request: FitRequest, family: str) -> Evidence:
    if request.measured_tok_s is not None or request.learnt is not None:
        return "M~"
    return evidence_tier(request.devices[0].device, family)


def rigs_of(request: FitRequest, engine: str, backend: str, *, tensor_parallel: bool) -> list[Rig]:
    """One rig an accelerator, in the order of the asks; with tensor parallel one for them all.

    Empty where bandwidth is unknown.
    """
    asks = [ask for ask in request.devices if ask.device.kind not in {"cpu", "npu"}] or list(request.devices[:1])
    n_all = sum(ask.count for ask in asks)
    if tensor_parallel and n_all > 1:
        slowest = min(asks, key=lambda ask: ask.device.bandwidth_bytes_per_s or 0.0)
        rig = rig_of(slowest.device, engine=engine, backend=backend, n_tensor_parallel=n_all)
        return [] if rig is None else [rig]
    rigs: list[Rig] = []
    for ask in asks:
        own_backend = backend if ask is asks[0] else None
        rig = rig_of(ask.device, engine=engine, backend=own_backend, n_threads=request.n_threads)
        if rig is None:
            return []
        rigs.extend([rig] * ask.count)
    return rigs


def host_rig(request: FitRequest, engine: str) -> tuple[Rig, str]:
    """The processor of the host part and, in words, what was assumed of it."""
    named = next((ask.device for ask in request.devices if ask.device.kind == "cpu"), None)
    if named is not None:
        rig = rig_of(named, engine=engine, backend="cpu", n_threads=request.n_threads)
        if rig is not None:
            return rig, worded("host_on", "host part on {device}", device=named.name)
    shared: Device | None = next((ask.device for ask in request.devices if ask.device.unified_memory), None)
    rate = (shared.bandwidth_bytes_per_s if shared else None) or DEFAULT_HOST_BYTES_PER_S
    rig = Rig(
        bandwidth_bytes_per_s=rate,
        shader_flops=TYPICAL_OPS_PER_BYTE * rate,
        matrix_flops=None,
        generation="cpu",
        backend="cpu",
        engine=engine,
    )
    assumed = f"{rate / 1e9:.0f} GB/s"
    if shared:
        return rig, worded("host_shared", "host memory taken as {rate}", rate=assumed)
    return rig, worded("host_assumed", "host memory taken as {rate} (dual-channel DDR4-3200)", rate=assumed)


def _placed_parts(
    request: FitRequest, load: Load, rigs: list[Rig], placement: Placement, cost: LayerBytes
) -> tuple[tuple[Part, ...], float, tuple[str, ...]]:
    """Parts in layer order: host first where it holds layers, then the devices, then experts kept on the host."""
    n_layer = cost.n_layer
    n_expert_bytes = cost.experts[-1] or 1
    parts: list[Part] = []
    start = n_layer + 1 - placement.n_gpu_layers
    host_layers = min(start, n_layer) / n_layer
    host_experts = cost.experts[min(start, n_layer)] / n_expert_bytes
    for rig, device in zip(rigs, placement.loads, strict=True):
        stop = start + device.n_layer
        begin, end = min(start, n_layer), min(stop, n_layer)
        part_begin = max(begin, min(stop - device.n_on_host, n_layer)) if device.n_on_host else end
        part_end = min(begin + device.n_part, end) if device.in_front else end
        in_ram = cost.experts[part_end] - cost.experts[begin if device.in_front else part_begin]
        experts = (cost.experts[end] - cost.experts[begin] - in_ram) / n_expert_bytes
        host_experts += in_ram / n_expert_bytes
        if device.n_layer:
            share = (end - begin) / n_layer
            is_whole = share == 1.0 and stop == n_layer + 1 and not load.expert_bytes
            own = load if is_whole else split_load(load, share, experts, head=stop == n_layer + 1)
            parts.append(Part(rig=rig, load=own))
        start = stop
    if not host_layers and not host_experts:
        return tuple(parts), 0.0, ()
    rig, said = host_rig(request, parts[0].rig.engine if parts else rigs[0].engine)
    host_load = split_load(load, host_layers, host_experts, head=not parts)
    parts.append(Part(rig=rig, load=host_load, reader=rigs[0]))
    streamed = float(cost.dense[-1] * host_layers + cost.experts[-1] * host_experts)
    return tuple(parts), streamed, (said,)
