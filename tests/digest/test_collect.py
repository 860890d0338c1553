"""Collecting: what is stored after one, two and failing runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from digest.collect import CollectReport, collect
from digest.fetch import Fetcher
from digest.sources import Source
from knowledge.store.digest_store import DigestStore
from tests.digest.conftest import DATA, NOW, source
from tests.fakes.feed_server import FeedServer, Page, feed_server

ATOM = (DATA / "atom_releases.xml").read_bytes()
BLOG = (DATA / "rss_blog.xml").read_bytes()


def sources_of(server: FeedServer) -> list[Source]:
    return [source(path.strip("/"), f"{server.base_url}{path}") for path in server.pages]


def outcome(report: CollectReport, source_id: str) -> str:
    return next(line.outcome for line in report.sources if line.source_id == source_id)


async def test_twice(any_store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]) -> None:
    async with feed_server({"/atom": Page(ATOM), "/blog": Page(BLOG)}) as server:
        first = await collect(sources_of(server), store=any_store, fetcher=fetcher, now=clock)
        server.forget()
        second = await collect(sources_of(server), store=any_store, fetcher=fetcher, now=clock)
    assert (first.total("n_new"), first.count("new")) == (5, 2)
    assert (second.total("n_new"), second.count("not_modified")) == (0, 2)
    assert server.bytes_sent == 0
    assert any_store.counts() == {"2025-01": 1, "2026-04": 2, "2026-05": 2}
    state = any_store.sources()["atom"]
    assert (state.n_fetches, state.n_not_modified, state.n_entries_last, state.failure_count) == (2, 1, 3, 0)


async def test_a_server_without_validators_stores_nothing_twice(
    store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    async with feed_server({"/atom": Page(ATOM, validators=False)}) as server:
        for _ in range(2):
            report = await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
    assert report.sources[0].outcome == "nothing_new"
    assert sum(store.counts().values()) == 3


async def test_a_changed_entry_is_updated_in_place(
    any_store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    async with feed_server({"/atom": Page(ATOM)}) as server:
        await collect(sources_of(server), store=any_store, fetcher=fetcher, now=clock)
        server.pages["/atom"].body = ATOM.replace(b"New flag.", b"Two new flags.")
        report = await collect(sources_of(server), store=any_store, fetcher=fetcher, now=clock)
    assert (report.total("n_new"), report.total("n_changed")) == (0, 1)
    rows = {row.title: row for row in any_store.entries_of("atom")}
    assert rows["v1.2.0"].summary == "Faster prompt processing. Two new flags."
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Page(b"<!doctype html><html></html>", content_type="text/html"), "html"),
        (Page(b""), "empty"),
        (Page(status=500), "http_status"),
        (Page(ATOM[: ATOM.rindex(b"<content")]), "truncated"),
    ],
)
async def test_one_failure_is_that_sources_record(
    page: Page, code: str, store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    async with feed_server({"/bad": page, "/blog": Page(BLOG)}) as server:
        report = await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
    assert outcome(report, "bad") == "failed"
    assert outcome(report, "blog") == "new"
    state = store.sources()["bad"]
    assert state.failure_count == 1
    assert (state.last_error or "").startswith(f"{code}: ")


async def test_a_document_that_fails_and_stays_the_same_fails_on_unread(
    store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    async with feed_server({"/bad": Page(b"<!doctype html><html></html>")}) as server:
        await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
        server.forget()
        report = await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
        assert (server.statuses(), server.bytes_sent) == ({304: 1}, 0)
        assert (report.sources[0].outcome, report.sources[0].error_code) == ("failed", "html")
        assert store.sources()["bad"].failure_count == 2
        server.pages["/bad"].body = BLOG
        later = NOW + timedelta(days=1)
        report = await collect(sources_of(server), store=store, fetcher=fetcher, now=lambda: later)
    assert report.sources[0].outcome == "new"
    assert store.sources()["bad"].last_error is None


async def test_a_cut_document_keeps_its_whole_entries_and_comes_again(
    store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    async with feed_server({"/atom": Page(ATOM[: ATOM.rindex(b"<content")])}) as server:
        await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
        assert len(store.entries_of("atom")) == 2
        server.pages["/atom"].body = ATOM
        report = await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
    assert report.total("n_new") == 1
    assert store.sources()["atom"].failure_count == 0


async def test_a_source_that_keeps_failing_is_asked_less_often(store: DigestStore, fetcher: Fetcher) -> None:
    async with feed_server({"/bad": Page(status=404)}) as server:
        outcomes = []
        for minutes in (0, 1, 2, 40):
            now = NOW + timedelta(minutes=minutes)
            report = await collect(sources_of(server), store=store, fetcher=fetcher, now=lambda now=now: now)  # type: ignore[misc]
            outcomes.append(report.sources[0].outcome)
    assert outcomes == ["failed", "failed", "not_due", "failed"]
    assert store.sources()["bad"].failure_count == 3


async def test_a_feed_that_empties_is_warned_about_and_one_with_new_ids_is_not(
    store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    async with feed_server({"/atom": Page(ATOM)}) as server:
        await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
        server.pages["/atom"].body = ATOM.replace(b"engine/", b"engine/next-").replace(b"<title>v", b"<title>next v")
        turned = await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
        server.pages["/atom"].body = b"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title></feed>"
        emptied = await collect(sources_of(server), store=store, fetcher=fetcher, now=clock)
    assert turned.sources[0].warnings == ()  # ids changed, dates did not: nothing can be missing
    assert emptied.sources[0].warnings == ("answers, but has no entries (usually 3)",)
    assert sum(store.counts().values()) == 6


async def test_a_permanent_redirect_is_remembered(
    store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    pages = {"/old": Page(status=301, headers={"Location": "/new"}), "/new": Page(ATOM)}
    async with feed_server(pages) as server:
        old = [source("one", f"{server.base_url}/old")]
        await collect(old, store=store, fetcher=fetcher, now=clock)
        server.forget()
        await collect(old, store=store, fetcher=fetcher, now=clock)
    assert server.requests == [("/new", 304)]
