"""Redaction: what is secret goes, what is needed to help stays, and hostile input takes linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.redact import redact


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("hf_AbCdEfGhIjKlMnOp", "HF_TOKEN is hf_AbCdEfGhIjKlMnOp here"),
        ("sk-proj-Ab12Cd34Ef56", "key sk-proj-Ab12Cd34Ef56"),
        ("ghp_0123456789abcdefghij", "git clone with ghp_0123456789abcdefghij"),
        ("MTA4MjQ1NjY3ODkwMTIzNDU2Nw.GaBcDe", "MTA4MjQ1NjY3ODkwMTIzNDU2Nw.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456"),
        ("hunter22", "password: hunter22"),
        ("s3cr3tvalue", "OPENAI_API_KEY=s3cr3tvalue"),
        ("abcdef123456", "Authorization: Bearer abcdef123456"),
        ("alice", "/home/alice/models/x.gguf"),
        ("Alice", r"C:\Users\Alice\.lmstudio\models"),
        ("alice", "/Users/alice/.ollama"),
        ("someone@example.org", "mail someone@example.org please"),
        ("192.168.1.77", "connect to 192.168.1.77:11434"),
        ("fe80:0:0:0:aa:bb:cc:dd", "inet6 fe80:0:0:0:aa:bb:cc:dd"),
        ("pw1234", "http://user:pw1234@proxy.local:3128"),
        ("MIIEowIB", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\n-----END RSA PRIVATE KEY-----"),
    ],
)
def test_secrets_go(secret: str, text: str) -> None:
    assert secret in text
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "cudaMalloc failed: out of memory",
        "listen tcp 127.0.0.1:11434: bind: address already in use",
        "OLLAMA_HOST=0.0.0.0",
        "llama.cpp b4589, driver 570.124.06",
        "tensor 'blk.0.attn_q.weight' has wrong shape",
        "version 1.2.3.4",
    ],
)
def test_what_helps_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize("unit", ["a@", "sk-", "1.", "eyJ.", "/home/", "://x:", "password=", "-----BEGIN "])
def test_hostile_repetition_is_linear(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    start = time.perf_counter()
    redact(text)
    assert time.perf_counter() - start < 2.0
