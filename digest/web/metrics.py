"""Figures for Prometheus: requests by page and status, letters, subscribers, alarms. Nothing about any person."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """One process's figures in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "digest_web_requests", "Requests answered", ("page", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "digest_web_seconds", "Seconds to answer", ("page",), registry=self._registry, buckets=_BUCKETS
        )
        self._letters = Gauge(
            "digest_web_letters", "Letters by kind and outcome", ("kind", "outcome"), registry=self._registry
        )
        self._waiting = Gauge("digest_web_letters_waiting", "Letters that wait to leave", registry=self._registry)
        self._subscribers = Gauge("digest_subscribers", "Subscribers by state", ("state",), registry=self._registry)
        self._alarms = Gauge("digest_alarms_open", "Open alarms of sending", registry=self._registry)

    def note(self, page: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        known = method if method in {"GET", "HEAD", "POST"} else "other"
        self._requests.labels(page, known, str(status)).inc()
        self._seconds.labels(page).observe(seconds)

    def text(
        self, *, letters: Mapping[tuple[str, str], int], waiting: int, subscribers: Mapping[str, int], alarms: int
    ) -> bytes:
        """Return all figures in Prometheus's text format."""
        for (kind, outcome), count in letters.items():
            self._letters.labels(kind, outcome).set(count)
        for state in ("pending", "confirmed", "unsubscribed", "suppressed"):
            self._subscribers.labels(state).set(subscribers.get(state, 0))
        self._waiting.set(waiting)
        self._alarms.set(alarms)
        return generate_latest(self._registry)
