"""Digest processes on one store, one killed in mid-send and one started late: the small `python -m bench.workers`."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bench.chaos_send import Plan, sound
from bench.workers import crew
from tests.digest.conftest import BACKENDS
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_crew_loses_nothing(
    how: signal.Signals, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    embedded = backend == "sqlite"
    url = f"sqlite:///{tmp_path / 'crew.db'}" if embedded else request.getfixturevalue("postgres_url")
    n_workers = 1 if embedded else 3
    result = crew(Plan(url=url, n_mails=3_000, n_workers=n_workers, n_kills=1), how)
    assert sound(result), result
    assert result["counts"] == {"accepted": 3_000}
    sent_by = result["sent_by"]
    assert isinstance(sent_by, dict)
    assert set(sent_by) == ({"w0", "late"} if embedded else {"w0", "w1", "late"}), result
