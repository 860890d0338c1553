"""The ranking benchmark runs, and ranking a month of four times the entries takes about four times as long."""

from __future__ import annotations

from bench.digest_rank import measure, month_of


def test_the_month_is_the_same_each_time() -> None:
    assert month_of(200) == month_of(200)


def test_no_step_looks_at_every_pair_of_entries() -> None:
    small, large = measure(1000, 3), measure(4000, 3)
    assert 0 < small["items"] < small["entries"]
    assert large["us_per_entry"] < 2.5 * small["us_per_entry"]  # every pair would be 4 times
