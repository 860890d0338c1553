"""Fills any table with rows of every kind of value its columns can take, so that no table is ever forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

N_ROWS = 7
_START = datetime(2026, 4, 1, 12, 30, 15, 123456, tzinfo=UTC)


def fill(conn: sa.Connection, tables: list[sa.Table], *, n_rows: int = N_ROWS) -> dict[str, list[dict[str, Any]]]:
    """Write `n_rows` rows into each table, parents first, and return them. Every third row leaves out what it may."""
    made: dict[str, list[dict[str, Any]]] = {}
    for table in tables:
        rows: list[dict[str, Any]] = [
            {column.name: _value(column, at, made) for column in table.columns} for at in range(n_rows)
        ]
        conn.execute(sa.insert(table), rows)
        made[table.name] = rows
    return made


def _value(column: sa.Column[Any], at: int, made: dict[str, list[dict[str, Any]]]) -> object:
    for key in column.foreign_keys:
        parents = made.get(key.column.table.name)
        if parents:
            return parents[at][key.column.name]
    if column.nullable and at % 3 == 2:
        return None
    return _of_type(column, at)


def _of_type(column: sa.Column[Any], at: int) -> object:
    kind = column.type
    if isinstance(kind, sa.types.TypeDecorator):
        return _START + timedelta(days=at, microseconds=at)
    if isinstance(kind, sa.JSON):
        return {"z": [1, 2.5, None, True, -0.001, 1.0], "a": {"ü": "🦙\n", "n": at}, "big": 2**53 + 1, "e": 1e22}
    if isinstance(kind, sa.Boolean):
        return at % 2 == 0
    if isinstance(kind, sa.LargeBinary):
        return bytes(range(256)) * (at + 1)
    if isinstance(kind, sa.Float):
        return at + 0.1
    if isinstance(kind, sa.BigInteger):
        return 2**62 + at
    if isinstance(kind, sa.Integer):
        return 1000 + at
    if isinstance(kind, sa.DateTime):
        return _START + timedelta(days=at)
    text = f"{at}-wörter 🦙 'quoted' \\ line\n{column.name}"
    length = getattr(kind, "length", None)
    return text[:length] if length else text
