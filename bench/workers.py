"""Several digest processes on one store: what happens when one is killed and one comes late, and how much two do.

Real processes (`python -m digest run`), a real SMTP server on loopback that notes each mail at its 250. Which process
sent a mail is told by its return path: each has a mailbox of its own for returned mails.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.chaos_send import CONNECTIONS, LEASE_S, LIMIT_S, Plan, copies_too_many, prepare, recording_sink, sound
from bench.send import MONTH, environment, find_sink, running_sink
from knowledge.store.stores import Stores
from tests.fakes.postgres import database_of, find_binaries, running_server

LATE_AT, KILL_AT = 0.15, 0.3
"""Shares of the mails at which the late process starts, and at which one is killed."""


def start(name: str, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a digest process that sends as NAME@example.org and collects nothing."""
    own = {"DIGEST_BOUNCES": f"{name}@example.org", "DIGEST_COLLECT_AT_START": "0"}
    with log.open("ab") as out:
        command = [sys.executable, "-m", "digest", "run"]
        return subprocess.Popen(command, env={**os.environ, **env, **own}, stdout=out, stderr=out)


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to stop, and make those that do not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(stores: Stores, n_accepted: int, limit_s: float = LIMIT_S) -> None:
    """Wait until so many mails are accepted; 0 means until the run is done."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if n_accepted and stores.runs.counts(MONTH).get("accepted", 0) >= n_accepted:
            return
        found = stores.runs.run(MONTH)
        if found is not None and found.state == "done":
            return
        time.sleep(0.1)
    raise TimeoutError(f"not sent within {limit_s:g} s: {stores.runs.counts(MONTH)}")


def crew(plan: Plan, how: signal.Signals = signal.SIGKILL) -> dict[str, object]:
    """Send with all but one of the workers, start the last late, end the first in mid-send; count at the sink.

    Asked to stop (SIGTERM) instead of killed, it ends its mails first, and none may come twice. With one worker (the
    embedded store's way) the late one takes over from it.
    """
    with tempfile.TemporaryDirectory(prefix="workers-") as name:
        folder = Path(name)
        with recording_sink(folder) as (port, sink, report):
            env = environment(folder, port, CONNECTIONS) | {"DATABASE_URL": plan.url, "DIGEST_LEASE_S": str(LEASE_S)}
            stores = prepare(plan)
            log = folder / "log"
            running = [start(f"w{at}", env, log) for at in range(max(1, plan.n_workers - 1))]
            try:
                if plan.n_workers > 1:
                    wait_until(stores, int(plan.n_mails * LATE_AT))
                    running.append(start("late", env, log))
                wait_until(stores, int(plan.n_mails * KILL_AT))
                running[0].send_signal(how)
                running[0].wait(40)
                if plan.n_workers == 1:
                    running.append(start("late", env, log))
                wait_until(stores, 0)
            finally:
                end(running)
            counts, run = stores.runs.counts(MONTH), stores.runs.run(MONTH)
            stores.close()
            sink.terminate()
            sink.wait(30)
            seen = json.loads(report.read_text())
    per_reader = Counter(to for _, to in seen["accepted"])
    ids = {tuple(pair) for pair in seen["accepted"]}
    names = [sender.partition("+")[0] for sender in seen["senders"]]
    by = [(name, line) for name, (_, line) in zip(names, seen["by"], strict=True)]
    return {
        "store": plan.url.partition(":")[0],
        "workers": plan.n_workers,
        "mails": plan.n_mails,
        "lost": plan.n_mails - len(per_reader),
        "twice": len(seen["accepted"]) - len(per_reader),
        "twice_allowed_a_kill": CONNECTIONS if how == signal.SIGKILL else 0,
        **copies_too_many(seen["accepted"], by, {"w0"} if how == signal.SIGKILL else set()),
        "ids_differ": len(ids) - len(per_reader),
        "ids_shared": len(per_reader) - len({mail_id for mail_id, _ in ids}),
        "sent_by": dict(Counter(names)),
        "run": run.state if run else "gone",
        "counts": counts,
    }


def throughput(url: str, n_mails: int, n_workers: int) -> float:
    """Mails a second by so many processes, while all of them are at it: the middle of a run."""
    program = find_sink()
    if program is None:
        raise FileNotFoundError("postfix's smtp-sink is not installed")
    with tempfile.TemporaryDirectory(prefix="workers-") as name, running_sink(program) as port:
        folder = Path(name)
        env = environment(folder, port, 10) | {"DATABASE_URL": url}
        stores = prepare(Plan(url=url, n_mails=n_mails, n_workers=n_workers, n_kills=0))
        running = [start(f"w{at}", env, folder / "log") for at in range(n_workers)]
        try:
            marks = []
            for share in (0.3, 0.9):
                wait_until(stores, int(n_mails * share))
                marks.append((time.monotonic(), stores.runs.counts(MONTH).get("accepted", 0)))
        finally:
            end(running)
        stores.close()
    (begun, before), (done, after) = marks
    return (after - before) / (done - begun)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the crew, then one worker against two; exit 1 where a mail was lost or too many came twice."""
    parser = argparse.ArgumentParser(description="several digest processes on one PostgreSQL store")
    parser.add_argument("--mails", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    binaries = find_binaries()
    if binaries is None:
        print("PostgreSQL's server binaries are not installed", file=sys.stderr)
        return 2
    with running_server(binaries) as server:
        plan = Plan(url=database_of(server, "crew"), n_mails=args.mails, n_workers=3, n_kills=1)
        result = crew(plan)
        rates: dict[int, list[float]] = {1: [], 2: []}
        for at in range(args.rounds):
            for n_workers, found in rates.items():
                url = database_of(server, f"rate_{n_workers}_{at}")
                found.append(round(throughput(url, args.mails, n_workers), 1))
    middle = {n_workers: sorted(found)[len(found) // 2] for n_workers, found in rates.items() if found}
    summary = {"crew": result, "mails_per_s": rates}
    if middle:
        summary["two_against_one"] = round(middle[2] / middle[1], 2)
    print(json.dumps(summary) if args.json else json.dumps(summary, indent=2))
    return int(not sound(result))


if __name__ == "__main__":
    sys.exit(main())
