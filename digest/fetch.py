"""Fetches sources politely: conditional requests, one at a time per host, few retries. A failure is a result.

A host that asks to be left alone is left alone for all its sources (`postponed`). It parses nothing and stores
nothing. Randomness (jitter), sleeping and the clock come in from outside.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from digest.sources import Source
from knowledge.errors import FetchRefused
from knowledge.net import Fetched, GuardedClient

Outcome = Literal["fetched", "not_modified", "failed", "postponed"]

_ACCEPT: Final = {
    "json_api": "application/json",
    "html": "text/html, application/xhtml+xml;q=0.9",
}
_ACCEPT_FEED: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
)
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_FINAL: Final = frozenset({"refused", "too_big", "redirects", "damaged"})
_LONGEST_RETRY_AFTER_S: Final = 7 * 86400
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the last good answer gave to ask with next time, and where it said the source has moved for good."""

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """How hard to try. All times are in seconds."""

    concurrency: int = 16
    per_host_delay_s: float = 1.0
    attempts: int = 2
    backoff_s: float = 2.0
    longest_wait_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """What came of fetching one source.

    `retry_after_s` is set where the server asked to be left alone so long, `fresh_for_s` where it said how long its
    answer stays fresh. `error_code`: gone, http_status, or FetchRefused's reason.
    """

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
    fresh_for_s: float = 0.0


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
        self._left_alone: dict[str, datetime] = {}

    async def fetch(
        self, source: Source, known: Validators, *, headers: Mapping[str, str] | None = None
    ) -> FetchResult:
        """Fetch one source, waiting for its host's turn. `headers` go with the request besides the usual ones."""
        host = host_of(known.url or source.url)
        async with self._hosts[host]:
            if (until := self._left_alone.get(host)) is not None and (wait_s := self._until_s(until)) > 0:
                return FetchResult(source=source, outcome="postponed", url=source.url, retry_after_s=wait_s)
            if host in self._visited and host not in self._absent and self._policy.per_host_delay_s:
                await self._sleep(self._policy.per_host_delay_s * self._jitter.uniform(0.8, 1.6))
            async with self._slots:
                if host in self._absent:  # no connection a moment ago: ask once, without pause or second try
                    return await self._once(source, known, headers or {})
                self._visited.add(host)
                result = await self._attempts(source, known, headers or {})
            if result.error_code in {"unreachable", "timeout"}:
                self._absent.add(host)
            if result.retry_after_s and result.status in {403, 429}:
                self._left_alone[host] = self._now() + timedelta(seconds=result.retry_after_s)
            return result

    def _until_s(self, moment: datetime) -> float:
        return (moment - self._now()).total_seconds()

    async def _attempts(self, source: Source, known: Validators, more: Mapping[str, str]) -> FetchResult:
        result = await self._once(source, known, more)
        for attempt in range(1, self._policy.attempts):
            if result.outcome != "failed" or not (result.status is None or result.status in _AGAIN):
                break
            wait_s = result.retry_after_s or self._policy.backoff_s * 2 ** (attempt - 1) * self._jitter.uniform(
                0.8, 1.6
            )
            if result.error_code in _FINAL or wait_s > self._policy.longest_wait_s:
                break
            await self._sleep(wait_s)
            result = await self._once(source, known, more)
        return result

    async def _once(self, source: Source, known: Validators, more: Mapping[str, str]) -> FetchResult:
        url = known.url or source.url
        headers = {"Accept": _ACCEPT.get(source.kind, _ACCEPT_FEED), **more}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        try:
            answer = await self._client.get(url, headers)
        except FetchRefused as error:
            return FetchResult(source=source, outcome="failed", url=url, error_code=error.reason, error=error.message)
        return self._judge(source, known, answer)

    def _judge(self, source: Source, known: Validators, answer: Fetched) -> FetchResult:
        headers, url = answer.headers, answer.permanent_url or known.url
        if answer.status == 304:
            kept = Validators(
                etag=headers.get("etag", known.etag),
                last_modified=headers.get("last-modified", known.last_modified),
                url=url,
            )
            return FetchResult(
                source=source,
                outcome="not_modified",
                url=answer.url,
                status=304,
                validators=kept,
                fresh_for_s=self._fresh_for_s(headers),
            )
        if answer.status != 200:
            return FetchResult(
                source=source,
                outcome="failed",
                url=answer.url,
                status=answer.status,
                wire_bytes=answer.wire_bytes,
                error_code="gone" if answer.status in {404, 410} else "http_status",
                error=f"The server answered {answer.status}.",
                retry_after_s=self._retry_after_s(headers, answer.status),
            )
        return FetchResult(
            source=source,
            outcome="fetched",
            url=answer.url,
            status=200,
            body=answer.body,
            content_type=headers.get("content-type", ""),
            validators=Validators(etag=headers.get("etag"), last_modified=headers.get("last-modified"), url=url),
            wire_bytes=answer.wire_bytes,
            fresh_for_s=self._fresh_for_s(headers),
        )

    def _retry_after_s(self, headers: Mapping[str, str], status: int) -> float | None:
        """Return how long the server asks to be left alone: Retry-After, or the end of a spent allowance (GitHub)."""
        text = headers.get("retry-after", "").strip()
        if not text and status in {403, 429} and headers.get("x-ratelimit-remaining", "").strip() == "0":
            reset = headers.get("x-ratelimit-reset", "").strip()
            if _is_number(reset):
                wait_s = int(reset) - self._now().timestamp()
                return max(0.0, min(wait_s, float(_LONGEST_RETRY_AFTER_S)))
        if _is_number(text):
            return float(min(int(text), _LONGEST_RETRY_AFTER_S))
        wait = self._from_now_s(text)
        return None if wait is None else max(0.0, min(wait, float(_LONGEST_RETRY_AFTER_S)))

    def _fresh_for_s(self, headers: Mapping[str, str]) -> float:
        """Return how long the server says its answer stays fresh: Cache-Control, else Expires."""
        control = headers.get("cache-control", "")
        if "no-cache" in control.lower() or "no-store" in control.lower():
            return 0.0
        if found := _MAX_AGE.search(control):
            return float(found.group(1))
        return max(0.0, self._from_now_s(headers.get("expires", "")) or 0.0)

    def _from_now_s(self, text: str) -> float | None:
        """Return how far a header's date lies ahead (below 0: behind), None where it is no date."""
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return self._until_s(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def host_of(url: str) -> str:
    """Return the host politeness is counted by, with its port where it is not the usual one."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
