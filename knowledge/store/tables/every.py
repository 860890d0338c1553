"""All tables under one metadata, so that migrations, moves and tests see every one of them.

For these alone: the delivery tables bring PostgreSQL's dialect with them, which takes a process 3 MiB.
"""

from knowledge.store.tables import bot, catalogue, delivery, digest, meta, proposals, shared, subscribers
from knowledge.store.tables.base import metadata

__all__ = ["bot", "catalogue", "delivery", "digest", "meta", "metadata", "proposals", "shared", "subscribers"]
