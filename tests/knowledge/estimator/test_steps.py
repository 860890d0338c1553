"""Searches along a scale: the answer of a plain walk, in few looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.estimator.steps import first_that, largest_that


@given(st.integers(0, 5000), st.integers(0, 6000))
def test_largest_that_is_a_walk_down(high: int, limit: int) -> None:
    asked: list[int] = []

    def holds(n: int) -> bool:
        asked.append(n)
        return n <= limit

    assert largest_that(holds, high) == min(high, limit)
    assert len(asked) <= 2 + max(high, 1).bit_length()
    assert all(1 <= n <= high for n in asked)


@given(st.lists(st.integers(), max_size=40), st.integers(0, 45))
def test_first_that_is_a_walk_up(steps: list[int], limit: int) -> None:
    numbered = list(enumerate(steps))
    found = first_that(lambda step: step[0] >= limit, numbered)
    assert found == next((step for step in numbered if step[0] >= limit), None)


def test_nothing_is_asked_of_nothing() -> None:
    def refuse(_: object) -> bool:
        raise AssertionError

    assert largest_that(refuse, 0) == 0
    assert first_that(refuse, ()) is None
