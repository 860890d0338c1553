"""The bot's memory of replies: bounded, and a flood of single questions does not empty it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.remember import Remembered


def test_a_flood_of_single_questions_leaves_what_was_asked_again() -> None:
    kept: Remembered[str] = Remembered(8)
    for _ in range(2):
        for key in "abc":
            kept.get(key, lambda key=key: f"first {key}")  # type: ignore[misc]  # the key of this round
    for number in range(100):
        kept.get(number, lambda: "once")
    assert [kept.get(key, lambda: "made again") for key in "abc"] == ["first a", "first b", "first c"]
    assert len(kept) == 8


def test_an_error_is_not_remembered() -> None:
    kept: Remembered[int] = Remembered(4)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 7) == 7


@given(st.lists(st.integers(0, 30), max_size=300), st.integers(2, 12))
def test_never_more_than_the_bound_and_always_the_right_one(keys: list[int], most: int) -> None:
    kept: Remembered[int] = Remembered(most)
    for key in keys:
        assert kept.get(key, lambda key=key: key * 10) == key * 10  # type: ignore[misc]  # the key of this round
        assert len(kept) <= most


def test_threads_may_share_it() -> None:
    kept: Remembered[int] = Remembered(16)

    def ask(start: int) -> bool:
        return all(kept.get(n % 40, lambda n=n: n % 40) == n % 40 for n in range(start, start + 3_000))  # type: ignore[misc]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))
    assert len(kept) <= 16
