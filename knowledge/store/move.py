"""Carries a whole store over to another address: from the embedded file to PostgreSQL, or back.

Everything is read at one moment, written in one transaction and read back before that is kept: rows are counted and
their contents summed up on both sides. The source is not changed. Queues of jobs are no part of a store and stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from knowledge.errors import BadInput, StoreError
from knowledge.store.db import engine, public_url, reading, require_schema, upgrade, writing
from knowledge.store.tables.every import metadata

BATCH: Final = 1000
_SUM_BYTES: Final = 16

Progress = Callable[[str, int], None]
"""Called with a table's name and the rows of it written so far."""


@dataclass(frozen=True, slots=True)
class TableSum:
    """A table's rows, and the sum of their hashes, which does not depend on their order."""

    n_rows: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """What was carried over: rows by table, all of them found again at the target with the same content."""

    n_rows: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(self.n_rows.values())


def move(source_url: str, target_url: str, *, progress: Progress | None = None) -> MoveReport:
    """Copy every row of one store into another, empty one, whose tables are made first.

    Raises BadInput where both are the same or the target has rows; StoreError where either cannot be used, where the
    source is of another version, or where the target did not keep what it was given. Then the target stays empty.
    """
    if source_url == target_url:
        raise BadInput("Both addresses are the same.", subject="--to", hint="Give the address of an empty store.")
    source, target = engine(source_url), engine(target_url)
    try:
        with reading(source) as old:
            require_schema(old)
            upgrade(target_url)
            with writing(target) as new:
                _require_empty(new)
                return _carry(old, new, progress or (lambda _table, _n: None))
    finally:
        source.dispose()
        target.dispose()


def _require_empty(conn: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        if conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise BadInput(
                f"The store at {public_url(conn.engine.url)} is not empty: it has rows in '{table.name}'.",
                subject="--to",
                hint="Give an empty database; nothing was changed.",
            )


def _carry(old: sa.Connection, new: sa.Connection, progress: Progress) -> MoveReport:
    sums: dict[str, TableSum] = {}
    for table in metadata.sorted_tables:
        total = TableSum()
        for rows in _batches(old, table):
            try:
                new.execute(sa.insert(table), rows)
            except (sa.exc.DataError, sa.exc.IntegrityError) as error:
                why = " ".join(str(error.orig).split())[:200]
                raise StoreError(
                    f"The target does not take a row of '{table.name}': {why}",
                    subject=table.name,
                    hint="Mend that row in the source and try again; the target is still empty.",
                ) from error
            total = _add(total, rows)
            progress(table.name, total.n_rows)
        sums[table.name] = total
        _carry_counter(old, new, table)
    for table in metadata.sorted_tables:
        found = TableSum()
        for rows in _batches(new, table):
            found = _add(found, rows)
        if found != sums[table.name]:
            raise StoreError(
                f"The target does not give back what it was given in '{table.name}': {found.n_rows} rows of "
                f"{sums[table.name].n_rows}, or with another content.",
                subject=table.name,
                hint="Nothing was kept. Is anything else writing to it?",
            )
    return MoveReport(n_rows={name: total.n_rows for name, total in sums.items()})


def _batches(conn: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    with conn.execution_options(yield_per=BATCH).execute(sa.select(table)) as result:
        for rows in result.mappings().partitions():
            yield [dict(row) for row in rows]


def _add(total: TableSum, rows: list[dict[str, Any]]) -> TableSum:
    hashes = (hashlib.sha256(msgspec.json.encode(_plain(row))).digest()[:_SUM_BYTES] for row in rows)
    more = sum(int.from_bytes(found, "big") for found in hashes)
    return TableSum(total.n_rows + len(rows), (total.total + more) % (1 << 8 * _SUM_BYTES))


def _plain(value: object) -> object:
    """Write a value the same way whichever database gave it: JSONB sorts keys and keeps 1.0 and 1 apart as it likes."""
    if isinstance(value, dict):
        return [[str(key), _plain(value[key])] for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes | memoryview) else value


def _carry_counter(old: sa.Connection, new: sa.Connection, table: sa.Table) -> None:
    """Let the target count on from where the source was: a number given once never means something else."""
    column = table.autoincrement_column
    if column is None or column.foreign_keys:
        return
    last = _last_number(old, table, column)
    if new.dialect.name == "postgresql":
        name = sa.func.pg_get_serial_sequence(table.name, column.name)
        new.execute(sa.select(sa.func.setval(name, max(last, 1), last > 0)))
    elif _counts_itself(table):
        new.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        new.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": table.name, "seq": last}
        )


def _last_number(conn: sa.Connection, table: sa.Table, column: sa.Column[Any]) -> int:
    highest = conn.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one()
    if conn.dialect.name == "postgresql":
        named = conn.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name))).scalar_one()
        given = conn.execute(sa.text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {named}")).scalar()  # noqa: S608 - the database named it
    elif _counts_itself(table):
        given = conn.execute(
            sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar()
    else:
        given = 0
    return max(int(highest), int(given or 0))


def _counts_itself(table: sa.Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])
