"""What the bot's tests share: one store with the real content, synced once."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.content_loader import load_content
from knowledge.settings import CONTENT_DIR
from knowledge.store.db import engine, upgrade
from knowledge.store.sync import sync


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a SQLite store that holds all content."""
    path: Path = tmp_path_factory.mktemp("store") / "store.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    store = engine(url)
    sync(store, load_content(CONTENT_DIR))
    store.dispose()
    return url
