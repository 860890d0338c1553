"""Fetches sources politely: conditional requests, one at a time per host, few retries. A failure is a result.

It parses nothing and stores nothing. Randomness (jitter), sleeping and the clock come in from outside.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from digest.sources import Source
from knowledge.errors import FetchRefused
from knowledge.net import Fetched, GuardedClient

Outcome = Literal["fetched", "not_modified", "failed"]

_ACCEPT: Final = {
    "json_api": "application/json",
    "html": "text/html, application/xhtml+xml;q=0.9",
}
_ACCEPT_FEED: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
)
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the last good answer gave to ask with next time, and where it said the source has moved for good."""

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """How hard to try. All times are in seconds."""

    concurrency: int = 8
    per_host_delay_s: float = 1.0
    attempts: int = 2
    backoff_s: float = 2.0
    longest_wait_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """What came of fetching one source. `retry_after_s` is set where the server asked for a longer wait."""

    source: Source
    outcome: Outcome
    url: str
    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    validators: Validators = Validators()
    wire_bytes: int = 0
    error_code: str | None = None
    error: str | None = None
    retry_after_s: float | None = None


class Fetcher:
    """Fetches many sources through one client."""

    def __init__(
        self,
        client: GuardedClient,
        *,
        policy: FetchPolicy,
        now: Callable[[], datetime],
        jitter: random.Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._policy = policy
        self._now = now
        self._jitter = jitter
        self._sleep = sleep
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._visited: set[str] = set()
        self._absent: set[str] = set()

    async def fetch(self, source: Source, known: Validators) -> FetchResult:
        """Fetch one source, waiting for its host's turn."""
        async with self._hosts[source.host], self._slots:
            if source.host in self._absent:  # no connection a moment ago: ask once, without pause or second try
                return await self._once(source, known)
            if source.host in self._visited and self._policy.per_host_delay_s:
                await self._sleep(self._policy.per_host_delay_s * self._jitter.uniform(0.8, 1.6))
            self._visited.add(source.host)
            result = await self._attempts(source, known)
            if result.error_code == "unreachable":
                self._absent.add(source.host)
            return result

    async def _attempts(self, source: Source, known: Validators) -> FetchResult:
        result = await self._once(source, known)
        for attempt in range(1, self._policy.attempts):
            if result.outcome != "failed" or not (result.status is None or result.status in _AGAIN):
                break
            wait_s = result.retry_after_s or self._policy.backoff_s * 2 ** (attempt - 1) * self._jitter.uniform(
                0.8, 1.6
            )
            if result.error_code == "refused" or wait_s > self._policy.longest_wait_s:
                break
            await self._sleep(wait_s)
            result = await self._once(source, known)
        return result

    async def _once(self, source: Source, known: Validators) -> FetchResult:
        url = known.url or source.url
        headers = {"Accept": _ACCEPT.get(source.kind, _ACCEPT_FEED)}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        try:
            answer = await self._client.get(url, headers)
        except FetchRefused as error:
            code = "refused" if "private network" in error.message or "Only http" in error.message else "unreachable"
            return FetchResult(source=source, outcome="failed", url=url, error_code=code, error=error.message)
        return self._judge(source, known, answer)

    def _judge(self, source: Source, known: Validators, answer: Fetched) -> FetchResult:
        if answer.status == 304:
            return FetchResult(source=source, outcome="not_modified", url=answer.url, status=304, validators=known)
        if answer.status != 200:
            return FetchResult(
                source=source,
                outcome="failed",
                url=answer.url,
                status=answer.status,
                wire_bytes=answer.wire_bytes,
                error_code="gone" if answer.status in {404, 410} else "http_status",
                error=f"The server answered {answer.status}.",
                retry_after_s=self._retry_after_s(answer.headers.get("retry-after")),
            )
        headers = answer.headers
        return FetchResult(
            source=source,
            outcome="fetched",
            url=answer.url,
            status=200,
            body=answer.body,
            content_type=headers.get("content-type", ""),
            validators=Validators(
                etag=headers.get("etag"),
                last_modified=headers.get("last-modified"),
                url=answer.permanent_url or known.url,
            ),
            wire_bytes=answer.wire_bytes,
        )

    def _retry_after_s(self, text: str | None) -> float | None:
        """Return how long the server asks to wait, from seconds or a date."""
        if not text:
            return None
        if text.strip().isdigit():
            return float(min(int(text), 7 * 86400))
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._now()).total_seconds())
