"""Kills senders at random moments and counts what arrived: nothing may be lost, and what came twice is counted.

Real processes (`python -m digest send`), a real SMTP server on loopback that notes each mail at its 250, a real store
of either kind. A mail can come twice only where a worker died between the server's 250 and its own commit: at most one
for every connection it had open, with the same Message-ID. That is checked kill by kill: each worker tells the server
a name of its own, so that of every copy too many it is known who sent it and over which connection.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.send import MONTH, environment, fill
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import Stores, open_stores
from tests.fakes.postgres import database_of, find_binaries, running_server

CONNECTIONS = 4
LEASE_S = 3
LIMIT_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One configuration: how many mails, workers and kills."""

    url: str
    n_mails: int
    n_workers: int
    n_kills: int
    seed: int = 1


@contextmanager
def recording_sink(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str], Path]]:
    """Run the tests' own sink as a process; its report is written when it is asked to end."""
    report = folder / "sink.json"
    sink = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.smtp_sink", str(report)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert sink.stdout is not None
        yield int(sink.stdout.readline()), sink, report
    finally:
        if sink.poll() is None:
            sink.terminate()
        sink.communicate(timeout=30)


def prepare(plan: Plan) -> Stores:
    """Make subscribers and an approved issue."""
    stores = open_stores(plan.url)
    text = "A line of an issue that is sent while workers die.\n" * 100
    row = IssueRow(month=MONTH, status="draft", subject="Chaos", html=f"<pre>{text}</pre>", text=text)
    stores.digest.save_issue(row, now=datetime.now(UTC))
    fill(stores, plan.n_mails, [])
    now = datetime.now(UTC)
    stores.runs.approve(MONTH, send_at=now, now=now)
    return stores


def worker(env: Mapping[str, str], name: str) -> subprocess.Popen[bytes]:
    """Start a sender that tells the server its name."""
    command = [sys.executable, "-m", "digest", "send", "--month", MONTH, "--json"]
    return subprocess.Popen(command, env={**os.environ, **env, "SMTP_HELLO": name}, stdout=subprocess.DEVNULL)


def run_with_kills(plan: Plan, env: Mapping[str, str]) -> list[str]:
    """Keep `n_workers` running, killing one at random moments; let them finish. Returns the names of the killed."""
    dice = random.Random(plan.seed)  # noqa: S311 - moments, not secrets
    names = [f"w{number}.chaos.example" for number in range(plan.n_workers + plan.n_kills)]
    working = names[: plan.n_workers]
    running = [worker(env, name) for name in working]
    killed: list[str] = []
    deadline = time.monotonic() + LIMIT_S
    try:
        while len(killed) < plan.n_kills:
            time.sleep(dice.uniform(0.6, 3.0) / plan.n_workers)
            victim = dice.randrange(plan.n_workers)
            if running[victim].poll() is not None:  # it ended by itself: the run is over
                break
            running[victim].send_signal(signal.SIGKILL)
            running[victim].wait()
            killed.append(working[victim])
            working[victim] = names[plan.n_workers + len(killed) - 1]
            running[victim] = worker(env, working[victim])
        for process in running:
            process.wait(max(1.0, deadline - time.monotonic()))
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    return killed


def copies_too_many(
    accepted: Sequence[tuple[str, str]], by: Sequence[tuple[str, int]], killed: Collection[str]
) -> dict[str, int]:
    """Say who sent the copies too many. Of a reader's copies only the last was committed; each before it is a death's.

    `unexplained`: copies of workers that were never killed; `worst_kill`: the most that one kill left; `worst_line`:
    the most over one connection.
    """
    copies: dict[str, list[int]] = {}
    for at, (_, to) in enumerate(accepted):
        copies.setdefault(to, []).append(at)
    lost = [by[at] for found in copies.values() for at in found[:-1]]
    kills, lines = Counter(name for name, _ in lost), Counter(lost)
    return {
        "unexplained": sum(count for name, count in kills.items() if name not in killed),
        "worst_kill": max(kills.values(), default=0),
        "worst_line": max(lines.values(), default=0),
    }


def chaos(plan: Plan) -> dict[str, object]:
    """Run one configuration and count."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-send-") as name:
        folder = Path(name)
        with recording_sink(folder) as (port, sink, report):
            env = environment(folder, port, CONNECTIONS) | {"DATABASE_URL": plan.url, "DIGEST_LEASE_S": str(LEASE_S)}
            stores = prepare(plan)
            killed = run_with_kills(plan, env)
            counts, run = stores.runs.counts(MONTH), stores.runs.run(MONTH)
            stores.close()
            sink.terminate()
            sink.wait(30)
            seen = json.loads(report.read_text())
            accepted = [(str(mail_id), str(to)) for mail_id, to in seen["accepted"]]
            by = [(str(name), int(line)) for name, line in seen["by"]]
    per_reader = Counter(to for _, to in accepted)
    ids: dict[str, set[str]] = {}
    for mail_id, to in accepted:
        ids.setdefault(to, set()).add(mail_id)
    return {
        "store": plan.url.partition(":")[0],
        "workers": plan.n_workers,
        "mails": plan.n_mails,
        "kills": len(killed),
        "lost": plan.n_mails - len(per_reader),
        "twice": len(accepted) - len(per_reader),
        "twice_allowed_a_kill": CONNECTIONS,
        **copies_too_many(accepted, by, killed),
        "ids_differ": sum(len(found) > 1 for found in ids.values()),
        "ids_shared": len(per_reader) - len({mail_id for mail_id, _ in accepted}),
        "run": run.state if run else "gone",
        "counts": counts,
        "seconds": round(time.monotonic() - start, 1),
    }


@contextmanager
def store_urls() -> Iterator[dict[str, str]]:
    """Give a way to fresh stores: SQLite always, PostgreSQL where its binaries are."""
    with tempfile.TemporaryDirectory(prefix="chaos-store-") as name:
        urls = {"sqlite": f"sqlite:///{name}/chaos-%d.db"}
        binaries = find_binaries()
        if binaries is None:
            yield urls
            return
        with running_server(binaries) as server:
            yield urls | {"postgresql": server}


def main(argv: Sequence[str] | None = None) -> int:
    """Run every configuration; exit 1 where one lost a mail or had too many twice."""
    parser = argparse.ArgumentParser(description="kill senders at random moments")
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=26, help="in each of the four configurations")
    parser.add_argument("--workers", type=int, nargs="*", default=(1, 3))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    results = []
    with store_urls() as urls:
        for backend, url in urls.items():
            for n_workers in args.workers:
                made = database_of(url, f"chaos_{n_workers}") if backend == "postgresql" else url % n_workers
                plan = Plan(
                    url=made, n_mails=args.mails, n_workers=n_workers, n_kills=args.kills, seed=args.seed + n_workers
                )
                results.append(chaos(plan))
                if not args.json:
                    print(json.dumps(results[-1]), flush=True)
    if args.json:
        print(json.dumps(results))
    return int(any(not sound(result) for result in results))


def sound(result: Mapping[str, object]) -> bool:
    """Whether a result is as promised."""
    counts = [result[name] for name in ("worst_kill", "twice_allowed_a_kill", "worst_line")]
    worst, allowed, line = (int(str(count)) for count in counts)
    same = result["ids_differ"] == 0 and result["ids_shared"] == 0
    explained = result["unexplained"] == 0 and worst <= allowed and line <= 1
    return result["lost"] == 0 and explained and same and result["run"] == "done"


if __name__ == "__main__":
    sys.exit(main())
