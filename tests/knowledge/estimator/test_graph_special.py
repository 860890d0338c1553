"""Buffers of small shapes, derived by hand from the engine's list of operations for each architecture.

All are for 512 tokens, so a value a token is 2,048 bytes. Where a placement leaves gaps, the result must lie between
what is alive at the widest moment and that with the inputs that were freed before.
"""

from __future__ import annotations

import pytest

from knowledge.catalog import ModelShape
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.kv_cache import kv_cache
from knowledge.estimator.request import ContextParams
from knowledge.estimator.shape_input import shape_from_mapping

VALUE = 512 * 4
CONTEXT = ContextParams(n_ctx=512)
MASK = 512 * 512 * 2
ROW_NUMBERS = 512 * (4 + 3 * 8) + 4
"""Positions, the slots of mixed batches, the cells K and V are written to; the row of the output."""

SMALL: dict[str, object] = {
    "n_layer": 8,
    "n_embd": 256,
    "n_head": 4,
    "n_head_kv": 4,
    "n_embd_head_k": 64,
    "n_embd_head_v": 64,
    "n_ff": 8192,
    "n_vocab": 1024,
}
MAMBA: dict[str, object] = {
    "ssm_d_conv": 4,
    "ssm_d_inner": 8192,
    "ssm_d_state": 16,
    "ssm_n_group": 1,
    "ssm_dt_rank": 64,
}


def shape_of(arch: str, **stated: object) -> ModelShape:
    return shape_from_mapping(SMALL | {"arch": arch} | stated)


def buffer_of(shape: ModelShape) -> int:
    return compute_buffer(shape, CONTEXT).device_bytes


def test_the_plain_case_three_widths_of_the_feed_forward() -> None:
    """Inputs (two for mixed batches, the embeddings), their copy that stays, then gate, up and their product."""
    assert buffer_of(shape_of("llama")) == (3 * 256 + 256 + 3 * 8192) * VALUE + MASK + ROW_NUMBERS


def test_vision_features_come_in_beside_the_embeddings() -> None:
    """Qwen3-VL's embeddings are four wide. Inputs: 4 + 1 + 4, the row padded 4, the copy 4; all else fits in gaps.

    Each of the three layers that adds vision features has a copy of the embeddings of its own.
    """
    widths = (4 + 1 + 4 + 4 + 4 + 3 * 4) * 256 + 3 * 8192
    assert buffer_of(shape_of("qwen3vl", qk_norm=True)) == widths * VALUE + MASK + ROW_NUMBERS
    host = [compute_buffer(shape_of(arch), CONTEXT).host_bytes for arch in ("qwen3vl", "qwen3")]
    # two inputs of four for one, and the looked-up row padded to four before it is handed over
    assert host[0] - host[1] == 3 * 3 * 256 * VALUE


@pytest.mark.parametrize("arch", ["bert", "nomic-bert", "modern-bert", "eurobert", "gemma-embedding", "llada-moe"])
def test_encoders_and_diffusion_models_cache_nothing(arch: str) -> None:
    shape = shape_of(arch, n_ctx_train=8192)
    assert kv_cache(shape, ContextParams(n_ctx=8192)).kv_bytes == 0
    long, short = (compute_buffer(shape, ContextParams(n_ctx=n)).device_bytes for n in (8192, 512))
    assert long == short, "the mask is as wide as the batch"


def test_an_encoder_has_no_logits_and_the_causal_model_of_its_shape_has() -> None:
    outputs = ContextParams(n_ctx=512, n_outputs=512)
    wide: dict[str, object] = {"n_vocab": 262144, "n_ff": 1024}
    causal, encoder = (compute_buffer(shape_of(arch, **wide), outputs).device_bytes for arch in ("llama", "eurobert"))
    assert causal > 262144 * VALUE > encoder


def test_berts_layer() -> None:
    """Inputs: embeddings, positions, mask, one row number; the branch for mixed batches stays on the host.

    Where positions are looked up after it, that is. The feed-forward has no gate and its activation works in place: one
    width, with input and residual in gaps.
    """
    inputs = 2 * 256 * VALUE + MASK + 4
    assert buffer_of(shape_of("bert", n_ctx_train=512)) == inputs + 8192 * VALUE


