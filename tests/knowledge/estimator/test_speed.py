"""The speed model's behaviour: what must hold for any model, device and depth, whatever the constants are."""

from __future__ import annotations

import math
import time
from dataclasses import fields, replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Device, Model, ModelShape
from knowledge.content_loader import load_content
from knowledge.estimator.speed import (
    PCIE_BYTES_PER_S,
    Part,
    SpeedInputs,
    decode_s,
    decode_tok_s,
    engine_key,
    evidence_tier,
    prefill_s,
    prefill_tok_s,
    recalibrated,
    recalibration,
    rig_of,
    speed_inputs,
    spread_class,
)
from knowledge.estimator.speed_loads import load_of
from knowledge.estimator.speed_terms import GENERATION_PARENT, Load, Rig, decode_effects, dequant_cost, lineage
from knowledge.estimator.speeds import split_load
from knowledge.estimator.weights import weights

CONTENT = load_content()
DEVICES = {device.id: device for device in CONTENT.devices}
SHAPES = {
    "dense": ModelShape(
        arch="llama", n_layer=32, n_embd=4096, n_vocab=128256, n_ctx_train=131072,
        n_head=32, n_head_kv=8, n_embd_head_k=128, n_embd_head_v=128, n_ff=14336,
    ),
    "small": ModelShape(
        arch="qwen3", n_layer=28, n_embd=1024, n_vocab=151936, n_ctx_train=40960,
        n_head=16, n_head_kv=8, n_embd_head_k=128, n_embd_head_v=128, n_ff=3072, tie_embeddings=True,
    ),
    "moe": ModelShape(
        arch="qwen3moe", n_layer=48, n_embd=2048, n_vocab=151936, n_ctx_train=40960, n_head=32, n_head_kv=4,
        n_embd_head_k=128, n_embd_head_v=128, n_ff=6144, n_expert=128, n_expert_used=8, n_ff_exp=768,
    ),
    "sliding": ModelShape(
        arch="gemma3", n_layer=62, n_embd=5376, n_vocab=262208, n_ctx_train=131072, n_head=32, n_head_kv=16,
        n_embd_head_k=128, n_embd_head_v=128, n_ff=21504, tie_embeddings=True, mixers="sssssf", n_swa=1024,
    ),
}  # fmt: skip
FAST = [
    "nvidia-geforce-rtx-4090",
    "nvidia-geforce-rtx-3060-12-gb",
    "amd-radeon-rx-9070-xt",
    "apple-m4-max-40c-gpu",
    "intel-arc-b580",
    "amd-ryzen-ai-max-plus-395",
    "cpu-dual-channel-ddr5-5600",
    "nvidia-tesla-p40",
    "nvidia-h100-sxm5-80-gb",
]
shapes = st.sampled_from(sorted(SHAPES))
some_devices = st.sampled_from(FAST)
quants = st.sampled_from(["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K", "IQ2_XXS"])


@lru_cache(maxsize=512)
def inputs_of(shape: str, quant: str, device_id: str, depth: int = 0, engine: str = "llama.cpp") -> SpeedInputs:
    return speed_inputs(SHAPES[shape], weights(SHAPES[shape], quant), DEVICES[device_id], engine=engine, depth=depth)


def mid(inputs: SpeedInputs) -> float:
    interval = decode_tok_s(inputs)
    assert interval is not None
    return float(interval.mid)


@given(shapes, quants, some_devices, st.integers(0, 100_000))
def test_interval_is_ordered_and_positive(shape: str, quant: str, device_id: str, depth: int) -> None:
    inputs = inputs_of(shape, quant, device_id, depth)
    decode, prefill = decode_tok_s(inputs), prefill_tok_s(inputs, 512)
    assert decode is not None
    assert 0 < decode.low < decode.mid < decode.high < math.inf
    if prefill is not None:
        assert 0 < prefill.low < prefill.mid < prefill.high < math.inf


@given(shapes, some_devices, st.integers(0, 60_000), st.integers(1, 60_000))
def test_decode_and_prefill_fall_with_depth(shape: str, device_id: str, depth: int, more: int) -> None:
    near, far = inputs_of(shape, "Q4_K_M", device_id, depth), inputs_of(shape, "Q4_K_M", device_id, depth + more)
    assert decode_s(far) >= decode_s(near)
    if prefill_tok_s(near, 512) is not None:
        assert prefill_s(far, 512) >= prefill_s(near, 512) * (1 - 1e-9) or shape == "sliding"


