"""Refits the speed model's constants: `python -m knowledge.evaluate.fit_speed --truth DIR [--write]`.

Fits decode and prefill on every usable cell, takes the interval's widths from cells predicted with device and family
left out, and writes calibration.json. Deterministic: same rows and catalogue, same file. Judging is `evaluate.speed`'s
part.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.content_loader import load_content
from knowledge.estimator.device import generation
from knowledge.estimator.speed_calibration import CALIBRATION_PATH
from knowledge.evaluate.speed_fit import Array, design, fit_effects, weights_of
from knowledge.evaluate.speed_rows import Cell, read_rows
from knowledge.evaluate.speed_splits import after_one_measurement, family_unseen_residuals, unseen

SEEDS = (0, 1, 2)
SOURCE = "fitted to 2024–2026 community measurements (speed.csv); structure and priors in docs/estimator_speed.md"
TAIL, TAIL_PER_DEVICE, LEAST_TAIL = 0.11, 0.5, 0.03
"""Share of known cells left outside on each side: a tenth, less what quantiles of few devices miss of new ones. Cells
come in clumps, a device each, so it is devices that are exchangeable, and of n of them the next is outside the
outermost but 1 / (n + 1) of the time (as in conformal prediction)."""
PLAIN_TAIL = 0.075
"""The same where residuals are not told apart by device."""
_FOR_THE_FIT = re.compile(r"-total/device:|/llamafile:|engine:llamafile|llama.cpp-20")
SMALLEST = 0.005
"""Effects of less than half a percent are left out of the file, as are those only the fit's own rows need."""
MIN_CELLS = 25
"""Fewer cells than this do not give a quantile of their own; the whole kind's is taken."""

_MEANING = {
    "bandwidth": "share of peak bandwidth reached (log; positive is slower)",
    "stream": "time of weights read, over bytes / peak bandwidth",
    "expert": "routed experts' bytes, against dense ones",
    "unpack": "work to unpack weights, in shader operations a weight",
    "unpack-cpu": "time of CPU cores beyond reading, over operations / rate",
    "kv": "keys and values read, against weights",
    "launch": "time a layer's kernels take whatever their size",
    "layer": "launch time a layer, in 10 µs",
    "expert-layer": "additional launch time of an expert layer, in 10 µs",
    "recurrent-layer": "additional launch time of a recurrent layer, in 10 µs",
    "vocab": "logits and sampling, in ns an entry",
    "fixed": "per token whatever the model, in 0.1 ms",
    "matmul": "time of matrix products, over operations / peak rate",
    "expert-matmul": "routed experts' products, against dense ones",
    "attention": "attention's products, against weights'",
    "load": "weights read once a batch",
    "kv-pass": "keys and values read again for every 32 queries, over bytes / peak bandwidth",
    "batch": "launch time a layer and batch, in 10 µs",
    "expert-batch": "additional launch time of an expert layer and batch, in 10 µs",
    "prompt-fixed": "per prompt, in ms",
    "decode-total": "the whole decode time, by engine",
    "prefill-total": "the whole prefill time, by engine",
}


def _grouped(kind: str, names: Sequence[str], theta: Array, date: str) -> dict[str, Any]:
    """The effects to keep: no device's own, which are of the person and the site as much as of the silicon.

    On 36 pairs of a device and an engine that other engines had measured there, a device's factor from those made the
    estimate no better (13.0 % off in the mean; 12.8 without), and with it a card came out slower than one that has less
    of everything. What one person's own machine measured is told apart by `speed_learn`.
    """
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    for name, value in zip(names, theta.tolist(), strict=True):
        if abs(value) >= SMALLEST and not _FOR_THE_FIT.search(name):
            groups[name.partition("/")[0]][name] = round(value, 4)
    return {
        f"{kind}: {group}": {"meaning": _MEANING.get(group, group), "source": SOURCE, "date": date, "values": values}
        for group, values in sorted(groups.items())
    }


