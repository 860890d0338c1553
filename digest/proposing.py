"""Looks up a month's new models on the network and keeps what was found, so that issues can say what they need.

Apart from collecting the only work of the digest that reaches out; composing an issue reads what this stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from digest.drafts import material_of
from digest.proposals import Looks, look_at, wanted
from digest.releases import releases_of
from digest.sources import Source
from knowledge.store.proposal_store import ProposalRow
from knowledge.store.stores import Stores


async def propose(
    stores: Stores, inspector: Looks, month: str, *, now: datetime, sources: Mapping[str, Source] | None = None
) -> list[ProposalRow]:
    """Inspect what a month's releases name and the catalogue lacks; store and return it."""
    knowledge, material = stores.knowledge(), material_of(stores, month, sources)
    releases = releases_of(month, knowledge.models.values(), material.entries, material.sources)
    repos = wanted((release.ranked.item for release in releases), knowledge, stores.proposals.all(), now)
    rows = await look_at(repos, inspector, now)
    stores.proposals.put(rows)
    return rows
