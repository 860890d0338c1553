"""Measures the error matcher on labelled reports, and fits its weights; always on threads left out of the fit.

The rows are for measuring only: nothing of them enters the product but the handful of numbers in search/weights.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.catalog import ErrorClass
from knowledge.search.diagnose import MIN_CONFIDENCE, PROOF, ErrorIndex, least_confidence, none_limit
from knowledge.search.weights import ERROR_WEIGHTS, FEATURES, NONE_FEATURES, NONE_WEIGHTS, SIGNED_NONE_LIMIT

OWN: Final = Path(__file__).parent / "own"
DEVELOPMENT: Final = ("descriptions.tsv", "descriptions_fresh.tsv", "descriptions_blind.tsv", "descriptions_chat.tsv")
"""Our own descriptions that the weights are fitted on."""
HELD_OUT: Final = "descriptions_held_out.tsv"
"""Our own descriptions that no weight has seen."""
STRANGERS: Final = "descriptions_strangers.tsv"
"""Descriptions written from the classes' titles alone, before any entry was read; no weight has seen them."""
FOLDS: Final = 10
LIMIT: Final = 3
BEST_SIGNATURE: Final = FEATURES.index("signature_best")
RIDGE: Final = 0.001
STEPS: Final = 600
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cases:
    """Labelled reports with the features of their candidates, padded to the same number of candidates.

    `features` is rows × candidates × FEATURES, `real` says which candidates exist, `none_features` is rows ×
    NONE_FEATURES, `right` the right candidate's place (the number of candidates where "none" is right or it is absent),
    `limits` the probability of "none" from which a text gets no answer, `least` what the likeliest class must have.
    """

    features: Floats
    real: Flags
    none_features: Floats
    right: npt.NDArray[np.int64]
    is_none: Flags
    signed: Flags
    limits: Floats
    least: Floats
    threads: tuple[str, ...]

    def take(self, chosen: Flags) -> Cases:
        """Give the rows where `chosen` is set."""
        threads = tuple(thread for thread, keep in zip(self.threads, chosen, strict=True) if keep)
        features, real, none = self.features[chosen], self.real[chosen], self.none_features[chosen]
        return Cases(
            features,
            real,
            none,
            self.right[chosen],
            self.is_none[chosen],
            self.signed[chosen],
            self.limits[chosen],
            self.least[chosen],
            threads,
        )


def load_cases(path: Path, index: ErrorIndex) -> Cases:
    """Read errors.jsonl and lay out every row's candidates."""
    return lay_out([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()], index)


def lay_out(rows: Sequence[Mapping[str, Any]], index: ErrorIndex) -> Cases:
    """Lay out the candidates of rows with `text`, `label` (a class or "none"), `has_signature` and `source`."""
    found = [index.candidates(row["text"]) for row in rows]
    most = max(len(candidates.ids) for candidates in found)
    features = np.zeros((len(rows), most, len(FEATURES)))
    real = np.zeros((len(rows), most), dtype=bool)
    right = np.full(len(rows), most, dtype=np.int64)
    for n, (row, candidates) in enumerate(zip(rows, found, strict=True)):
        count = len(candidates.ids)
        if count:
            features[n, :count], real[n, :count] = candidates.features, True
        if row["label"] in candidates.ids:
            right[n] = candidates.ids.index(row["label"])
    return Cases(
        features,
        real,
        np.array([candidates.none_features for candidates in found]),
        right,
        np.array([row["label"] == "none" for row in rows]),
        np.array([bool(row["has_signature"]) for row in rows]),
        np.array([none_limit(len(row["text"])) for row in rows]),
        np.array([least_confidence(len(row["text"])) for row in rows]),
        tuple(row["source"] for row in rows),
    )


def own_rows(errors: Iterable[ErrorClass]) -> list[dict[str, Any]]:
    """Give what else the weights are fitted on: our own descriptions, strangers, logs of healthy runs, the examples.

    `descriptions_held_out.tsv` is left out on purpose: it is for measuring (tests/accuracy/test_own.py).
    """
    described = [row for name in DEVELOPMENT for row in read_descriptions(name)]
    logs = (OWN / "normal_logs.txt").read_text(encoding="utf-8").split("=====\n")
    healthy = [("none", log) for log in logs]
    rows = [
        {"label": label, "text": text, "has_signature": False, "source": "own"} for label, text in described + healthy
    ]
    examples = [{"label": e.id, "text": e.example, "has_signature": True, "source": "example"} for e in errors]
    return rows + examples


def read_descriptions(name: str) -> list[tuple[str, str]]:
    """Read class (or "none") and text of each row of a file in `own` (its README tells the form)."""
    rows = (line.split("\t", 1) for line in (OWN / name).read_text(encoding="utf-8").splitlines())
    return [(label, text.replace("\\n", "\n")) for label, text in rows]


def fit_shipped(truth_dir: Path, index: ErrorIndex) -> Floats:
    """Fit the weights as they are shipped: labelled reports, each counted twice, and all of `own_rows`."""
    reports = load_cases(truth_dir / "errors.jsonl", index)
    return fit(joined(reports, reports, lay_out(own_rows(index.errors), index)))


def joined(*parts: Cases) -> Cases:
    """Give the rows of all `parts`, padded to the longest list of candidates."""
    most = max(part.features.shape[1] for part in parts)
    gaps = [most - part.features.shape[1] for part in parts]
    missing = [part.features.shape[1] for part in parts]
    return Cases(
        np.concatenate([np.pad(p.features, ((0, 0), (0, gap), (0, 0))) for p, gap in zip(parts, gaps, strict=True)]),
        np.concatenate([np.pad(p.real, ((0, 0), (0, gap))) for p, gap in zip(parts, gaps, strict=True)]),
        np.concatenate([p.none_features for p in parts]),
        np.concatenate([np.where(p.right == n, most, p.right) for p, n in zip(parts, missing, strict=True)]),
        np.concatenate([p.is_none for p in parts]),
        np.concatenate([p.signed for p in parts]),
        np.concatenate([p.limits for p in parts]),
        np.concatenate([p.least for p in parts]),
        tuple(thread for p in parts for thread in p.threads),
    )


