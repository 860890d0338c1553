"""All stores of the digest on one engine, for code that must not know the database. No queries here."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from knowledge.catalog import Knowledge
from knowledge.store.db import engine, upgrade
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.digest_store import DigestStore
from knowledge.store.issue_store import IssueStore
from knowledge.store.proposal_store import ProposalStore
from knowledge.store.queries import load_knowledge
from knowledge.store.request_store import RequestStore
from knowledge.store.run_store import RunStore
from knowledge.store.subscriber_store import SubscriberStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores, and the engine under them, which is theirs alone to use."""

    engine: sa.Engine
    digest: DigestStore
    subscribers: SubscriberStore
    runs: RunStore

    @property
    def issues(self) -> IssueStore:
        """Issues, their files and edits."""
        return IssueStore(self.engine)

    @property
    def requests(self) -> RequestStore:
        """Maintainers' requests, and counts of diagnosed errors."""
        return RequestStore(self.engine)

    @property
    def proposals(self) -> ProposalStore:
        """Models read from headers, not yet entered by a person."""
        return ProposalStore(self.engine)

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
