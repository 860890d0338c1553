"""What the bot's tests share: one store with the real content, synced once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from knowledge.content_loader import load_content
from knowledge.settings import CONTENT_DIR
from knowledge.store.db import engine, upgrade
from knowledge.store.sync import sync


@pytest.fixture(scope="session")
def content_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a SQLite store that holds all content, for those who only read."""
    path: Path = tmp_path_factory.mktemp("store") / "store.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    store = engine(url)
    sync(store, load_content(CONTENT_DIR))
    store.dispose()
    return url


@pytest.fixture(scope="module")
def store_url(content_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a module's own copy: what the bot registers and keeps of people is in it, too."""
    return copied(content_url, tmp_path_factory.mktemp("own"))


def copied(url: str, folder: Path) -> str:
    """A copy of a store, without what lies beside it while it is used."""
    path = folder / "store.db"
    with sqlite3.connect(url.removeprefix("sqlite:///")) as source, sqlite3.connect(path) as target:
        source.backup(target)
    return f"sqlite:///{path}"
