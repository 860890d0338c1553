"""Senders killed at random moments: the small version of `python -m bench.chaos_send`, on both stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos_send import Plan, chaos, copies_too_many, sound
from tests.digest.conftest import BACKENDS
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_lost_and_little_comes_twice(
    backend: str, n_workers: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'chaos.db'}" if backend == "sqlite" else request.getfixturevalue("postgres_url")
    result = chaos(Plan(url=url, n_mails=2_000, n_workers=n_workers, n_kills=6, seed=7 + n_workers))
    assert sound(result), result
    assert isinstance(result["kills"], int)
    assert result["kills"] >= 3  # the run may be over before the last one
    assert result["counts"] == {"accepted": 2_000}


def test_an_unsound_result_is_noticed() -> None:
    ids = {"ids_differ": 0, "ids_shared": 0}
    good: dict[str, object] = {"lost": 0, "unexplained": 0, "worst_kill": 3, "worst_line": 1, "run": "done", **ids}
    good["twice_allowed_a_kill"] = 4
    assert sound(good)
    bad = {"lost": 1, "unexplained": 1, "worst_kill": 5, "worst_line": 2, "ids_differ": 1, "ids_shared": 1, "run": "on"}
    for name, value in bad.items():
        assert not sound({**good, name: value}), name


def test_copies_too_many_are_laid_at_a_kill() -> None:
    """Of a reader's copies the last one was committed; each before it belongs to the worker that sent it."""
    accepted = [("i1", "a"), ("i2", "b"), ("i1", "a"), ("i2", "b"), ("i3", "c"), ("i1", "a")]
    by = [("w0", 1), ("w0", 2), ("w1", 3), ("w2", 4), ("w2", 4), ("w2", 5)]
    assert copies_too_many(accepted, by, {"w0", "w1"}) == {"unexplained": 0, "worst_kill": 2, "worst_line": 1}
    assert copies_too_many(accepted, by, {"w0"}) == {"unexplained": 1, "worst_kill": 2, "worst_line": 1}
    assert copies_too_many(accepted, [("w0", 1)] * 6, {"w0"}) == {"unexplained": 0, "worst_kill": 3, "worst_line": 3}
    assert copies_too_many([], [], set()) == {"unexplained": 0, "worst_kill": 0, "worst_line": 0}
