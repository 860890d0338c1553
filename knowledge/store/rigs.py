"""What people told the bot about themselves: their rig and their feedback, read and written.

A person is a Discord id. `forget` removes all of it. The catalogue is not touched here, and device ids are not checked
against it: a rig outlives a catalogue that renames a device, and whoever answers says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from knowledge.store.db import explained, writing
from knowledge.store.tables.bot import feedback, rig, suggestion
from knowledge.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class RigDevice:
    """`count` devices of one kind; `memory_bytes` where the owner said how much each has."""

    id: str
    count: int = 1
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The machine a person saved as theirs."""

    user_id: int
    devices: tuple[RigDevice, ...]
    ram_bytes: int | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person said of one answer. `kind` and `subject` name the answer; `content_version` what it was made of."""

    user_id: int | None
    kind: str
    subject: str
    helpful: bool | None = None
    measured_tok_s: float | None = None
    comment: str = ""
    content_version: str = ""


class Forgotten(NamedTuple):
    """How many rows about a person were removed."""

    rigs: int
    feedback: int
    suggestions: int


def rig_of(store: sa.Engine, user_id: int) -> Rig | None:
    """Read a person's rig; None where they saved none."""
    columns = (rig.c.user_id, rig.c.devices, rig.c.ram_bytes, rig.c.engine)
    with explained(store.url), store.connect() as conn:
        row = conn.execute(sa.select(*columns).where(rig.c.user_id == user_id)).one_or_none()
    if row is None:
        return None
    devices = msgspec.convert(row.devices, tuple[RigDevice, ...])
    return Rig(user_id=row.user_id, devices=devices, ram_bytes=row.ram_bytes, engine=row.engine)


def save_rig(store: sa.Engine, mine: Rig, *, now: datetime) -> None:
    """Save a person's rig over the one they had."""
    values: dict[str, Any] = {
        "devices": msgspec.to_builtins(mine.devices),
        "ram_bytes": mine.ram_bytes,
        "engine": mine.engine,
        "updated_at": now,
    }
    statement = (
        insert_into(rig, store.dialect)
        .values(user_id=mine.user_id, **values)
        .on_conflict_do_update(index_elements=[rig.c.user_id], set_=values)
    )
    _write(store, statement)


def add_feedback(store: sa.Engine, said: Feedback, *, now: datetime) -> None:
    """Keep one piece of feedback; a person's newer word on whether an answer helped takes the older one's place."""
    add = sa.insert(feedback).values(**msgspec.to_builtins(said), created_at=now)
    if said.helpful is None or said.user_id is None:
        _write(store, add)
        return
    same = (feedback.c.user_id == said.user_id, feedback.c.kind == said.kind, feedback.c.subject == said.subject)
    _write(store, sa.delete(feedback).where(*same, feedback.c.helpful.is_not(None)), add)


def forget(store: sa.Engine, user_id: int) -> Forgotten:
    """Remove all that is kept of a person and say how much it was."""
    gone = [sa.delete(table).where(table.c.user_id == user_id) for table in (rig, feedback, suggestion)]
    return Forgotten(*_write(store, *gone))


def _write(store: sa.Engine, *statements: sa.Executable) -> list[int]:
    """Run the statements in one transaction; how many rows each one changed."""
    with writing(store) as conn:
        return [conn.execute(statement).rowcount for statement in statements]