@pytest.mark.parametrize("arch", ["gpt2", "starcoder", "bloom", "mpt"])
def test_fused_heads_without_rotation_are_not_copied(arch: str) -> None:
    """Q, K and V are views of one projection: three widths, and the result. Rotated, Q and K take a width each."""
    wide: dict[str, object] = {"n_head": 128, "n_head_kv": 128, "n_ff": 256, "n_ctx_train": 512}
    width = 128 * 64
    assert 4 * width < buffer_of(shape_of(arch, **wide)) / VALUE < 4 * width + 6 * 256 + 512
    assert 5 * width < buffer_of(shape_of("gptneox", **wide)) / VALUE < 5 * width + 6 * 256 + 512


def test_gemma4_holds_the_inputs_of_all_layers() -> None:
    """A layer's input is 64 wide: 8 layers are 512. In the first layer they and the embeddings are still raw."""
    plain = buffer_of(shape_of("gemma4"))
    with_them = buffer_of(shape_of("gemma4", n_embd_per_layer=64))
    assert 512 * VALUE <= with_them - plain <= 2 * 512 * VALUE
    host = [compute_buffer(shape_of("gemma4", n_embd_per_layer=n), CONTEXT).host_bytes for n in (64, 0)]
    assert host[0] - host[1] == 512 * VALUE


def test_gemma3ns_streams() -> None:
    """At the widest: four predicted streams, residual and input of the feed-forward, gate, up and what is sparse."""
    shape = shape_of("gemma3n", n_embd_per_layer=64, n_ff=16384)
    alive = (4 + 2) * 256 + 3 * 16384 + 512 + 2 * 256
    before = (2 * 256 + 512) + 8 * 256
    assert alive <= (buffer_of(shape) - MASK - ROW_NUMBERS) / VALUE <= alive + before


def test_gemma4s_experts_run_before_the_dense_part() -> None:
    """All experts' results are alive together with one width of the dense part only after they were added up."""
    moe: dict[str, object] = {"n_expert": 16, "n_expert_used": 8, "n_ff_exp": 1024, "n_ff": 16384}
    experts_alive, dense_alive = 8 * 1024 * 3, 3 * 16384
    width = buffer_of(shape_of("gemma4", **moe)) / VALUE
    assert dense_alive < width < dense_alive + experts_alive


def test_mamba2s_output() -> None:
    """The gate is copied before the skip is made: projected input, convolved input, scan and gate are alive."""
    inner, mixed = 8192, 8192 + 2 * 16
    alive = (inner + mixed + 64) + mixed + inner + inner
    width = buffer_of(shape_of("mamba2", mixers="r", ffns=".", **MAMBA)) / VALUE
    state = 16 * inner * 4 / VALUE
    assert alive <= width <= alive + state + 8 * 256 + 512


def test_mamba1s_output() -> None:
    """Projected input (two widths), convolved input, scan and gate are alive; the skip takes a place that is free."""
    shape = shape_of("mamba", mixers="r", ffns=".", **MAMBA | {"ssm_n_group": 0})
    state = 16 * 8192 * 4 / VALUE
    assert 5 * 8192 <= buffer_of(shape) / VALUE <= 5 * 8192 + state + 8 * 256 + 1024


def test_attention_waits_for_the_scan_beside_it() -> None:
    """Falcon-H1: the heads' results are held through the scan, and each side normalises for itself."""
    both = shape_of("falcon-h1", mixers="h", n_ff=256, n_head=64, n_head_kv=1, **MAMBA)
    alone = shape_of("mamba2", mixers="r", ffns="d", n_ff=256, **MAMBA)
    assert buffer_of(both) - buffer_of(alone) >= 64 * 64 * VALUE - 2 * 256 * VALUE


def test_kimis_convolutions() -> None:
    """Alive at the recurrence: Q, K and V, the decay, the kept state, the result with the new one.

    Three joins and a projection were alive before; the result, larger by the state, fits into none of their places.
    """
    shape = shape_of("kimi-linear", mixers="r", n_head=128, kda_head_dim=64, ssm_d_conv=4, n_ff=256, kv_lora_rank=64)
    width, state = 128 * 64, 64 * 64 * 128 * 4 / VALUE
    assert 5 * width + 2 * state <= buffer_of(shape) / VALUE <= 6 * width + 2 * state + 4 * 256


def test_rows_kept_to_the_end_are_as_many_as_the_tokens_on_the_last_device() -> None:
    """gpt-oss drops rows after the last layer: a single layer on the last device still works on all of them."""
    moe: dict[str, object] = {"n_layer": 2, "n_expert": 8, "n_expert_used": 4, "n_ff_exp": 4096}
    late, early = (
        compute_buffer(shape_of(arch, **moe), CONTEXT, n_devices=2).per_device_bytes[1]
        for arch in ("gpt-oss", "qwen3moe")
    )
    assert late > 3 * 4 * 4096 * VALUE > early
