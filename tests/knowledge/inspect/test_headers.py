"""GGUF and safetensors headers: what they say, and that hostile ones end in a named error, soon and small."""

from __future__ import annotations

import random
import struct
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import BadInput
from knowledge.estimator.model import count_params
from knowledge.inspect.gguf_header import Incomplete, read_header
from knowledge.inspect.gguf_shape import facts_of
from knowledge.inspect.safetensors_header import read_safetensors_header
from tests.knowledge.inspect.samples import QWEN3, gguf, gguf_of, safetensors, text


def test_a_header_says_what_was_written() -> None:
    """Values, short arrays and lengths of long ones come back; the vocabulary is counted, not kept."""
    header = read_header(gguf_of(QWEN3, more={"qwen3.pattern": [1, 0, 1]}) + b"weights follow")
    assert header.values["general.name"] == "Sample"
    assert header.arrays["qwen3.pattern"] == (1, 0, 1)
    assert header.lengths["tokenizer.ggml.tokens"] == 5000
    assert "tokenizer.ggml.tokens" not in header.arrays


def test_the_shape_recounts_the_file() -> None:
    """The shape read from a header leads to exactly the file's tensors, rotary scales left out."""
    facts = facts_of((read_header(gguf_of(QWEN3)),))
    assert facts.shape == QWEN3
    assert facts.n_params == count_params(QWEN3)
    assert facts.file_type == "Q8_0"
    assert facts.has_chat_template
    assert facts.bytes_by_type["q8_0"] > 0.99 * facts.tensor_bytes


def test_prediction_layers_are_not_layers_of_the_model() -> None:
    """Files count multi-token-prediction layers among the blocks; the shape does not."""
    header = read_header(gguf_of(QWEN3, more={"qwen3.block_count": 5, "qwen3.nextn_predict_layers": 1}))
    shape = facts_of((header,)).shape
    assert (shape.n_layer, shape.n_layer_nextn) == (4, 1)


@given(st.integers(0, 400))
def test_a_cut_header_asks_for_more(cut: int) -> None:
    """However much is missing, the reader asks for more than it has, never for less."""
    whole = gguf_of(QWEN3)
    data = whole[: cut * len(whole) // 401]
    with pytest.raises(Incomplete) as short:
        read_header(data)
    assert len(data) < short.value.needed <= len(whole)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + bytes(40), "no GGUF"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "more than any model"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "more than any model"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 62), "where a name should"),
        (gguf({}, [("x", (1 << 50, 2), 0)]), "out of range"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", 9, 9, 1), "array of arrays"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", 9, 8, 1 << 60), "larger"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<I", 99), "value type 99"),
    ],
)
def test_hostile_headers_are_named(data: bytes, words: str) -> None:
    """What is no header of a model is refused with the reason."""
    with pytest.raises(BadInput, match=words):
        read_header(data)


def test_a_file_without_an_architecture_or_with_an_unknown_type() -> None:
    """Both are refused by name, as is a projector."""
    with pytest.raises(BadInput, match="no architecture"):
        facts_of((read_header(gguf({"general.name": "x"})),))
    with pytest.raises(BadInput, match="unknown type 99"):
        facts_of((read_header(gguf_of(QWEN3, kind=99)),))
    with pytest.raises(BadInput, match="projector"):
        facts_of((read_header(gguf({"general.architecture": "clip"})),))


def test_mutated_headers_end_soon_in_an_answer_or_a_named_error() -> None:
    """2,000 files with bytes changed, cut or doubled: no other exception, and no long one."""
    rng = random.Random(7)  # noqa: S311 -- mutants, not secrets
    whole = gguf_of(QWEN3)
    started, slowest = time.perf_counter(), 0.0
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(min(len(data), 3000) if rng.random() < 0.7 else len(data))
            data[at : at + rng.randint(1, 8)] = rng.randbytes(rng.randint(0, 12))
        before = time.perf_counter()
        with suppress(BadInput, Incomplete):
            facts_of((read_header(bytes(data)),))
        slowest = max(slowest, time.perf_counter() - before)
    assert slowest < 20 * (time.perf_counter() - started) / 2000 + 1


def test_safetensors_headers() -> None:
    """Elements by type; metadata is no tensor."""
    header = read_safetensors_header(
        safetensors(
            {
                "__metadata__": {"format": "pt"},
                "a": {"dtype": "BF16", "shape": [4, 8], "data_offsets": [0, 64]},
                "b": {"dtype": "U8", "shape": [16], "data_offsets": [64, 80]},
            }
        )
    )
    assert header.elements_by_type == {"BF16": 32, "U8": 16}
    assert (header.tensor_bytes, header.n_tensors) == (80, 2)


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<Q", 1 << 40),
        struct.pack("<Q", 4) + b"nope",
        struct.pack("<Q", 4) + b"[[]]",
        safetensors({"a": {"dtype": "Q9", "shape": [1]}}),
        safetensors({"a": {"dtype": "F16", "shape": [-1]}}),
        safetensors({"a": 5}),
        struct.pack("<Q", 100_000) + b"[" * 100_000,
    ],
)
def test_hostile_safetensors_are_named(data: bytes) -> None:
    """No table, no known types, absurd widths, deep nesting: refused."""
    with pytest.raises(BadInput):
        read_safetensors_header(data)
