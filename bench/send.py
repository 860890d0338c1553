"""How fast an issue is sent: subscribers with machines of their own, composed, signed, accepted by a real SMTP sink.

Figures of one run: the whole way (`python -m digest send`, one process a core); a bare aiosmtplib loop that sends one
ready mail of the same size over as many connections from as many processes; and with `--flat` the cost of a mail as the
outbox grows, with a way out that throws mails away. Nothing is asserted. The sink is postfix's smtp-sink.

The two take turns, some seconds each (the senders are stopped by SIGSTOP meanwhile), so that a busier moment of the
machine is a busier moment of both; and the processor time of a mail is told of both, which others' load moves less.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice, product
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from digest.drafts import keep, make_draft
from digest.mailer import Envelope, Line, Outcome
from digest.outgoing import sender_of
from digest.settings import Settings
from knowledge.content_loader import load_content
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import Stores, open_stores
from knowledge.store.subscriber_rows import SavedRig
from knowledge.store.sync import sync

MONTH = "2026-04"
RAM_GIB = (16.0, 32.0, 64.0, 128.0)
SINK_BACKLOG = "512"
TURN_S = 10.0
"""The senders' turn; the bare loop's is --bare-s."""


def find_sink() -> str | None:
    """Find postfix's smtp-sink, which Debian puts where only root looks."""
    return shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


@contextmanager
def running_sink(program: str, *options: str) -> Iterator[int]:
    """Run smtp-sink on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen(
        [program, *as_user, *options, f"127.0.0.1:{port}", SINK_BACKLOG],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 10
        while not _is_open(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield port
    finally:
        sink.terminate()
        sink.wait(10)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def environment(folder: Path, port: int | None, connections: int) -> dict[str, str]:
    """Settings of a sender that signs with fresh keys and sends to the sink."""
    made: dict[str, RSAPrivateKey | Ed25519PrivateKey] = {
        "s1": generate_private_key(public_exponent=65537, key_size=2048),
        "s2": Ed25519PrivateKey.generate(),
    }
    for name, key in made.items():
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pem)
    smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"} if port else {}
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "RUNLOCALAI_DATA": str(folder),
        "DIGEST_FROM": "RUNLOCALAI <digest@example.org>",
        "DIGEST_SECRET": "a secret of the bench 0123456789 long enough",
        "DIGEST_DKIM_KEYS": ",".join(f"{name}={folder / name}.pem" for name in made),
        "SMTP_CONNECTIONS": str(connections),
        **smtp,
    }


def rigs(stores: Stores, count: int) -> list[SavedRig]:
    """Distinct machines out of the catalogue."""
    names = sorted(device.name for device in stores.knowledge().devices.values() if device.memory_bytes)
    made = [SavedRig(name=name, ram_gib=ram) for ram, name in product(RAM_GIB, names)]
    return list(islice(made, count))


def fill(stores: Stores, n_subscribers: int, machines: Sequence[SavedRig]) -> None:
    """Add confirmed subscribers, each with one of the machines."""
    spread = random.Random(4)  # noqa: S311 - spreads machines over readers
    now = datetime.now(UTC)
    for start in range(0, n_subscribers, 10_000):
        rows = [
            {
                "address": f"reader{at}@example{at % 97}.org",
                "address_key": f"reader{at}@example{at % 97}.org",
                "domain": f"example{at % 97}.org",
                "rig": spread.choice(machines) if machines else None,
            }
            for at in range(start, min(start + 10_000, n_subscribers))
        ]
        stores.subscribers.add_many(rows, now=now)


def make_issue(stores: Stores) -> int:
    """Draft and store the issue of a real month as `digest preview` does, and return the size of its HTML."""
    draft = make_draft(stores, Settings.from_env({}), MONTH)
    keep(stores, draft, now=datetime.now(UTC))
    return len(draft.rendered.html.encode())


def peak_bytes(pids: Sequence[int]) -> int:
    """Return the memory processes have at this moment, together."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
    return total


