"""The bench of several digest processes runs, on a small run of its own."""

from __future__ import annotations

import json

import pytest

from bench import workers
from bench.send import find_sink
from tests.conftest import skip_or_fail
from tests.fakes.postgres import find_binaries


@pytest.mark.postgres
@pytest.mark.smtp
def test_the_bench_runs(capsys: pytest.CaptureFixture[str]) -> None:
    if find_sink() is None or find_binaries() is None:
        skip_or_fail("smtp-sink or PostgreSQL's server binaries are not installed")
    assert workers.main(["--mails", "400", "--rounds", "1", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["crew"]["lost"] == 0
    assert all(rate > 0 for rates in said["mails_per_s"].values() for rate in rates)
