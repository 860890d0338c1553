"""Quantisations as people write them, of weights and of the KV cache."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.question.quants import canonical_quant, read_kv, read_quant
from knowledge.question.text import normalise


@pytest.mark.parametrize(
    ("text", "quant"),
    [
        ("at Q4_K_M please", "Q4_K_M"),
        ("in q4km", "Q4_K_M"),
        ("q4 k m", "Q4_K_M"),
        ("model-q5-k-s.gguf", "Q5_K_S"),
        ("q6k", "Q6_K"),
        ("q8", "Q8_0"),
        ("Q8_0", "Q8_0"),
        ("q4", "Q4"),
        ("q4_0", "Q4_0"),
        ("q4_1", "Q4_1"),
        ("q3 please", "Q3"),
        ("q2", "Q2_K"),
        ("IQ4 xs", "IQ4_XS"),
        ("iq3xxs", "IQ3_XXS"),
        ("iq2_m", "IQ2_M"),
        ("iq4_nl", "IQ4_NL"),
        ("UD-Q4_K_XL", "UD-Q4_K_XL"),
        ("ud q2 k xl", "UD-Q2_K_XL"),
        ("TQ1_0", "TQ1_0"),
        ("fp8", "FP8"),
        ("FP 16", "FP16"),
        ("bf16", "BF16"),
        ("MXFP4", "MXFP4"),
        ("nvfp4", "NVFP4"),
        ("awq", "AWQ"),
        ("gptq-int4", "GPTQ"),
        ("4-bit", "4-bit"),
        ("4bit awq", "AWQ"),
        ("quantized to 8 bits", "8-bit"),
        ("4bit量化", "4-bit"),
        ("4.65bpw exl2", "4.65bpw"),
        ("5.0 bpw", "5.0bpw"),
        ("exl3", "EXL3"),
        ("as gguf", "GGUF"),
        ("nothing said, 8 gb and a 4090", None),
        ("a 27b on an m4", None),
    ],
)
def test_weights(text: str, quant: str | None) -> None:
    assert read_quant(normalise(text)) == quant


@pytest.mark.parametrize(
    ("text", "type_k", "type_v"),
    [
        ("kv cache q8_0", "q8_0", "q8_0"),
        ("q8 kv", "q8_0", "q8_0"),
        ("with fp8 kv cache", "fp8", "fp8"),
        ("KV cache quantized to q4_0", "q4_0", "q4_0"),
        ("cache Q6", "q6", "q6"),
        ("-ctk q8_0 -ctv q4_0", "q8_0", "q4_0"),
        ("--cache-type-k q5_1", "q5_1", "q5_1"),
        ("OLLAMA_KV_CACHE_TYPE=q8_0", "q8_0", "q8_0"),
        ("8 bit kv cache", "q8_0", "q8_0"),
        ("kv fp16", "fp16", "fp16"),
        ("q8 kv cache q4_0", "q4_0", "q4_0"),
    ],
)
def test_cache_types(text: str, type_k: str, type_v: str) -> None:
    found = read_kv(normalise(text))
    assert found is not None
    assert (found.type_k, found.type_v) == (type_k, type_v)


@pytest.mark.parametrize("text", ["what is a kv cache", "q4_k_m with prefix cache", "mxfp4 kv cache"])
def test_no_cache_type_is_said(text: str) -> None:
    assert read_kv(text) is None


@pytest.mark.parametrize(
    ("written", "settled"),
    [("Q4", "Q4_K_M"), ("8-bit", "Q8_0"), ("FP16", "F16"), ("IQ4_XS", "IQ4_XS"), ("3.0bpw", "3.0bpw")],
)
def test_loose_names_settle_to_file_types(written: str, settled: str) -> None:
    assert canonical_quant(written) == settled


@given(
    st.sampled_from(["Q4_K_M", "Q5_K_S", "IQ3_XXS", "Q8_0", "UD-Q4_K_XL", "Q3_K_L"]),
    st.sampled_from(["_", "-", " ", ""]),
)
def test_separators_do_not_matter(name: str, separator: str) -> None:
    head, dash, tail = name.rpartition("UD-") if name.startswith("UD-") else ("", "", name)
    assert read_quant(normalise(head + dash + tail.replace("_", separator))) == name
