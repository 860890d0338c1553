"""Reads the snapshot of the curated content back out of the store, as the very records that were synced.

One moment for all tables, no lazy loading: afterwards no answer needs the database. Writing is `sync`'s.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from knowledge.catalog import Alias, Device, ErrorClass, Knowledge, Model, Page, QuantType, Term, Tool
from knowledge.content_loader import snapshot
from knowledge.content_types import Content
from knowledge.errors import StoreError
from knowledge.store.db import public_url, reading, require_schema
from knowledge.store.sync import CONTENT_VERSION, TABLES
from knowledge.store.tables.meta import meta

Record = TypeVar("Record")
_SYNC_HINT: Final = "Run `python -m knowledge sync`."


def load_knowledge(store: sa.Engine) -> Knowledge:
    """Read everything that answers are computed from. Raises StoreError where the store is not ready."""
    with reading(store) as conn:
        require_schema(conn)
        version = _version(conn)
        if version is None:
            raise StoreError("The store has no content yet.", subject=public_url(store.url), hint=_SYNC_HINT)
        content = Content(
            models=_records(conn, "model", Model),
            devices=_records(conn, "device", Device),
            quants=_records(conn, "quant", QuantType),
            aliases=_records(conn, "alias", Alias),
            terms=_records(conn, "term", Term),
            errors=_records(conn, "error_class", ErrorClass),
            tools=_records(conn, "tool", Tool),
            pages=_records(conn, "page", Page),
        )
    return snapshot(content, version)


def content_version(store: sa.Engine) -> str | None:
    """Read which content is stored: a hash that changes with any of it, None before the first sync."""
    with reading(store) as conn:
        require_schema(conn)
        return _version(conn)


def _version(conn: sa.Connection) -> str | None:
    found: str | None = conn.execute(sa.select(meta.c.value).where(meta.c.name == CONTENT_VERSION)).scalar()
    return found


def _records(conn: sa.Connection, kind: str, record: type[Record]) -> tuple[Record, ...]:
    payloads: Any = conn.execute(sa.select(sa.cast(TABLES[kind].c.payload, sa.Text))).scalars()
    decode = msgspec.json.Decoder(record).decode  # straight from its text: half the time of going by dictionaries
    try:
        return tuple(decode(payload) for payload in payloads)
    except msgspec.DecodeError as error:
        raise StoreError(
            f"A stored {kind} is not of this version's form ({error}).",
            subject=public_url(conn.engine.url),
            hint=_SYNC_HINT,
        ) from error
