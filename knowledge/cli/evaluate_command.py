"""`evaluate`: prints the accuracy certificate, records it, and fails where a figure got worse than the recorded one.

The figures come from knowledge.evaluate; this module chooses, prints and compares them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from knowledge.answers import Answers
from knowledge.cli.store_commands import open_answers
from knowledge.cli.terminal import console
from knowledge.errors import BadInput
from knowledge.evaluate.asked import evaluate_asked
from knowledge.evaluate.errors import evaluate_errors
from knowledge.evaluate.glossary import evaluate_glossary
from knowledge.evaluate.memory import evaluate_memory
from knowledge.evaluate.questions import evaluate_questions
from knowledge.evaluate.speed import evaluate_speed

Report = Mapping[str, Any]

PARTS: dict[str, Callable[[Path, Answers], Report]] = {
    "memory": lambda truth, a: evaluate_memory(truth, a.knowledge.models),
    "speed": lambda truth, a: evaluate_speed(truth, a.knowledge.models, a.knowledge.devices),
    "questions": lambda truth, a: evaluate_questions(truth, a.names),
    "asked": lambda _truth, a: evaluate_asked(a),
    "glossary": lambda truth, a: evaluate_glossary(truth, a.term_index),
    "errors": lambda truth, a: evaluate_errors(truth, a.error_index),
}

TOLERANCE = 0.005
"""A figure may move this much (relative) before the gate calls it worse: rounding, not noise.

Nothing here is random.
"""


BETTER_HIGH = ("within", "share", "recall", "right", "exact", "f1", "first", "top", "at_least", "refused", "resolved")
BETTER_LOW = ("median", "mean", "worst", "p90", "false_alarm", "calibration_error", "pct")
"""Words in a figure's name that say which way is better; the first list is looked at first."""


def run_evaluate(args: argparse.Namespace) -> int:
    """Compute the parts asked for, print them, and gate or record them."""
    if not args.truth.is_dir():
        raise BadInput(
            f"{args.truth} is not a folder.", subject="--truth", hint="Give the folder with memory.csv, speed.csv, …."
        )
    names = [name.strip() for name in args.only.split(",") if name.strip()] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise BadInput(f"There is no part '{unknown[0]}'.", subject="--only", hint=f"One of {', '.join(PARTS)}.")
    answers = open_answers()
    report = {name: PARTS[name](args.truth, answers) for name in names}
    flat = flatten(report)
    if args.json:
        print(json.dumps(report, indent=2, ensure_ascii=False, default=str))
    else:
        _print(flat)
    if args.record:
        args.record.write_text(json.dumps(flat, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return _gate(flat, args.gate) if args.gate else 0


def flatten(report: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Every number of a nested report by its dotted path."""
    out: dict[str, float] = {}
    for key, value in report.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            out |= flatten(value, path + ".")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            out[path] = round(float(value), 5)
    return out


def worse(name: str, now: float, recorded: float) -> bool:
    """Whether a figure got worse. Names ending in a share, recall, f1 or `within` are better high.

    Errors better low; counts are not judged.
    """
    slack = TOLERANCE * max(abs(recorded), 0.01)
    last = name.rsplit(".", 1)[-1]
    if any(word in last for word in BETTER_HIGH):
        return now < recorded - slack
    if any(word in last for word in BETTER_LOW):
        return now > recorded + slack
    return False


def _gate(flat: Mapping[str, float], path: Path) -> int:
    recorded: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    faults = [
        f"{name}: {flat[name]} was {was}"
        for name, was in recorded.items()
        if name in flat and worse(name, flat[name], was)
    ]
    missing = [
        name for name in recorded if name not in flat and name.split(".")[0] in {key.split(".")[0] for key in flat}
    ]
    for fault in faults:
        print(f"worse: {fault}")
    for name in missing:
        print(f"no longer reported: {name}")
    return 1 if faults or missing else 0


def _print(flat: Mapping[str, float]) -> None:
    table = Table(title="Accuracy certificate", show_lines=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in flat.items():
        table.add_row(name, f"{value:g}")
    console().print(table)
