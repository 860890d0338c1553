"""The ranking benchmark runs, reports every figure and finds no cell that differs from its single answer."""

from __future__ import annotations

import json

import pytest

from bench import rank


def test_it_reports_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert rank.main(["--models", "30", "--check", "120", "--rounds", "2", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert {"compile", "best, compiled", "best, searched, warm", *(on for on, _ in rank.RIGS)} <= set(table)
    assert table["many rigs"]["cells"] >= 30 * 6 * 5000
    for on, _ in rank.RIGS:
        assert table[on]["ms"] > 0
        assert table[on]["checked"] > 0
        assert table[on]["differ"] == 0
