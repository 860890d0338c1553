"""Fixtures of the digest's tests: an empty store, a fixed clock, a fetcher that may reach loopback."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.fetch import Fetcher, FetchPolicy
from digest.sources import Source
from knowledge.net import GuardedClient
from knowledge.store.db import engine, upgrade
from knowledge.store.digest_store import DigestStore

NOW = datetime(2026, 5, 5, 6, 0, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DigestStore]:
    url = f"sqlite:///{tmp_path / 'digest.db'}"
    upgrade(url)
    made = engine(url)
    yield DigestStore(made)
    made.dispose()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    policy = FetchPolicy(per_host_delay_s=0.0, backoff_s=0.0)
    async with GuardedClient(user_agent="tests", allow_loopback=True, timeout_s=10) as client:
        yield Fetcher(client, policy=policy, now=lambda: NOW, jitter=random.Random(1))  # noqa: S311 - spread, not secrecy


def source(id_: str, url: str, **fields: str) -> Source:
    """Return a source for a test, with the usual fields filled in."""
    values = {"kind": "rss", "name": id_, "category": "model", "role": "maker", "evidence": "made for a test"} | fields
    return Source(id=id_, url=url, **values)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW
