"""Greetings, thanks, emoji and markup change nothing about what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.courtesy import question_of


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Hi all, newbie here! **bm25 vs embeddings**? 🙏 Thanks in advance", "bm25 vs embeddings?"),
        ("hey guys, quick question: what is a kv cache", "what is a kv cache"),
        ("> what does `-ot` do", "what does `-ot` do"),
        ("<@123456789012345678> rag vs fine tuning", "rag vs fine tuning"),
        ("@bot what is top_p and min_p", "what is top_p and min_p"),
        ("Hallo zusammen, was ist ein Quant? Vielen Dank im Voraus", "was ist ein Quant?"),
        ("大家好， 什么是量化？谢谢", "什么是量化？"),
        ("what\nis a  lora", "what is a lora"),
        ("what is q4_k_m", "what is q4_k_m"),
        ("thanks", "thanks"),
        ("hello", "hello"),
        ("does hi-res fix need vram", "does hi-res fix need vram"),
        ("a * b is a matmul", "a * b is a matmul"),
    ],
)
def test_what_is_asked(message: str, question: str) -> None:
    assert question_of(message) == question


@given(st.text(max_size=400))
def test_something_is_left_of_every_message(text: str) -> None:
    assert bool(question_of(text)) == bool(text)
    assert len(question_of(text)) <= max(len(text), 1)


def test_a_report_is_left_alone() -> None:
    report = "Hi all,\n" + "load_tensors: offloaded 33/33 layers to GPU\n" * 60
    assert question_of(report) == report
