"""How long ranking takes: the catalogue compiled once, then every model × file type × context on a rig, and 'best'.

Also checks random cells against their single answers and says how many differ: a fast figure that is another figure is
worth nothing. Times are of one core in this process; none is asserted.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from bench.peer import command, serving
from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Model
from knowledge.content_loader import load_knowledge
from knowledge.estimator.cells import STANDARD_CONTEXTS, STANDARD_QUANTS, Cells
from knowledge.estimator.cells_rank import NO, OPEN, CellFigures, rank_cells, request_of
from knowledge.estimator.cells_rigs import AskedRig, rank_rigs
from knowledge.estimator.fit import estimate
from knowledge.estimator.rank import RANK_QUANTS, RankTable, rank
from knowledge.estimator.request import DeviceAsk
from knowledge.units import GIB

RIGS = (
    ("RTX 3060 12GB", 32),
    ("RTX 4090", 64),
    ("2x RTX 3090", 64),
    ("M4 Max 64GB", None),
    ("Strix Halo 128GB", None),
    ("Ryzen 9 7950X", 64),
)

RAM_GIB = (0, 8, 12, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 320, 384, 512)

Row = dict[str, float]


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """The middle of `rounds`, after one that warms up."""
    work()
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return round(sorted(took)[len(took) // 2] * 1e3, 2)


def differing(figures: CellFigures, count: int, seed: int) -> int:
    """How many of `count` random cells are not their single answer: tier, bytes to the byte, speed to 1e-9."""
    at = np.argwhere(figures.tier >= NO)
    wrong = 0
    for row in np.random.default_rng(seed).permutation(len(at))[:count]:
        model, quant, context = (int(index) for index in at[row])
        figure = figures.figure(model, quant, context)
        answer = estimate(request_of(figures.cells, (model, quant, context), figures.devices, figures.ram_bytes))
        speed = answer.decode_tok_s.mid if answer.decode_tok_s else math.nan
        same = (figure.fit_tier, figure.total_bytes, figure.host_bytes) == (
            answer.fit_tier,
            answer.memory.total_bytes,
            answer.memory.host_total_bytes,
        )
        close = math.isclose(figure.decode_tok_s or math.nan, speed, rel_tol=1e-9)
        wrong += not (same and (close or (figure.decode_tok_s is None and math.isnan(speed))))
    return wrong


def measure(n_models: int, n_checked: int, rounds: int) -> dict[str, Row]:
    """The whole table; `n_models` 0 takes all."""
    answers = Answers(load_knowledge())
    models = [model for model in answers.knowledge.models.values() if model.shape][: n_models or None]
    start = time.perf_counter()
    cells = Cells.build(models, STANDARD_QUANTS, STANDARD_CONTEXTS)
    compiled_s = time.perf_counter() - start
    table: dict[str, Row] = {
        "compile": {"cells": cells.n_cells, "models": len(cells.models), "layouts": len(cells.shapes), "s": compiled_s}
    }
    for seed, (on, ram_gib) in enumerate(RIGS):
        table[on] = _on_rig(cells, answers.device_asks([HardwareAsk(name=on)]), ram_gib, (n_checked, seed), rounds)
    table |= _best(answers, models, rounds)
    table["many rigs"] = _many_rigs(answers, models, rounds)
    return table | _peer(rounds)


def _peer(rounds: int) -> dict[str, Row]:
    """The peer's ranking of its own list, one file type and context a model; empty where it is not installed."""
    program = command()
    if program is None:
        return {}
    with serving(program) as server:
        return {"peer: its own list": {"models": server.ranking(), "ms": milliseconds(server.ranking, rounds)}}


def _many_rigs(answers: Answers, models: Sequence[Model], rounds: int) -> Row:
    """The newest models on every accelerator with every size of RAM."""
    newest = sorted(models, key=lambda model: model.release_date or "", reverse=True)[:200]
    cells = Cells.build(newest, RANK_QUANTS, (8192,))
    devices = [device for device in answers.knowledge.devices.values() if device.kind != "cpu"]
    rams = [None if gib == 0 else gib * GIB for gib in RAM_GIB]
    rigs: list[AskedRig] = [((DeviceAsk(device=device),), ram) for ram in rams for device in devices]
    rigs = rigs[:10_000]
    took = milliseconds(lambda: rank_rigs(cells, rigs), rounds)
    return {"rigs": len(rigs), "cells": len(rigs) * cells.n_cells, "ms": took}


def _on_rig(
    cells: Cells, devices: Sequence[DeviceAsk], ram_gib: int | None, check: tuple[int, int], rounds: int
) -> Row:
    ram_bytes = None if ram_gib is None else ram_gib * GIB
    figures = rank_cells(cells, devices, ram_bytes)
    return {
        "ms": milliseconds(lambda: rank_cells(cells, devices, ram_bytes), rounds),
        "open": int((figures.tier == OPEN).sum()),
        "checked": min(check[0] // len(RIGS), int((figures.tier >= NO).sum())),
        "differ": differing(figures, check[0] // len(RIGS), check[1]),
    }


def _best(answers: Answers, models: Sequence[Model], rounds: int) -> dict[str, Row]:
    devices = answers.device_asks([HardwareAsk(name=RIGS[0][0])])
    start = time.perf_counter()
    ranking = RankTable.build(models, (8192,))
    compiled_s = time.perf_counter() - start
    return {
        "best, compile": {"s": compiled_s},
        "best, compiled": {"ms": milliseconds(lambda: ranking.rank(devices, ram_bytes=32 * GIB), rounds)},
        "best, searched, warm": {"ms": milliseconds(lambda: rank(models, devices, ram_bytes=32 * GIB), rounds)},
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, as JSON with --json. The exit code says whether any checked cell differed."""
    parser = argparse.ArgumentParser(description="time ranking a catalogue for a rig")
    parser.add_argument("--models", type=int, default=0, help="the first so many (default: all)")
    parser.add_argument("--check", type=int, default=100_000, help="random cells held against their single answers")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    table = measure(args.models, args.check, args.rounds)
    if args.json:
        print(json.dumps(table))
    else:
        for name, row in table.items():
            print(f"{name:24}" + "  ".join(f"{key} {round(value, 2):>9}" for key, value in row.items()))
    return int(any(row.get("differ", 0) for row in table.values()))


if __name__ == "__main__":
    sys.exit(main())
