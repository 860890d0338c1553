"""The answer benchmark runs and reports every figure."""

from __future__ import annotations

import json

import pytest

from bench import __main__ as bench_main
from bench import answer
from tests.conftest import ROOT


def test_it_reports_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer.main(["--count", "6", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert {"ask, first time each", "ask, asked before", "parse alone", "define alone"} <= set(table)
    assert {"batch line, never asked", "the same, detailed"} <= set(table)
    assert {"random cells, nothing compiled", "random cells, compiled", "the same without advice"} <= set(table)
    assert all(row["p99_ms"] >= row["p50_ms"] > 0 for name, row in table.items() if "p99_ms" in row)


def test_every_benchmark_is_run() -> None:
    modules = {path.stem for path in (ROOT / "bench").glob("*.py")} - {
        "__init__",
        "__main__",
        "feed_host",
        "peer",
        "pong_bot",
    }  # what others start: collect's server, answer's and rank's peer, bot_wire's ceiling
    assert modules == set(bench_main.NAMES)
