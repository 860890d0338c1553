"""Speed accuracy on measured rows: floors for devices and families no fit saw. Reads ../shared, skips without."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from knowledge.content_loader import load_content
from knowledge.evaluate.speed import evaluate_speed, speed_table, targets_missed

pytestmark = pytest.mark.truth


@lru_cache(maxsize=1)
def result(truth_dir: Path) -> dict[str, Any]:
    content = load_content()
    models, devices = {m.id: m for m in content.models}, {d.id: d for d in content.devices}
    return evaluate_speed(truth_dir, models, devices)


@pytest.mark.parametrize(
    ("kind", "name", "median_at_most", "within_20_at_least"),
    [
        # recorded figures with a little room for changes of the catalogue; the goals stand in docs/estimator_speed.md
        ("decode", "gpu", 0.12, 0.75),
        ("decode", "dense-large", 0.10, 0.82),
        ("decode", "dense-medium", 0.15, 0.72),
        ("decode", "moe", 0.15, 0.62),
        ("decode", "small", 0.20, 0.50),
        ("decode", "cpu", 0.27, 0.35),
        ("decode", "devices", 0.16, 0.72),
        ("prefill", "gpu", 0.20, 0.50),
        ("prefill", "cpu", 0.40, 0.20),
    ],
)
def test_unseen_devices_and_families(
    truth_dir: Path, kind: str, name: str, median_at_most: float, within_20_at_least: float
) -> None:
    figure = result(truth_dir)[kind]["unseen"][name]
    assert figure["median_ape"] <= median_at_most
    assert figure["within_20"] >= within_20_at_least


def test_the_interval_covers_what_it_says(truth_dir: Path) -> None:
    assert 0.75 <= result(truth_dir)["decode"]["interval"]["coverage"] <= 0.85
    assert 0.65 <= result(truth_dir)["prefill"]["interval"]["coverage"] <= 0.88


def test_one_measurement_helps(truth_dir: Path) -> None:
    decode = result(truth_dir)["decode"]
    assert decode["after_one_measurement"]["gpu_median_ape"] <= 0.09
    assert decode["after_one_measurement"]["other_models_median_ape"] <= 0.1


def test_the_report_names_every_class_and_what_is_missed(truth_dir: Path) -> None:
    text = speed_table(result(truth_dir))
    assert all(name in text for name in ("dense-large", "moe", "cpu", "covers", "in sample", "current builds"))
    assert all(" against " in line for line in targets_missed(result(truth_dir)))
