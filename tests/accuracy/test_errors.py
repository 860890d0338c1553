"""Diagnosis measured on labelled reports whose threads the weights have not seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.evaluate.errors import cross_validate, evaluate_errors, lay_out, load_cases, metrics, own_rows
from knowledge.search.diagnose import ErrorIndex
from tests.knowledge.search.conftest import read_errors


@pytest.mark.truth
def test_errors_are_recognised_on_unseen_threads(truth_dir: Path) -> None:
    index = ErrorIndex.build(read_errors())
    cases = load_cases(truth_dir / "errors.jsonl", index)
    got = metrics(cases, cross_validate(cases, lay_out(own_rows(index.errors), index)))
    assert got["signature_first"] >= 0.93
    assert got["signature_top3"] >= 0.95
    assert got["prose_top3"] >= 0.65
    assert got["false_alarms"] <= 0.12
    assert got["calibration_error"] <= 0.08


@pytest.mark.truth
def test_the_report_has_all_views(truth_dir: Path) -> None:
    report = evaluate_errors(truth_dir, ErrorIndex.build(read_errors()))
    own = {"own_descriptions_held_out", "strangers"}
    assert set(report) == {"as_shipped", "threads_left_out", "repositories_left_out"} | own
    assert report["threads_left_out"]["rows"] == report["repositories_left_out"]["rows"] == report["as_shipped"]["rows"]
