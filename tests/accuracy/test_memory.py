"""Memory accuracy against the engine's own planner, real logs and published files. Reads ../shared, skips without."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from knowledge.content_loader import load_content
from knowledge.evaluate.memory import evaluate_memory

pytestmark = pytest.mark.truth


@lru_cache(maxsize=1)
def result(truth_dir: Path) -> dict[str, Any]:
    return evaluate_memory(truth_dir, {model.id: model for model in load_content().models})


@pytest.mark.parametrize("rows", ["planner_one_device", "planner_two_devices", "planner_cpu"])
def test_planner_rows(truth_dir: Path, rows: str) -> None:
    figures = result(truth_dir)[rows]
    assert figures["n"] >= 84
    assert figures["weights_mean"] <= 1e-5
    assert figures["weights_worst"] <= 1e-4
    assert figures["kv_and_state_exact_share"] == 1.0
    assert figures["compute_within_5pct_or_16mib"] == 1.0
    assert figures["compute_median"] <= 1e-3
    assert figures["total_mean"] <= 2e-4
    assert figures["total_worst"] <= 4e-3


def test_published_files_and_their_tensor_types(truth_dir: Path) -> None:
    figures = result(truth_dir)["file_sizes"]
    assert figures["n"] >= 546
    assert figures["worst"] <= 1e-6
    assert figures["tensor_types_exact_share"] == 1.0
    assert figures["models_not_found"] == 0


def test_real_logs(truth_dir: Path) -> None:
    """Logs of many builds, some with recipes and modes no name tells: old builds without window caches, other mixes."""
    figures = result(truth_dir)["real_logs"]
    assert figures["n"] >= 100
    assert figures["total_median"] <= 0.04
    assert figures["weights_median"] <= 0.001
    assert figures["by_engine"]["llama.cpp"]["total_p90"] <= 0.15


def test_nothing_is_fitted(truth_dir: Path) -> None:
    assert result(truth_dir)["free_constants"] == 0
