"""Speed: how many tokens per second a model decodes and reads on a device, with an honest interval.

`speed_inputs` turns a model's weights and a device into `SpeedInputs`; `decode_tok_s` and `prefill_tok_s` evaluate the
formulas of `speed_terms` with the constants of calibration.json; `recalibrated` learns from one measurement. Numbers
and NumPy arrays go through the same code. What memory a model needs, and where its layers go, is decided elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from knowledge.catalog import Device, Evidence, ModelShape
from knowledge.estimator.cpu import TYPICAL_OPS_PER_BYTE, cpu_matrix_ops, cpu_ops, drawn_bytes_per_s
from knowledge.estimator.device import (
    default_backend,
    generation,
    is_cpu,
    matrix_flops,
    two_dies,
    unpack_ops,
    vendor_key,
)
from knowledge.estimator.request import Interval
from knowledge.estimator.speed_calibration import Calibration, calibration
from knowledge.estimator.speed_learn import ANY_KIND, Kind, Learnt, learn
from knowledge.estimator.speed_loads import load_of
from knowledge.estimator.speed_prompts import prompt_s
from knowledge.estimator.speed_terms import (
    DECODE_TERMS,
    TYPICAL_FLOPS_PER_BYTE,
    Load,
    Numbers,
    Rig,
    decode_amounts,
    decode_effects,
    least,
    most,
    outer_effects,
)
from knowledge.estimator.weights import Weights

_ENGINE_KEYS = {"lm-studio": "llama.cpp", "llamacpp": "llama.cpp", "koboldcpp": "llama.cpp", "jan": "llama.cpp"}
"""Engines that are another engine underneath, as far as speed goes."""

PCIE_BYTES_PER_S = 12e9
"""What a PCIe 4.0 ×8 / 3.0 ×16 link moves in practice: used for weights copied over for large prompt batches. Where
memory is shared, a copy reads and writes it once."""
READER_MIN_TOKENS = 32
"""Fewer tokens at once are multiplied where the weights lie (`min_batch_size` of llama.cpp's CUDA, HIP and Vulkan)."""
APPLE_CPU_BYTES_PER_S = 240e9
"""What the CPU clusters of one Apple die can draw: 224–243 GB/s measured on an M1 Max of 400 GB/s (AnandTech, 2021)."""
BEST_BANDWIDTH_SHARE = 0.95
"""No read-only kernel is seen above this share of the sheet's bandwidth (refresh, turnarounds): a floor on times."""
BEST_MEASURED_SHARE = 1.05
"""The same where the machine itself was measured: memory clocks are rounded and people overclock."""
HOP_S = 3e-5
"""Handing the activations of one token from one device to the next: two driver calls and a small copy."""
TENSOR_PARALLEL_EFFICIENCY = {1: 1.0, 2: 0.83, 4: 0.56, 8: 0.40}
"""Share of the summed bandwidth that tensor parallel keeps, to one card's: vLLM on RTX 3090s without NVLink measured
efficiencies of .54 / .45 / .30 on 1 / 2 / 4 cards; 8 continues the trend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A processor and what it has to do for each token.

    `reader` is the accelerator that reads prompts for a host part: llama.cpp copies the host's weights to it for every
    batch of `READER_MIN_TOKENS` or more and multiplies there (`offload_op` of its backends). None: the part itself.
    """

    rig: Rig
    load: Load
    reader: Rig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedInputs:
    """Everything a speed depends on. Parts work one after another (layer split, host offload): their times add up.

    `n_hops` counts hand-overs between parts for each token; `streamed_bytes` are host weights copied to the device for
    every prompt batch that a `reader` reads. `kind` says what is run, `learnt` what a measurement on this machine
    taught.
    """

    parts: tuple[Part, ...]
    n_hops: int = 0
    streamed_bytes: float = 0.0
    n_ubatch: int = 512
    is_moe: Numbers = False
    kind: Kind = ANY_KIND
    learnt: Learnt | None = None


def engine_key(engine: str) -> str:
    """Return the engine whose constants apply."""
    name = engine.lower()
    return _ENGINE_KEYS.get(name, name)


@lru_cache(maxsize=4096)
def rig_of(
    device: Device,
    *,
    engine: str = "llama.cpp",
    backend: str | None = None,
    n_tensor_parallel: int = 1,
    n_threads: int | None = None,
) -> Rig | None:
    """Return what the speed model needs of a device; None where its bandwidth is not known.

    `n_threads` counts on CPU cores alone; None is the engine's default, all performance cores.
    """
    if device.bandwidth_bytes_per_s is None:
        return None
    key = backend or default_backend(device)
    bandwidth = device.bandwidth_bytes_per_s
    if key == "cpu" and vendor_key(device) == "apple":
        bandwidth = min(bandwidth, APPLE_CPU_BYTES_PER_S * (2 if two_dies(device) else 1))
    on_cpu = key == "cpu" or is_cpu(device)
    if on_cpu:
        bandwidth = drawn_bytes_per_s(device, bandwidth, n_threads)
        ops = cpu_ops(device, n_threads) or TYPICAL_OPS_PER_BYTE * device.bandwidth_bytes_per_s
    else:
        ops = unpack_ops(device) or TYPICAL_FLOPS_PER_BYTE * device.bandwidth_bytes_per_s
    if n_tensor_parallel > 1:
        known = max(n for n in TENSOR_PARALLEL_EFFICIENCY if n <= n_tensor_parallel)
        bandwidth *= TENSOR_PARALLEL_EFFICIENCY[known]
    return Rig(
        bandwidth_bytes_per_s=bandwidth,
        shader_flops=ops,
        matrix_flops=cpu_matrix_ops(device, ops, engine_key(engine)) if on_cpu else matrix_flops(device),
        generation="cpu" if on_cpu else generation(device),
        backend=key,
        engine=engine_key(engine),
        device_id=device.id,
        unified_memory=device.unified_memory,
        n_tensor_parallel=n_tensor_parallel,
        two_dies=not on_cpu and two_dies(device),
    )


def speed_inputs(
    shape: ModelShape,
    weights: Weights,
    device: Device,
    *,
    engine: str = "llama.cpp",
    backend: str | None = None,
    depth: int = 0,
    type_k: str = "f16",
    type_v: str = "f16",
    n_tensor_parallel: int = 1,
    n_threads: int | None = None,
    kind: Kind | None = None,
) -> SpeedInputs:
    """Return inputs for a model that lies wholly on one device (or on several by tensor parallel).

    Raises ValueError where the device's bandwidth is unknown: ask `rig_of` first.
    """
    rig = rig_of(device, engine=engine, backend=backend, n_tensor_parallel=n_tensor_parallel, n_threads=n_threads)
    if rig is None:
        raise ValueError(f"the bandwidth of {device.id} is not known")
    load = load_of(shape, weights, depth=depth, type_k=type_k, type_v=type_v)
    return SpeedInputs(parts=(Part(rig=rig, load=load),), is_moe=shape.n_expert > 0, kind=kind or ANY_KIND)


def _terms_s(part: Part, constants: Calibration) -> list[tuple[str, Numbers]]:
    """Seconds a token spends in each term on one processor."""
    factors, outer = _decode_factors(part.rig, constants)
    amounts = decode_amounts(part.rig, part.load)
    return [
        (name, amount * factor * outer) for name, amount, factor in zip(DECODE_TERMS, amounts, factors, strict=True)
    ]


@lru_cache(maxsize=4096)
def _decode_factors(rig: Rig, constants: Calibration) -> tuple[tuple[float, ...], float]:
    """Factors of each of DECODE_TERMS on a processor, and of the whole time."""
    each = tuple(constants.factor(effects) for effects in decode_effects(rig))
    return each, constants.factor(outer_effects("decode", rig))


def _decode_part_s(part: Part, constants: Calibration, inputs: SpeedInputs) -> Numbers:
    learnt = inputs.learnt
    factors, outer = _decode_factors(part.rig, constants)
    seconds: Numbers = 0.0
    amounts = decode_amounts(part.rig, part.load)
    if learnt is None:
        for amount, factor in zip(amounts, factors, strict=True):
            seconds = seconds + amount * factor
    else:
        for name, amount, factor in zip(DECODE_TERMS, amounts, factors, strict=True):
            seconds = seconds + amount * factor * learnt.of_term(name)
    seconds = seconds * outer
    read = part.load.stream_bytes + part.load.expert_bytes + part.load.kv_bytes
    share = BEST_BANDWIDTH_SHARE
    if learnt is not None:
        seconds, share = seconds * learnt.of_whole(inputs.kind), BEST_MEASURED_SHARE
    return most(seconds, read / (share * part.rig.bandwidth_bytes_per_s * part.rig.n_tensor_parallel))


def decode_s(inputs: SpeedInputs, constants: Calibration | None = None) -> Numbers:
    """Seconds to decode one token."""
    known = constants or calibration()
    seconds: Numbers = inputs.n_hops * HOP_S
    for part in inputs.parts:
        seconds = seconds + _decode_part_s(part, known, inputs)
    return seconds


def prefill_s(inputs: SpeedInputs, n_prompt: Numbers, constants: Calibration | None = None) -> Numbers:
    """Seconds to read a prompt of `n_prompt` tokens."""
    known = constants or calibration()
    seconds: Numbers = 0.0
    for part in inputs.parts:
        seconds = seconds + _prefill_part_s(part, known, n_prompt, inputs)
    return seconds


def _prefill_part_s(part: Part, constants: Calibration, n_prompt: Numbers, inputs: SpeedInputs) -> Numbers:
    """Seconds of one part: on its own processor, or copied over and multiplied on its reader."""
    n_batched = least(n_prompt, inputs.n_ubatch)
    if part.reader is None or (isinstance(n_batched, int | float) and n_batched < READER_MIN_TOKENS):
        return prompt_s(part.rig, part.load, constants, n_prompt, inputs.n_ubatch)
    n_batch = most(1.0, n_prompt / inputs.n_ubatch)
    rate = part.reader.bandwidth_bytes_per_s / 2 if part.reader.unified_memory else PCIE_BYTES_PER_S
    copied = n_batch * inputs.streamed_bytes / rate
    read = copied + prompt_s(part.reader, part.load, constants, n_prompt, inputs.n_ubatch)
    if isinstance(n_batched, int | float):
        return read
    own = prompt_s(part.rig, part.load, constants, n_prompt, inputs.n_ubatch)
    return np.where(n_batched >= READER_MIN_TOKENS, read, own)


def spread_class(inputs: SpeedInputs) -> str:
    """Return the class whose measured spread gives the interval; for arrays, the widest of the GPU classes."""
    first = inputs.parts[0]
    if len(inputs.parts) > 1:
        return "offload"
    if inputs.learnt is not None:
        return "measured"
    if first.rig.on_cpu:
        return "cpu"
    read = first.load.stream_bytes + first.load.expert_bytes
    if not isinstance(read, int | float) and (np.ndim(read) or np.ndim(inputs.is_moe)):
        return "small"
    if inputs.is_moe:
        return "moe"
    return "dense-large" if read >= 3e9 else "dense-medium" if read >= 1e9 else "small"


def _interval(tok_s: Numbers, inputs: SpeedInputs, kind: str, known: Calibration) -> Interval:
    low, high = known.spread[kind][spread_class(inputs)]
    device_id = inputs.parts[0].rig.device_id
    if device_id in known.seen and inputs.learnt is None and len(inputs.parts) == 1:
        low, high = low * known.seen_factor, high * known.seen_factor
    return Interval(low=tok_s * math.exp(low), mid=tok_s, high=tok_s * math.exp(high))


def decode_tok_s(inputs: SpeedInputs, constants: Calibration | None = None) -> Interval | None:
    """Decode speed with its 80 % interval; arrays in the inputs give arrays in the interval. None: no parts."""
    if not inputs.parts:
        return None
    known = constants or calibration()
    return _interval(1.0 / decode_s(inputs, known), inputs, "decode", known)


def prefill_tok_s(inputs: SpeedInputs, n_prompt: Numbers, constants: Calibration | None = None) -> Interval | None:
    """Prompt-reading speed with its 80 % interval; None where the device's compute rate is unknown."""
    known = constants or calibration()
    if not inputs.parts or any(part.rig.matrix_flops is None and not part.rig.on_cpu for part in inputs.parts):
        return None
    return _interval(n_prompt / prefill_s(inputs, n_prompt, known), inputs, "prefill", known)


def recalibration(inputs: SpeedInputs, measured_tok_s: float, constants: Calibration | None = None) -> Learnt:
    """Return what one measured decode speed teaches about the machine, for these inputs and any others on it."""
    known = constants or calibration()
    terms = [(name, float(s)) for part in inputs.parts for name, s in _terms_s(part, known)]
    log_ratio = -math.log(float(decode_s(replace(inputs, learnt=None), known)) * measured_tok_s)
    return learn(terms, log_ratio, inputs.kind)


def recalibrated(inputs: SpeedInputs, learnt: Learnt) -> SpeedInputs:
    """Return inputs for the same machine with what `recalibration` learnt from it, whatever was measured there."""
    return replace(inputs, learnt=learnt)


def evidence_tier(device: Device, family: str, constants: Calibration | None = None) -> Evidence:
    """Tell what an estimate rests on: C device and family measured, ~ a relative measured, E formulas alone."""
    known = constants or calibration()
    families = known.seen.get(device.id)
    if families is not None:
        return "C" if family in families else "~"
    return "~" if f"generation:{generation(device)}" in known.seen else "E"
