"""How long a collect of all sources takes, and what it costs when there is nothing new. Real HTTP on loopback.

Every source of the shipped list is played by one server, each host under an address of its own (127.0.0.2 and up), with
a fixed delay before each answer. The ideal is the slowest host's chain: its sources one after the other, no pause.
The second collect finds nothing new; its processor time is that of this process alone (the server runs in another).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest.collect import CollectReport, collect
from digest.fetch import Fetcher, FetchPolicy, host_of
from digest.settings import SOURCES_DIR
from digest.sources import Source, load_sources
from knowledge.net import GuardedClient
from knowledge.store.db import engine, upgrade
from knowledge.store.digest_store import DigestStore

LATENCY_S = 0.2


def on_loopback(sources: Sequence[Source], port: int) -> list[Source]:
    """Give every host of the sources a loopback address, and every source a path there."""
    hosts = {host: number for number, host in enumerate(sorted({host_of(source.url) for source in sources}), 2)}
    return [
        replace(source, url=f"http://127.0.0.{hosts[host_of(source.url)]}:{port}/{source.kind}/{source.id}")
        for source in sources
    ]


def chain_s(sources: Sequence[Source], latency_s: float) -> float:
    """How long the slowest host takes when its sources are asked one after the other."""
    return max(Counter(host_of(source.url) for source in sources).values()) * latency_s


async def timed(sources: Sequence[Source], store: DigestStore) -> tuple[CollectReport, float, float]:
    """Collect once; return the report, seconds by the clock and seconds of this process's processor time."""
    policy = FetchPolicy(per_host_delay_s=0.0)
    async with GuardedClient(user_agent="bench", allow_loopback=True) as client:
        fetcher = Fetcher(client, policy=policy, now=_now, jitter=random.Random(1))  # noqa: S311 - spread, not secrecy
        wall, cpu = time.perf_counter(), _cpu_s()
        report = await collect(sources, store=store, fetcher=fetcher, now=_now)
        return report, time.perf_counter() - wall, _cpu_s() - cpu


def measure(latency_s: float) -> dict[str, float | int]:
    """Run the server and two collects."""
    sources = load_sources(SOURCES_DIR)
    n_hosts = len({host_of(source.url) for source in sources})
    command = [sys.executable, "-m", "bench.feed_host", str(latency_s), str(n_hosts)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            played = on_loopback(sources, int(server.stdout.readline()))
            url = f"sqlite:///{Path(folder) / 'bench.db'}"
            upgrade(url)
            made = engine(url)
            store = DigestStore(made)
            first, first_s, first_cpu_s = asyncio.run(timed(played, store))
            second, second_s, second_cpu_s = asyncio.run(timed(played, store))
            made.dispose()
        finally:
            server.terminate()
    ideal_s = chain_s(sources, latency_s)
    return {
        "n_sources": len(sources),
        "n_hosts": n_hosts,
        "latency_s": latency_s,
        "slowest_chain_s": round(ideal_s, 2),
        "first_s": round(first_s, 2),
        "first_by_chain": round(first_s / ideal_s, 3) if ideal_s else 0.0,
        "first_cpu_s": round(first_cpu_s, 2),
        "n_new": first.total("n_new"),
        "n_failed": first.count("failed") + second.count("failed"),
        "second_s": round(second_s, 2),
        "second_by_chain": round(second_s / ideal_s, 3) if ideal_s else 0.0,
        "second_cpu_s": round(second_cpu_s, 2),
        "n_not_modified": second.count("not_modified"),
        "n_new_again": second.total("n_new") + second.total("n_changed"),
    }


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _now() -> datetime:
    return datetime.now(UTC)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=LATENCY_S, help="seconds before each answer")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    figures = measure(args.latency)
    if args.json:
        print(json.dumps(figures))
        return 0
    print(
        f"{figures['n_sources']} sources on {figures['n_hosts']} hosts, {figures['latency_s']} s latency; "
        f"slowest host chain {figures['slowest_chain_s']} s"
    )
    print(f"full collect: {figures['first_s']} s = {figures['first_by_chain']} of the chain, {figures['n_new']} new")
    print(f"nothing new:  {figures['second_s']} s, {figures['second_cpu_s']} s of processor time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
