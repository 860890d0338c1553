"""People's own rows, through the asynchronous engine, on both backends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.errors import StoreError
from knowledge.store import db
from knowledge.store.rigs import Feedback, Rig, RigDevice, add_feedback, forget, rig_of, save_rig
from knowledge.store.tables.bot import feedback, rig

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME = 2**62 + 3  # a Discord id is larger than 32 bits
MINE = Rig(
    user_id=ME,
    devices=(RigDevice(id="card-8-gb", count=2), RigDevice(id="card-12-gb", memory_bytes=12 * 1024**3)),
    ram_bytes=64 * 1024**3,
    engine="llama.cpp",
)


@pytest_asyncio.fixture
async def people(store_url: str) -> AsyncIterator[AsyncEngine]:
    engine = db.async_engine(store_url)
    yield engine
    await engine.dispose()


async def test_a_rig_is_saved_replaced_and_forgotten(people: AsyncEngine) -> None:
    assert await rig_of(people, ME) is None
    await save_rig(people, MINE, now=NOW)
    assert await rig_of(people, ME) == MINE
    smaller = Rig(user_id=ME, devices=(RigDevice(id="card-12-gb"),))
    await save_rig(people, smaller, now=NOW)
    assert await rig_of(people, ME) == smaller
    await forget(people, ME)
    assert await rig_of(people, ME) is None


async def test_forgetting_keeps_feedback_as_nobodys_and_others_rows(people: AsyncEngine) -> None:
    other = Rig(user_id=5, devices=())
    await save_rig(people, MINE, now=NOW)
    await save_rig(people, other, now=NOW)
    said = Feedback(user_id=ME, kind="fit", subject="qwen3-8b", helpful=True, measured_tok_s=41.5, comment="right")
    await add_feedback(people, said, now=NOW)
    await forget(people, ME)
    async with people.connect() as conn:
        row = (await conn.execute(sa.select(feedback))).mappings().one()
        owners = (await conn.execute(sa.select(rig.c.user_id))).scalars().all()
    assert row["user_id"] is None
    assert (row["kind"], row["subject"], row["helpful"], row["created_at"]) == ("fit", "qwen3-8b", True, NOW)
    assert owners == [5]


async def test_many_people_save_at_the_same_moment(people: AsyncEngine) -> None:
    rigs = [Rig(user_id=n, devices=(RigDevice(id="card-8-gb", count=n),)) for n in range(1, 31)]
    await asyncio.gather(*(save_rig(people, each, now=NOW) for each in rigs))
    assert await asyncio.gather(*(rig_of(people, each.user_id) for each in rigs)) == rigs


async def test_a_store_without_the_table_is_a_store_error(store: sa.Engine, people: AsyncEngine) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("DROP TABLE rig"))
    with pytest.raises(StoreError):
        await rig_of(people, ME)