@dataclass(slots=True)
class Turns:
    """What taking turns came to: the senders' own seconds, the bare loop's mails a second, both's processor time."""

    seconds: float = 0.0
    peak: int = 0
    bare: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    bare_cpu_s: float = 0.0


def send_in_turns(env: Mapping[str, str], workers: int, turn_s: float, bare: Callable[[], float]) -> Turns:
    """Run the senders until the issue is sent; every `turn_s` they are stopped, and `bare` runs."""
    turns, began = Turns(), _children_s()
    command = [sys.executable, "-m", "digest", "send", "--month", MONTH, "--json"]
    running = [subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL) for _ in range(workers)]
    try:
        while any(process.poll() is None for process in running):
            start = time.perf_counter()
            while time.perf_counter() < start + turn_s and any(process.poll() is None for process in running):
                turns.peak = max(turns.peak, peak_bytes([process.pid for process in running]))
                time.sleep(0.1)
            _signal(running, signal.SIGSTOP)
            turns.seconds += time.perf_counter() - start
            before = _children_s()
            turns.bare.append(bare())
            turns.bare_cpu_s += _children_s() - before
            _signal(running, signal.SIGCONT)
    finally:
        for sign in (signal.SIGCONT, signal.SIGTERM):
            _signal(running, sign)
        for process in running:
            process.wait()
    if any(process.returncode for process in running):
        raise SystemExit("a sender failed")
    turns.cpu_s = _children_s() - began - turns.bare_cpu_s
    return turns


def _signal(running: Sequence[subprocess.Popen[bytes]], sign: signal.Signals) -> None:
    for process in running:
        if process.poll() is None:
            process.send_signal(sign)


def _children_s() -> float:
    """Return the processor time of all processes that ended and were waited for."""
    times = os.times()
    return times.children_user + times.children_system


BARE = """
import asyncio, sys, time, aiosmtplib
port, connections, seconds, size = map(int, sys.argv[1:])
mail = (b"Subject: x\\r\\n\\r\\n" + b"x" * 74 + b"\\r\\n") + (b"y" * 74 + b"\\r\\n") * (size // 76)
count = 0
async def line(end):
    global count
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
    await client.connect()
    while time.monotonic() < end:
        await client.sendmail("a@example.org", ["b@example.org"], mail)
        count += 1
    await client.quit()
async def main():
    end = time.monotonic() + seconds
    await asyncio.gather(*(line(end) for _ in range(connections)))
asyncio.run(main())
print(count / seconds)
"""
"""The loop everybody writes: connections that wait for each answer, one mail made beforehand."""


def bare_loop(port: int, workers: int, connections: int, size: int, seconds: int) -> float:
    """Return the mails a second of the bare loop."""
    command = [sys.executable, "-c", BARE, *map(str, (port, connections, seconds, size))]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    return sum(float(process.communicate()[0]) for process in running)


class Nowhere:
    """A way out that throws mails away: what is left is the cost of claiming, composing and committing."""

    lines = 8

    async def open(self) -> Line:
        """Open nothing."""
        return _NoLine()


class _NoLine:
    usable = True

    async def send(self, envelope: Envelope, mail: bytes) -> Outcome:
        await asyncio.sleep(0)
        return Outcome(kind="accepted", code=250, text=f"{len(mail)} bytes to {envelope.recipient}")

    async def close(self) -> None:
        """Close nothing."""


