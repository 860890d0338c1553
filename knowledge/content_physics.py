"""Whether the catalogue's figures can be true: shape arithmetic, recounted parameters, bandwidth by kind of memory.

Pure: records in, problems out. It compares an entry with itself and with physics; it knows no measurements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from knowledge.catalog import Device, Model, ModelShape
from knowledge.content_types import Content, Problem
from knowledge.estimator.device import shader_flops
from knowledge.estimator.model import count_params
from knowledge.units import GB, GIB

Finding = tuple[str, str]
RECOUNT_TOLERANCE: Final = 0.03
BUS_TOLERANCE: Final = 0.06
BANDWIDTH_GB_S: Final = {
    "DDR3": (5, 120),
    "DDR4": (12, 500),
    "DDR5": (30, 1300),
    "LPDDR2": (2, 20),
    "LPDDR3": (5, 40),
    "LPDDR4": (8, 150),
    "LPDDR5": (20, 1300),
    "GDDR3": (10, 180),
    "GDDR5": (15, 700),
    "GDDR6": (60, 1200),
    "GDDR7": (200, 2300),
    "HBM": (100, 25_000),
}
"""What a whole device of each memory generation can reach, from one slow channel to the widest bus sold."""
FLOPS_PER_BYTE: Final = (1, 1000)
"""Dense FP16 operations per byte of bandwidth: below and above, one of the two figures has a wrong unit."""
INT8_PER_FP16: Final = (0.4, 8.5)
"""INT8 operations per FP16 operation: half where only one unit has the other, up to eight where FP16 is emulated."""
COMPUTE_CAPS: Final = {
    "Kepler": ("3.",),
    "Maxwell": ("5.",),
    "Pascal": ("6.",),
    "Volta": ("7.0", "7.2"),
    "Turing": ("7.5",),
    "Ampere": ("8.0", "8.6", "8.7"),
    "Ada Lovelace": ("8.9",),
    "Hopper": ("9.0",),
    "Blackwell": ("10.", "11.", "12."),
}
"""What CUDA devices of each architecture report, by NVIDIA's list of compute capabilities."""
MEGA_TRANSFERS: Final = {
    "DDR3": (800, 2500),
    "DDR4": (1600, 4300),
    "GDDR5": (3000, 9200),
    "GDDR5X": (8000, 12_100),
    "GDDR6": (8000, 20_200),
    "GDDR6X": (18_900, 24_100),
    "GDDR7": (17_900, 32_100),
    "HBM": (1000, 1000),
    "HBM2": (1200, 2450),
    "HBM2e": (2400, 3700),
    "HBM3": (4000, 6700),
    "HBM3e": (5800, 9700),
    "LPDDR4X": (3200, 4300),
}
"""What a pin of each memory carries on the cards sold. A bandwidth that needs another rate is wrong, or its bus is."""
UNIT_FLOPS: Final = {"SM": 256, "CU": 128, "Xe": 256, "EU": 16, "cores": 256}
"""fp32 operations a cycle of the largest unit of a kind: an SM, Xe core or Apple core of 128 lanes, a CU of 64, an EU
of 8."""
UNIT_GHZ: Final = (0.3, 3.3)
"""Clocks that GPUs of every generation since 2012 run at."""
_UNITS = re.compile(r"^(?:2 x )?(\d+) (SM|CU|Xe|EU|cores)")
_BITS = re.compile(r"^(\w+) (\d+)-bit$")
_BUS = re.compile(r"DDR\dX?-(\d{3,5})\s+(?:(\d+)[- ]bit|(\d+)[- ]channel|(single|dual)\b)")
_GENERATION = re.compile(r"(LPDDR\d|GDDR\d|DDR\d|HBM)")


def physics_problems(content: Content) -> Iterator[Problem]:
    """Find models and devices that contradict themselves."""
    for model in content.models:
        place = content.place("model", model.id)
        for field, message in _model_findings(model):
            yield place.problem(model.id, field, message)
    for device in content.devices:
        place = content.place("device", device.id)
        for field, message in _device_findings(device):
            yield place.problem(device.id, field, message)


def _model_findings(model: Model) -> Iterator[Finding]:
    total = model.params_total
    for field, part in (("params_active_b", model.params_active), ("params_text_b", model.params_text)):
        if total and part and part > total * (1 + RECOUNT_TOLERANCE):
            yield field, f"{part / GB:.3f} billion is more than the whole model's {total / GB:.3f}"
    shape = model.shape
    claimed = model.shape_check.startswith("ok")
    if shape is None:
        if claimed:
            yield "shape", f"is missing although shape_check says '{model.shape_check}'"
        return
    if not claimed and model.shape_check in {"none", "dropped"}:
        yield "shape_check", f"says '{model.shape_check}' although there is a shape"
    before = list(shape_findings(shape))
    yield from before
    if not before:
        yield from _recount_findings(model, shape)


