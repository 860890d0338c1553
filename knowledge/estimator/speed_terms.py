"""The speed model's formulas: what one token (or one prompt) costs, term by term, and which constants scale each term.

A time is a sum of terms. A term is a physical amount (bytes over bandwidth, operations over their rate, kernel
launches) times exp(sum of effects). Effects are log factors kept in calibration.json: one for the term, and shrunk ones
for the backend, the generation (with its ancestors), the engine and, where it was measured, the device. The same tables
serve the fit (knowledge.evaluate.fit_speed) and the answers (`speed`). Numbers and NumPy arrays both work. No fitted
constant lives here, nothing is read or fitted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge.estimator.cpu import CPU_OPS_PER_WEIGHT

Numbers = Any
"""A float or a NumPy array of them; the formulas do not care."""

GENERATION_PARENT: dict[str, str] = {
    "turing": "ampere",
    "turing-gtx": "turing",
    "volta": "turing",
    "pascal": "turing",
    "maxwell": "pascal",
    "kepler": "maxwell",
    "ada": "ampere",
    "blackwell": "ada",
    "ampere-soc": "ampere",
    "blackwell-soc": "blackwell",
    "ampere-hbm": "ampere",
    "hopper": "ampere-hbm",
    "blackwell-hbm": "hopper",
    "rdna4": "rdna3",
    "rdna35": "rdna3",
    "rdna2": "rdna3",
    "rdna1": "rdna2",
    "vega": "volta",
    "gcn": "vega",
    "cdna": "vega",
    "m2": "m3",
    "m1": "m2",
    "m4": "m3",
    "m5": "m4",
    "m6": "m5",
    "xe": "xe2",
    "xe-igpu": "xe",
}
"""Each generation's nearest relative: an unmeasured one inherits its relative's effects, not the vendor's mean.

GCN's is Volta, the other one of its age that feeds a wave of threads to 16 lanes over several cycles: AMD's own white
paper names what RDNA changed in that as its main gain a clock.
"""

ENGINE_PARENT: dict[str, str] = {
    "ollama": "llama.cpp",
    "llamafile": "llama.cpp",
    "ipex-llm llama.cpp": "llama.cpp",
    "ik_llama.cpp": "llama.cpp",
    "llama.cpp-2024": "llama.cpp",
    "llama.cpp-2025": "llama.cpp",
}
"""Engines that run another's kernels: for prompts, which kernels alone decide, they carry its effects and their own
besides. A decoded token is as much the engine's own overhead, and there each keeps to itself."""

TYPICAL_FLOPS_PER_BYTE = 36.0
"""Shader operations per byte of bandwidth where a device's rate is unknown: the median of the catalogue's GPUs."""

TYPICAL_SHADER_FLOPS = 30e12
"""A desktop card's shader rate, where a layer's small kernels (norms, rotations, softmax) take what they do on average:
mostly latency, for the rest work, which larger chips do faster."""

DEQUANT_COST: dict[str, float] = {
    "f32": 0.0,
    "f16": 0.0,
    "bf16": 0.0,
    "fp8": 0.3,
    "int8": 0.3,
    "q8_0": 0.45,
    "q4_0": 0.8,
    "q4_k": 0.8,
    "q5_k": 0.8,
    "q5_0": 2.0,
    "q5_1": 2.0,
    "q6_k": 0.9,
    "q3_k": 2.4,
    "q2_k": 1.8,
    "nvfp4": 0.8,
}
"""Relative work to unpack one weight on a GPU: plain 4- to 6-bit blocks about 1, those with high bits in separate
fields (q2_k, q3_k, q5_0) and codebook types (iq1–iq3) about 2. Set from the quants of one RTX 3080 and, for q5_0, a GTX
1050 Ti (q5_k came out at 0.65 there, but does all that q4_k does and a bit more: it counts as much); the fitted scale
is common."""


