"""People's own rows, on both backends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

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


def test_a_rig_is_saved_replaced_and_forgotten(store: sa.Engine) -> None:
    assert rig_of(store, ME) is None
    save_rig(store, MINE, now=NOW)
    assert rig_of(store, ME) == MINE
    smaller = Rig(user_id=ME, devices=(RigDevice(id="card-12-gb"),))
    save_rig(store, smaller, now=NOW)
    assert rig_of(store, ME) == smaller
    forget(store, ME)
    assert rig_of(store, ME) is None


def test_forgetting_removes_all_of_one_person_and_says_how_much(store: sa.Engine) -> None:
    other = Rig(user_id=5, devices=())
    save_rig(store, MINE, now=NOW)
    save_rig(store, other, now=NOW)
    said = Feedback(user_id=ME, kind="fit", subject="qwen3-8b", helpful=True, measured_tok_s=41.5, comment="right")
    add_feedback(store, said, now=NOW)
    add_feedback(store, Feedback(user_id=5, kind="fit", subject="qwen3-8b", helpful=False), now=NOW)
    BotStore(store).suggest(ME, "qwen3-8b", "Wrong.", now=NOW)
    assert forget(store, ME) == (1, 1, 1)
    assert forget(store, ME) == (0, 0, 0)
    with store.connect() as conn:
        row = conn.execute(sa.select(feedback)).mappings().one()
        owners = conn.execute(sa.select(rig.c.user_id)).scalars().all()
    assert row["user_id"] == 5
    assert owners == [5]


def test_a_newer_word_on_an_answer_takes_the_older_ones_place(store: sa.Engine) -> None:
    for helpful in (True, False):
        add_feedback(store, Feedback(user_id=ME, kind="fit", subject="a", helpful=helpful), now=NOW)
    for measured in (40.0, 41.0):
        add_feedback(store, Feedback(user_id=ME, kind="fit", subject="a", measured_tok_s=measured), now=NOW)
    with store.connect() as conn:
        rows = conn.execute(sa.select(feedback.c.helpful, feedback.c.measured_tok_s)).all()
    assert sorted(rows, key=str) == sorted([(False, None), (None, 40.0), (None, 41.0)], key=str)


def test_many_people_save_at_the_same_moment(store: sa.Engine) -> None:
    rigs = [Rig(user_id=n, devices=(RigDevice(id="card-8-gb", count=n),)) for n in range(1, 31)]
    with ThreadPoolExecutor(15) as pool:
        list(pool.map(lambda each: save_rig(store, each, now=NOW), rigs))
        assert list(pool.map(lambda each: rig_of(store, each.user_id), rigs)) == rigs


def test_a_store_without_the_table_is_a_store_error(store: sa.Engine) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("DROP TABLE rig"))
    with pytest.raises(StoreError):
        rig_of(store, ME)
