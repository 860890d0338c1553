"""Questions compared with how people ask for terms they cannot name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.described import Described, DescribedIndex, forget_meanings, meanings
from knowledge.search.text import forget_words, stem

INDEX = DescribedIndex(
    [
        Described(
            names=("KV cache",),
            phrases=("memory that grows with every message", "keeps what was already read"),
            definition="The KV cache holds keys and values of earlier tokens.",
        ),
        Described(
            names=("Seed",), phrases=("get the same picture again",), definition="A seed starts the random numbers."
        ),
        Described(names=("Upscaler",), phrases=(), definition="An upscaler enlarges images."),
    ]
)


def order(text: str) -> list[int]:
    return [like.number for like in INDEX.score(text, 3, frozenset())]


def test_the_term_whose_phrase_is_said_comes_first() -> None:
    assert order("why does the memory grow with each message")[0] == 0
    assert order("how can I get that same picture again")[0] == 1


def test_the_phrase_said_is_shown() -> None:
    found = INDEX.score("it keeps what it read already", 1, frozenset())
    assert found[0].phrase == "keeps what was already read"


def test_a_term_without_phrases_is_found_by_its_text() -> None:
    assert 2 in order("something that enlarges images")
    assert all(like.phrase == "" for like in INDEX.score("enlarges images", 3, frozenset()) if like.number == 2)


def test_a_term_that_is_named_is_compared_whether_near_or_not() -> None:
    assert [like.number for like in INDEX.score("seed and keeps what was already read", 1, frozenset({1}))] == [0, 1]


def test_strangers_are_alike_to_nothing() -> None:
    assert INDEX.score("xylophone quartet", 3, frozenset({0})) == []
    assert INDEX.score("", 3, frozenset()) == []


def test_words_of_one_meaning_are_one() -> None:
    assert set(meanings("huge")) & set(meanings("enormous"))
    assert not set(meanings("huge")) & set(meanings("tiny"))


@given(st.text(max_size=400))
def test_every_measure_is_a_share(text: str) -> None:
    for like in INDEX.score(text, 3, frozenset({0, 1, 2})):
        shares = (like.covered, like.dice, like.called, like.bm25, like.explained, like.said, like.total)
        assert all(0.0 <= share <= 1.0 for share in shares)


def test_no_terms_are_no_fault() -> None:
    assert DescribedIndex([]).score("anything at all", 3, frozenset()) == []


_ASKED_ELSEWHERE = """
import random
from knowledge.search.described import Described, DescribedIndex
chance = random.Random(3)
words = ["".join(chance.choices("aeioubdklmnrst", k=7)) for _ in range(900)]
said = lambda: " ".join(chance.choices(words, k=9))
document = lambda: Described(names=(said(),), phrases=tuple(said() for _ in range(6)), definition=said())
index = DescribedIndex([document() for _ in range(60)])
print([repr(like) for _ in range(80) for like in index.score(said() + " " + said(), 4, frozenset())])
"""


def test_every_process_gives_the_same_figures_and_phrases() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _ASKED_ELSEWHERE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1


def test_words_let_go_of_are_read_as_before() -> None:
    before = meanings("why does the memory of a quantised model grow with each message")
    forget_meanings()
    forget_words()
    assert stem.cache_info().currsize == 0
    assert meanings("why does the memory of a quantised model grow with each message") == before