FLASH_ROWS = 32.0
"""Queries that one pass over the cached keys and values serves in flash attention kernels (16 to 64 by backend)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """What the speed model knows of one processor with its memory, its backend and engine. Rates per second.

    On CPU cores `shader_flops` is their 8-bit integer rate for one token, `matrix_flops` that for many at once.
    `two_dies`: the processor is two chips joined (Apple's Ultras), over which each kernel is spread.
    """

    bandwidth_bytes_per_s: float
    shader_flops: float
    matrix_flops: float | None
    generation: str
    backend: str
    engine: str
    device_id: str = ""
    unified_memory: bool = False
    n_tensor_parallel: int = 1
    two_dies: bool = False

    @property
    def on_cpu(self) -> bool:
        """Whether CPU cores do the work."""
        return self.backend == "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one processor has to do for a token. Every field may be a number or an array over many cells.

    `stream_bytes`: weights read for each token, routed experts not counted; `expert_bytes`: the routed experts read;
    `dequant_weights`: weights times the work to unpack one; `kv_bytes`: keys and values read at the depth;
    `total_bytes`: all weights held (a prompt reads them all); `dense_params`, `expert_params`: multiplied per token;
    `attention_width`: n_head × (head_k + head_v) summed over full attention layers, `sliding_width` over those that see
    `n_swa` tokens; `kv_token_bytes`: keys and values of one token over the layers that see all tokens; `expert_share`:
    experts used of all; `float_share`: 1 for 16-bit files, whose products no int8 unit speeds up; `k_share`: share of
    weights in super-block types, whose products need sub-block scales; `cpu_work`: mean work of a weight in a dot
    product on CPU cores.
    """

    stream_bytes: Numbers
    expert_bytes: Numbers = 0.0
    dequant_weights: Numbers = 0.0
    kv_bytes: Numbers = 0.0
    total_bytes: Numbers = 0.0
    dense_params: Numbers = 0.0
    expert_params: Numbers = 0.0
    attention_width: Numbers = 0.0
    n_layer: Numbers = 0.0
    n_layer_expert: Numbers = 0.0
    n_layer_recurrent: Numbers = 0.0
    n_vocab: Numbers = 0.0
    n_embd: Numbers = 4096.0
    expert_share: Numbers = 1.0
    depth: Numbers = 0.0
    float_share: Numbers = 0.0
    k_share: Numbers = 0.0
    cpu_work: Numbers = 1.0
    kv_token_bytes: Numbers = 0.0
    sliding_width: Numbers = 0.0
    n_swa: Numbers = 0.0


def dequant_cost(tensor_type: str) -> float:
    """Relative work to unpack one weight of a tensor type (or of a format's name)."""
    key = tensor_type.lower()
    if key in DEQUANT_COST:
        return DEQUANT_COST[key]
    if key.startswith(("iq1", "iq2", "iq3", "exl3")):
        return 2.0
    return 0.4 if key.startswith(("q8", "mlx_8", "mlx-8", "w8")) else 1.0


def lineage(generation: str) -> tuple[str, ...]:
    """Return a generation and its ancestors, nearest first."""
    out = [generation]
    while out[-1] in GENERATION_PARENT:
        out.append(GENERATION_PARENT[out[-1]])
    return tuple(out)


Effects = tuple[tuple[str, Numbers], ...]


_OLD_ENGINES = {"llamafile", "llama.cpp-2024"}
_HBM_GENERATIONS = {"ampere-hbm", "hopper", "blackwell-hbm"}
_OF_PROMPTS = {"matmul", "batch", "prefill-total"}


def _engine_names(prefix: str, rig: Rig) -> list[str]:
    """Names of an engine's effects and, for prompts, of its parent's; ik_llama.cpp's kernels for CPUs are its own."""
    if rig.on_cpu and rig.engine == "ik_llama.cpp":
        return [f"{prefix}/cpu-engine:{rig.engine}"]
    parent = ENGINE_PARENT.get(rig.engine) if prefix in _OF_PROMPTS else None
    return [f"{prefix}/engine:{name}" for name in (rig.engine, parent) if name]


def group(prefix: str, rig: Rig) -> Effects:
    """Return the shrunk effects of one physical property on a rig."""
    names = [f"{prefix}/backend:{rig.backend}", *_engine_names(prefix, rig)]
    names += [f"{prefix}/generation:{name}" for name in lineage(rig.generation)]
    if rig.engine == "llamafile":
        names.append(f"{prefix}/llamafile:{rig.backend}")
    if rig.engine in _OLD_ENGINES and rig.generation in _HBM_GENERATIONS:
        names.append(f"{prefix}/llamafile:hbm")
    if rig.engine in _OLD_ENGINES and rig.generation == "turing-gtx":
        names.append(f"{prefix}/llamafile:turing-gtx")
    return tuple((name, 1.0) for name in names)


def log(value: Numbers) -> Numbers:
    """Natural logarithm; of a plain number without NumPy's detour."""
    return math.log(value) if isinstance(value, float) else np.log(value)


def least(a: Numbers, b: Numbers) -> Numbers:
    """The smaller of two, elementwise for arrays; of plain numbers without NumPy's detour."""
    return min(a, b) if isinstance(a, _PLAIN) and isinstance(b, _PLAIN) else np.minimum(a, b)


def most(a: Numbers, b: Numbers) -> Numbers:
    """The larger of two, as `least`."""
    return max(a, b) if isinstance(a, _PLAIN) and isinstance(b, _PLAIN) else np.maximum(a, b)


_PLAIN = (int, float)


def attended(load: Load, n_tokens: Numbers) -> Numbers:
    """Return query widths times tokens seen, summed over attention layers."""
    return n_tokens * load.attention_width + least(n_tokens, load.n_swa) * load.sliding_width


DECODE_TERMS = (
    "stream",
    "expert",
    "unpack",
    "kv",
    "attend",
    "layer",
    "expert-layer",
    "recurrent-layer",
    "vocab",
    "fixed",
)
"""The terms of the time to decode one token."""


def decode_terms(rig: Rig, load: Load) -> tuple[tuple[str, Numbers, Effects], ...]:
    """Return the terms of the time to decode one token: name, amount in seconds at factor one, effects."""
    return tuple(zip(DECODE_TERMS, decode_amounts(rig, load), decode_effects(rig), strict=True))


def decode_amounts(rig: Rig, load: Load) -> tuple[Numbers, ...]:
    """Return the seconds of each of DECODE_TERMS at factor one."""
    bandwidth = rig.bandwidth_bytes_per_s * rig.n_tensor_parallel
    ops = rig.shader_flops * rig.n_tensor_parallel
    if rig.on_cpu:
        weights = load.dense_params + load.expert_params + load.n_vocab * load.n_embd
        compute_s = CPU_OPS_PER_WEIGHT * weights * load.cpu_work / ops
        stream_s = (load.stream_bytes + load.expert_bytes) / bandwidth
        unpack_s = np.hypot(stream_s, compute_s) - stream_s
    else:
        unpack_s = load.dequant_weights / ops
    unit = 1e-5
    return (
        load.stream_bytes / bandwidth,
        load.expert_bytes / bandwidth,
        unpack_s,
        load.kv_bytes / bandwidth,
        2.0 * attended(load, load.depth) / ops,
        load.n_layer * unit,
        load.n_layer_expert * unit,
        load.n_layer_recurrent * unit,
        load.n_vocab * 1e-9,
        1e-4,
    )


def decode_effects(rig: Rig) -> tuple[Effects, ...]:
    """Return the effects on each of DECODE_TERMS: the processor's alone, whatever it works on."""
    unpack = "unpack-cpu" if rig.on_cpu else "unpack"
    stream, launch, alu = group("bandwidth", rig), group("launch", rig), group(unpack, rig)
    if rig.on_cpu:
        stream = (*stream, ("bandwidth/cpu-log", np.log(rig.bandwidth_bytes_per_s / 60e9)))
    else:
        launch = (*launch, ("launch/log-size", math.log(rig.shader_flops / TYPICAL_SHADER_FLOPS)))
    if rig.two_dies and rig.engine != "mlx":
        launch = (*launch, ("launch/two-dies", 1.0))
    expert = (*stream, ("expert", 1.0), (f"expert/backend:{rig.backend}", 1.0))
    return (
        (*stream, ("stream", 1.0)),
        (*expert, ("stream", 1.0)),
        (*alu, (unpack, 1.0)),
        (*stream, ("kv", 1.0), (f"kv/backend:{rig.backend}", 1.0)),
        (*alu, ("attend", 1.0)),
        (*launch, ("layer", 1.0)),
        (*launch, ("expert-layer", 1.0)),
        (*launch, ("recurrent-layer", 1.0)),
        (("vocab", 1.0),),
        (("fixed", 1.0), (f"fixed/engine:{rig.engine}", 1.0)),
    )


def outer_effects(kind: str, rig: Rig) -> Effects:
    """Effects on the whole time: the engine's own way of counting, and the device where it was measured."""
    names = (*_engine_names(f"{kind}-total", rig), f"{kind}-total/device:{rig.device_id}")
    return tuple((name, 1.0) for name in names)
