"""What reading a prompt costs, term by term, as `speed_terms` has it for a decoded token.

Effects are either a processor's alone, summed once and kept, or times a property of the work (the share of weights in
some types, a width): so an answer adds up a handful of products. No fitted constant lives here.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.estimator.speed_calibration import Calibration, exp
from knowledge.estimator.speed_terms import (
    FLASH_ROWS,
    Effects,
    Load,
    Numbers,
    Rig,
    attended,
    group,
    least,
    log,
    most,
    outer_effects,
)

PREFILL_TERMS = (
    "matmul",
    "expert-matmul",
    "attention",
    "kv-pass",
    "load",
    "batch",
    "expert-batch",
    "recurrent-batch",
    "prompt-fixed",
)
"""The terms of the time to read a prompt."""

PREFILL_PROPERTIES = ("float", "k-quant", "cpu-work", "width", "tokens", "quantised")
"""What of the work itself scales a prompt's terms: effects of a processor are times these."""

QUANTISED_ALONE = frozenset({"matmul/engine:llama.cpp-2024"})
"""Effects that products of 16-bit weights do not have: a GPU leaves those to its maker's library, which was as fast in
2024 as today, while llama.cpp's own kernels for quantised weights have been written anew since."""

Scaled = tuple[tuple[str, int], ...]
"""Names of effects, each with the number of the property it is times."""


def prefill_terms(
    rig: Rig, load: Load, n_prompt: Numbers, n_ubatch: int = 512
) -> tuple[tuple[str, Numbers, Effects], ...]:
    """Return the terms of the time to read a prompt of `n_prompt` tokens after `load.depth` tokens already there."""
    properties = prefill_properties(rig, load, n_prompt, n_ubatch)
    effects = ((*fixed, *((name, properties[at]) for name, at in scaled)) for fixed, scaled in prefill_effects(rig))
    return tuple(zip(PREFILL_TERMS, prefill_amounts(rig, load, n_prompt, n_ubatch), effects, strict=True))


def prefill_amounts(rig: Rig, load: Load, n_prompt: Numbers, n_ubatch: int) -> tuple[Numbers, ...]:
    """Return the seconds of each of PREFILL_TERMS at factor one."""
    bandwidth = rig.bandwidth_bytes_per_s * rig.n_tensor_parallel
    flops = _prompt_flops(rig)
    n_batch = most(1.0, n_prompt / n_ubatch)
    seen = load.depth + n_prompt / 2.0
    unit = 1e-5
    return (
        2.0 * n_prompt * load.dense_params / flops,
        2.0 * n_prompt * load.expert_params / flops,
        2.0 * n_prompt * attended(load, seen) / flops,
        n_prompt / FLASH_ROWS * seen * load.kv_token_bytes / bandwidth,
        n_batch * load.total_bytes / bandwidth,
        n_batch * load.n_layer * unit,
        n_batch * load.n_layer_expert * unit,
        n_batch * load.n_layer_recurrent * unit,
        1e-3,
    )


def _prompt_flops(rig: Rig) -> float:
    return (rig.matrix_flops or rig.shader_flops) * rig.n_tensor_parallel


def prefill_properties(rig: Rig, load: Load, n_prompt: Numbers, n_ubatch: int) -> tuple[Numbers, ...]:
    """Return the values of PREFILL_PROPERTIES; a dot product's work counts on CPU cores alone."""
    in_batch = least(n_prompt, float(n_ubatch))
    return (
        load.float_share,
        load.k_share,
        log(load.cpu_work) if rig.on_cpu else 0.0,
        log(most(load.n_embd, 256.0) / 4096.0),
        log(least(most(in_batch * load.expert_share, 0.25), 128.0) / 128.0),
        1.0 - load.float_share,
    )


def prefill_effects(rig: Rig) -> tuple[tuple[Effects, Scaled], ...]:
    """Return the effects on each of PREFILL_TERMS: the processor's alone, and those times a property of the work."""
    of_float, of_k, of_work, of_width, of_tokens, of_quantised = range(len(PREFILL_PROPERTIES))
    matmul, launch = group("matmul", rig), group("batch", rig)
    scaled: Scaled = (("matmul/float", of_float), (f"matmul/float-backend:{rig.backend}", of_float))
    scaled = (*scaled, ("matmul/k-quant", of_k), (f"matmul/k-quant-backend:{rig.backend}", of_k))
    if not rig.on_cpu:
        scaled = (*scaled, *((name, of_quantised) for name, _ in matmul if name in QUANTISED_ALONE))
        matmul = tuple(effect for effect in matmul if effect[0] not in QUANTISED_ALONE)
    if rig.unified_memory and rig.backend in {"cuda", "rocm", "vulkan"}:
        matmul = (*matmul, ("matmul/shared-power", 1.0))
    if rig.on_cpu:
        names = ("matmul/cpu-work", f"matmul/cpu-work-engine:{rig.engine}")
        scaled = (*scaled, *((name, of_work) for name in names))
    else:
        matmul = (*matmul, ("matmul/log-flops", log(_prompt_flops(rig) / 60e12)))
    wide: Scaled = (*scaled, ("matmul/log-width", of_width))
    expert = (*matmul, ("expert-matmul", 1.0), (f"expert-matmul/backend:{rig.backend}", 1.0))
    attention = (*matmul, ("attention", 1.0), (f"attention/backend:{rig.backend}", 1.0))
    return (
        ((*matmul, ("matmul", 1.0)), wide),
        (expert, (*wide, ("expert-matmul/log-tokens", of_tokens))),
        (attention, scaled),
        ((("kv-pass", 1.0), (f"kv-pass/backend:{rig.backend}", 1.0)), ()),
        ((("load", 1.0),), ()),
        ((*launch, ("batch", 1.0)), ()),
        ((*launch, ("expert-batch", 1.0)), ()),
        ((*launch, ("recurrent-batch", 1.0)), ()),
        ((("prompt-fixed", 1.0), (f"prompt-fixed/engine:{rig.engine}", 1.0)), ()),
    )


Scales = tuple[tuple[float, int], ...]
"""Constants, each with the number of the property of the work it is times."""


def prompt_s(rig: Rig, load: Load, constants: Calibration, n_prompt: Numbers, n_ubatch: int) -> Numbers:
    """Return the seconds a processor takes to read a prompt of `n_prompt` tokens."""
    factors, outer = _factors(rig, constants)
    properties = prefill_properties(rig, load, n_prompt, n_ubatch)
    seconds: Numbers = 0.0
    for amount, (fixed, scaled) in zip(prefill_amounts(rig, load, n_prompt, n_ubatch), factors, strict=True):
        log = fixed
        for constant, at in scaled:
            log = log + constant * properties[at]
        seconds = seconds + amount * exp(log)
    return seconds * outer


@lru_cache(maxsize=1024)
def _factors(rig: Rig, constants: Calibration) -> tuple[tuple[tuple[float, Scales], ...], float]:
    """For each of PREFILL_TERMS the log factor of a processor and what is added times a property; and of the whole."""
    each = tuple(
        (
            constants.log_factor(fixed),
            tuple((constants.effects[name], at) for name, at in scaled if name in constants.effects),
        )
        for fixed, scaled in prefill_effects(rig)
    )
    return each, constants.factor(outer_effects("prefill", rig))
