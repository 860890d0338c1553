"""Measures which terms the matcher names for questions people asked. Reads rows, fits nothing, changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from knowledge.search.define import TermIndex


def evaluate_glossary(truth_dir: Path, index: TermIndex) -> dict[str, Any]:
    """Measure `define` on glossary_questions.jsonl: exact sets, at least one right, out of scope; and the misses."""
    rows = [
        json.loads(line) for line in (truth_dir / "glossary_questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    exact, some, refused, misses = [], [], [], []
    for row in rows:
        got = {hit.id for hit in index.define(row["text"])}
        expected = set(row["expected"])
        exact.append(got == expected)
        if expected:
            some.append(bool(got & expected))
        else:
            refused.append(not got)
        if got != expected:
            misses.append({"id": row["id"], "got": sorted(got), "expected": sorted(expected)})
    return {
        "rows": len(rows),
        "exact": _share(exact),
        "at_least_one": _share(some),
        "out_of_scope_refused": _share(refused),
        "misses": misses,
    }


def _share(outcomes: list[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0
