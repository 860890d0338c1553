"""Cache and recurrent state: what engines print for known models, and what must hold for any model."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ModelShape
from knowledge.content_loader import load_content
from knowledge.errors import BadInput
from knowledge.estimator.kv_cache import kv_bytes_per_token, kv_cache, kv_read_bytes
from knowledge.estimator.request import ContextParams
from knowledge.estimator.shape_input import shape_from_mapping
from knowledge.units import MIB

PLAIN: dict[str, object] = {
    "n_layer": 32,
    "n_embd": 4096,
    "n_head": 32,
    "n_head_kv": 8,
    "n_ff": 14336,
    "n_vocab": 128256,
}
LLAMA = shape_from_mapping(PLAIN)
SLIDING = shape_from_mapping(PLAIN | {"mixers": "sf", "n_swa": 1024})
LATENT = shape_from_mapping(PLAIN | {"arch": "deepseek2", "kv_lora_rank": 512, "n_rot": 64})


@lru_cache(maxsize=1)
def some_shapes() -> list[ModelShape]:
    """One shape an architecture."""
    found = {model.shape.arch: model.shape for model in load_content().models if model.shape is not None}
    return list(found.values())


CONTEXTS = st.builds(
    ContextParams,
    n_ctx=st.integers(128, 262144),
    type_k=st.sampled_from(["f16", "bf16", "q8_0", "q4_0", "f32"]),
    type_v=st.sampled_from(["f16", "q8_0", "q5_1"]),
    n_parallel=st.integers(1, 8),
    kv_unified=st.booleans(),
)


@pytest.mark.parametrize(
    ("shape", "context", "mib"),
    [
        (LLAMA, ContextParams(n_ctx=8192), 1024),
        (LLAMA, ContextParams(n_ctx=8000), 1024),  # whole pages of 256 cells
        (LLAMA, ContextParams(n_ctx=8192, type_k="q8_0", type_v="q8_0"), 544),
        (LLAMA, ContextParams(n_ctx=8192, n_parallel=4), 1024),
        (SLIDING, ContextParams(n_ctx=8192), 512 + 16 * 1536 * 4 // 1024),  # window and a micro-batch
        (LATENT, ContextParams(n_ctx=8192), 8192 * 32 * 576 * 2 / MIB),  # the latent alone, no V
    ],
)
def test_known_caches(shape: ModelShape, context: ContextParams, mib: float) -> None:
    assert kv_cache(shape, context).kv_bytes == mib * MIB


def test_unknown_cache_types_are_named() -> None:
    with pytest.raises(BadInput, match="q9"):
        kv_cache(LLAMA, ContextParams(type_k="q9"))


@given(st.sampled_from(some_shapes()), CONTEXTS)
def test_layers_add_up(shape: ModelShape, context: ContextParams) -> None:
    cache = kv_cache(shape, context)
    assert len(cache.per_layer_bytes) == shape.n_layer
    assert sum(cache.per_layer_kv_bytes) == cache.kv_bytes
    assert sum(cache.per_layer_recurrent_bytes) == cache.recurrent_bytes
    assert cache.n_ctx_padded >= context.n_ctx
    assert cache.n_cells_swa <= cache.n_cells


@given(st.sampled_from(some_shapes()), CONTEXTS, st.integers(1, 65536))
def test_more_context_never_takes_less(shape: ModelShape, context: ContextParams, more: int) -> None:
    larger = replace(context, n_ctx=context.n_ctx + more)
    assert kv_cache(shape, context).kv_bytes <= kv_cache(shape, larger).kv_bytes


@given(st.sampled_from(some_shapes()), CONTEXTS)
def test_more_slots_never_take_less(shape: ModelShape, context: ContextParams) -> None:
    more = replace(context, n_parallel=context.n_parallel + 1)
    one, two = kv_cache(shape, context), kv_cache(shape, more)
    assert one.recurrent_bytes <= two.recurrent_bytes
    if not context.kv_unified:
        assert one.kv_bytes <= two.kv_bytes or one.n_ctx_seq * context.n_parallel > two.n_ctx_seq * more.n_parallel


@given(st.sampled_from(some_shapes()), st.integers(1, 100_000))
def test_reading_grows_with_depth_and_stays_below_the_cache(shape: ModelShape, depth: int) -> None:
    read = kv_read_bytes(shape, depth)
    assert 0 <= read <= kv_read_bytes(shape, depth + 512)
    assert kv_bytes_per_token(shape) >= 0


def test_reading_takes_arrays_too() -> None:
    depths = np.array([1, 4096, 65536])
    for shape in some_shapes():
        many = np.broadcast_to(np.asarray(kv_read_bytes(shape, depths)), depths.shape)
        assert many.tolist() == [kv_read_bytes(shape, int(depth)) for depth in depths]
