"""Politeness and completeness over time: who is asked when, what a server's wishes do, and what a gap does."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import pytest

from digest.collect import CatchUp, CollectReport, collect
from digest.fetch import Fetcher, FetchPolicy
from digest.health import complaints
from digest.sources import Source
from knowledge.net import GuardedClient
from knowledge.store.digest_store import DigestStore
from tests.digest.conftest import NOW, source
from tests.fakes.feed_server import FeedServer, Page, feed_server


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def polite(clock: Clock) -> AsyncIterator[Callable[[], Fetcher]]:
    """Give makers of fetchers that share one client: one for each collect, as the command makes them."""
    policy = FetchPolicy(per_host_delay_s=0.0, backoff_s=0.0)
    async with GuardedClient(user_agent="tests", allow_loopback=True, timeout_s=10) as client:
        yield lambda: Fetcher(client, policy=policy, now=clock, jitter=random.Random(1))  # noqa: S311 - spread


def releases(newest: int, count: int = 10, *, hours: float = 12, until: datetime = NOW) -> bytes:
    """Return a releases feed: numbers `newest` downwards, so many hours apart."""
    entries = "".join(
        f"<entry><id>tag:github.com,2008:Repository/1/b{n}</id><title>b{n}</title>"
        f"<link href='https://github.com/o/engine/releases/tag/b{n}'/>"
        f"<updated>{until - timedelta(hours=hours * (newest - n)):%Y-%m-%dT%H:%M:%SZ}</updated></entry>"
        for n in range(newest, newest - count, -1)
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{entries}</feed>".encode()


def blog(extra: str = "", until: datetime = NOW) -> bytes:
    items = "".join(
        f"<item><title>Post {n}</title><guid isPermaLink='false'>{n}</guid>"
        f"<pubDate>{until - timedelta(days=7 * n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n in range(8)
    )
    return f"<rss version='2.0'><channel><title>t</title>{extra}{items}</channel></rss>".encode()


async def test_a_schedule_asks_when_due_and_a_person_whenever(
    store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async def run(*, due_only: bool) -> str:
        report = await collect(sources, store=store, fetcher=polite(), now=clock, due_only=due_only)
        return report.sources[0].outcome

    async with feed_server({"/blog": Page(blog())}) as server:
        sources = [source("blog", f"{server.base_url}/blog")]
        outcomes = [await run(due_only=True), await run(due_only=True), await run(due_only=False)]
        clock.later(hours=5, minutes=59)
        outcomes.append(await run(due_only=True))
        clock.later(minutes=2)
        outcomes.append(await run(due_only=True))
    assert outcomes == ["new", "not_due", "not_modified", "not_due", "not_modified"]


@pytest.mark.parametrize(
    ("page", "hours"),
    [
        (Page(blog()), 6),
        (Page(blog("<ttl>600</ttl>")), 10),
        (Page(blog(), headers={"Cache-Control": "public, max-age=28800"}), 8),
        (Page(blog(), headers={"Cache-Control": "no-cache, max-age=28800"}), 6),
        (Page(blog(), headers={"Expires": "Tue, 05 May 2026 15:00:00 GMT"}), 9),
        (Page(blog(), headers={"Expires": "0"}), 6),
        (Page(blog("<skipHours><hour>12</hour></skipHours>")), 7),
        (Page(releases(100, hours=0.5)), 2.25),
        (Page(releases(100, hours=0.5), headers={"Cache-Control": "max-age=86400"}), 2.25),
    ],
    ids=["usual", "ttl", "max-age", "no-cache", "expires", "expired", "skipHours", "busy", "busy and cached"],
)
async def test_when_the_schedule_comes_again(
    page: Page, hours: float, store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({"/feed": page}) as server:
        await collect([source("feed", f"{server.base_url}/feed")], store=store, fetcher=polite(), now=clock)
    due = store.sources()["feed"].next_fetch_at
    assert due is not None
    assert due - NOW == timedelta(hours=hours)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1800"},
        {"Retry-After": "Tue, 05 May 2026 06:30:00 GMT"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 1800)},
    ],
    ids=["seconds", "date", "allowance"],
)
async def test_a_host_that_asks_to_be_left_alone_is_by_all_its_sources(
    headers: dict[str, str], store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    pages = {f"/{n}": Page(status=429, headers=headers) for n in range(4)}
    async with feed_server(pages) as server:
        sources = [source(str(n), f"{server.base_url}/{n}") for n in range(4)]
        first = await collect(sources, store=store, fetcher=polite(), now=clock)
        assert len(server.requests) == 1
        clock.later(minutes=29)
        second = await collect(sources, store=store, fetcher=polite(), now=clock)
        assert len(server.requests) == 1
        clock.later(minutes=2)
        for page in server.pages.values():
            page.status, page.body, page.headers = 200, blog(), {}
        third = await collect(sources, store=store, fetcher=polite(), now=clock)
    assert [(report.count("failed"), report.count("postponed")) for report in (first, second, third)] == [
        (1, 3),
        (0, 0),
        (0, 0),
    ]
    assert (second.count("not_due"), third.count("new")) == (4, 4)
    assert all(state.failure_count == 0 for state in store.sources().values())


async def test_an_address_edited_in_its_file_starts_anew(
    store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    pages = {"/old": Page(status=301, headers={"Location": "/moved"}), "/moved": Page(blog()), "/new": Page(blog())}
    async with feed_server(pages) as server:
        old, new = (source("one", f"{server.base_url}/{name}") for name in ("old", "new"))
        await collect([old], store=store, fetcher=polite(), now=clock)
        await collect([old], store=store, fetcher=polite(), now=clock)
        report = await collect([new], store=store, fetcher=polite(), now=clock)
    assert [path for path, _ in server.requests] == ["/old", "/moved", "/moved", "/new"]
    assert report.sources[0].outcome == "nothing_new"
    assert store.sources()["one"].url == new.url


async def test_a_long_failure_does_not_outlast_a_busy_feed(
    store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({"/feed": Page(releases(100, hours=0.5))}) as server:
        feeds = [source("feed", f"{server.base_url}/feed")]
        await collect(feeds, store=store, fetcher=polite(), now=clock)
        server.pages["/feed"].status = 500
        for _ in range(8):
            clock.later(hours=3)
            await collect(feeds, store=store, fetcher=polite(), now=clock)
    state = store.sources()["feed"]
    assert state.failure_count == 8
    assert state.not_before_at is not None
    assert state.not_before_at - clock.now <= timedelta(hours=2.25)


def api_page(newest: int, count: int, *, until: datetime, hours: float) -> bytes:
    rows = [
        {
            "tag_name": f"b{n}",
            "name": f"b{n}",
            "node_id": f"RE_{n}",
            "html_url": f"https://github.com/o/engine/releases/tag/b{n}",
            "published_at": f"{until - timedelta(hours=hours * (newest - n)):%Y-%m-%dT%H:%M:%SZ}",
        }
        for n in range(newest, newest - count, -1)
    ]
    return json.dumps(rows).encode()


async def two_days_apart(
    server: FeedServer, store: DigestStore, polite: Callable[[], Fetcher], clock: Clock, catch_up: CatchUp | None
) -> tuple[Source, CollectReport]:
    """Collect a feed of ten builds, and again when thirty more were made."""
    feed = source("engine", f"{server.base_url}/o/engine/releases.atom", kind="github_atom")
    server.pages["/o/engine/releases.atom"] = Page(releases(100, hours=1))
    await collect([feed], store=store, fetcher=polite(), now=clock)
    clock.later(hours=30)
    server.pages["/o/engine/releases.atom"].body = releases(130, hours=1, until=clock.now)
    return feed, await collect([feed], store=store, fetcher=polite(), now=clock, catch_up=catch_up)


async def test_a_gap_alarms_until_it_is_a_week_old(
    any_store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({}) as server:
        feed, report = await two_days_apart(server, any_store, polite, clock, None)
        again = await collect([feed], store=any_store, fetcher=polite(), now=clock)
    words = "gap: what it announced between 2026-05-05 06:00 and 2026-05-06 03:00 UTC may be missing"
    assert report.sources[0].warnings == (words,)
    assert again.sources[0].outcome == "not_modified"
    state, dates = any_store.sources()["engine"], any_store.entry_dates()["engine"]
    found = complaints(feed, state, dates, clock.now + timedelta(days=3))
    assert [(complaint.code, complaint.alarm) for complaint in found if complaint.code == "gap"] == [("gap", True)]
    assert not [item for item in complaints(feed, state, dates, clock.now + timedelta(days=8)) if item.code == "gap"]


async def test_a_gap_is_filled_from_the_api_where_a_token_is_set(
    any_store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({}) as server:
        until = NOW + timedelta(hours=30)
        server.pages["/repos/o/engine/releases"] = Page(api_page(130, 60, until=until, hours=1))
        how = CatchUp(token="secret", api_url=server.base_url)
        feed, report = await two_days_apart(server, any_store, polite, clock, how)
        asked = server.seen_headers[-1]
        assert (server.requests[-1], asked["Authorization"]) == (("/repos/o/engine/releases", 200), "Bearer secret")
        clock.later(hours=2)
        server.pages["/o/engine/releases.atom"].body = releases(131, hours=1, until=clock.now)
        last = await collect([feed], store=any_store, fetcher=polite(), now=clock, catch_up=how)
    titles = [row.title for row in any_store.entries_of("engine")]
    assert sorted(titles) == sorted({f"b{n}" for n in range(71, 132)})
    assert (report.sources[0].n_new, report.sources[0].warnings) == (10 + 40, ())
    assert last.total("n_new") == 1
    assert any_store.sources()["engine"].gap_from is None


async def test_a_gap_the_api_does_not_fill_stays_open_and_is_tried_again(
    store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({}) as server:
        how = CatchUp(token="secret", api_url=server.base_url)
        feed, report = await two_days_apart(server, store, polite, clock, how)
        assert report.sources[0].warnings[0].startswith("gap")
        server.pages["/repos/o/engine/releases"] = Page(api_page(130, 60, until=clock.now, hours=1))
        again = await collect([feed], store=store, fetcher=polite(), now=clock, catch_up=how)
    assert again.sources[0].n_new == 40
    assert store.sources()["engine"].gap_from is None


async def test_two_collects_at_once_store_everything_once(
    any_store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({f"/{n}": Page(releases(100 + n)) for n in range(6)}) as server:
        feeds = [source(f"s{n}", f"{server.base_url}/{n}") for n in range(6)]
        await asyncio.gather(*(collect(feeds, store=any_store, fetcher=polite(), now=clock) for _ in range(3)))
    assert {name: len(any_store.entries_of(name)) for name in any_store.sources()} == {f"s{n}": 10 for n in range(6)}


async def test_a_reading_rule_passes_over_what_it_does_not_name(
    store: DigestStore, polite: Callable[[], Fetcher], clock: Clock
) -> None:
    async with feed_server({"/blog": Page(blog())}) as server:
        picky = source("blog", f"{server.base_url}/blog", keep=r"Post [23]\b")
        report = await collect([picky], store=store, fetcher=polite(), now=clock)
    assert (report.total("n_entries"), report.total("n_new")) == (8, 2)
    assert store.sources()["blog"].recent_counts == [8]