def shape_findings(shape: ModelShape) -> Iterator[Finding]:
    """Find what cannot be in a shape, whatever its architecture."""
    yield from _attention_findings(shape)
    yield from _layer_findings(shape)
    yield from _expert_findings(shape)


def _attention_findings(shape: ModelShape) -> Iterator[Finding]:
    heads = shape.n_head_by_layer or (shape.n_head,)
    kv_heads = shape.n_head_kv_by_layer or (shape.n_head_kv,)
    if len(heads) == len(kv_heads) and any(kv and n % kv for n, kv in zip(heads, kv_heads, strict=True)):
        yield "n_head_kv", f"{max(kv_heads)} does not divide n_head ({max(heads)})"
    if any(mixer in shape.mixers for mixer in "fsh"):
        for field in ("n_head", "n_head_kv", "n_embd_head_k", "n_embd_head_v"):
            if not getattr(shape, field) and not (field.startswith("n_head") and getattr(shape, f"{field}_by_layer")):
                yield field, "is 0 although there are attention layers"
    if "s" in shape.mixers and not shape.n_swa:
        yield "n_swa", "is 0 although there are sliding-window layers"
    if shape.n_swa and shape.n_swa > shape.n_ctx_train:
        yield "n_swa", f"{shape.n_swa} is wider than n_ctx_train ({shape.n_ctx_train})"
    if shape.kv_lora_rank and not (shape.n_embd_head_qk_nope and shape.n_embd_head_v_mla):
        yield "kv_lora_rank", "multi-head latent attention needs n_embd_head_qk_nope and n_embd_head_v_mla"
    latent = shape.kv_lora_rank + shape.n_rot
    if shape.kv_lora_rank and shape.n_embd_head_k != latent:
        yield "n_embd_head_k", f"{shape.n_embd_head_k}, but the latent head is kv_lora_rank + n_rot = {latent} wide"


def _layer_findings(shape: ModelShape) -> Iterator[Finding]:
    for field in ("n_head_by_layer", "n_head_kv_by_layer", "n_ff_by_layer", "compress_ratios"):
        widths = getattr(shape, field)
        if widths and len(widths) != shape.n_layer:
            yield field, f"{len(widths)} values for {shape.n_layer} layers"
    for field in ("mixers", "ffns"):
        if len(getattr(shape, field)) > shape.n_layer:
            yield field, f"{len(getattr(shape, field))} letters for {shape.n_layer} layers"
    if any(mixer in shape.mixers for mixer in "rh") and not (shape.ssm_d_state or shape.kda_head_dim):
        yield "ssm_d_state", "is 0 although there are recurrent layers"
    if "c" in shape.mixers and not shape.shortconv_l_cache:
        yield "shortconv_l_cache", "is 0 although there are short-convolution layers"
    if shape.n_layer_kv_shared >= shape.n_layer:
        yield "n_layer_kv_shared", f"{shape.n_layer_kv_shared} of {shape.n_layer} layers leave none with a cache"


def _expert_findings(shape: ModelShape) -> Iterator[Finding]:
    if shape.n_expert_used > shape.n_expert:
        yield "n_expert_used", f"{shape.n_expert_used} of {shape.n_expert} experts"
    if shape.n_expert and not (shape.n_expert_used and shape.n_ff_exp):
        yield "n_expert", "experts need n_expert_used and n_ff_exp"
    if shape.n_layer_dense_lead > shape.n_layer:
        yield "n_layer_dense_lead", f"{shape.n_layer_dense_lead} of {shape.n_layer} layers"
    dense = "d" in shape.ffns or (not shape.ffns and (not shape.n_expert or shape.n_layer_dense_lead))
    if dense and not shape.n_ff and not any(shape.n_ff_by_layer):
        yield "n_ff", "is 0 although there are dense feed-forward layers"


def _recount_findings(model: Model, shape: ModelShape) -> Iterator[Finding]:
    try:
        recount = count_params(shape)
    except (ArithmeticError, LookupError) as error:  # a width this architecture divides by is missing
        yield "shape", f"cannot be counted as {shape.arch}: {error}"
        return
    published = model.params_text or model.params_total
    field = "params_text_b" if model.params_text else "params_b"
    if published is None:
        yield field, f"is missing; the shape has {recount / GB:.3f} billion"
    elif abs(recount / published - 1) > RECOUNT_TOLERANCE:
        off = 100 * (recount / published - 1)
        yield field, f"{published / GB:.3f} billion, but the shape has {recount / GB:.3f} ({off:+.1f} %)"


