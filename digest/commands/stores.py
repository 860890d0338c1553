"""Opens the store for a command, brought to this version first. No queries here."""

from __future__ import annotations

from knowledge.settings import Settings
from knowledge.store.db import engine, upgrade
from knowledge.store.digest_store import DigestStore


def open_store() -> DigestStore:
    """Return the digest's rows of the configured store. Raises StoreError where it cannot be used."""
    url = Settings.from_env().database_url
    upgrade(url)
    return DigestStore(engine(url))
