"""The literal automaton before RE2: the same answers as trying every pattern everywhere, in linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import ErrorClass
from knowledge.search.literals import required_literals
from knowledge.search.signatures import SignatureSet, prepare


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("out of memory", {"out of memory"}),
        (r"CUDA error:? ?(2 at )?.*out of memory", {"out of memory"}),
        ("(Prefill|Decode) has failed", {" has failed"}),
        ("(prefill|decode)", {"prefill", "decode"}),
        (r"lib(llama|ggml)\.so", {"llama", "ggml"}),
        ("[Aa]ddress in use", {"address in use"}),
        (r"GGGGG+", {"ggggg"}),
        (r"x{3}", None),
        (r"\d+%/\d+%", None),
        ("(abc)?", None),
        ("abcd?e", {"abc"}),
        (r"failed \(\d+\)", {"failed ("}),
    ],
)
def test_required_literals(pattern: str, expected: set[str] | None) -> None:
    found = required_literals(pattern)
    assert found == (None if expected is None else frozenset(expected))


def test_every_shipped_signature_can_be_prefiltered(errors: tuple[ErrorClass, ...]) -> None:
    patterns = [signature.pattern for error in errors for signature in error.signatures]
    assert len(patterns) > 500
    assert all(required_literals(pattern) for pattern in patterns)


def test_the_prefilter_loses_nothing(errors: tuple[ErrorClass, ...]) -> None:
    patterns = [signature.pattern for error in errors for signature in error.signatures]
    found = SignatureSet(patterns)
    for error in errors:
        data = prepare(error.example)
        by_engine = {hit.pattern for hit in found.find(data)}
        text = data.decode()
        by_hand = {n for n, pattern in enumerate(patterns) if re.search(pattern, text, re.IGNORECASE | re.MULTILINE)}
        assert by_engine == by_hand, error.id


@given(st.text(alphabet="ab cde\n", max_size=60), st.sampled_from(["ab", "abc", "cde", "b c", "dea"]))
def test_literals_are_found_wherever_they_stand(text: str, literal: str) -> None:
    hits = SignatureSet([literal]).find(prepare(text))
    assert bool(hits) == (literal in text)


@pytest.mark.parametrize(
    ("log", "mark"),
    [
        ("load_tensors: offloaded 10/33 layers to GPU", b"[offload=partial]"),
        ("load_tensors: offloaded 0/33 layers to GPU", b"[offload=none]"),
        ("offloaded 10/33 layers to GPU\noffloaded 33/33 layers to GPU", b"[offload=full]"),
        ("offloaded 999999999/1 layers", b"layers"),
    ],
)
def test_what_no_pattern_can_compare_is_marked(log: str, mark: bytes) -> None:
    assert prepare(log).endswith(mark)


@pytest.mark.parametrize(
    "unit",
    [
        "failed to allocate ",
        "CUDA error ",
        "(((((((",
        "a" * 31 + "\n",
        "out of memory",
        "tensor 'tensor 'tensor '",
        "\x00\xff",
    ],
)
def test_a_megabyte_of_hostile_text_is_searched_in_linear_time(errors: tuple[ErrorClass, ...], unit: str) -> None:
    index = SignatureSet([signature.pattern for error in errors for signature in error.signatures])
    data = prepare(unit * (1_000_000 // len(unit)))
    start = time.perf_counter()
    index.find(data)
    assert time.perf_counter() - start < 3.0