@given(shapes, quants)
def test_decode_is_below_the_roofline_on_every_device(shape: str, quant: str) -> None:
    w = weights(SHAPES[shape], quant)
    for device in CONTENT.devices:
        rig = rig_of(device)
        if rig is not None and device.kind not in {"npu", "accelerator"}:
            speed = mid(inputs_of(shape, quant, device.id))
            assert speed * w.read_bytes_per_token < rig.bandwidth_bytes_per_s, device.id


def test_decode_is_a_sensible_share_of_the_roofline() -> None:
    w = weights(SHAPES["dense"], "Q4_K_M")
    for device in CONTENT.devices:
        if device.kind == "gpu" and device.bandwidth_bytes_per_s is not None and (device.release_year or 0) >= 2018:
            share = mid(inputs_of("dense", "Q4_K_M", device.id)) * w.read_bytes_per_token / device.bandwidth_bytes_per_s
            assert 0.1 < share < 0.95, device.id


@given(some_devices, st.sampled_from([("Q8_0", "Q4_K_M"), ("F16", "Q8_0"), ("Q6_K", "Q4_K_M")]))
def test_smaller_files_decode_faster(device_id: str, pair: tuple[str, str]) -> None:
    bigger, smaller = pair
    assert mid(inputs_of("dense", smaller, device_id)) > mid(inputs_of("dense", bigger, device_id))


def test_arrays_and_numbers_agree() -> None:
    cells = [inputs_of(shape, quant, FAST[0], 2048) for shape in SHAPES for quant in ("Q8_0", "Q4_K_M")]
    stacked = {
        field.name: np.array([float(getattr(cell.parts[0].load, field.name)) for cell in cells])
        for field in fields(Load)
    }
    rig = cells[0].parts[0].rig
    together = SpeedInputs(
        parts=(Part(rig=rig, load=Load(**stacked)),), is_moe=np.array([cell.is_moe for cell in cells])
    )
    assert decode_s(together) == pytest.approx([decode_s(cell) for cell in cells])
    assert prefill_s(together, 512.0) == pytest.approx([prefill_s(cell, 512.0) for cell in cells])
    interval = decode_tok_s(together)
    assert interval is not None
    assert np.all(interval.low < interval.mid)


def test_two_hundred_thousand_cells_are_quick() -> None:
    cell = inputs_of("moe", "Q4_K_M", FAST[0], 2048)
    load = cell.parts[0].load
    many = Load(**{field.name: np.full(200_000, float(getattr(load, field.name))) for field in fields(Load)})
    inputs = replace(cell, parts=(Part(rig=cell.parts[0].rig, load=many),))
    decode_s(inputs)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        seconds = decode_s(inputs)
        best = min(best, time.perf_counter() - start)
    assert seconds.shape == (200_000,)
    assert best < 0.2  # some 10 ms on an idle core; the bench states it exactly


@given(shapes, some_devices, st.lists(st.floats(0.1, 1.0), min_size=2, max_size=4))
def test_layer_split_gains_nothing(shape: str, device_id: str, raw: list[float]) -> None:
    one = inputs_of(shape, "Q4_K_M", device_id, 1024)
    shares = [value / sum(raw) for value in raw]
    whole = one.parts[0]
    loads = [split_load(whole.load, share, share, head=share is shares[-1]) for share in shares]
    split = replace(one, parts=tuple(replace(whole, load=load) for load in loads), n_hops=len(shares) - 1)
    assert sum(load.total_bytes for load in loads) == pytest.approx(whole.load.total_bytes)
    assert mid(one) * 0.7 <= mid(split) <= mid(one)


def test_tensor_parallel_gains_less_than_its_cards() -> None:
    card, w = DEVICES["nvidia-geforce-rtx-3090"], weights(SHAPES["dense"], "F16")
    speeds = [mid(speed_inputs(SHAPES["dense"], w, card, engine="vllm", n_tensor_parallel=n)) for n in (1, 2, 4)]
    assert speeds[0] < speeds[1] < 2 * speeds[0]
    assert speeds[1] < speeds[2] < 4 * speeds[0]


