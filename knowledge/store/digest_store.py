"""Queries and writes of the digest's tables: where each source stands, what was seen, which issues were made.

One question a statement, one transaction a source. It decides nothing: `digest` says what is new, this keeps it.
The tables themselves are in `tables/digest.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from knowledge.store.db import reading, writing
from knowledge.store.digest_rows import EntryRow, IssueRow, SourceRow
from knowledge.store.tables.digest import entry, issue, source_state

_BATCH: Final = 500


class DigestStore:
    """The digest's rows behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def sources(self) -> dict[str, SourceRow]:
        """Every source's state, by id."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(source_state)).mappings()
            return {row["source_id"]: SourceRow(**row) for row in rows}

    def entries_of(self, source_id: str) -> list[EntryRow]:
        """Everything stored of one source."""
        return self._entries(entry.c.source_id == source_id)

    def entries_of_month(self, month: str) -> list[EntryRow]:
        """Everything that counts for `month`, of all sources, in order of publication."""
        return self._entries(entry.c.month == month)

    def counts(self) -> dict[str, int]:
        """How many entries each month has."""
        query = sa.select(entry.c.month, sa.func.count().label("n_entries")).group_by(entry.c.month)
        with reading(self._engine) as connection:
            return {row.month: row.n_entries for row in connection.execute(query)}

    def entry_dates(self) -> dict[str, list[datetime]]:
        """Return the dates of every source's entries, by source; entries without one are left out."""
        date = sa.func.coalesce(entry.c.published_at, entry.c.updated_at, type_=entry.c.published_at.type)
        query = sa.select(entry.c.source_id, date).where(date.is_not(None))
        dates: dict[str, list[datetime]] = {}
        with reading(self._engine) as connection:
            for source_id, moment in connection.execute(query):
                dates.setdefault(source_id, []).append(moment)
        return dates

    def _entries(self, where: sa.ColumnElement[bool]) -> list[EntryRow]:
        columns = [entry.c[name] for name in EntryRow.__dataclass_fields__]
        query = sa.select(*columns).where(where).order_by(entry.c.published_at, entry.c.id)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return [EntryRow(**{**row, "extra": row["extra"] or {}}) for row in rows]

    def save_fetch(
        self, state: SourceRow, *, new: Sequence[EntryRow] = (), changed: Sequence[EntryRow] = (), now: datetime
    ) -> None:
        """Store what one fetch of one source brought, in one transaction."""
        values = {name: getattr(state, name) for name in SourceRow.__dataclass_fields__}
        with writing(self._engine) as connection:
            updated = connection.execute(
                sa.update(source_state).where(source_state.c.source_id == state.source_id).values(values)
            )
            if not updated.rowcount:
                connection.execute(sa.insert(source_state).values(values))
            for start in range(0, len(new), _BATCH):
                rows = [
                    {**_values(row), "first_seen_at": now, "last_seen_at": now} for row in new[start : start + _BATCH]
                ]
                connection.execute(sa.insert(entry), rows)
            for row in changed:
                connection.execute(
                    sa.update(entry)
                    .where(entry.c.source_id == row.source_id, entry.c.entry_key == row.entry_key)
                    .values(
                        title=row.title,
                        url=row.url,
                        url_key=row.url_key,
                        summary=row.summary,
                        content_hash=row.content_hash,
                    )
                    .values(updated_at=row.updated_at, votes=row.votes, extra=dict(row.extra), last_seen_at=now)
                )

    def save_issue(self, row: IssueRow, *, now: datetime) -> bool:
        """Store a rendered issue and say whether it was: a draft is replaced, an issue beyond that stays as it is."""
        values = {name: getattr(row, name) for name in IssueRow.__dataclass_fields__} | {"updated_at": now}
        with writing(self._engine) as connection:
            status = connection.execute(sa.select(issue.c.status).where(issue.c.month == row.month)).scalar()
            if status is None:
                connection.execute(sa.insert(issue).values(values | {"created_at": now}))
            elif status == "draft":
                connection.execute(sa.update(issue).where(issue.c.month == row.month).values(values))
        return status in {None, "draft"}

    def issue(self, month: str) -> IssueRow | None:
        """Return the stored issue of a month."""
        columns = [issue.c[name] for name in IssueRow.__dataclass_fields__]
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(*columns).where(issue.c.month == month)).mappings().one_or_none()
            return IssueRow(**row) if row else None

    def issues(self) -> list[tuple[str, str]]:
        """(month, status) of every issue, newest first."""
        query = sa.select(issue.c.month, issue.c.status).order_by(issue.c.month.desc())
        with reading(self._engine) as connection:
            return [(month, status) for month, status in connection.execute(query)]


def _values(row: EntryRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in EntryRow.__dataclass_fields__} | {"extra": dict(row.extra)}
