"""Contexts, prompts, measured speeds and memory sizes in running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.question.amounts import read_context, read_measured, read_memory, read_prompt
from knowledge.question.text import normalise


@pytest.mark.parametrize(
    ("text", "n_ctx"),
    [
        ("at 32k", 32_768),
        ("with 128k ctx", 131_072),
        ("full 262k", 262_144),
        ("ctx 8192", 8_192),
        ("65536 tokens", 65_536),
        ("65,536 tokens of context", 65_536),
        ("num_ctx=16384", 16_384),
        ("-c 4096 -ngl 99", 4_096),
        ("--ctx-size 40960", 40_960),
        ("--max-model-len 24000", 24_000),
        ("at 8192 max_model_len", 8_192),
        ("a 1M context", 1_048_576),
        ("22k context", 22_528),
        ("context length of 10k", 10_240),
        ("@ 64k", 65_536),
        ("上下文32k", 32_768),
        ("32K上下文", 32_768),
        ("mit 16k Kontext", 16_384),
        ("at 16384 ctx with 2000 token prompt", 16_384),
        ("a 2k budget", None),
        ("$3k build", None),
        ("I get 41 tokens per second", None),
        ("4k monitor", None),
        ("no number at all", None),
        ("64gb of memory", None),
    ],
)
def test_context(text: str, n_ctx: int | None) -> None:
    assert read_context(normalise(text)) == n_ctx


@pytest.mark.parametrize(
    ("text", "n_prompt"),
    [
        ("with a 2000 token prompt", 2_000),
        ("prompts of 4k tokens", 4_096),
        ("pp512", 512),
        ("prompt length 1024", 1_024),
        ("what prompt should I use", None),
    ],
)
def test_prompt(text: str, n_prompt: int | None) -> None:
    assert read_prompt(normalise(text)) == n_prompt


@pytest.mark.parametrize(
    ("text", "tok_s"),
    [
        ("I get 41 tok/s", 41.0),
        ("only getting 6.5 tokens/s here", 6.5),
        ("runs at 12 t/s", 12.0),
        ("seeing about 18 tokens per second", 18.0),
        ("I want at least 20 tok/s", None),
        ("what tok/s should i expect", None),
        ("is 20 t/s possible", None),
        ("will it run at 10 t/s", None),
    ],
)
def test_measured_speed(text: str, tok_s: float | None) -> None:
    assert read_measured(normalise(text)) == tok_s


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64gb ddr5", [(64.0, "ram")]),
        ("64 gigs of ram", [(64.0, "ram")]),
        ("24GB VRAM", [(24.0, "vram")]),
        ("2x 32GB DDR5-6000", [(64.0, "ram")]),
        ("8 x 16 gb of ram", [(128.0, "ram")]),
        ("2x 24GB VRAM", [(24.0, "vram")]),
        ("48 GB of VRAM and 128 GB RAM", [(48.0, "vram"), (128.0, "ram")]),
        ("ram: 16gb, vram: 6gb", [(16.0, "ram"), (6.0, "vram")]),
        ("vram 6gb ram 16gb", [(6.0, "vram"), (16.0, "ram")]),
        ("16gb/64gb ddr5", [(16.0, "bare"), (64.0, "ram")]),
        ("1TB of system memory", [(1024.0, "ram")]),
        ("32G 内存", [(32.0, "ram")]),
        ("显存24G", [(24.0, "vram")]),
        ("12 ГБ", [(12.0, "bare")]),
        ("requires 64GB of memory", [(64.0, "not")]),
        ("a 17gb model", [(17.0, "not")]),
        ("1000 GB/s bandwidth", [(1000.0, "not")]),
        ("sxm2-32gb", [(32.0, "bare")]),
        ("8-12 GB", [(12.0, "bare")]),
        ("q4gb", []),
    ],
)
def test_memory_sizes(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(size.gib, size.role) for size in read_memory(normalise(text))] == expected


@given(st.integers(2, 1000))
def test_a_bare_k_is_1024_tokens_save_for_the_field_s_round_names(n: int) -> None:
    value = read_context(f"at {n}k")
    special = {262: 262_144, 131: 131_072, 65: 65_536, 524: 524_288}
    assert value == special.get(n, n * 1024)
