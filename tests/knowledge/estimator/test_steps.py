"""Searches along a scale: the answer of a plain walk, in few looks."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from knowledge.estimator.steps import first_that, largest_near, largest_that, largest_within


@given(st.integers(0, 5000), st.integers(0, 6000))
def test_largest_that_is_a_walk_down(high: int, limit: int) -> None:
    asked: list[int] = []

    def holds(n: int) -> bool:
        asked.append(n)
        return n <= limit

    assert largest_that(holds, high) == min(high, limit)
    assert len(asked) <= 2 + max(high, 1).bit_length()
    assert all(1 <= n <= high for n in asked)


@given(st.integers(0, 5000), st.integers(0, 6000), st.integers(-10, 6000))
def test_a_guess_changes_only_how_often_is_asked(high: int, limit: int, guess: int) -> None:
    asked: list[int] = []

    def holds(n: int) -> bool:
        asked.append(n)
        return n <= limit

    found = largest_near(holds, guess, high)
    assert found == min(high, limit)
    assert len(asked) == len(set(asked))
    assert all(1 <= n <= high for n in asked)
    assert len(asked) <= 3 + 2 * abs(found - min(max(guess, 1), max(high, 1))).bit_length()


@given(
    st.lists(st.floats(0, 1e6) | st.just(math.inf), max_size=300).map(sorted),
    st.floats(0, 1e6),
    st.integers(-3, 320),
)
def test_largest_within_is_a_walk_down_whatever_the_steps(values: list[float], limit: float, start: int) -> None:
    expected = sum(value <= limit for value in values)
    asked: list[int] = []

    def value(n: int) -> float:
        asked.append(n)
        return values[n - 1]

    assert largest_within(value, limit, len(values), start) == expected
    assert len(asked) <= 3 * (len(values).bit_length() + 2)


@given(st.integers(1, 100_000), st.floats(1e-9, 1e3), st.floats(0, 1e3), st.floats(0, 1))
def test_a_line_is_followed_in_a_few_looks(high: int, slope: float, start: float, share: float) -> None:
    asked: list[int] = []

    def value(n: int) -> float:
        asked.append(n)
        return start + slope * n

    limit = start + slope * high * share
    found = largest_within(value, limit, high)
    assert found == max((n for n in (found - 1, found, found + 1) if 1 <= n <= high and value(n) <= limit), default=0)
    assert len(asked) <= 12


@given(st.lists(st.integers(), max_size=40), st.integers(0, 45))
def test_first_that_is_a_walk_up(steps: list[int], limit: int) -> None:
    numbered = list(enumerate(steps))
    found = first_that(lambda step: step[0] >= limit, numbered)
    assert found == next((step for step in numbered if step[0] >= limit), None)


def test_nothing_is_asked_of_nothing() -> None:
    def refuse(_: object) -> bool:
        raise AssertionError

    assert largest_that(refuse, 0) == 0
    assert largest_near(refuse, 5, 0) == 0
    assert first_that(refuse, ()) is None
