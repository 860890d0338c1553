"""Memory is tuned without a fault, twice as well as once, and what is free is given back."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from knowledge import heap


@pytest.fixture(autouse=True)
def rounds() -> Iterator[None]:
    """The collector as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_collector_comes_less_often_and_is_still_on() -> None:
    heap.tune()
    heap.tune()
    assert gc.get_threshold() == heap.ROUNDS
    assert gc.isenabled()


def test_giving_back_leaves_what_is_in_use() -> None:
    kept = [bytes(1000) for _ in range(1000)]
    heap.give_back()
    assert all(len(one) == 1000 for one in kept)
