"""Measures the error matcher on labelled reports, and fits its weights; always on threads left out of the fit.

The rows are for measuring only: nothing of them enters the product but the handful of numbers in search/weights.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.search.diagnose import ErrorIndex
from knowledge.search.weights import ERROR_WEIGHTS, FEATURES, NONE_SCORE, THRESHOLD

FOLDS: Final = 10
LIMIT: Final = 3
RIDGE: Final = 0.02
STEPS: Final = 400
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled report: the features of its candidates, where the right one stands (-1: "none" is right)."""

    label: str
    thread: str
    has_signature: bool
    ids: tuple[str, ...]
    features: Vector
    right: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the matcher said for one report: ids best first (empty: it knows none) and the best one's probability."""

    case: Case
    ids: tuple[str, ...]
    confidence: float


def load_cases(path: Path, index: ErrorIndex) -> list[Case]:
    """Read errors.jsonl and lay out every row's candidates."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = index.candidates(row["text"])
        ids = tuple(sorted(found))
        features = np.array([found[name] for name in ids], dtype=float).reshape(len(ids), len(FEATURES))
        right = ids.index(row["label"]) if row["label"] in found else -1
        cases.append(Case(row["label"], row["source"], bool(row["has_signature"]), ids, features, right))
    return cases


def fit(cases: Sequence[Case], steps: int = STEPS) -> tuple[Vector, float]:
    """Fit the weights and the score of "none" by ridge-regularised maximum likelihood, with Adam."""
    start = np.append(np.array(ERROR_WEIGHTS), NONE_SCORE)
    weights, first, second = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, steps + 1):
        gradient = RIDGE * weights
        for case in cases:
            gradient += _gradient(case, weights) / len(cases)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights = weights - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights[:-1], float(weights[-1])


def _probabilities(case: Case, weights: Vector) -> Vector:
    scores = np.append(case.features @ weights[:-1], weights[-1])
    scores -= scores.max()
    odds: Vector = np.exp(scores)
    chances: Vector = odds / odds.sum()
    return chances


def _gradient(case: Case, weights: Vector) -> Vector:
    error = _probabilities(case, weights)
    error[case.right] -= 1.0
    return np.append(case.features.T @ error[:-1], error[-1])


def judge(case: Case, weights: Vector, none_score: float) -> Verdict:
    """Say what the matcher would answer for `case` with these weights."""
    chances = _probabilities(case, np.append(weights, none_score))[:-1]
    order = sorted(range(len(case.ids)), key=lambda n: (-chances[n], case.ids[n]))
    confidence = float(chances[order[0]]) if order else 0.0
    ids = tuple(case.ids[n] for n in order[:LIMIT]) if confidence >= THRESHOLD else ()
    return Verdict(case, ids, confidence if ids else 1.0 - confidence)


def cross_validate(cases: Sequence[Case], *, by_tool: bool = False) -> list[Verdict]:
    """Judge every row with weights fitted without its thread (or without its whole repository)."""
    verdicts: list[Verdict] = []
    folds = [_fold(case.thread, by_tool) for case in cases]
    for fold in sorted(set(folds)):
        weights, none_score = fit([case for case, f in zip(cases, folds, strict=True) if f != fold])
        verdicts += [judge(c, weights, none_score) for c, f in zip(cases, folds, strict=True) if f == fold]
    return verdicts


def _fold(thread: str, by_tool: bool) -> int:
    key = "/".join(thread.split("/")[:5]) if by_tool else thread
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % FOLDS


def metrics(verdicts: Iterable[Verdict]) -> dict[str, float]:
    """Give the shares of right answers, of false alarms, and the calibration error, each 0..1."""
    rows = list(verdicts)
    known = [v for v in rows if v.case.label != "none"]
    signed = [v for v in known if v.case.has_signature]
    prose = [v for v in known if not v.case.has_signature]
    none = [v for v in rows if v.case.label == "none"]
    return {
        "rows": float(len(rows)),
        "signature_first": _share([v.ids[:1] == (v.case.label,) for v in signed]),
        "signature_top3": _share([v.case.label in v.ids for v in signed]),
        "prose_first": _share([v.ids[:1] == (v.case.label,) for v in prose]),
        "prose_top3": _share([v.case.label in v.ids for v in prose]),
        "false_alarms": _share([bool(v.ids) for v in none]),
        "calibration_error": _calibration_error(rows),
    }


def _share(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0


def _calibration_error(rows: Sequence[Verdict], bins: int = 10) -> float:
    """Give the expected calibration error of the stated probabilities, over answers and refusals."""
    stated = np.array([v.confidence for v in rows])
    right = np.array([(v.ids[0] if v.ids else "none") == v.case.label for v in rows], dtype=float)
    places = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = [abs(stated[places == b].mean() - right[places == b].mean()) * (places == b).sum() for b in set(places)]
    return float(sum(gaps) / max(len(rows), 1))


def evaluate_errors(truth_dir: Path, index: ErrorIndex) -> dict[str, Any]:
    """Measure diagnosis on errors.jsonl with the product's weights and with weights that never saw the thread."""
    cases = load_cases(truth_dir / "errors.jsonl", index)
    return {
        "as_shipped": metrics(judge(case, np.array(ERROR_WEIGHTS), NONE_SCORE) for case in cases),
        "threads_left_out": metrics(cross_validate(cases)),
        "repositories_left_out": metrics(cross_validate(cases, by_tool=True)),
    }