def test_experts_on_the_host_cost_less_than_half_the_model_on_the_host() -> None:
    whole = inputs_of("moe", "Q4_K_M", FAST[0])
    load = whole.parts[0].load
    host = rig_of(DEVICES["cpu-dual-channel-ddr5-5600"], backend="cpu")
    assert host is not None
    experts, on_device = split_load(load, 0.0, 1.0, head=False), split_load(load, 1.0, 0.0, head=True)
    assert experts.total_bytes + on_device.total_bytes == pytest.approx(load.total_bytes)
    assert experts.total_bytes > 5 * on_device.total_bytes
    with_experts = replace(
        whole, parts=(replace(whole.parts[0], load=on_device), Part(rig=host, load=experts)), n_hops=2
    )
    all_on_host = replace(whole, parts=(Part(rig=host, load=load),))
    assert mid(all_on_host) < mid(with_experts) < mid(whole)
    assert spread_class(with_experts) == "offload"


def test_a_dense_model_whole_on_a_card_is_read_whole_for_a_prompt() -> None:
    load = inputs_of("dense", "Q4_K_M", FAST[0]).parts[0].load
    assert split_load(load, 1.0, 0.0, head=True) == load


def test_two_joined_dies_launch_slower_but_only_where_kernels_do_not_fill_them() -> None:
    one, two = DEVICES["apple-m3-max-40c-gpu"], DEVICES["apple-m3-ultra-80c-gpu"]
    rigs = {engine: rig_of(two, engine=engine) for engine in ("llama.cpp", "ollama", "mlx")}
    assert all(rig is not None and rig.two_dies for rig in rigs.values())
    alone, on_cpu = rig_of(one), rig_of(two, backend="cpu")
    assert alone is not None
    assert not alone.two_dies
    assert on_cpu is not None
    assert not on_cpu.two_dies
    slowed = {e for e, rig in rigs.items() if rig and ("launch/two-dies", 1.0) in decode_effects(rig)[5]}
    assert slowed == {"llama.cpp", "ollama"}


def host_reading(reader: str | None, n_ubatch: int = 512) -> SpeedInputs:
    """A dense model wholly in host memory, its prompts read by a card or by the processor itself."""
    whole = inputs_of("dense", "Q4_K_M", FAST[0])
    host = rig_of(DEVICES["cpu-dual-channel-ddr5-5600"], backend="cpu")
    assert host is not None
    card = None if reader is None else rig_of(DEVICES[reader])
    part = Part(rig=host, load=whole.parts[0].load, reader=card)
    return replace(whole, parts=(part,), streamed_bytes=float(whole.parts[0].load.total_bytes), n_ubatch=n_ubatch)


def test_a_card_reads_long_prompts_for_the_host_and_short_ones_stay() -> None:
    helped, alone = host_reading(FAST[0]), host_reading(None)
    assert prefill_s(helped, 512) < prefill_s(alone, 512) / 2
    assert prefill_s(helped, 31) == pytest.approx(prefill_s(alone, 31))
    assert mid(helped) == mid(alone)


def test_larger_batches_copy_the_host_s_weights_less_often() -> None:
    small, large = host_reading(FAST[0]), host_reading(FAST[0], n_ubatch=2048)
    copied_s = small.streamed_bytes / PCIE_BYTES_PER_S
    assert prefill_s(small, 2048) - prefill_s(large, 2048) >= 3 * copied_s
    assert prefill_s(small, 512) > copied_s


@given(some_devices, st.floats(0.5, 2.0))
def test_a_measurement_pulls_the_estimate_towards_itself(device_id: str, ratio: float) -> None:
    inputs = inputs_of("dense", "Q4_K_M", device_id)
    measured = mid(inputs) * ratio
    after = mid(recalibrated(inputs, recalibration(inputs, measured)))
    assert min(measured, mid(inputs)) <= after * (1 + 1e-9)
    assert after <= max(measured, mid(inputs)) * (1 + 1e-9)
    assert abs(math.log(after / measured)) <= abs(math.log(ratio)) + 1e-9


