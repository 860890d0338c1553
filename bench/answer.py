"""How long an answer takes in this process: text in, fit answer out, beside its own parts and, where installed, a peer.

Every figure of a run is taken in that run, so they compare; none is asserted. Random cells, each asked for the first
time, go in as lines of the batch protocol (parsed, estimated, written out; the contract's answer and the detailed one),
and as requests answered in whole (limits, best file type, command, changes) with their card; the peer's plan has no
such advice, so an answer without it stands beside. The peer is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import cycle, islice
from typing import TypeVar

from bench.peer import command, plan_by_process, serving
from bot import cards
from bot.say import ENGLISH, say_in
from knowledge.answers import Answers, HardwareAsk
from knowledge.cli.batch import run_batch
from knowledge.content_loader import load_knowledge
from knowledge.errors import KnowledgeError
from knowledge.estimator.cells import STANDARD_CONTEXTS, STANDARD_QUANTS
from knowledge.estimator.fit import case_of
from knowledge.estimator.request import ContextParams, FitRequest
from knowledge.units import GIB

Asked = TypeVar("Asked")

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


def timed(work: Callable[[Asked], object], texts: Iterable[Asked]) -> dict[str, float]:
    """Milliseconds: middle, 99th of a hundred, and answers a second on one core. What raises is not counted.

    `cpu_…` is of this thread's own time: what it is where no other process takes the core.
    """
    took: list[float] = []
    used: list[float] = []
    for text in texts:
        start, start_cpu = time.perf_counter(), time.thread_time()
        try:
            work(text)
        except KnowledgeError:
            continue
        used.append(time.thread_time() - start_cpu)
        took.append(time.perf_counter() - start)
    took.sort()
    used.sort()
    return {
        "n": len(took),
        "p50_ms": round(took[len(took) // 2] * 1e3, 3),
        "p99_ms": round(took[min(len(took) - 1, int(len(took) * 0.99))] * 1e3, 3),
        "cpu_p99_ms": round(used[min(len(used) - 1, int(len(used) * 0.99))] * 1e3, 3),
        "per_s": round(len(took) / sum(took)),
        "cpu_per_s": round(len(used) / sum(used)),
    }


def cells(answers: Answers, count: int, seed: int) -> list[FitRequest]:
    """Random cells of model, file type, device, RAM and context as requests; what cannot be asked is left out."""
    chance = random.Random(seed)  # noqa: S311 - picks questions, keeps no secret
    models = [model for model in answers.knowledge.models.values() if model.shape]
    devices = list(answers.knowledge.devices)
    made: list[FitRequest] = []
    while len(made) < count:
        on = HardwareAsk(name=chance.choice(devices), count=chance.choice((1, 1, 1, 1, 2)))
        model, quant, n_ctx = chance.choice(models), chance.choice(STANDARD_QUANTS), chance.choice(STANDARD_CONTEXTS)
        context = ContextParams(n_ctx=n_ctx)
        ram_gib = chance.choice((None, 16, 32, 64))
        with suppress(KnowledgeError):
            request = answers.request(model=model.id, hardware=[on], quant=quant, ram_gib=ram_gib, context=context)
            case_of(request)
            made.append(request)
    return made


def batch_lines(requests: Iterable[FitRequest], *, detailed: bool) -> list[str]:
    """Requests as lines of the batch protocol."""
    made: list[str] = []
    for number, request in enumerate(requests):
        line: dict[str, object] = {
            "id": str(number),
            "op": "estimate",
            "model": request.model.id,
            "quant": request.quant,
            "hardware": [{"name": ask.device.id, "count": ask.count} for ask in request.devices],
            "n_ctx": request.context.n_ctx,
            "detailed": detailed,
        }
        if request.ram_bytes is not None:
            line["ram_gib"] = request.ram_bytes / GIB
        made.append(json.dumps(line))
    return made


def answering(answers: Answers) -> Callable[[str], object]:
    """A line of the batch protocol to the line that answers it."""
    return lambda line: next(run_batch(answers, (line,)))


def with_card(answers: Answers, *, detailed: bool) -> Callable[[FitRequest], object]:
    """An answer and the card it is shown on."""
    say = say_in(ENGLISH)
    return lambda request: cards.fit_card(answers.estimate(request, detailed=detailed), say)


def peer(count: int) -> dict[str, dict[str, float]]:
    """The peer's answers to one question: a process each, and over its server; empty where it is not installed."""
    program = command()
    if program is None:
        return {}
    table = {"peer: a process each": timed(lambda _: plan_by_process(program), range(3))}
    with serving(program) as server:
        table["peer: over its REST server"] = timed(lambda _: server.plan(), range(count))
    return table


def measure(count: int, seed: int = 1) -> dict[str, dict[str, float]]:
    """The whole table."""
    start = time.perf_counter()
    answers = Answers(load_knowledge())
    answers.warm()
    ready_s = time.perf_counter() - start
    texts = questions(answers, count)
    table: dict[str, dict[str, float]] = {"content to ready": {"n": 1, "p50_ms": round(ready_s * 1e3, 1)}}
    table["ask, first time each"] = timed(answers.ask, texts)
    table["ask, asked before"] = timed(answers.ask, texts)
    table["random cells, nothing compiled"] = timed(with_card(answers, detailed=True), cells(answers, count, seed))
    start = time.perf_counter()
    answers.prepare()
    gc.collect()
    gc.freeze()
    table["compiling every model"] = {"n": 1, "p50_ms": round((time.perf_counter() - start) * 1e3, 1)}
    for name, detailed, at in (("batch line, never asked", False, 3), ("the same, detailed", True, 4)):
        lines = batch_lines(cells(answers, count, seed + at), detailed=detailed)
        gc.disable()  # as the command does: it collects between lines, every thousand
        table[name] = timed(answering(answers), lines)
        gc.enable()
    fresh, plain = cells(answers, count, seed + 1), cells(answers, count, seed + 2)
    table["random cells, compiled"] = timed(with_card(answers, detailed=True), fresh)
    table["the same without advice"] = timed(with_card(answers, detailed=False), plain)
    table["the same, asked before"] = timed(with_card(answers, detailed=True), fresh)
    table["parse alone"] = timed(answers.parse, texts)
    words = ["what is a kv cache", "wtf does q4_k_m mean", "moe vs dense"] * (count // 3 or 1)
    table["define alone"] = timed(answers.define, words)
    gc.unfreeze()
    return table | peer(count)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, as JSON with --json."""
    parser = argparse.ArgumentParser(description="time an answer in process")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1, help="of the random cells")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    table = measure(args.count, args.seed)
    if args.json:
        print(json.dumps(table))
        return 0
    for name, row in table.items():
        print(f"{name:32}" + "  ".join(f"{key} {value:>9}" for key, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
