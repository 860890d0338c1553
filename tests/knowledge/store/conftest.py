"""Fixtures of the store's tests: an upgraded store on each backend, and a small sound content to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge.content_loader import load_content
from knowledge.content_types import Content
from knowledge.store import db
from tests.fakes.postgres import postgres_server, postgres_url
from tests.knowledge.content.samples import write_content

__all__ = ["postgres_server", "postgres_url"]

BACKENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a store that nobody has upgraded yet, on each backend in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sub' / 'store.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store_url(empty_url: str) -> str:
    """Give the address of a store with this version's schema and no rows."""
    db.upgrade(empty_url)
    return empty_url


@pytest.fixture
def store(store_url: str) -> Iterator[sa.Engine]:
    """Give an engine on such a store."""
    engine = db.engine(store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """Give a small sound content."""
    return load_content(write_content(tmp_path / "content"))
