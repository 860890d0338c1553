"""Fits the speed model's log effects to measured cells: damped Gauss-Newton with robust weights and Gaussian priors.

The model is `log(sum of amount × exp(effects)) + outer effects`, so the Jacobian is each term's share of the time times
its effect pattern. Priors do the shrinking: constants of a backend, generation, engine or device only leave their
parent's value as far as the rows insist. Only NumPy; reads and writes no files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.estimator.speed_prompts import prefill_terms
from knowledge.estimator.speed_terms import Effects, decode_terms, outer_effects
from knowledge.evaluate.speed_rows import Cell

Array = NDArray[np.float64]

NOISE = {"decode": 0.12, "prefill": 0.3}
"""Log noise of one cell: two people differ by 5 % (decode) and 8.5 % (prefill) in the median, two sites by 16 %."""

START: dict[str, tuple[float, float]] = {
    # physical starting values (log) and how far the rows may move them
    "stream": (math.log(1 / 0.85), 0.3),
    "expert": (0.0, 0.15),
    "unpack": (math.log(4.0), 1.0),
    "unpack-cpu": (0.0, 0.2),
    "kv": (math.log(1.3), 0.5),
    "attend": (0.0, 0.7),
    "layer": (math.log(2.0), 1.0),
    "launch/log-size": (-0.2, 0.05),
    "launch/two-dies": (0.0, 1.0),
    "expert-layer": (math.log(1.5), 0.8),
    "recurrent-layer": (0.5, 0.4),
    "vocab": (math.log(1.0), 1.0),
    "fixed": (math.log(1.0), 1.0),
    "matmul": (math.log(1 / 0.67), 0.35),
    "expert-matmul": (0.6, 0.25),
    "attention": (0.0, 0.3),
    "kv-pass": (0.0, 0.4),
    "kv-pass/backend:vulkan": (math.log(2.0), 0.5),
    "kv-pass/backend:rocm": (math.log(1.5), 0.5),
    "matmul/float-backend:vulkan": (0.6, 0.3),
    "load": (0.0, 0.3),
    "batch": (math.log(4.5), 0.6),
    "expert-batch": (math.log(10.0), 0.8),
    "recurrent-batch": (math.log(20.0), 0.6),
    "prompt-fixed": (math.log(1.0), 1.0),
    "matmul/log-width": (-0.1, 0.2),
    "expert-matmul/log-tokens": (-0.35, 0.15),
    "bandwidth/cpu-log": (0.05, 0.05),
    "matmul/backend:cpu": (0.7, 0.5),
    "matmul/cpu-work": (1.0, 0.2),
    "matmul/float": (0.0, 0.3),
    "matmul/k-quant": (0.2, 0.2),
    "matmul/log-flops": (0.0, 0.02),
    "matmul/shared-power": (0.4, 0.15),
    # CPU kernels are what it was forked for (its README; 5.05 against 2.70 tok/s on a Xeon E5-2683 v4, discussion 164)
    "unpack-cpu/cpu-engine:ik_llama.cpp": (-0.3, 0.3),
    "matmul/cpu-engine:ik_llama.cpp": (-0.4, 0.25),
    # Turing without tensor cores runs their instructions, slowly: 2.2 of 10 TFLOPS in a prompt (llama.cpp issue 15233);
    # builds of before 2025 also in decoding (three times slower since pull request 4682, a comment there)
    "matmul/generation:turing-gtx": (0.9, 0.3),
    "unpack/generation:turing-gtx": (0.0, 0.1),
    "unpack/llamafile:turing-gtx": (0.7, 1.0),
    # builds before AMD's matrix kernels were written anew are slower than today's
    "matmul/engine:llama.cpp-2025": (0.3, 0.5),
}
SPREADS: tuple[tuple[str, float], ...] = (
    # prior standard deviations of the shrunk effects, by what they start with; the first match counts
    ("bandwidth/backend", 0.15),
    ("bandwidth/engine", 0.12),
    ("bandwidth/cpu-engine", 0.12),
    ("bandwidth/generation", 0.03),
    ("bandwidth/llamafile", 0.3),
    ("launch/backend", 0.8),
    ("launch/engine", 0.4),
    ("launch/generation", 0.15),
    ("launch/llamafile", 0.4),
    ("unpack-cpu/", 0.3),
    ("unpack/backend", 0.4),
    ("unpack/engine", 0.3),
    ("unpack/generation", 0.6),
    ("unpack/llamafile", 0.3),
    ("expert/backend", 0.2),
    ("kv/backend", 0.4),
    ("fixed/engine", 0.5),
    ("decode-total/engine", 0.1),
    ("decode-total/cpu-engine", 0.1),
    ("decode-total/device", 0.1),
    ("matmul/backend", 0.6),
    ("matmul/engine:llama.cpp-20", 0.6),
    ("matmul/engine", 0.25),
    ("matmul/generation", 0.12),
    ("matmul/llamafile", 0.8),
    ("matmul/cpu-work-engine", 0.4),
    ("matmul/float-backend", 0.3),
    ("matmul/k-quant-backend", 0.15),
    ("expert-matmul/backend", 0.3),
    ("attention/backend", 0.4),
    ("kv-pass/backend", 0.6),
    ("batch/llamafile", 0.8),
    ("batch/", 0.4),
    ("prompt-fixed/engine", 0.5),
    ("prefill-total/engine", 0.15),
    ("prefill-total/cpu-engine", 0.15),
    ("prefill-total/device", 0.12),
)


def _prior(name: str) -> tuple[float, float]:
    if name in START:
        return START[name]
    return 0.0, next((sd for prefix, sd in SPREADS if name.startswith(prefix)), 0.2)


@dataclass(frozen=True, slots=True)
class Block:
    """One term over all cells: its amount in seconds, and the pattern of the few effects (`columns`) it carries."""

    amount: Array
    columns: NDArray[np.int_]
    pattern: Array


@dataclass(frozen=True, slots=True)
class Design:
    """Cells as matrices: a block a term, and the effects on the whole time (whose amounts are one)."""

    names: list[str]
    terms: tuple[Block, ...]
    outer: Block
    log_s: Array
    noise: float


def _terms(cell: Cell) -> tuple[tuple[tuple[str, float, Effects], ...], Effects, float]:
    part = cell.inputs.parts[0]
    outer = outer_effects(cell.kind, part.rig)
    if cell.kind == "decode":
        return decode_terms(part.rig, part.load), outer, 1.0 / cell.tok_s
    terms = prefill_terms(part.rig, part.load, float(cell.n_prompt), cell.inputs.n_ubatch)
    return terms, outer, cell.n_prompt / cell.tok_s


def design(cells: Sequence[Cell]) -> Design:
    """Return the design matrices of cells of one kind."""
    rows = [_terms(cell) for cell in cells]
    names = sorted(
        {name for terms, outer, _ in rows for effects in (*(term[2] for term in terms), outer) for name, _ in effects}
    )
    index = {name: i for i, name in enumerate(names)}
    terms = tuple(
        _block([float(row[0][k][1]) for row in rows], [row[0][k][2] for row in rows], index)
        for k in range(len(rows[0][0]))
    )
    outer = _block([1.0] * len(rows), [row[1] for row in rows], index)
    return Design(names, terms, outer, np.log([seconds for _, _, seconds in rows]), NOISE[cells[0].kind])


def _block(amounts: Sequence[float], effects: Sequence[Effects], index: Mapping[str, int]) -> Block:
    used = sorted({index[name] for row in effects for name, _ in row})
    at = {column: i for i, column in enumerate(used)}
    pattern = np.zeros((len(effects), len(used)))
    for i, row in enumerate(effects):
        for name, value in row:
            pattern[i, at[index[name]]] += value
    return Block(np.array(amounts), np.array(used, dtype=np.int_), pattern)


def _evaluate(theta: Array, d: Design) -> tuple[Array, Array]:
    """Predicted log seconds and their Jacobian."""
    parts = [term.amount * np.exp(term.pattern @ theta[term.columns]) for term in d.terms]
    total = np.sum(parts, axis=0)
    jacobian = np.zeros((len(total), len(d.names)))
    for term, seconds in zip(d.terms, parts, strict=True):
        jacobian[:, term.columns] += (seconds / total)[:, None] * term.pattern
    jacobian[:, d.outer.columns] += d.outer.pattern
    return np.log(total) + d.outer.pattern @ theta[d.outer.columns], jacobian


def take(d: Design, rows: NDArray[np.bool_]) -> Design:
    """Return the design of some of the cells."""
    terms = tuple(Block(term.amount[rows], term.columns, term.pattern[rows]) for term in d.terms)
    outer = Block(d.outer.amount[rows], d.outer.columns, d.outer.pattern[rows])
    return Design(d.names, terms, outer, d.log_s[rows], d.noise)


def predicted_log_s(d: Design, theta: Array) -> Array:
    """Log seconds the effects predict for each cell."""
    return _evaluate(theta, d)[0]


def term_shares(d: Design, theta: Array) -> Array:
    """Each term's share of the predicted time (cells × terms)."""
    parts = np.array([term.amount * np.exp(term.pattern @ theta[term.columns]) for term in d.terms]).T
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


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

FEW_THREADS = 4
FEW_THREADS_WEIGHT = 0.1
"""What a cell of few threads counts: two CPUs' sweeps over many file types, which are most of the CPU cells."""


def weights_of(cells: Sequence[Cell]) -> Array:
    """Weight of each cell: devices with many cells count less a cell, old engines less than modern ones."""
    per_device: dict[str, int] = {}
    for cell in cells:
        per_device[cell.device.id] = per_device.get(cell.device.id, 0) + 1
    return np.array([min(1.5, max(0.1, 3 / math.sqrt(per_device[c.device.id]))) * _trust(c) for c in cells])


def _trust(cell: Cell) -> float:
    if cell.n_threads is not None and cell.n_threads <= FEW_THREADS:
        return FEW_THREADS_WEIGHT
    return 1.0 if cell.modern else LLAMAFILE_WEIGHT[cell.kind]
