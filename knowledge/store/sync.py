"""Writes the curated content into the store: one transaction, only what changed, nothing when nothing did.

It takes content that was loaded (and so proved sound) and never reads files itself. It is the only writer of the
catalogue's tables and of `content_version`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from knowledge.content_loader import kinds, record_hash, version_of
from knowledge.content_types import Content
from knowledge.store.db import require_schema, writing
from knowledge.store.tables import catalogue
from knowledge.store.tables.meta import meta

CONTENT_VERSION: Final = "content_version"
_BATCH: Final = 500
_LOCK_TIMEOUT_MS: Final = 60_000
_SYNC_LOCK: Final = 7_270_002  # PostgreSQL advisory lock: one sync at a time; SQLite's write lock does the same

Progress = Callable[[str, int, int], None]
"""Called with a kind, how many of its records are done, and how many there are."""

TABLES: Final[Mapping[str, sa.Table]] = {
    "model": catalogue.model,
    "device": catalogue.device,
    "quant": catalogue.quant,
    "alias": catalogue.alias,
    "term": catalogue.term,
    "error_class": catalogue.error_class,
    "tool": catalogue.tool,
    "page": catalogue.page,
}
_RENAMED: Final = {("alias", "target_id"): "id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """How many records were added, changed, removed and left alone, and the version of the content now stored."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    content_version: str = ""

    @property
    def writes(self) -> int:
        """How many records were written or removed."""
        return self.added + self.changed + self.removed


def sync(store: sa.Engine, content: Content, progress: Progress | None = None) -> SyncReport:
    """Make the catalogue's tables equal `content`. Either all of it is stored or, on any failure, nothing changes."""
    rows = {kind: {_key(row, kind): row for row in _rows(kind, records)} for kind, records in kinds(content)}
    version = version_of(row["row_hash"] for of_kind in rows.values() for row in of_kind.values())
    added = changed = removed = unchanged = 0
    with writing(store) as conn:
        _lock(conn)
        require_schema(conn)
        for kind, wanted in rows.items():
            plan = _Plan.of(wanted, _stored_hashes(conn, kind))
            _apply(conn, kind, plan, progress)
            added += len(plan.added)
            changed += len(plan.changed)
            removed += len(plan.removed)
            unchanged += plan.unchanged
        _set_version(conn, version)
    return SyncReport(added=added, changed=changed, removed=removed, unchanged=unchanged, content_version=version)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What must be done to one table."""

    added: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    removed: list[tuple[str, ...]]
    unchanged: int

    @classmethod
    def of(cls, wanted: Mapping[tuple[str, ...], dict[str, Any]], stored: Mapping[tuple[str, ...], str]) -> _Plan:
        added = [row for key, row in wanted.items() if key not in stored]
        changed = [row for key, row in wanted.items() if key in stored and stored[key] != row["row_hash"]]
        removed = [key for key in stored if key not in wanted]
        return cls(added, changed, removed, len(wanted) - len(added) - len(changed))


def _rows(kind: str, records: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    columns = [column.name for column in TABLES[kind].columns if column.name not in {"row_hash", "payload"}]
    for record in records:
        row = {name: getattr(record, _RENAMED.get((kind, name), name)) for name in columns}
        yield {**row, "row_hash": record_hash(record), "payload": msgspec.to_builtins(record)}


def _key(row: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(row[column.name] for column in TABLES[kind].primary_key)


def _stored_hashes(conn: sa.Connection, kind: str) -> dict[tuple[str, ...], str]:
    table = TABLES[kind]
    found = conn.execute(sa.select(*table.primary_key, table.c.row_hash))
    return {tuple(row[:-1]): row[-1] for row in found}


def _apply(conn: sa.Connection, kind: str, plan: _Plan, progress: Progress | None) -> None:
    """Remove first, then change, then add, in batches; rows go by the table's key."""
    table = TABLES[kind]
    keys = list(table.primary_key)
    match = sa.and_(*(column == sa.bindparam(f"key_{column.name}") for column in keys))
    remove = [{f"key_{column.name}": value for column, value in zip(keys, key, strict=True)} for key in plan.removed]
    change = [{**{f"key_{column.name}": row[column.name] for column in keys}, **row} for row in plan.changed]
    values: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in table.columns if column not in keys}
    steps: tuple[tuple[sa.Executable, list[dict[str, Any]]], ...] = (
        (sa.delete(table).where(match), remove),
        (sa.update(table).where(match).values(values), change),
        (sa.insert(table), plan.added),
    )
    total = len(remove) + len(change) + len(plan.added) + plan.unchanged
    done = plan.unchanged
    for statement, rows in steps:
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            conn.execute(statement, batch)
            done += len(batch)
            if progress:
                progress(kind, done, total)
    if progress and not (remove or change or plan.added):
        progress(kind, done, total)


def _set_version(conn: sa.Connection, version: str) -> None:
    stored = conn.execute(sa.select(meta.c.value).where(meta.c.name == CONTENT_VERSION)).scalar()
    if stored is None:
        conn.execute(sa.insert(meta).values(name=CONTENT_VERSION, value=version))
    elif stored != version:
        conn.execute(sa.update(meta).where(meta.c.name == CONTENT_VERSION).values(value=version))


def _lock(conn: sa.Connection) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}"))
        conn.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SYNC_LOCK})
