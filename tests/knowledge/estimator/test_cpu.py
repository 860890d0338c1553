"""CPU cores: their integer rate, the memory few of them can draw, and what both mean for speeds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Device, ModelShape
from knowledge.estimator.cpu import MATRIX_FACTOR, OPS_PER_CYCLE, SUSTAINED_LOSS, cpu_ops, cpu_work, drawn_bytes_per_s
from knowledge.estimator.speed import decode_tok_s, prefill_tok_s, rig_of, speed_inputs
from knowledge.estimator.weights import weights

CPU = Device(
    id="cpu", name="a CPU", vendor="AMD", kind="cpu", segment="desktop", sources=("made for this test",),
    bandwidth_bytes_per_s=83.2e9, cpu_arch="zen4", cpu_cores=8, cpu_clock_hz=5e9,
)  # fmt: skip
SHAPE = ModelShape(
    arch="llama", n_layer=32, n_embd=4096, n_vocab=128256, n_ctx_train=131072,
    n_head=32, n_head_kv=8, n_embd_head_k=128, n_embd_head_v=128, n_ff=14336,
)  # fmt: skip


def speeds(device: Device, quant: str = "Q4_K_M", n_threads: int | None = None) -> tuple[float, float]:
    inputs = speed_inputs(SHAPE, weights(SHAPE, quant), device, n_threads=n_threads)
    decode, prefill = decode_tok_s(inputs), prefill_tok_s(inputs, 512)
    assert decode is not None
    assert prefill is not None
    return float(decode.mid), float(prefill.mid)


def test_the_rate_is_cores_times_clock_times_operations() -> None:
    assert cpu_ops(CPU) == pytest.approx(8 * 5e9 * 128 * (1 - SUSTAINED_LOSS))
    assert cpu_ops(CPU, 2) == pytest.approx(2 * 5e9 * 128 * (1 - SUSTAINED_LOSS / 4))
    assert cpu_ops(CPU, 64) == cpu_ops(CPU)
    assert cpu_ops(replace(CPU, cpu_arch="")) is None
    assert cpu_ops(replace(CPU, cpu_cores=None)) is None


@given(st.integers(1, 7), st.sampled_from(["Q8_0", "Q4_K_M", "IQ2_XXS"]))
def test_more_threads_are_faster_until_the_memory_is_full(n_threads: int, quant: str) -> None:
    few, more = speeds(CPU, quant, n_threads), speeds(CPU, quant, n_threads + 1)
    assert few[0] < more[0] < 2 * few[0]
    assert few[1] < more[1] < 2 * few[1]


@given(st.floats(5e9, 8e11), st.integers(1, 128))
def test_drawn_bandwidth_stays_below_both_limits(peak: float, n_threads: int) -> None:
    drawn = drawn_bytes_per_s(CPU, peak, n_threads)
    assert drawn < peak
    assert drawn < n_threads * 80e9
    assert drawn_bytes_per_s(CPU, peak, None) == peak


def test_prompts_follow_the_cores_and_decoding_the_memory() -> None:
    twice_cores = speeds(replace(CPU, cpu_cores=16))
    twice_memory = speeds(replace(CPU, bandwidth_bytes_per_s=166.4e9))
    decode, prefill = speeds(CPU)
    assert twice_cores[1] / prefill > 1.6 > 1.2 > twice_cores[0] / decode
    assert twice_memory[0] / decode > 1.4 > 1.1 > twice_memory[1] / prefill


def test_codebooks_cost_a_cpu_more_than_plain_blocks() -> None:
    assert cpu_work("IQ3_S") > cpu_work("q6_k") > cpu_work("q4_0")
    assert speeds(CPU, "IQ3_XXS")[1] < speeds(CPU, "Q4_K_M")[1]


@pytest.mark.parametrize("arch", sorted(OPS_PER_CYCLE))
def test_every_architecture_makes_a_rig(arch: str) -> None:
    rig = rig_of(replace(CPU, cpu_arch=arch))
    assert rig is not None
    assert rig.shader_flops == pytest.approx(8 * 5e9 * OPS_PER_CYCLE[arch] * (1 - SUSTAINED_LOSS))
    assert rig.matrix_flops == rig.shader_flops * MATRIX_FACTOR.get(arch, 1.0)


def test_matrix_instructions_serve_prompts_of_engines_that_use_them() -> None:
    device = replace(CPU, cpu_arch="apple-m2")
    rigs = [rig_of(device, engine=engine) for engine in ("llama.cpp", "ollama", "lm-studio", "ik_llama.cpp")]
    assert [rig and rig.matrix_flops and rig.matrix_flops / rig.shader_flops for rig in rigs] == [2.0, 2.0, 2.0, 1.0]
    older, newer = speeds(replace(CPU, cpu_arch="apple-m1")), speeds(device)
    assert newer[0] == older[0]
    assert newer[1] > 1.5 * older[1]