def flat(sizes: Sequence[int], timed: int) -> dict[str, dict[str, float]]:
    """Time the same number of mails out of outboxes of growing size; composed but not signed."""
    table = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-send-") as name:
            folder = Path(name)
            env = environment(folder, None, 8)
            del env["DIGEST_DKIM_KEYS"]
            stores = open_stores(env["DATABASE_URL"])
            text = "A short issue.\n" * 40
            row = IssueRow(month=MONTH, status="draft", subject="Short", html=f"<p>{text}</p>", text=text)
            stores.digest.save_issue(row, now=datetime.now(UTC))
            fill(stores, size, [])
            start = time.perf_counter()
            now = datetime.now(UTC)
            stores.runs.approve(MONTH, send_at=now, now=now)
            approved_s = time.perf_counter() - start
            sender = sender_of(stores, Settings.from_env(env), folder, mailer=Nowhere())
            took_s, n_sent = asyncio.run(_timed(sender, min(timed, size) if timed else size))
            stores.close()
            table[f"{size:,} rows"] = {
                "approve_s": round(approved_s, 2),
                "n_sent": n_sent,
                "mails_per_s": round(n_sent / took_s),
                "us_per_mail": round(took_s / n_sent * 1e6, 1),
            }
    return table


async def _timed(sender: object, n: int) -> tuple[float, int]:
    from digest.send import Sender

    assert isinstance(sender, Sender)
    start, done = time.perf_counter(), 0
    while done < n:
        report = await sender.batch(MONTH)
        if not report.n_claimed:
            break
        done += report.counts["accepted"]
    took_s = time.perf_counter() - start
    await sender.close()
    return took_s, done


def measure(
    program: str, n_subscribers: int, n_rigs: int, workers: int, connections: int, bare_s: int
) -> dict[str, object]:
    """Send once and return the figures."""
    with tempfile.TemporaryDirectory(prefix="bench-send-") as name, running_sink(program) as port:
        folder = Path(name)
        env = environment(folder, port, connections)
        stores = open_stores(env["DATABASE_URL"])
        sync(stores.engine, load_content())
        html_bytes = make_issue(stores)
        machines = rigs(stores, n_rigs)
        fill(stores, n_subscribers, machines)
        now = datetime.now(UTC)
        stores.runs.approve(MONTH, send_at=now, now=now)
        bare = partial(bare_loop, port, workers, connections, 82_000, bare_s)
        turns = send_in_turns(env, workers, TURN_S, bare)
        counts = stores.runs.counts(MONTH)
        stores.close()
    rate, bare_rate = n_subscribers / turns.seconds, statistics.fmean(turns.bare)
    return {
        "subscribers": n_subscribers,
        "rigs": len(machines),
        "workers": workers,
        "connections": connections * workers,
        "html_bytes": html_bytes,
        "counts": counts,
        "turns": len(turns.bare),
        "seconds": round(turns.seconds, 1),
        "mails_per_s": round(rate, 1),
        "bare_mails_per_s": round(bare_rate, 1),
        "bare_slowest_fastest": [round(min(turns.bare), 1), round(max(turns.bare), 1)],
        "share_of_bare": round(rate / bare_rate, 3),
        "cpu_us_per_mail": round(turns.cpu_s / n_subscribers * 1e6),
        "bare_cpu_us_per_mail": round(turns.bare_cpu_s / (sum(turns.bare) * bare_s) * 1e6),
        "peak_mib": round(turns.peak / 2**20),
        "minutes_for_100000": round(100_000 / rate / 60, 2),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description="time a whole issue's sending")
    parser.add_argument("--subscribers", type=int, default=20_000)
    parser.add_argument("--rigs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--bare-s", type=int, default=5, help="seconds of the bare loop's turns")
    parser.add_argument("--flat", type=int, nargs="*", default=(), metavar="ROWS", help="outboxes of these sizes")
    parser.add_argument("--flat-timed", type=int, default=20_000, metavar="N", help="mails timed of each; 0: all")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    table: dict[str, object] = {}
    program = find_sink()
    if program is None:
        table["send"] = "smtp-sink is not installed"
    elif args.subscribers:
        table["send"] = measure(program, args.subscribers, args.rigs, args.workers, args.connections, args.bare_s)
    if args.flat:
        table["flat"] = flat(args.flat, args.flat_timed)
    print(json.dumps(table) if args.json else json.dumps(table, indent=1))
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
