"""Senders killed at random moments: the small version of `python -m bench.chaos_send`, on both stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos_send import Plan, chaos, sound
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
    good = {"lost": 0, "twice": 3, "twice_allowed": 4, "ids_differ": 0, "ids_shared": 0, "run": "done"}
    assert sound(good)
    for change in ({"lost": 1}, {"twice": 5}, {"ids_differ": 1}, {"ids_shared": 1}, {"run": "running"}):
        assert not sound(good | change)
