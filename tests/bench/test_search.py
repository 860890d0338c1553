"""The matching benchmark runs and reports every figure."""

from __future__ import annotations

import json

import pytest

from bench import search


def test_it_reports_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert search.main(["--rounds", "1"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert {"diagnose_8kb", "diagnose_1mb", "diagnose_hostile_1mb", "define", "diagnose_8kb_tenfold"} <= set(table)
    assert all(row["p99_ms"] >= row["p50_ms"] > 0 for name, row in table.items() if name != "build_s")
