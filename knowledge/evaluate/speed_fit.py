"""Fits the speed model's log effects to measured cells: damped Gauss-Newton with robust weights and Gaussian priors.

The model is `log(sum of amount × exp(effects)) + outer effects`, so the Jacobian is each term's share of the time times
its effect pattern. Priors do the shrinking: constants of a backend, generation, engine or device only leave their
parent's value as far as the rows insist. Only NumPy; reads and writes no files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.estimator.speed_terms import Effects, decode_terms, outer_effects, prefill_terms
from knowledge.evaluate.speed_rows import Cell

Array = NDArray[np.float64]

NOISE = {"decode": 0.12, "prefill": 0.3}
"""Log noise of one cell: two people differ by 5 % (decode) and 8.5 % (prefill) in the median, two sites by 16 %."""

START: dict[str, tuple[float, float]] = {
    # physical starting values (log) and how far the rows may move them
    "stream": (math.log(1 / 0.85), 0.3),
    "expert": (0.0, 0.15),
    "unpack": (math.log(4.0), 1.0),
    "unpack-cpu": (math.log(0.3), 1.0),
    "kv": (math.log(1.3), 0.5),
    "attend": (0.0, 0.7),
    "layer": (math.log(2.0), 1.0),
    "expert-layer": (math.log(1.5), 0.8),
    "recurrent-layer": (0.5, 0.4),
    "vocab": (math.log(1.0), 1.0),
    "fixed": (math.log(1.0), 1.0),
    "matmul": (math.log(1 / 0.6), 0.5),
    "expert-matmul": (0.6, 0.25),
    "attention": (0.6, 0.3),
    "load": (0.0, 0.3),
    "batch": (math.log(10.0), 0.8),
    "expert-batch": (math.log(10.0), 0.8),
    "recurrent-batch": (math.log(10.0), 0.8),
    "prompt-fixed": (math.log(1.0), 1.0),
    "matmul/log-width": (-0.1, 0.2),
    "expert-matmul/log-tokens": (-0.35, 0.15),
    "bandwidth/cpu-log": (0.1, 0.2),
    "matmul/cpu-log": (-0.5, 0.5),
    "matmul/float": (0.0, 0.3),
    "matmul/k-quant": (0.2, 0.2),
    "matmul/log-flops": (0.0, 0.02),
    "matmul/shared-power": (0.4, 0.15),
}
SPREADS: tuple[tuple[str, float], ...] = (
    # prior standard deviations of the shrunk effects, by what they start with; the first match counts
    ("bandwidth/backend", 0.15),
    ("bandwidth/engine", 0.12),
    ("bandwidth/generation", 0.06),
    ("bandwidth/llamafile", 0.3),
    ("launch/backend", 0.8),
    ("launch/engine", 0.4),
    ("launch/generation", 0.15),
    ("launch/llamafile", 0.4),
    ("unpack/backend", 0.4),
    ("unpack/engine", 0.3),
    ("unpack/generation", 0.5),
    ("unpack/llamafile", 0.3),
    ("expert/backend", 0.2),
    ("kv/backend", 0.4),
    ("fixed/engine", 0.5),
    ("decode-total/engine", 0.1),
    ("decode-total/device", 0.1),
    ("matmul/backend", 0.6),
    ("matmul/engine", 0.25),
    ("matmul/generation", 0.12),
    ("matmul/llamafile", 0.4),
    ("matmul/float-backend", 0.3),
    ("matmul/k-quant-backend", 0.15),
    ("expert-matmul/backend", 0.3),
    ("attention/backend", 0.4),
    ("batch/", 0.4),
    ("prompt-fixed/engine", 0.5),
    ("prefill-total/engine", 0.15),
    ("prefill-total/device", 0.12),
)


def _prior(name: str) -> tuple[float, float]:
    if name in START:
        return START[name]
    return 0.0, next((sd for prefix, sd in SPREADS if name.startswith(prefix)), 0.2)


@dataclass(slots=True)
class Design:
    """Cells as matrices: `amounts` (cells × terms), `patterns` (terms × cells × effects), `outer` (cells × effects)."""

    names: list[str]
    amounts: Array
    patterns: Array
    outer: Array
    log_s: Array
    noise: float


def _terms(cell: Cell) -> tuple[tuple[tuple[str, float, Effects], ...], Effects, float]:
    part = cell.inputs.parts[0]
    outer = outer_effects(cell.kind, part.rig)
    if cell.kind == "decode":
        return decode_terms(part.rig, part.load), outer, 1.0 / cell.tok_s
    return prefill_terms(part.rig, part.load, float(cell.n_prompt)), outer, cell.n_prompt / cell.tok_s


def design(cells: Sequence[Cell]) -> Design:
    """Return the design matrices of cells of one kind."""
    rows = [_terms(cell) for cell in cells]
    names = sorted(
        {name for terms, outer, _ in rows for effects in (*(term[2] for term in terms), outer) for name, _ in effects}
    )
    index = {name: i for i, name in enumerate(names)}
    n_term = len(rows[0][0])
    amounts = np.array([[float(term[1]) for term in terms] for terms, _, _ in rows])
    patterns = np.zeros((n_term, len(rows), len(names)))
    outer = np.zeros((len(rows), len(names)))
    for i, (terms, outer_row, _) in enumerate(rows):
        for k, (_, _, effects) in enumerate(terms):
            for name, value in effects:
                patterns[k, i, index[name]] += value
        for name, value in outer_row:
            outer[i, index[name]] += value
    return Design(names, amounts, patterns, outer, np.log([seconds for _, _, seconds in rows]), NOISE[cells[0].kind])


def _evaluate(theta: Array, d: Design) -> tuple[Array, Array]:
    """Predicted log seconds and their Jacobian."""
    parts = d.amounts * np.exp(np.einsum("kip,p->ik", d.patterns, theta, optimize=True))
    total = parts.sum(axis=1)
    jacobian = np.einsum("ik,kip->ip", parts / total[:, None], d.patterns, optimize=True) + d.outer
    return np.log(total) + d.outer @ theta, jacobian


def take(d: Design, rows: NDArray[np.bool_]) -> Design:
    """Return the design of some of the cells."""
    return Design(d.names, d.amounts[rows], d.patterns[:, rows], d.outer[rows], d.log_s[rows], d.noise)


def predicted_log_s(d: Design, theta: Array) -> Array:
    """Log seconds the effects predict for each cell."""
    return _evaluate(theta, d)[0]


def fit_effects(d: Design, cell_weights: Array, *, n_steps: int = 30) -> Array:
    """Find the most probable effects, in the order of `d.names`, given a weight for each cell."""
    start = np.array([_prior(name)[0] for name in d.names])
    precision = np.array([_prior(name)[1] ** -2 for name in d.names])
    theta, damping = start.copy(), 1.0
    predicted, jacobian = _evaluate(theta, d)
    loss = _loss(theta, predicted, d, start, precision, cell_weights)
    for _ in range(n_steps):
        residual = predicted - d.log_s
        robust = cell_weights / np.sqrt(1 + (residual / d.noise) ** 2) / d.noise**2
        normal = (jacobian * robust[:, None]).T @ jacobian + np.diag(precision * (1 + 0.01 * damping))
        gradient = jacobian.T @ (robust * residual) + precision * (theta - start)
        candidate = theta - np.linalg.solve(normal, gradient) / (1 if damping < 10 else damping / 5)
        new_predicted, new_jacobian = _evaluate(candidate, d)
        new_loss = _loss(candidate, new_predicted, d, start, precision, cell_weights)
        if new_loss > loss:
            damping *= 4
            if damping > 1e4:
                break
            continue
        converged = loss - new_loss < 1e-4 * max(1.0, loss)
        theta, predicted, jacobian, loss = candidate, new_predicted, new_jacobian, new_loss
        damping = max(damping / 4, 1e-3)
        if converged:
            break
    return theta


def _loss(theta: Array, predicted: Array, d: Design, start: Array, precision: Array, cell_weights: Array) -> float:
    scaled = (predicted - d.log_s) / d.noise
    data = float(np.sum(cell_weights * 2 * (np.sqrt(1 + scaled**2) - 1)))
    return data + float(np.sum(precision * (theta - start) ** 2))


LLAMAFILE_WEIGHT = {"decode": 0.6, "prefill": 0.25}
"""What a LocalScore cell counts against a modern one: its engine is old, but it covers many more devices."""


def weights_of(cells: Sequence[Cell]) -> Array:
    """Weight of each cell: devices with many cells count less a cell, old engines less than modern ones."""
    per_device: dict[str, int] = {}
    for cell in cells:
        per_device[cell.device.id] = per_device.get(cell.device.id, 0) + 1
    out = [min(1.5, max(0.1, 3 / math.sqrt(per_device[cell.device.id]))) for cell in cells]
    return np.array([w if cell.modern else w * LLAMAFILE_WEIGHT[cell.kind] for w, cell in zip(out, cells, strict=True)])