def quantiles(residuals: Array, devices: Sequence[str] | None = None) -> tuple[float, float]:
    """Return the 80 % interval of log(measured speed / predicted) from log time residuals.

    `devices` names the device of each column (of each value, where there is one row): a cell then weighs one over the
    root of its device's cells, so that one device measured in every file type does not speak for its class.
    """
    known = np.isfinite(residuals)
    if devices is None:
        values = -residuals[known]
        return round(float(np.quantile(values, PLAIN_TAIL)), 3), round(float(np.quantile(values, 1 - PLAIN_TAIL)), 3)
    names = np.broadcast_to(np.array(devices), residuals.shape)[known]
    _, which, counts = np.unique(names, return_inverse=True, return_counts=True)
    tail = max(LEAST_TAIL, TAIL - TAIL_PER_DEVICE / len(counts))
    weights = np.asarray(counts[which] ** -0.5, dtype=np.float64)
    return _weighted(-residuals[known], weights, tail), _weighted(-residuals[known], weights, 1 - tail)


def _weighted(values: Array, weights: Array, share: float) -> float:
    """Return the value below which `share` of the weight lies."""
    order = np.argsort(values)
    below = np.cumsum(weights[order]) - 0.5 * weights[order]
    return round(float(np.interp(share, below / weights.sum(), values[order])), 3)


def _spread(cells: Sequence[Cell], residuals: Array) -> dict[str, tuple[float, float]]:
    classes = np.array([cell.cell_class for cell in cells])
    devices = np.array([cell.device.id for cell in cells])
    everything = quantiles(residuals, devices.tolist())
    out = {}
    for name in ("cpu", "moe", "small", "dense-medium", "dense-large"):
        own = residuals[:, classes == name]
        enough = np.isfinite(own[0]).sum() >= MIN_CELLS if own.size else False
        out[name] = quantiles(own, devices[classes == name].tolist()) if enough else everything
    low, high = everything
    out["offload"] = (round(1.3 * low, 3), round(1.3 * high, 3))
    return out


def fit_all(cells: Sequence[Cell], date: str) -> dict[str, Any]:
    """Return the whole content of calibration.json."""
    effects: dict[str, Any] = {}
    spread: dict[str, dict[str, tuple[float, float]]] = {}
    seen: dict[str, set[str]] = defaultdict(set)
    seen_factor = 0.7
    for kind in ("decode", "prefill"):
        own = [cell for cell in cells if cell.kind == kind]
        d = design(own)
        effects |= _grouped(kind, d.names, fit_effects(d, weights_of(own)), date)
        judged = [unseen(own, seed, d=d) for seed in SEEDS]
        left_out = np.array([residuals for residuals, _ in judged])
        spread[kind] = _spread(own, left_out)
        if kind == "decode":
            near = np.array([family_unseen_residuals(own, seed, d=d) for seed in SEEDS])
            seen_factor = round(min(1.0, _width(near) / _width(left_out)), 3)
            told = [one for row in judged for one in after_one_measurement(own, *row)]
            spread[kind]["measured"] = quantiles(np.concatenate([one.other_models for one in told]))
        else:
            spread[kind]["measured"] = spread[kind]["dense-large"]
        for cell in own:
            if cell.modern and not cell.device.id.startswith("cpu:"):
                seen[cell.device.id].add(cell.family)
                seen[f"generation:{generation(cell.device)}"].add(cell.family)
    return {
        "effects": effects,
        "spread": spread,
        "seen": {name: sorted(families) for name, families in sorted(seen.items())},
        "seen_factor": seen_factor,
    }


def _width(residuals: Array) -> float:
    low, high = quantiles(residuals)
    return high - low


def as_text(data: dict[str, Any]) -> str:
    """Return the file's text: one constant a line, lists on one line."""
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text)


def main(argv: Sequence[str] | None = None) -> int:
    """Refit and, with --write, replace calibration.json."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.evaluate.fit_speed", description=__doc__)
    parser.add_argument("--truth", type=Path, required=True, help="folder with speed.csv")
    parser.add_argument("--date", default="2026-11-24", help="date written beside the constants")
    parser.add_argument("--write", action="store_true", help="replace calibration.json instead of printing")
    args = parser.parse_args(argv)
    content = load_content()
    rows = read_rows(args.truth / "speed.csv", {m.id: m for m in content.models}, {d.id: d for d in content.devices})
    text = as_text(fit_all(rows.cells, args.date))
    if args.write:
        CALIBRATION_PATH.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
