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
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

BACKENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
NOW = datetime(2026, 5, 5, 6, 0, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


def _store_at(url: str) -> Iterator[DigestStore]:
    upgrade(url)
    made = engine(url)
    yield DigestStore(made)
    made.dispose()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DigestStore]:
    """Give an empty embedded store."""
    yield from _store_at(f"sqlite:///{tmp_path / 'digest.db'}")


@pytest.fixture(params=BACKENDS)
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DigestStore]:
    """Give an empty store of either kind."""
    url = (
        f"sqlite:///{tmp_path / 'digest.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    yield from _store_at(url)


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
