"""Sizes of weights: block arithmetic, file types by the quantiser's rules, averages for everything else."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ModelShape
from knowledge.content_loader import load_content
from knowledge.errors import UnknownName
from knowledge.estimator.mixes import find_quant
from knowledge.estimator.model import count_params
from knowledge.estimator.quant import bits_per_weight, fitting_type, tensor_type_bytes
from knowledge.estimator.shape_input import shape_from_mapping
from knowledge.estimator.tensors_traits import traits_of
from knowledge.estimator.weights import weights

LLAMA = shape_from_mapping(
    {"n_layer": 32, "n_embd": 4096, "n_head": 32, "n_head_kv": 8, "n_ff": 14336, "n_vocab": 128256}
)
CONTENT = load_content()
QUANTS = [quant.id for quant in CONTENT.quants]


@lru_cache(maxsize=1)
def some_shapes() -> list[ModelShape]:
    """One shape an architecture."""
    return list({model.shape.arch: model.shape for model in CONTENT.models if model.shape is not None}.values())


@pytest.mark.parametrize(
    ("type_id", "bits"), [("f32", 32), ("f16", 16), ("q8_0", 8.5), ("q4_K", 4.5), ("q6_K", 6.5625), ("q4_0", 4.5)]
)
def test_bits_per_weight_are_those_of_the_blocks(type_id: str, bits: float) -> None:
    assert bits_per_weight(type_id.lower()) == bits
    assert tensor_type_bytes(type_id.lower(), 4096 * 10, 4096) == 4096 * 10 * bits / 8


def test_rows_no_block_divides_fall_back() -> None:
    assert fitting_type("q4_k", 4096) == "q4_k"
    assert fitting_type("q4_k", 4096 + 32) == "q5_0"
    assert fitting_type("q4_k", 4096 + 1) == "f16"


@pytest.mark.parametrize(
    ("quant", "file_bytes"),
    [  # Meta-Llama-3.1-8B as published, tensors alone (the rope factors' 64 values aside)
        ("F16", 16_061_039_616),
        ("Q8_0", 8_533_053_440),
        ("Q4_K_M", 4_912_898_048),
        ("Q6_K", 6_588_170_240),
    ],
)
def test_published_files(quant: str, file_bytes: int) -> None:
    size = weights(LLAMA, quant)
    assert size.exact
    assert size.total_file_bytes == pytest.approx(file_bytes, rel=2e-5)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("q4_k_m", "Q4_K_M"),
        ("Q4-K-M", "Q4_K_M"),
        ("q4km", "Q4_K_M"),
        ("Q4_K_M.gguf", "Q4_K_M"),
        ("i1-Q4_K_M", "i1-Q4_K_M"),
        ("UD-Q4_K_XL", "UD-Q4_K_XL"),
        ("iq4_xs", "IQ4_XS"),
    ],
)
def test_names_people_write(name: str, found: str) -> None:
    assert find_quant(name) == found


@pytest.mark.parametrize("name", ["q9_z", "", "💾" * 500, "Q4_K_MM"])
def test_unknown_quants_offer_the_nearest(name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        weights(LLAMA, name)
    assert caught.value.code == "unknown_quant"
    assert all(find_quant(choice) for choice in caught.value.choices)


def test_a_near_miss_has_choices() -> None:
    with pytest.raises(UnknownName) as caught:
        find_quant("Q4_K_N")
    assert "Q4_K_M" in caught.value.choices


OF_EXPERTS = {"mxfp4-hf": "gpt-oss-20b", "mxfp4-fp8": "deepseek-v4-flash", "int4-experts": "kimi-k2-thinking"}
"""Formats that give few bits to experts alone, and the model their entry's bits are of."""


@pytest.mark.parametrize("quant", QUANTS)
def test_every_listed_quant_sizes_and_its_bits_are_as_listed(quant: str) -> None:
    listed = next(one for one in CONTENT.quants if one.id == quant)
    shape = next((one.shape for one in CONTENT.models if one.id == OF_EXPERTS.get(quant)), None) or LLAMA
    size = weights(shape, quant)
    bits = size.total_file_bytes * 8 / count_params(shape)
    assert bits == pytest.approx(listed.bpw, rel=0.16)


@pytest.mark.parametrize("quant", ["Q4_K_M", "IQ2_XXS", "MXFP4_MOE", "UD-Q4_K_XL", "F16"])
def test_parts_add_up_for_every_architecture(quant: str) -> None:
    for shape in some_shapes():
        size = weights(shape, quant)
        assert len(size.per_layer_bytes) == len(size.per_layer_expert_bytes) == shape.n_layer
        assert size.device_bytes == sum(size.per_layer_bytes) + size.output_bytes
        assert all(
            experts <= layer for experts, layer in zip(size.per_layer_expert_bytes, size.per_layer_bytes, strict=True)
        )
        assert sum(size.by_type.values()) == size.total_file_bytes
        twice = size.token_embd_bytes if shape.tie_embeddings and traits_of(shape.arch).head else 0
        assert size.total_file_bytes == size.device_bytes + size.host_bytes + size.mtp_bytes - twice
        assert 0 < size.read_bytes_per_token <= size.device_bytes
        assert sum(size.largest.values()) <= size.total_file_bytes


@given(st.sampled_from(some_shapes()), st.sampled_from(["Q2_K", "Q3_K_M", "Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K"]))
def test_more_bits_take_more_bytes(shape: ModelShape, quant: str) -> None:
    order = ["Q2_K", "Q3_K_M", "Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16"]
    above = order[order.index(quant) + 1]
    assert weights(shape, quant).total_file_bytes <= weights(shape, above).total_file_bytes


def test_a_model_without_a_head_loads_its_table_once() -> None:
    """BERT's files have no output matrix: none on the device, and the table gets the type the output would."""
    encoder = replace(LLAMA, arch="bert", tie_embeddings=True, n_ctx_train=512)
    size = weights(encoder, "Q4_K_M")
    assert size.output_bytes == 2 * 4 * encoder.n_embd, "the normalisation of the embeddings, scale and shift"
    assert size.token_embd_bytes == encoder.n_embd * encoder.n_vocab * 210 // 256, "Q6_K: 210 bytes for 256 weights"
    tied = weights(replace(LLAMA, tie_embeddings=True), "Q4_K_M")
    assert tied.output_bytes > tied.token_embd_bytes


def test_the_largest_tensor_of_a_role_is_noted_for_those_that_copy_it() -> None:
    """`down` has more bits in some layers of a Q4_K_M file than in others: the wider counts."""
    plain = next(shape for shape in some_shapes() if shape.arch == "starcoder2")
    n_weights = plain.n_embd * plain.n_ff
    assert weights(plain, "Q4_K_M").largest["ffn_up"] == n_weights * 144 // 256
    assert weights(plain, "Q4_K_M").largest["ffn_down"] in {n_weights * 210 // 256, n_weights * 176 // 256}
    assert weights(plain, "Q8_0").largest["ffn_down"] == n_weights * 34 // 32
    assert "attn_norm" not in weights(plain, "Q8_0").largest
