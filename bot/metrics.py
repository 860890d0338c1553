"""What operators watch, as Prometheus metrics of this process alone. Nothing is decided by them.

Scraped at /metrics of the health port (bot.health). Names begin with `runlocalai_bot_`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter as Counts
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

ACK_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
LAG_BUCKETS_S: Final = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
PROBE_EVERY_S: Final = 0.05
STALL_S: Final = 0.05
SCHEDULED: Final = Path("/proc/thread-self/schedstat")
EVENTS: Final = ("errors", "failed completions", "malformed", "callback retried")
KINDS: Final = {2: "command", 3: "press", 4: "autocomplete", 5: "form"}


class _Events(Collector):
    """Counts as one counter by event."""

    def __init__(self, counts: Counts[str]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        found = CounterMetricFamily("runlocalai_bot_events", "Errors, malformed events, …", labels=["event"])
        for event, number in sorted(self._counts.items()):
            found.add_metric([event], number)
        yield found


class Metrics:
    """The metrics. `counts` are events by name, `worst_lag_s` the longest stall of the event loop since the start."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        name = "runlocalai_bot_"
        self._ack = Histogram(
            name + "ack_seconds", "From an interaction's arrival to Discord's receipt", ["kind"],
            buckets=ACK_BUCKETS_S, registry=registry,
        )  # fmt: skip
        self.acks = {kind: self._ack.labels(word) for kind, word in KINDS.items()}
        self._shed = Counter(name + "shed", "Interactions not answered in full, by reason", ["reason"],
                             registry=registry)  # fmt: skip
        self.counts: Counts[str] = Counts(dict.fromkeys(EVENTS, 0))
        registry.register(_Events(self.counts))
        self.lag = Histogram(name + "loop_lag_seconds", "How late the event loop woke a sleeper",
                             buckets=LAG_BUCKETS_S, registry=registry)  # fmt: skip
        self.stalls = Counter(name + "loop_stalls", "Stalls beyond 50 ms: own, or for want of a core",
                              ["cause"], registry=registry)  # fmt: skip
        for cause in ("own", "machine"):
            self.stalls.labels(cause)
        self.worst_lag = Gauge(name + "loop_lag_worst_seconds", "The longest stall since the start", registry=registry)
        self.in_hand = Gauge(name + "in_hand", "Interactions being answered or waiting", registry=registry)
        self.shards = Gauge(name + "shards_connected", "Shards with an open gateway connection", registry=registry)
        self.worst_lag_s = 0.0
        for reason in ("busy", "slow down", "expired", "dropped"):
            self._shed.labels(reason)

    def acked(self, kind: int, seconds: float) -> None:
        """An interaction of Discord's `kind` was answered after so long."""
        found = self.acks.get(kind)
        if found is not None:
            found.observe(seconds)

    def shed(self, reason: str) -> None:
        """An interaction was not answered in full."""
        self._shed.labels(reason).inc()

    def value(self, metric: str, **labels: str) -> float:
        """The value of a sample, 0 where there is none; for logs and tests."""
        return self.registry.get_sample_value(f"runlocalai_bot_{metric}", labels or None) or 0.0

    def text(self) -> bytes:
        """All of it in the text format Prometheus scrapes."""
        return generate_latest(self.registry)

    async def probe(self) -> None:
        """Measure for ever how late the event loop is."""
        while True:
            began, waited_s = time.perf_counter(), waited_for_a_core_s()
            await asyncio.sleep(PROBE_EVERY_S)
            late_s = max(time.perf_counter() - began - PROBE_EVERY_S, 0.0)
            self.lag.observe(late_s)
            if late_s > STALL_S:
                own_s = late_s - (waited_for_a_core_s() - waited_s)
                self.stalls.labels("own" if own_s > STALL_S else "machine").inc()
            if late_s > self.worst_lag_s:
                self.worst_lag_s = late_s
                self.worst_lag.set(late_s)


def waited_for_a_core_s() -> float:
    """How long this thread was ready to run and another ran in its place, in all; 0 where the system does not say."""
    try:
        return int(SCHEDULED.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