def test_a_measurement_narrows_the_interval_of_uncertain_classes() -> None:
    inputs = inputs_of("small", "Q4_K_M", "amd-radeon-rx-9070-xt")
    before, after = decode_tok_s(inputs), decode_tok_s(recalibrated(inputs, recalibration(inputs, 0.9 * mid(inputs))))
    assert before is not None
    assert after is not None
    assert after.high / after.low < before.high / before.low


def test_unknown_bandwidth_gives_no_number() -> None:
    blank = replace(DEVICES[FAST[0]], bandwidth_bytes_per_s=None)
    assert rig_of(blank) is None
    with pytest.raises(ValueError, match="bandwidth"):
        speed_inputs(SHAPES["dense"], weights(SHAPES["dense"], "Q4_K_M"), blank)


def test_unknown_arithmetic_rate_gives_no_prefill_but_a_decode_speed() -> None:
    blank = replace(DEVICES["nvidia-geforce-rtx-4090"], fp16_flops=None)
    inputs = speed_inputs(SHAPES["dense"], weights(SHAPES["dense"], "Q4_K_M"), blank)
    assert prefill_tok_s(inputs, 512) is None
    assert decode_tok_s(inputs) is not None


def test_no_parts_no_speed() -> None:
    assert decode_tok_s(SpeedInputs(parts=())) is None
    assert prefill_tok_s(SpeedInputs(parts=()), 512) is None


def test_apple_cpu_cores_cannot_use_all_the_bandwidth() -> None:
    cpu = rig_of(DEVICES["apple-m4-max-40c-gpu"], backend="cpu")
    gpu = rig_of(DEVICES["apple-m4-max-40c-gpu"])
    assert cpu is not None
    assert gpu is not None
    assert cpu.bandwidth_bytes_per_s < gpu.bandwidth_bytes_per_s


@pytest.mark.parametrize(("name", "key"), [("LM-Studio", "llama.cpp"), ("Ollama", "ollama"), ("MLX", "mlx")])
def test_engine_key(name: str, key: str) -> None:
    assert engine_key(name) == key


@pytest.mark.parametrize(
    ("tensor_type", "cost"), [("F16", 0.0), ("q8_0", 0.45), ("q4_k", 0.8), ("iq2_xxs", 2.0), ("mlx-4bit", 1.0)]
)
def test_dequant_cost(tensor_type: str, cost: float) -> None:
    assert dequant_cost(tensor_type) == cost


def test_generations_descend_without_circles() -> None:
    for generation in GENERATION_PARENT:
        assert len(lineage(generation)) == len(set(lineage(generation)))


@pytest.mark.parametrize(
    ("device_id", "family", "tier"),
    [
        ("nvidia-geforce-rtx-3090", "Llama 3", "C"),
        ("nvidia-geforce-rtx-3090", "No such family", "~"),
        ("nvidia-geforce-rtx-4090", "Llama 3", "~"),
        ("intel-arc-a770", "Llama 3", "E"),
    ],
)
def test_evidence_tier(device_id: str, family: str, tier: str) -> None:
    assert evidence_tier(DEVICES[device_id], family) == tier


def test_windows_cap_the_cost_of_depth() -> None:
    ratio = {
        name: mid(inputs_of(name, "Q4_K_M", FAST[0], 65536)) / mid(inputs_of(name, "Q4_K_M", FAST[0]))
        for name in SHAPES
    }
    assert ratio["sliding"] > ratio["dense"]


@pytest.mark.parametrize(
    "model", [model for model in CONTENT.models if model.id in {"qwen3-8b", "gpt-oss-20b", "deepseek-v3"}]
)
def test_load_of_real_models(model: Model) -> None:
    assert model.shape is not None
    load = load_of(model.shape, weights(model.shape, "Q4_K_M"), depth=1000)
    assert load.stream_bytes > 0
    assert load.dense_params > 0
    assert (load.expert_bytes > 0) == (model.shape.n_expert > 0)
    active = load.dense_params + load.expert_params
    if model.params_active is not None:
        assert active == pytest.approx(model.params_active, rel=0.35)


def test_rig_is_built_from_the_devices_facts_alone() -> None:
    device: Device = DEVICES["nvidia-geforce-rtx-5090"]
    rig = rig_of(device)
    assert isinstance(rig, Rig)
    assert rig.bandwidth_bytes_per_s == device.bandwidth_bytes_per_s
    assert rig.backend == "cuda"
    assert rig.generation == "blackwell"
