"""What is left of a question when the asking is taken off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.asked import without_asking


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("what is a kv cache?", "kv cache"),
        ("whats the kv cache", "kv cache"),
        ("kv cache meaning", "kv cache"),
        ("kv cache??", "kv cache"),
        ("so what even is a kv cache lol", "kv cache"),
        ("can someone explain kv cache to me, do i need it", "kv cache"),
        ("ok quick question: what does mmap do", "mmap"),
        ("why does everyone talk about moe", "moe"),
        ("how does mmap work", "mmap"),
        ("is mmap important?", "mmap"),
        ("what happens if i disable mmap", "mmap"),
        ("perplexity in llms", "perplexity"),
        ("mmap", "mmap"),
        ("i keep seeing mmap everywhere, what is that", "mmap"),
        ("do i have to care about mmap", "mmap"),
        ("cos'è la quantizzazione", "quantizzazione"),
        ("qué significa cuantizar", "cuantizar"),
        ("c'est quoi un embedding", "embedding"),
        ("o que é um prompt", "prompt"),
        ("was bedeutet speicherbandbreite", "speicherbandbreite"),
        ("что такое квантование", "квантование"),
        ("什么是量化", "量化"),
        ("蒸留モデルとは", "蒸留モデル"),
        ("양자화가 뭐야", "양자화"),
        ("what", "what"),
        ("", ""),
        ("it crashes with mmap", "it crashes with mmap"),
    ],
)
def test_asking_is_taken_off(question: str, left: str) -> None:
    assert without_asking(question) == left


@given(st.text(max_size=80))
def test_what_is_left_stands_in_the_question(question: str) -> None:
    assert without_asking(question) in question


def test_endings_are_taken_off_a_few_at_a_time() -> None:
    assert without_asking("what is " + "pls " * 150).startswith("pls")
