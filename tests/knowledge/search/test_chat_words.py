"""Chat spellings are written out; names that look like them stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.chat_words import spelled_out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("do u need cuda", "do you need cuda"),
        ("why do ppl use q4", "why do people use q4"),
        ("when ppl say gguf", "when people say gguf"),
        ("ppl of 6.2 at q4", "ppl of 6.2 at q4"),
        ("lower ppl better?", "lower ppl better?"),
        ("what r experts", "what are experts"),
        ("lora r 16", "lora r 16"),
        ("llama.cpp w/ vulkan", "llama.cpp with vulkan"),
        ("w8a8 vs W/A", "w8a8 vs W/A"),
        ("no gpu b/c its a laptop", "no gpu because its a laptop"),
        ("-u flag", "-u flag"),
    ],
)
def test_chat_spellings(typed: str, meant: str) -> None:
    assert spelled_out(typed) == meant


@given(st.text(alphabet="ABCDEFGH 0123456789.,;", max_size=60))
def test_what_has_no_small_letters_stays(text: str) -> None:
    assert spelled_out(text) == text
