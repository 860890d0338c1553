"""knowledge.linear gives what the RE2 binding itself gives: same matches, same places, same groups."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from knowledge import linear, question, search

TEXTS = (
    "",
    " ",
    "will qwen3 30b a3b q4_k_m run on 2x rtx 3090 24gb with 64 gb ram at 32k ctx in ollama? i get 41.5 tok/s",
    "rx 7800xt 16g, ryzen 7 7700x, 32gb ddr5-6000 vs m4 max 64gb unified memory. budget $1,500 or 900€",
    "¿cabe llama 3.1 70b en una 4090 de 24 gb? 用 3060 12gb 显存 跑 qwen3-8b 上下文 32k 可以吗",
    "need 512gb vram, 8×h100 sxm, kv cache q8_0, num_ctx=65536 -ngl 99 --cache-type-k q8_0",
)
COMPILE = re2.compile
PATTERNS = ("a*", r"\bq\d", r"(x)|(y)|(xy)", "(?i)RTX ?(\\d+)", "^$", "$", r"([a-z]+)(?:-(\d+))?", "é|ü")


def own_patterns() -> list[linear.Pattern]:
    """Every pattern the readers of questions and of free text hold."""
    modules = [
        import_module(f"{package.__name__}.{found.name}")
        for package in (question, search)
        for found in pkgutil.iter_modules(package.__path__)
    ]
    return [value for module in modules for value in vars(module).values() if isinstance(value, linear.Pattern)]


def seen(match: Any) -> tuple[object, ...] | None:
    if match is None:
        return None
    groups = match.groups()
    spans = [match.span(number) for number in range(len(groups) + 1)]
    ends = [(match.start(number), match.end(number)) for number in range(len(groups) + 1)]
    return match.string, match.group(), match[0], groups, spans, ends, match.lastindex


def same(pattern: linear.Pattern, own: Any, text: str) -> None:
    assert seen(pattern.search(text)) == seen(own.search(text))
    assert seen(pattern.match(text)) == seen(own.match(text))
    assert seen(pattern.fullmatch(text)) == seen(own.fullmatch(text))
    assert [seen(match) for match in pattern.finditer(text)] == [seen(match) for match in own.finditer(text)]
    assert pattern.findall(text) == own.findall(text)
    assert pattern.split(text) == own.split(text)
    assert pattern.sub("<>", text) == own.sub("<>", text)


def test_each_own_pattern_as_the_binding_finds_it() -> None:
    patterns = own_patterns()
    assert len(patterns) > 100
    for pattern in patterns:
        for text in TEXTS:
            same(pattern, re2.compile(pattern.pattern), text)


@given(st.sampled_from(PATTERNS), st.text(st.sampled_from("abxyq1 -$é界\n"), max_size=30))
def test_any_text(pattern: str, text: str) -> None:
    same(linear.compile(pattern), re2.compile(pattern), text)


class _Hidden:
    """A compiled pattern of a binding that keeps its engine to itself."""

    def __init__(self, pattern: str, options: Any) -> None:
        made = COMPILE(pattern, options)
        self.pattern = pattern
        self.search, self.match, self.fullmatch = made.search, made.match, made.fullmatch
        self.finditer, self.findall, self.split, self.sub = made.finditer, made.findall, made.split, made.sub


def test_a_binding_that_hides_its_engine_is_asked_through_its_own_methods() -> None:
    for pattern in PATTERNS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("knowledge.linear.re2.compile", _Hidden)
            made = linear.compile(pattern)
        for text in TEXTS:
            same(made, re2.compile(pattern), text)


def test_no_pattern_is_re2s_error() -> None:
    with pytest.raises(re2.error):
        linear.compile("(")
