"""Out-of-sample residuals of the speed model: each cell predicted by a fit without its device and its family.

Devices and families are dealt into folds; a cell in device fold i and family fold j is predicted by a fit that saw
neither any row of fold i's devices nor any of fold j's families. Repeated over seeds. Splits and summarises; writes
nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.estimator.speed_learn import TERM_GROUPS, learn
from knowledge.evaluate.speed_fit import (
    FEW_THREADS,
    Array,
    Design,
    design,
    fit_effects,
    predicted_log_s,
    take,
    term_shares,
    weights_of,
)
from knowledge.evaluate.speed_rows import Cell

Mask = NDArray[np.bool_]
GPU_CLASSES = ("dense-large", "dense-medium", "moe", "small")


@dataclass(frozen=True, slots=True)
class Split:
    """One fold pair: rows to fit on and rows to judge."""

    train: Mask
    test: Mask


def _folds(names: Sequence[str], n_fold: int, rng: np.random.Generator) -> NDArray[np.int_]:
    distinct = sorted(set(names))
    order = dict(zip(rng.permutation(distinct).tolist(), (i % n_fold for i in range(len(distinct))), strict=True))
    return np.array([order[name] for name in names])


def splits(cells: Sequence[Cell], seed: int, *, n_fold: int = 6) -> Iterator[Split]:
    """Return the fold pairs of one seed; only modern engines are judged."""
    rng = np.random.default_rng(seed)
    by_device = _folds([cell.device.id for cell in cells], n_fold, rng)
    by_family = _folds([cell.family for cell in cells], n_fold, rng)
    modern = np.array([cell.modern for cell in cells])
    for i in range(n_fold):
        for j in range(n_fold):
            test = (by_device == i) & (by_family == j) & modern
            if test.any():
                yield Split((by_device != i) & (by_family != j), test)


def unseen(cells: Sequence[Cell], seed: int, *, d: Design | None = None, n_fold: int = 6) -> tuple[Array, Array]:
    """Predict every modern cell by a fit that saw neither its device nor its family.

    Returns log(measured seconds / predicted seconds) by cell, and each term's share of the predicted time (cells ×
    terms); NaN for cells that are not judged.
    """
    full = d or design(cells)
    weight = weights_of(cells)
    out = np.full(len(cells), np.nan)
    shares = np.full((len(cells), len(full.terms)), np.nan)
    for split in splits(cells, seed, n_fold=n_fold):
        theta = fit_effects(take(full, split.train), weight[split.train])
        judged = take(full, split.test)
        out[split.test] = full.log_s[split.test] - predicted_log_s(judged, theta)
        shares[split.test] = term_shares(judged, theta)
    return out, shares


def family_unseen_residuals(cells: Sequence[Cell], seed: int, *, d: Design | None = None, n_fold: int = 6) -> Array:
    """Return the same with only the family unseen: what the estimate is worth on a device that was measured."""
    full = d or design(cells)
    weight = weights_of(cells)
    by_family = _folds([cell.family for cell in cells], n_fold, np.random.default_rng(seed))
    modern = np.array([cell.modern for cell in cells])
    out = np.full(len(cells), np.nan)
    common = np.array(["-total/device:" not in name for name in full.names])
    for j in range(n_fold):
        test = (by_family == j) & modern
        if test.any():
            theta = fit_effects(take(full, by_family != j), weight[by_family != j]) * common
            out[test] = full.log_s[test] - predicted_log_s(take(full, test), theta)
    return out


def ape(residuals: Array) -> Array:
    """Absolute percentage error of the speed: |predicted / measured − 1|."""
    return np.asarray(np.abs(np.expm1(residuals)))


def figures(cells: Sequence[Cell], residuals: Array) -> dict[str, dict[str, float]]:
    """Median error, share within 20 % and count, by class, all GPUs together, and per device."""
    error = ape(residuals)
    groups: dict[str, list[float]] = defaultdict(list)
    devices: dict[str, list[float]] = defaultdict(list)
    for cell, value in zip(cells, error.tolist(), strict=True):
        if not math.isfinite(value):
            continue
        groups[cell.cell_class].append(value)
        if cell.cell_class != "cpu":
            groups["gpu"].append(value)
            devices[cell.device.id].append(value)
        else:
            groups["cpu-few-threads" if cell.n_threads and cell.n_threads <= FEW_THREADS else "cpu-all-cores"].append(
                value
            )
    out = {name: _figure(values) for name, values in groups.items()}
    medians = [float(np.median(values)) for values in devices.values()]
    if medians:
        out["devices"] = _figure(medians)
    return out


def _figure(values: Sequence[float]) -> dict[str, float]:
    array = np.array(values)
    return {
        "n": float(len(values)),
        "median_ape": float(np.median(array)),
        "p90_ape": float(np.quantile(array, 0.9)),
        "within_20": float(np.mean(array <= 0.2)),
    }


@dataclass(frozen=True, slots=True)
class Told:
    """Residuals after one cell of a rig was measured: of the rig's other models, and of all its other cells."""

    other_models: Array
    other_cells: Array


def after_one_measurement(cells: Sequence[Cell], residuals: Array, shares: Array) -> list[Told]:
    """What is left on a rig once one of its cells was measured, an entry for each measured cell.

    A rig is one device with one engine and backend; learning is `speed_learn.learn`, as answers use it.
    """
    rigs: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for i, cell in enumerate(cells):
        if math.isfinite(residuals[i]):
            rigs[(cell.device.id, cell.engine, cell.backend)].append(i)
    return [
        _told(cells, residuals, shares, told, [i for i in rows if i != told])
        for rows in rigs.values()
        for told in rows
        if len(rows) > 1
    ]


def _told(cells: Sequence[Cell], residuals: Array, shares: Array, told: int, others: Sequence[int]) -> Told:
    names = tuple(TERM_GROUPS)
    learnt = learn(zip(names, shares[told].tolist(), strict=True), float(residuals[told]), cells[told].inputs.kind)
    terms = np.array([learnt.of_term(name) for name in names])
    wholes = np.array([learnt.of_whole(cells[i].inputs.kind) for i in others])
    left = residuals[others] - np.log(shares[others] @ terms * wholes)
    return Told(left[[cells[i].model_id != cells[told].model_id for i in others]], left)
