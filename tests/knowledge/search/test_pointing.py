"""Which names a question points at, and which it only mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.names import NameTable
from knowledge.search.pointing import after_preposition, compares, is_link, pointed_at

NAMES = ("vram", "quants", "lora", "adapter", "docker", "kv cache", "yarn", "gguf", "ggml", "ollama", "温度")
TABLE = NameTable([(name, name) for name in NAMES])


def pointed(text: str) -> list[str]:
    words, hits = TABLE.find(text)
    return [id_ for hit in pointed_at(text, words, hits) for id_ in hit.ids]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what is vram", ["vram"]),
        ("whats a lora", ["lora"]),
        ("wtf is yarn", ["yarn"]),
        ("what the hell is a kv cache", ["kv cache"]),
        ("yarn explained", ["yarn"]),
        ("kv cache: what is it?", ["kv cache"]),
        ("people use docker for this. what is a lora", ["lora"]),
        ("my 3060 is small, what is vram, and does ollama matter", ["vram"]),
        ("what's a lora and what's an adapter", ["lora", "adapter"]),
        ("what are gguf, ggml and quants", ["gguf", "ggml", "quants"]),
        ("difference between gguf and ggml", ["gguf", "ggml"]),
        ("how does gguf differ from ggml", ["gguf", "ggml"]),
        ("what's ggml, is it an old gguf", ["gguf", "ggml"]),
        ("what does lora in ollama mean", ["lora"]),
        ("how does yarn work", ["yarn"]),
        ("is docker important", ["docker"]),
        ("-yarn 33 in ollama", ["yarn"]),
        ("kv_cache=0.95 with ollama", ["kv cache"]),
        ("does ollama get slower with -yarn", []),
        ("is gguf as good as ggml", ["gguf", "ggml"]),
        ("difference between gguf or just plain ggml", ["gguf", "ggml"]),
        ("when to use gguf over ggml", ["gguf", "ggml"]),
        ("benefits of lora", ["lora"]),
        ("is yarn needed for gguf", ["yarn", "gguf"]),
        ("kv cache on amd docker explained", []),
        ("how does ollama find my gguf", []),
        ("what does the kv cache do in ollama", ["kv cache"]),
        ("what are fancy quants anyway", ["quants"]),
        ("c'est quoi le vram", ["vram"]),
        ("was ist eine lora", ["lora"]),
        ("温度是什么", ["温度"]),
        ("my gguf does not load in ollama", []),
        ("what should I do with this gguf", []),
        ("", []),
    ],
)
def test_what_is_pointed_at(question: str, expected: list[str]) -> None:
    assert sorted(pointed(question)) == sorted(expected)


@pytest.mark.parametrize(
    ("between", "loose", "linked"),
    [
        (" and ", False, True),
        (" vs. the ", False, True),
        (", ", False, True),
        (" is the same as ", False, True),
        (" better than ", False, True),
        (" with ", False, False),
        (" with ", True, True),
        (" compared to ", False, True),
        (" in ", True, False),
        (" loads ", False, False),
    ],
)
def test_what_joins_two_names(between: str, loose: bool, linked: bool) -> None:
    assert is_link(between, loose) is linked


@pytest.mark.parametrize("text", ["a and b are the same", "use a over b", "unterschied", "разница", "a和b的区别"])
def test_comparisons(text: str) -> None:
    assert compares(text)


def test_no_comparison() -> None:
    assert not compares("what is a kv cache")


def test_prepositions() -> None:
    assert after_preposition("running with my ")
    assert after_preposition("on ")
    assert not after_preposition("what is ")
    assert not after_preposition("common ")


@given(st.text(max_size=200), st.sampled_from(NAMES), st.text(max_size=200))
def test_any_text_points_at_names_only(before: str, name: str, after: str) -> None:
    text = f"{before} {name} {after}"
    words, hits = TABLE.find(text)
    found = pointed_at(text, words, hits)
    assert all(hit in hits for hit in found)
    assert len(set(found)) == len(found)