def _device_findings(device: Device) -> Iterator[Finding]:
    if device.memory_options_bytes and device.memory_bytes not in device.memory_options_bytes:
        options = ", ".join(f"{option / GIB:g}" for option in device.memory_options_bytes)
        yield "memory_gib", f"is none of memory_options_gib ({options})"
    yield from _bandwidth_findings(device)
    if "cuda" in device.backends and device.vendor != "NVIDIA":
        yield "backends", f"cuda on a device of {device.vendor}"
    if "cuda" in device.backends and device.kind == "gpu" and not device.compute_cap:
        yield "compute_cap", "is missing for a cuda device"
    caps = next((caps for arch, caps in COMPUTE_CAPS.items() if device.arch.startswith(arch)), ())
    if caps and device.compute_cap and not device.compute_cap.startswith(caps):
        yield "compute_cap", f"{device.compute_cap} is not what {device.arch} has ({', '.join(caps)})"
    if "metal" in device.backends and device.segment != "apple" and device.vendor != "Apple":
        yield "backends", f"metal on a device of {device.vendor}"
    if device.gfx and device.vendor != "AMD":
        yield "gfx", f"is an AMD code, the vendor is {device.vendor}"
    if device.fp16_flops and device.int8_ops:
        ratio = device.int8_ops / device.fp16_flops
        if not INT8_PER_FP16[0] <= ratio <= INT8_PER_FP16[1]:
            yield "int8_tops", f"{ratio:.2g} times fp16_tflops cannot be"
    yield from _unit_findings(device)
    if device.fp16_flops and not device.fp16_basis:
        yield "fp16_basis", "is missing: say how fp16_tflops was had"
    if device.launch_price_usd and not device.price_basis:
        yield "price_basis", "is missing: say what price_usd is"


def _bandwidth_findings(device: Device) -> Iterator[Finding]:
    bandwidth = device.bandwidth_bytes_per_s
    if bandwidth is None:
        return
    gb_s = bandwidth / GB
    generation = _GENERATION.search(device.memory_type)
    if generation:
        low, high = BANDWIDTH_GB_S.get(generation[1], (0, 30_000))
        if not low <= gb_s <= high:
            yield "bandwidth_gb_s", f"{gb_s:g} GB/s is not what {generation[1]} gives ({low} to {high})"
    yield from pin_findings(device.memory_type, gb_s)
    bus = bus_gb_s(device.memory_type)
    if bus and abs(gb_s / bus - 1) > BUS_TOLERANCE:
        yield "bandwidth_gb_s", f"{gb_s:g} GB/s, but {device.memory_type} gives {bus:g}"
    if device.fp16_flops and not FLOPS_PER_BYTE[0] <= device.fp16_flops / bandwidth <= FLOPS_PER_BYTE[1]:
        ratio = device.fp16_flops / bandwidth
        yield "fp16_tflops", f"{ratio:.3g} operations per byte of bandwidth cannot be: one of the two has a wrong unit"


def pin_findings(memory_type: str, gb_s: float) -> Iterator[Finding]:
    """Find a bandwidth that `GDDR6 256-bit` cannot have: the rate a pin would need is none that memory was sold at."""
    match = _BITS.match(memory_type)
    if match is None or match[1] not in MEGA_TRANSFERS:
        return
    low, high = MEGA_TRANSFERS[match[1]]
    rate = gb_s * 8000 / int(match[2])
    if not low * 0.99 <= rate <= high:
        yield "bandwidth_gb_s", f"{gb_s:g} GB/s over {match[2]} bits is {rate:.0f} MT/s; {match[1]} has {low} to {high}"


def _unit_findings(device: Device) -> Iterator[Finding]:
    """Find a rate that the device's units could only reach at a clock no GPU runs at: a factor of its kind is wrong."""
    match = _UNITS.match(device.n_cores)
    flops = shader_flops(device)
    if match is None or flops is None:
        return
    ghz = flops / (int(match[1]) * UNIT_FLOPS[match[2]]) / 1e9
    low, high = UNIT_GHZ
    old = device.arch.startswith(("Volta", "Turing", "Pascal", "Maxwell", "Ampere"))  # some have half the lanes
    if not (low / 2 if old else low) <= ghz <= high:
        yield (
            "fp16_tflops",
            f"{device.n_cores} would run at {ghz:.2f} GHz; the rate or its fp16_basis has a wrong factor",
        )


def bus_gb_s(memory_type: str) -> float | None:
    """Compute the bandwidth that `LPDDR5X-8000 256-bit` or `DDR5-5600 2-channel` describes; None without a bus."""
    match = _BUS.search(memory_type)
    if match is None:
        return None
    mega_transfers, bits, channels, words = match.groups()
    width_bytes = int(bits) / 8 if bits else 8 * int(channels or (2 if words == "dual" else 1))
    return int(mega_transfers) * width_bytes / 1000
