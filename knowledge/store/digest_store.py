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
from knowledge.store.digest_rows import EntryRow, IssueRow, KnownRow, SourceRow
from knowledge.store.tables.digest import entry, issue, source_state
from knowledge.store.upsert import insert_into

_BATCH: Final = 500
_DATE: Final = sa.func.coalesce(
    entry.c.published_at, entry.c.updated_at, entry.c.first_seen_at, type_=entry.c.first_seen_at.type
)


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

    def known_of(self, source_id: str) -> list[KnownRow]:
        """What is needed of everything stored of one source to tell what is new, in the order it was stored."""
        columns = (entry.c.entry_key, entry.c.url_key, entry.c.title, entry.c.content_hash, _DATE.label("date"))
        query = sa.select(*columns).where(entry.c.source_id == source_id).order_by(entry.c.id)
        with reading(self._engine) as connection:
            return [KnownRow(**row) for row in connection.execute(query).mappings()]

    def entries_of_month(self, month: str) -> list[EntryRow]:
        """Everything that counts for `month`, of all sources, in order of publication."""
        return self._entries(entry.c.month == month)

    def counts(self) -> dict[str, int]:
        """How many entries each month has."""
        query = sa.select(entry.c.month, sa.func.count().label("n_entries")).group_by(entry.c.month)
        with reading(self._engine) as connection:
            return {row.month: row.n_entries for row in connection.execute(query)}

    def entry_dates(self) -> dict[str, list[datetime]]:
        """Return when every source's entries were announced, else first seen, by source."""
        dates: dict[str, list[datetime]] = {}
        with reading(self._engine) as connection:
            for source_id, moment in connection.execute(sa.select(entry.c.source_id, _DATE)):
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
        """Store what one fetch of one source brought, in one transaction: all of it or nothing.

        An entry that another collect stored meanwhile is left as it is.
        """
        values = {name: getattr(state, name) for name in SourceRow.__dataclass_fields__}
        with writing(self._engine) as connection:
            made = insert_into(source_state, connection.dialect).values(values)
            connection.execute(made.on_conflict_do_update(index_elements=[source_state.c.source_id], set_=values))
            for start in range(0, len(new), _BATCH):
                rows = [
                    {**_values(row), "first_seen_at": now, "last_seen_at": now} for row in new[start : start + _BATCH]
                ]
                connection.execute(insert_into(entry, connection.dialect).on_conflict_do_nothing(), rows)
            for row in changed:
                connection.execute(_update_of(row, now))

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


def _update_of(row: EntryRow, now: datetime) -> sa.Update:
    names = ("title", "url", "url_key", "summary", "content_hash", "updated_at", "votes")
    values = {name: getattr(row, name) for name in names} | {"extra": dict(row.extra), "last_seen_at": now}
    return sa.update(entry).where(entry.c.source_id == row.source_id, entry.c.entry_key == row.entry_key).values(values)


def _values(row: EntryRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in EntryRow.__dataclass_fields__} | {"extra": dict(row.extra)}
