"""A collect killed (SIGKILL) at a random moment has lost and doubled nothing: the next one goes on from there.

The feeds grow between two collects. After every kill each source's stored entries are exactly those of one version of
its document, the one whose validators are stored: neither entries without validators matter (they are fetched again)
nor may validators stand without entries (they would never be fetched again).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.sources import Source
from knowledge.store.db import engine, upgrade
from knowledge.store.digest_store import DigestStore
from tests.chaos.collecting import collect_in_child
from tests.digest.conftest import BACKENDS, source
from tests.fakes.feed_server import FeedServer, Page, feed_server
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

log = logging.getLogger(__name__)
KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
N_SOURCES = 12
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.chaos.collecting"])


def document(name: str, n_entries: int) -> bytes:
    items = "".join(
        f"<item><title>Release {n} of {name}</title><link>https://example.org/{name}/{n}</link><guid>{name}-{n}</guid>"
        f"<pubDate>Mon, {n % 28 + 1:02d} Jun 2026 00:{n % 60:02d}:00 GMT</pubDate></item>"
        for n in reversed(range(n_entries))
    )
    return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()


class Feeds:
    """The growing documents, and what each of their versions holds by its validator."""

    def __init__(self, server: FeedServer, rng: random.Random) -> None:
        self._server = server
        self._rng = rng
        self.counts = {f"s{number}": 3 for number in range(N_SOURCES)}
        self.versions: dict[str, dict[str, int]] = {name: {} for name in self.counts}
        self.grow(always=True)

    def grow(self, *, always: bool = False) -> None:
        """Add a few entries to most feeds."""
        for name, count in self.counts.items():
            if always or self._rng.random() < 0.8:
                self.counts[name] = count + self._rng.randint(1, 3)
            body = document(name, self.counts[name])
            self._server.pages[f"/{name}"] = Page(body, content_type="application/rss+xml")
            self.versions[name][f'"{hashlib.sha256(body).hexdigest()[:16]}"'] = self.counts[name]

    def sources(self) -> list[Source]:
        return [source(name, f"{self._server.base_url}/{name}") for name in self.counts]

    def check(self, store: DigestStore) -> int:
        """Assert what holds after any kill; return how many sources are behind their newest version."""
        states, behind = store.sources(), 0
        for name, versions in self.versions.items():
            keys = [row.entry_key for row in store.entries_of(name)]
            assert len(keys) == len(set(keys))
            state = states.get(name)
            expected = versions[state.etag] if state is not None and state.etag else 0
            assert set(keys) == {f"{name}-{n}" for n in range(expected)}, name
            behind += expected != self.counts[name]
        return behind


async def collect(feeds: Feeds, url: str, *, kill_after_s: float | None = None) -> float:
    """Run a collect in a process of its own, killed after so long; return how long it lived."""
    child = FORKS.Process(target=collect_in_child, args=(feeds.sources(), url))
    start = time.monotonic()
    child.start()
    try:
        await asyncio.to_thread(child.join, kill_after_s)
    finally:
        if child.is_alive():
            child.kill()
        await asyncio.to_thread(child.join)
    assert kill_after_s is not None or child.exitcode == 0
    return time.monotonic() - start


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    made = (
        f"sqlite:///{tmp_path / 'chaos.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    upgrade(made)
    return str(made)


async def test_killed_at_any_moment_nothing_is_lost_or_doubled(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    log.warning("CHAOS_SEED=%d", seed)
    rng = random.Random(seed)  # noqa: S311 - moments to kill at, not secrets
    made = engine(url)
    store = DigestStore(made)
    async with feed_server({}) as server:
        feeds = Feeds(server, rng)
        await collect(feeds, url)  # the first child also waits for the fork server to load
        assert feeds.check(store) == 0
        feeds.grow(always=True)
        whole_s = await collect(feeds, url)
        assert feeds.check(store) == 0
        cut_short = 0
        for _ in range(KILLS):
            feeds.grow()
            await collect(feeds, url, kill_after_s=rng.uniform(0.2, 1.0) * whole_s)
            cut_short += feeds.check(store) > 0
        await collect(feeds, url)
        assert feeds.check(store) == 0
    made.dispose()
    record_property("cut_short", cut_short)
    log.warning("%d of %d kills left work behind; a whole collect took %.2f s", cut_short, KILLS, whole_s)
    assert cut_short >= KILLS // 10  # else the kills came too late to prove anything
