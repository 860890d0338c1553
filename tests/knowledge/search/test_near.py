"""Words found by spelling and by sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from knowledge.search.near import NearWords, allowed_edits
from knowledge.search.sounds import sound_of

WORDS = st.text("abcdé", min_size=1, max_size=9)
NAMES = NearWords(
    ["quantization", "throughput", "special", "softmax", "seed", "gguf", "inference", "cache", "perplexity"]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("kwantisation", "quantization"),
        ("thruput", "throughput"),
        ("speshal", "special"),
        ("softmaks", "softmax"),
        ("sead", "seed"),
        ("house", None),
        ("quince", None),
        ("", None),
        ("ゴミ", None),
    ],
)
def test_words_written_by_ear(written: str, meant: str | None) -> None:
    assert NAMES.by_ear(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ggfu", "gguf"),
        ("infrence", "inference"),
        ("preplexity", "perplexity"),
        ("feed", None),
        ("need", None),
        ("reed", None),
        ("nference", None),
        ("nifernce", None),
        ("niference", "inference"),
        ("caceh", "cache"),
    ],
)
def test_words_with_letters_wrong(written: str, meant: str | None) -> None:
    assert NAMES.nearest(written, allowed_edits(len(written))) == meant


@given(st.sets(WORDS, max_size=20), WORDS, st.integers(0, 2))
def test_the_nearest_is_the_nearest_of_all(words: set[str], written: str, edits: int) -> None:
    found = NearWords(words).nearest(written, edits)
    swapped = written[1:2] + written[:1] + written[2:]
    if edits and swapped in words:
        assert found == swapped
        return
    alike = [word for word in words if word[0] == written[0] and OSA.distance(word, written) <= edits]
    if len(written) <= 4:
        alike = [word for word in alike if sorted(word) == sorted(written)]
    assert found == min(alike, key=lambda word: (OSA.distance(word, written), word), default=None)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=12))
def test_a_sound_is_short(word: str) -> None:
    assert len(sound_of(word)) <= 2 * len(word)


def test_no_words_are_no_fault() -> None:
    assert NearWords(()).nearest("kv", 1) is None
    assert NearWords(()).by_ear("kv") is None