def chances(cases: Cases, weights: Floats) -> Floats:
    """Give each row's probabilities: one for each candidate, the last for "none of these"."""
    classes, none = weights[: len(FEATURES)], weights[len(FEATURES) :]
    scores = np.where(cases.real, cases.features @ classes, -np.inf)
    scores = np.concatenate([scores, (cases.none_features @ none)[:, None]], axis=1)
    odds: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def fit(cases: Cases, steps: int = STEPS) -> Floats:
    """Fit all weights (classes', then none's) by ridge-regularised maximum likelihood, with Adam from zero."""
    weights = np.zeros(len(FEATURES) + len(NONE_FEATURES))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    rows = np.arange(len(cases.right))
    for step in range(1, steps + 1):
        error = chances(cases, weights)
        error[rows, cases.right] -= 1.0
        slopes = np.einsum("nk,nkd->d", error[:, :-1], cases.features), cases.none_features.T @ error[:, -1]
        gradient = np.concatenate(slopes) / len(rows) + RIDGE * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights = weights - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights


def cross_validate(cases: Cases, own: Cases, *, by_repository: bool = False) -> Floats:
    """Give every row's probabilities from weights fitted without its thread (or its whole repository), as shipped else.

    `own` are the rows that are no reports; they are always part of the fit.
    """
    folds = np.array([_fold(thread, by_repository) for thread in cases.threads])
    shares = np.zeros((len(folds), cases.features.shape[1] + 1))
    for fold in sorted(set(folds.tolist())):
        others = cases.take(folds != fold)
        shares[folds == fold] = chances(cases.take(folds == fold), fit(joined(others, others, own)))
    return shares


def _fold(thread: str, by_repository: bool) -> int:
    key = "/".join(thread.split("/")[:5]) if by_repository else thread
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % FOLDS


def metrics(cases: Cases, shares: Floats) -> dict[str, float]:
    """Give the shares of right answers, of false alarms, and the calibration error, each 0..1."""
    order = np.argsort(-shares[:, :-1], axis=1, kind="stable")
    signed_first = np.take_along_axis(cases.features[:, :, BEST_SIGNATURE], order[:, :1], axis=1)[:, 0] >= PROOF
    best = np.take_along_axis(shares, order[:, :1], axis=1)[:, 0]
    answered = shares[:, -1] < np.where(signed_first, SIGNED_NONE_LIMIT, cases.limits)
    answered &= signed_first | (best >= cases.least)
    first = answered & (order[:, 0] == cases.right)
    shown = (np.take_along_axis(shares, order[:, :LIMIT], axis=1) >= MIN_CONFIDENCE) | ~signed_first[:, None]
    shown[:, 0] = True
    among = answered & ((order[:, :LIMIT] == cases.right[:, None]) & shown).any(axis=1)
    signed, prose = ~cases.is_none & cases.signed, ~cases.is_none & ~cases.signed
    return {
        "rows": float(len(answered)),
        "signature_first": _share(first[signed]),
        "signature_top3": _share(among[signed]),
        "prose_first": _share(first[prose]),
        "prose_top3": _share(among[prose]),
        "false_alarms": _share(answered[cases.is_none]),
        "calibration_error": calibration_error(best[answered], first[answered]),
    }


def _share(found: Flags) -> float:
    return float(found.mean()) if found.size else 0.0


def calibration_error(stated: Floats, right: Flags, bins: int = 10) -> float:
    """Give the expected calibration error: how far stated probabilities lie from the share that was right."""
    places = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = [
        abs(float(stated[places == place].mean()) - float(right[places == place].mean())) * int((places == place).sum())
        for place in sorted(set(places.tolist()))
    ]
    return sum(gaps) / max(len(stated), 1)


def evaluate_errors(truth_dir: Path, index: ErrorIndex) -> dict[str, Any]:
    """Measure diagnosis on errors.jsonl with the product's weights and with weights that never saw the thread."""
    cases = load_cases(truth_dir / "errors.jsonl", index)
    own = lay_out(own_rows(index.errors), index)
    shipped = np.array([*ERROR_WEIGHTS, *NONE_WEIGHTS])
    return {
        "as_shipped": metrics(cases, chances(cases, shipped)),
        "threads_left_out": metrics(cases, cross_validate(cases, own)),
        "own_descriptions_held_out": _described(index, shipped, read_descriptions(HELD_OUT)),
        "strangers": _described(index, shipped, read_descriptions(STRANGERS) + _others()),
        "repositories_left_out": metrics(cases, cross_validate(cases, own, by_repository=True)),
    }


def _others() -> list[tuple[str, str]]:
    """Healthy logs, other programs' errors and chat that no class covers."""
    return [("none", text) for text in (OWN / "strangers_none.txt").read_text(encoding="utf-8").split("=====\n")]


def _described(index: ErrorIndex, weights: Floats, described: Sequence[tuple[str, str]]) -> dict[str, float]:
    rows = [{"label": x, "text": y, "has_signature": False, "source": "own"} for x, y in described]
    cases = lay_out(rows, index)
    found = metrics(cases, chances(cases, weights))
    return {name: value for name, value in found.items() if not name.startswith("signature")}
