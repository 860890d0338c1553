"""Reads and writes proposals: models read from headers, waiting for a person to enter them. It looks nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.store.db import reading, writing
from knowledge.store.tables.proposals import model_proposal
from knowledge.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One model looked at: `state` is `found` or `failed`, `problem` says why it failed."""

    place: str
    state: str
    name: str
    looked_at: datetime
    shape: Mapping[str, Any] | None = None
    params_recounted: int | None = None
    params_published: int | None = None
    license: str | None = None
    released: str | None = None
    file_type: str | None = None
    file_bytes: int | None = None
    sources: list[str] = field(default_factory=list)
    problem: str | None = None


class ProposalStore:
    """The rows behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def all(self) -> dict[str, ProposalRow]:
        """Every proposal, by place."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(model_proposal).order_by(model_proposal.c.place)).mappings()
            return {row["place"]: ProposalRow(**row) for row in rows}

    def put(self, rows: Iterable[ProposalRow]) -> None:
        """Store proposals; what stood at the same place is replaced."""
        values = [asdict(row) for row in rows]
        if not values:
            return
        statement = insert_into(model_proposal, self._engine.dialect)
        given = {column.name: statement.excluded[column.name] for column in model_proposal.c if not column.primary_key}
        with writing(self._engine) as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["place"], set_=given), values)

    def drop(self, places: Iterable[str]) -> None:
        """Forget proposals, once they are entered in the catalogue or refused."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(model_proposal).where(model_proposal.c.place.in_(list(places))))
