"""How long an answer takes in this process: text in, fit answer out, beside its own parts and, where installed, a peer.

Every figure of a run is taken in that run, so they compare; none is asserted. The peer is the `llmfit` command
line (a process per answer, as its users have it); it is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

from knowledge.answers import Answers
from knowledge.content_loader import load_knowledge
from knowledge.errors import KnowledgeError

RIGS = ("RTX 3060 12GB", "RTX 4090", "2x RTX 3090", "M4 Max 64GB", "RX 7900 XTX", "RTX 4060 Ti 16GB")
QUANTS = ("Q4_K_M", "Q8_0", "Q6_K")
CONTEXTS = (4, 8, 16, 32)


def questions(answers: Answers, count: int) -> list[str]:
    """Different questions about the most downloaded models, in a fixed order."""
    models = [model for model in answers.knowledge.models.values() if model.shape and model.shape.n_ctx_train >= 32768]
    models.sort(key=lambda model: -model.downloads)
    parts = zip(cycle(models[:150]), cycle(QUANTS), cycle(RIGS), cycle(CONTEXTS), strict=False)
    return [
        f"will {model.name} {quant} run on a {rig} with 32gb ram at {n_ctx}k?"
        for model, quant, rig, n_ctx in islice(parts, count)
    ]


def timed(work: Callable[[str], object], texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds: middle, 99th of a hundred, and answers a second on one core."""
    took: list[float] = []
    for text in texts:
        start = time.perf_counter()
        try:
            work(text)
        except KnowledgeError:
            continue
        took.append(time.perf_counter() - start)
    took.sort()
    return {
        "n": len(took),
        "p50_ms": round(took[len(took) // 2] * 1e3, 3),
        "p99_ms": round(took[min(len(took) - 1, int(len(took) * 0.99))] * 1e3, 3),
        "per_s": round(len(took) / sum(took)),
    }


def peer(count: int = 3) -> dict[str, float] | None:
    """The peer's own answer to one question, a process each; None where it is not installed."""
    command = shutil.which("llmfit")
    if command is None:
        return None
    words = [
        command,
        "--json",
        "--memory",
        "24G",
        "--ram",
        "64G",
        "plan",
        "Qwen/Qwen3-8B",
        "--context",
        "8192",
        "--quant",
        "Q4_K_M",
    ]
    return timed(lambda _: subprocess.run(words, capture_output=True, check=True, timeout=30), [""] * count)


def measure(count: int) -> dict[str, dict[str, float]]:
    """The whole table."""
    start = time.perf_counter()
    answers = Answers(load_knowledge())
    answers.warm()
    ready_s = time.perf_counter() - start
    texts = questions(answers, count)
    table: dict[str, dict[str, float]] = {"content to ready": {"n": 1, "p50_ms": round(ready_s * 1e3, 1)}}
    table["ask, first time each"] = timed(answers.ask, texts)
    table["ask, asked before"] = timed(answers.ask, texts)
    table["parse alone"] = timed(answers.parse, texts)
    table["define alone"] = timed(
        answers.define, ["what is a kv cache", "wtf does q4_k_m mean", "moe vs dense"] * (count // 3 or 1)
    )
    found = peer()
    if found is not None:
        table["peer: llmfit plan, a process"] = found
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, as JSON with --json."""
    parser = argparse.ArgumentParser(description="time an answer in process")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    table = measure(args.count)
    if args.json:
        print(json.dumps(table))
        return 0
    for name, row in table.items():
        print(f"{name:32}" + "  ".join(f"{key} {value:>9}" for key, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
