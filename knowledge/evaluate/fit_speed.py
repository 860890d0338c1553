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
from collections.abc import Collection, Sequence
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
TAIL = {"decode": 0.075, "prefill": 0.045}
"""Share of known cells left outside on each side. Cells come in clumps, a device each, so quantiles of known devices
cover fewer cells of new ones than their share says: of devices that gave no quantile about 20 % stay outside."""
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
    "decode-total": "the whole decode time, by engine and measured device",
    "prefill-total": "the whole prefill time, by engine and measured device",
}


def _grouped(kind: str, names: Sequence[str], theta: Array, date: str, modern: Collection[str]) -> dict[str, Any]:
    """The effects to keep: of `modern` devices alone their own, since one old engine's row may be one person's trouble.

    (With them an RTX 4080 Super, known from LocalScore alone, was slower than an RTX 4080.)
    """
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    for name, value in zip(names, theta.tolist(), strict=True):
        device = name.partition("-total/device:")[2]
        unused = re.search(r"/llamafile:|engine:llamafile|llama.cpp-20", name) or (device and device not in modern)
        if abs(value) >= SMALLEST and not unused:
            groups[name.partition("/")[0]][name] = round(value, 4)
    return {
        f"{kind}: {group}": {"meaning": _MEANING.get(group, group), "source": SOURCE, "date": date, "values": values}
        for group, values in sorted(groups.items())
    }


def quantiles(residuals: Array, kind: str = "decode") -> tuple[float, float]:
    """Return the 80 % interval of log(measured speed / predicted) from log time residuals."""
    finite = residuals[np.isfinite(residuals)]
    return round(-float(np.quantile(finite, 1 - TAIL[kind])), 3), round(-float(np.quantile(finite, TAIL[kind])), 3)


def _spread(cells: Sequence[Cell], residuals: Array) -> dict[str, tuple[float, float]]:
    classes = np.array([cell.cell_class for cell in cells])
    everything = quantiles(residuals, cells[0].kind)
    out = {}
    for name in ("cpu", "moe", "small", "dense-medium", "dense-large"):
        own = residuals[:, classes == name]
        enough = np.isfinite(own[0]).sum() >= MIN_CELLS if own.size else False
        out[name] = quantiles(own, cells[0].kind) if enough else everything
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
        modern = {cell.device.id for cell in own if cell.modern and not cell.device.id.startswith("cpu:")}
        effects |= _grouped(kind, d.names, fit_effects(d, weights_of(own)), date, modern)
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
    parser.add_argument("--date", default="2026-11-23", help="date written beside the constants")
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
