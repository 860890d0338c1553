"""All stores of the digest on one engine, for code that must not know the database. No queries here."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from knowledge.catalog import Knowledge
from knowledge.store.db import engine, upgrade
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.digest_store import DigestStore
from knowledge.store.queries import load_knowledge
from knowledge.store.run_store import RunStore
from knowledge.store.subscriber_store import SubscriberStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores, and the engine under them, which is theirs alone to use."""

    engine: sa.Engine
    digest: DigestStore
    subscribers: SubscriberStore
    runs: RunStore

    def outbox(self, worker: str) -> DeliveryStore:
        """Return the outbox for a worker of this name."""
        return DeliveryStore(self.engine, worker)

    def knowledge(self) -> Knowledge:
        """Read the curated content."""
        return load_knowledge(self.engine)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_stores(url: str) -> Stores:
    """Open the stores at an address, brought to this version first. Raises StoreError where that cannot be."""
    upgrade(url)
    made = engine(url)
    return Stores(engine=made, digest=DigestStore(made), subscribers=SubscriberStore(made), runs=RunStore(made))
