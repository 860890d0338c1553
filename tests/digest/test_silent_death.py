"""Sources that die with status 200, on real snapshots: an alarm within one poll, and none while they are well."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect import collect
from digest.fetch import Fetcher, FetchPolicy
from digest.health import complaints
from digest.keeping import SourceReport
from knowledge.net import GuardedClient
from knowledge.store.digest_store import DigestStore
from tests.digest.conftest import source
from tests.fakes.feed_server import FeedServer, Page, feed_server

pytestmark = pytest.mark.truth

ENTRY = re.compile(rb"\s*<entry>.*?</entry>", re.DOTALL)


@dataclass
class Watched:
    """One source watched over time: what it serves, when, and how it stands afterwards."""

    store: DigestStore
    server: FeedServer
    client: GuardedClient
    now: datetime = field(default_factory=lambda: datetime(2025, 1, 1, tzinfo=UTC))

    async def poll(self, body: bytes, now: datetime) -> tuple[SourceReport, list[str]]:
        """Serve `body` at `now`; return the report and the codes of what then alarms."""
        self.now = now
        feed = source("ollama", f"{self.server.base_url}/feed")
        self.server.pages["/feed"] = Page(body, content_type="application/atom+xml")
        policy = FetchPolicy(per_host_delay_s=0.0, attempts=1)
        fetcher = Fetcher(self.client, policy=policy, now=lambda: now, jitter=random.Random(1))  # noqa: S311 - spread
        report = await collect([feed], store=self.store, fetcher=fetcher, now=lambda: now)
        state, dates = self.store.sources()["ollama"], self.store.entry_dates().get("ollama", [])
        return report.sources[0], [item.code for item in complaints(feed, state, dates, now) if item.alarm]


@pytest.fixture
async def watched(store: DigestStore) -> AsyncIterator[Watched]:
    async with feed_server({}) as server, GuardedClient(user_agent="tests", allow_loopback=True) as client:
        yield Watched(store, server, client)


def snapshots(truth: Path) -> list[tuple[datetime, bytes]]:
    """Return the library's documents with the day each was published, in order."""
    files = sorted((truth / "feeds" / "real_ollama_atom").glob("ollama_library_*.xml"))
    return [
        (datetime.fromisoformat(file.stem.rpartition("_")[2]).replace(hour=7, tzinfo=UTC), file.read_bytes())
        for file in files
    ]


def first_entries(body: bytes, count: int) -> bytes:
    """Return the document with its first `count` entries only."""
    entries = ENTRY.findall(body)
    head, tail = body[: body.index(entries[0])], body[body.rindex(entries[-1]) + len(entries[-1]) :]
    return head + b"".join(entries[:count]) + tail


async def test_the_healthy_snapshots_alarm_nobody(truth_dir: Path, watched: Watched) -> None:
    found = snapshots(truth_dir)
    assert len(found) >= 4
    for now, body in found:
        for hours in (0, 24, 48):  # and the same document on the two days after
            report, alarms = await watched.poll(body, now + timedelta(hours=hours))
            assert (report.warnings, alarms) == ((), []), now


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (lambda body: first_entries(body, 20), "shrunk"),
        (lambda body: first_entries(body, 0), "empty"),
        (lambda _: b"<!DOCTYPE html><html><body>Welcome</body></html>", "failing"),
        (lambda body: body[: len(body) // 2], "failing"),
        (lambda _: b"", "failing"),
    ],
    ids=["a tenth", "none", "a page", "half", "nothing"],
)
async def test_a_death_alarms_within_one_poll(spoilt: object, code: str, truth_dir: Path, watched: Watched) -> None:
    assert callable(spoilt)
    found = snapshots(truth_dir)
    for now, body in found:
        await watched.poll(body, now)
    day, body = found[-1]
    fresh = re.sub(rb"<updated>[^<]*</updated>", b"<updated>2026-01-06T06:40:00+00:00</updated>", spoilt(body), count=1)
    _, alarms = await watched.poll(fresh, day + timedelta(days=1))
    assert alarms == [code]


async def test_no_news_for_four_usual_gaps_alarms(truth_dir: Path, watched: Watched) -> None:
    day, body = snapshots(truth_dir)[-1]
    quiet: dict[int, list[str]] = {}
    for days in range(60):
        _, quiet[days] = await watched.poll(body, day + timedelta(days=days))
    first = min(days for days, alarms in quiet.items() if alarms)
    assert quiet[first] == ["silent"]
    assert 7 <= first <= 45


@pytest.mark.parametrize(("whole", "shrunk"), [("feed_ollama", "2025-02-07"), ("feed_xainews", "2025-10-21")])
async def test_a_vendor_feed_that_really_shrank(whole: str, shrunk: str, truth_dir: Path, watched: Watched) -> None:
    folder, now = truth_dir / "feeds" / "real_vendor_rss", datetime(2026, 6, 1, tzinfo=UTC)
    await watched.poll((folder / f"{whole}.xml").read_bytes(), now)
    report, alarms = await watched.poll(
        (folder / f"{whole}_{shrunk}_SHRUNK.xml").read_bytes(), now + timedelta(hours=6)
    )
    assert "shrunk" in alarms
    assert report.warnings
