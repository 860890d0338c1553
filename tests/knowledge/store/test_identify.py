"""The limiter of gateway identifies that all bot processes share, on both backends."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from knowledge.store.bot_store import BotStore
from knowledge.store.db import engine

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_turns_of_a_bucket_are_spaced_whoever_asks(store: sa.Engine) -> None:
    """Eight processes at once, two buckets: every turn of a bucket is a window after the one before."""
    turns: list[tuple[int, datetime]] = []
    url = store.url.render_as_string(hide_password=False)

    def ask(bucket: int) -> None:
        mine = engine(url)
        turns.append((bucket, BotStore(mine).identify_turn(1, bucket, 5.0, now=NOW)))
        mine.dispose()

    threads = [threading.Thread(target=ask, args=(number % 2,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for bucket in (0, 1):
        mine = sorted(turn for number, turn in turns if number == bucket)
        assert mine == [NOW + timedelta(seconds=5 * number) for number in range(4)]


def test_a_bucket_long_unused_is_free_at_once(store: sa.Engine) -> None:
    bot = BotStore(store)
    bot.identify_turn(1, 0, 5.0, now=NOW)
    later = NOW + timedelta(minutes=1)
    assert bot.identify_turn(1, 0, 5.0, now=later) == later
    assert bot.identify_turn(2, 0, 5.0, now=NOW) == NOW, "another application has turns of its own"
