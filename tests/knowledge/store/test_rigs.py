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
from knowledge.store.bot_store import BotStore
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


async def test_forgetting_removes_all_of_one_person_and_says_how_much(store: sa.Engine, people: AsyncEngine) -> None:
    other = Rig(user_id=5, devices=())
    await save_rig(people, MINE, now=NOW)
    await save_rig(people, other, now=NOW)
    said = Feedback(user_id=ME, kind="fit", subject="qwen3-8b", helpful=True, measured_tok_s=41.5, comment="right")
    await add_feedback(people, said, now=NOW)
    await add_feedback(people, Feedback(user_id=5, kind="fit", subject="qwen3-8b", helpful=False), now=NOW)
    BotStore(store).suggest(ME, "qwen3-8b", "Wrong.", now=NOW)
    assert await forget(people, ME) == (1, 1, 1)
    assert await forget(people, ME) == (0, 0, 0)
    async with people.connect() as conn:
        row = (await conn.execute(sa.select(feedback))).mappings().one()
        owners = (await conn.execute(sa.select(rig.c.user_id))).scalars().all()
    assert row["user_id"] == 5
    assert owners == [5]


async def test_a_newer_word_on_an_answer_takes_the_older_ones_place(people: AsyncEngine) -> None:
    for helpful in (True, False):
        await add_feedback(people, Feedback(user_id=ME, kind="fit", subject="a", helpful=helpful), now=NOW)
    for measured in (40.0, 41.0):
        await add_feedback(people, Feedback(user_id=ME, kind="fit", subject="a", measured_tok_s=measured), now=NOW)
    async with people.connect() as conn:
        rows = (await conn.execute(sa.select(feedback.c.helpful, feedback.c.measured_tok_s))).all()
    assert sorted(rows, key=str) == sorted([(False, None), (None, 40.0), (None, 41.0)], key=str)


async def test_many_people_save_at_the_same_moment(people: AsyncEngine) -> None:
    rigs = [Rig(user_id=n, devices=(RigDevice(id="card-8-gb", count=n),)) for n in range(1, 31)]
    await asyncio.gather(*(save_rig(people, each, now=NOW) for each in rigs))
    assert await asyncio.gather(*(rig_of(people, each.user_id) for each in rigs)) == rigs


async def test_a_store_without_the_table_is_a_store_error(store: sa.Engine, people: AsyncEngine) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("DROP TABLE rig"))
    with pytest.raises(StoreError):
        await rig_of(people, ME)
