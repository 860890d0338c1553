"""The child process of `test_collect_killed`: one collect over loopback, as `digest collect --recorded` does it.

It is in a module of its own so that a fork server can load everything once and each child starts at once.
"""

from __future__ import annotations

import asyncio

from digest.commands.collect import collect_once
from digest.sources import Source
from knowledge.store.db import engine
from knowledge.store.digest_store import DigestStore


def collect_in_child(sources: list[Source], database_url: str) -> None:
    """Collect once into the store at `database_url`."""
    made = engine(database_url)
    asyncio.run(collect_once(sources, DigestStore(made), recorded=True))
    made.dispose()
