"""What a shape becomes: layers, tensors, parameter counts, and shapes read from a user's own numbers."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ModelShape
from knowledge.content_loader import load_content
from knowledge.errors import BadInput
from knowledge.estimator.model import (
    _layer,
    count_active_params,
    count_params,
    layer_ffns,
    layer_mixers,
    tensor_groups,
    tensors,
)
from knowledge.estimator.shape_input import shape_from_mapping
from knowledge.estimator.tensors import TensorList
from knowledge.estimator.tensors_traits import traits_of
from knowledge.evaluate.memory import recount

LLAMA_3_8B: dict[str, object] = {
    "arch": "llama",
    "n_layer": 32,
    "n_embd": 4096,
    "n_head": 32,
    "n_head_kv": 8,
    "n_ff": 14336,
    "n_vocab": 128256,
}
HUGGING_FACE: dict[str, object] = {
    "model_type": "llama",
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
}
GGUF: dict[str, object] = {
    "general.architecture": "llama",
    "llama.block_count": 32,
    "llama.embedding_length": 4096,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
    "llama.feed_forward_length": 14336,
    "llama.vocab_size": 128256,
}
MIXTRAL = LLAMA_3_8B | {"n_vocab": 32000, "n_expert": 8, "n_expert_used": 2}


@lru_cache(maxsize=1)
def shapes() -> dict[str, ModelShape]:
    return {model.id: model.shape for model in load_content().models if model.shape is not None}


@pytest.mark.parametrize("data", [LLAMA_3_8B, HUGGING_FACE, GGUF], ids=["own", "hugging face", "gguf"])
def test_every_naming_gives_the_same_shape(data: Mapping[str, object]) -> None:
    shape = shape_from_mapping(data)
    assert shape == shape_from_mapping(LLAMA_3_8B)
    assert count_params(shape) == 8_030_261_248  # as published
    assert count_active_params(shape) == count_params(shape)
    assert shape.n_embd_head_k == 128


def test_experts_count_in_full_and_are_active_in_part() -> None:
    shape = shape_from_mapping(MIXTRAL)
    assert count_params(shape) == 46_702_792_704
    assert count_active_params(shape) == 46_702_792_704 - 6 * 32 * 3 * 4096 * 14336
    assert layer_ffns(shape) == "e" * 32


@pytest.mark.parametrize(
    ("extra", "mixers"),
    [
        ({}, "f" * 32),
        ({"layer_types": ["sliding_attention", "full_attention"] * 16, "sliding_window": 1024}, "sf" * 16),
        ({"attention.sliding_window_pattern": 4, "sliding_window": 1024}, "sssf" * 8),
        ({"mixers": "rf", "ssm_d_state": 128, "ssm_d_inner": 4096, "ssm_d_conv": 4, "ssm_dt_rank": 64}, "rf" * 16),
    ],
)
def test_layer_patterns(extra: dict[str, object], mixers: str) -> None:
    assert layer_mixers(shape_from_mapping(LLAMA_3_8B | extra)) == mixers


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"n_layer": None}, "n_layer"),
        ({"n_layer": 0}, "n_layer"),
        ({"n_layer": -4}, "n_layer"),
        ({"n_layer": 10**9}, "n_layer"),
        ({"n_layer": "32"}, "n_layer"),
        ({"n_layer": 31.5}, "n_layer"),
        ({"n_layer": math.nan}, "n_layer"),
        ({"n_embd": math.inf}, "n_embd"),
        ({"n_vocab": True}, "n_vocab"),
        ({"n_vocab": [1, 2]}, "n_vocab"),
        ({"n_ff": None}, "n_ff"),
        ({"n_head_kv": [8, 8]}, "n_head_kv_by_layer"),
        ({"n_expert": 8}, "n_expert_used"),
        ({"n_expert": 8, "n_expert_used": 9}, "n_expert_used"),
        ({"mixers": "xyz"}, "mixers"),
        ({"mixers": "rf"}, "ssm_d_conv"),
        ({"mixers": "cf"}, "shortconv_l_cache"),
        ({"ffns": "de"}, "n_expert"),
        ({"tie_embeddings": 1}, "tie_embeddings"),
    ],
)
def test_bad_shapes_name_the_field_and_its_range(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        shape_from_mapping(LLAMA_3_8B | change)
    assert caught.value.subject == field
    assert caught.value.hint


@given(
    st.dictionaries(
        st.sampled_from([*LLAMA_3_8B, "n_expert", "n_expert_used", "kv_lora_rank", "mixers", "ffns", "n_swa", "junk"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(0, 64))
        ),
    )
)
def test_any_mapping_is_a_shape_or_a_clear_error(change: dict[str, Any]) -> None:
    with contextlib.suppress(BadInput):
        shape = shape_from_mapping(LLAMA_3_8B | change)
        assert len(layer_mixers(shape)) == shape.n_layer


def test_every_published_shape_recounts() -> None:
    figures = recount(load_content().models)
    assert figures["n"] >= 1400
    assert figures["within_half_pct_share"] == 1.0


def test_tensors_have_unique_names_and_whole_sizes() -> None:
    for name, shape in list(shapes().items())[::9]:
        made = tensors(shape)
        assert len({tensor.name for tensor in made}) == len(made), name
        assert all(tensor.n_elements == math.prod(tensor.ne) > 0 for tensor in made), name
        assert all(-1 <= tensor.layer < shape.n_layer + shape.n_layer_nextn for tensor in made), name
        assert 0 < count_active_params(shape) <= count_params(shape), name


def test_layers_taken_for_alike_are_alike() -> None:
    """Each layer built for itself is what its group says."""
    for name, shape in list(shapes().items())[::7]:
        mixers, ffns = layer_mixers(shape), layer_ffns(shape)
        by_layer = {layer: group for group in tensor_groups(shape) for layer in group.layers}
        for layer in range(shape.n_layer):
            alone = TensorList()
            alone.layer = layer
            _layer(alone, shape, traits_of(shape.arch), layer, mixers[layer], ffns[layer])
            assert by_layer[layer].of_layer(layer) == tuple(alone.items), (name, layer)
