"""All tables of the store under one metadata, so that migrations and tests see every one of them.

Curated content is in `catalogue` and `meta` (written by `sync` alone), run-time rows are in `digest`, `proposals`,
`delivery`, `subscribers`, `bot` and `shared`.
No queries here.
"""

from knowledge.store.tables import bot, catalogue, delivery, digest, meta, proposals, shared, subscribers
from knowledge.store.tables.base import metadata

__all__ = ["bot", "catalogue", "delivery", "digest", "meta", "metadata", "proposals", "shared", "subscribers"]
