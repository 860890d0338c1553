"""Buckets never give more than they hold, a wrong clock loses nothing, waiting is judged as it must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import (
    BUSY_AFTER_S,
    COMMANDS,
    CROWDED,
    DEADLINE_S,
    MOST_WAITING,
    Ages,
    Bucket,
    Buckets,
    Limits,
    Rate,
    Verdict,
    judge_wait,
)

STEPS = st.lists(st.floats(0, 10), min_size=1, max_size=200)


@given(steps=STEPS, at_once=st.integers(1, 20), per_s=st.floats(0, 10))
def test_a_bucket_never_gives_more_than_it_held_and_gained(steps: list[float], at_once: int, per_s: float) -> None:
    bucket, now_s, taken = Bucket(per_s, at_once), 100.0, 0
    for step in steps:
        now_s += step
        taken += bucket.take(now_s)
    assert taken <= at_once + per_s * (now_s - 100.0) + 1e-6


def test_a_bucket_refills() -> None:
    bucket = Bucket(2, 3)
    assert [bucket.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(10.5)
    assert not bucket.take(10.5)
    assert not bucket.take(9.0), "a clock that goes back gives nothing"


@given(keys=st.lists(st.integers(0, 50), max_size=300))
def test_buckets_are_bounded(keys: list[int]) -> None:
    buckets = Buckets(Rate(1, 1), most_kept=8)
    for key in keys:
        buckets.take(key, 1.0)
        assert len(buckets) <= 8


def judged(limits: Limits, times: int, *, user_id: int = 1, in_hand: int = 0, completion: bool = False) -> int:
    """How many of so many interactions at one moment are answered."""
    return sum(
        limits.judge(user_id, 7, 50.0, completion=completion, in_hand=in_hand) is Verdict.ANSWER for _ in range(times)
    )


def test_nobody_is_refused_while_there_is_room_and_nobody_fills_it() -> None:
    limits = Limits()
    assert judged(limits, 500) == 500
    assert judged(limits, 2_000) == COMMANDS.person_most.at_once - 500
    assert judged(limits, 10, user_id=2) == 10


def test_while_crowded_the_small_buckets_hold() -> None:
    limits = Limits()
    assert judged(limits, 500, in_hand=CROWDED) == COMMANDS.person.at_once
    assert sum(judged(limits, 1, user_id=user, in_hand=CROWDED) for user in range(100, 4_000)) < 2_500


def test_completions_have_buckets_of_their_own() -> None:
    limits = Limits()
    judged(limits, 5_000, completion=True)
    assert judged(limits, 1) == 1


def test_the_process_bounds_what_is_in_hand() -> None:
    assert Limits().judge(1, 0, 1.0, completion=False, in_hand=MOST_WAITING) is Verdict.DROPPED
    limits = Limits(process=Rate(5, 0))
    assert [limits.judge(n, 0, 1.0, completion=False, in_hand=0) for n in range(6)][-1] is Verdict.DROPPED


@pytest.mark.parametrize(
    ("verdict", "waited_s", "in_hand", "expected"),
    [
        (Verdict.ANSWER, 0.0, CROWDED, Verdict.ANSWER),
        (Verdict.ANSWER, BUSY_AFTER_S + 0.01, CROWDED, Verdict.BUSY),
        (Verdict.ANSWER, BUSY_AFTER_S + 0.01, 1, Verdict.ANSWER),
        (Verdict.ANSWER, BUSY_AFTER_S / 2, 5_000, Verdict.BUSY),
        (Verdict.ANSWER, BUSY_AFTER_S / 2, 1_000, Verdict.ANSWER),
        (Verdict.SLOW_DOWN, BUSY_AFTER_S + 0.01, CROWDED, Verdict.SLOW_DOWN),
        (Verdict.ANSWER, DEADLINE_S + 0.01, 1, Verdict.EXPIRED),
        (Verdict.SLOW_DOWN, DEADLINE_S + 0.01, CROWDED, Verdict.EXPIRED),
    ],
)
def test_waiting(verdict: Verdict, waited_s: float, in_hand: int, expected: Verdict) -> None:
    assert judge_wait(verdict, waited_s, in_hand) is expected


@given(skew_s=st.floats(-200, 200), delays=st.lists(st.floats(0.01, 0.3), min_size=1, max_size=50))
def test_a_clock_that_is_wrong_drops_nothing(skew_s: float, delays: list[float]) -> None:
    ages, now_s = Ages(), 0.0
    for delay_s in delays:
        now_s += 1
        assert 0 <= ages.age_s(skew_s + delay_s, now_s) <= 0.3


def test_what_waited_is_old() -> None:
    ages = Ages()
    ages.age_s(40.0, 1.0)
    assert ages.age_s(44.0, 2.0) == pytest.approx(4.0)
    assert ages.age_s(44.0, 70.0) == pytest.approx(4.0), "the window before counts, too"
    ages.age_s(44.0, 140.0)
    assert ages.age_s(44.0, 210.0) == pytest.approx(0.0), "a clock that was set is believed in the end"


@pytest.mark.parametrize("seen_s", [1e9, -1e9])
def test_an_id_that_is_no_time_counts_for_nothing(seen_s: float) -> None:
    ages = Ages()
    assert ages.age_s(seen_s, 1.0) == 0
    ages.age_s(0.1, 2.0)
    assert ages.age_s(0.2, 3.0) == pytest.approx(0.1)
