"""The gate: which way a figure gets worse, and that it says so."""

from __future__ import annotations

import pytest

from knowledge.cli.evaluate_command import flatten, worse


@pytest.mark.parametrize(
    ("name", "now", "recorded", "expected"),
    [
        ("memory.one.total_mean", 0.02, 0.01, True),
        ("memory.one.total_mean", 0.01, 0.02, False),
        ("speed.decode.gpu.median_ape", 0.1051, 0.105, False),
        ("speed.decode.gpu.within_20", 0.70, 0.84, True),
        ("speed.decode.gpu.within_20", 0.90, 0.84, False),
        ("errors.signature_top3", 0.90, 0.98, True),
        ("errors.false_alarms", 0.10, 0.07, True),
        ("errors.calibration_error", 0.05, 0.02, True),
        ("glossary.at_least_one", 0.90, 0.94, True),
        ("questions.silent_wrong_pct", 1.0, 0.0, True),
        ("speed.decode.gpu.n", 1.0, 500.0, False),
    ],
)
def test_which_way_is_worse(name: str, now: float, recorded: float, expected: bool) -> None:
    assert worse(name, now, recorded) is expected


def test_nested_figures_are_named_by_their_path() -> None:
    assert flatten({"a": {"b": 1, "c": {"d": 0.123456}}, "e": "words", "f": True}) == {"a.b": 1.0, "a.c.d": 0.12346}
