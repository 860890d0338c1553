"""A sender with a real store and a real server on loopback: everybody gets it once, and ends in one state."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from knowledge.store.delivery_rows import Lane
from knowledge.store.stores import Stores
from tests.digest.sending import (
    MONTH,
    TOKENS,
    Slow,
    any_stores,
    batches,
    fill,
    now,
    sender,
    smtp,
    stores,
)
from tests.fakes.postgres import postgres_server, postgres_url
from tests.fakes.smtp_sink import DROP, smtp_sink

__all__ = ["any_stores", "postgres_server", "postgres_url", "stores"]


async def test_everybody_gets_it_once(any_stores: Stores) -> None:
    fill(any_stores, 60)
    async with smtp_sink(keep=True) as sink:
        made = sender(any_stores, smtp(sink))
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
        assert await sender(any_stores, smtp(sink), name="again").run(MONTH, asyncio.Event()) == "done"
    assert sorted(to for _, to in sink.accepted) == sorted(f"r{at}@example.net" for at in range(60))
    assert len({mail_id for mail_id, _ in sink.accepted}) == 60
    assert sink.n_open_max <= 3
    assert any_stores.runs.counts(MONTH) == {"accepted": 60}
    issue = any_stores.digest.issue(MONTH)
    assert issue is not None
    assert issue.status == "sent"
    for path in sink.senders:
        found = TOKENS.read_return_path(path)
        assert found is not None
        assert found[0] == MONTH


async def test_three_workers_share_it(any_stores: Stores) -> None:
    fill(any_stores, 150)
    async with smtp_sink() as sink:
        workers = [sender(any_stores, smtp(sink), name=f"w{at}") for at in range(3)]
        states = await asyncio.gather(*(worker.run(MONTH, asyncio.Event()) for worker in workers))
        await asyncio.gather(*(worker.close() for worker in workers))
    assert states == ["done"] * 3
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 150}


def mixed(command: str, to: str, _n: int) -> bytes | None:
    """Answers by the reader's number: unknown, spam, later, dropped once, accepted."""
    number = int(to[1:].partition("@")[0]) if to else 0
    if command == "RCPT" and number % 10 == 1:
        return b"550 5.1.1 User unknown\r\n"
    if command == "BODY" and number % 10 == 2:
        return b"554 5.7.1 Message rejected as spam content\r\n"
    if command == "RCPT" and number % 10 == 3:
        return b"450 4.2.0 Greylisted\r\n"
    return DROP if command == "BODY" and number % 10 == 4 else None


async def test_each_reader_ends_in_one_state(any_stores: Stores) -> None:
    fill(any_stores, 50)
    async with smtp_sink(mixed) as sink:
        await batches(sender(any_stores, smtp(sink)))
    counts = any_stores.runs.counts(MONTH)
    assert counts == {"hard": 5, "soft": 5, "pending": 10, "accepted": 30}
    assert any_stores.subscribers.counts() == {"confirmed": 45, "suppressed": 5}
    assert len(sink.accepted) == 30


async def test_pausing_halts_a_batch_under_way(stores: Stores) -> None:
    fill(stores, 300)

    def pause(command: str, _to: str, n_accepted: int) -> bytes | None:
        if command == "BODY" and n_accepted == 20:
            stores.runs.pause(MONTH, now=now())
        return None

    async with smtp_sink(pause) as sink:
        made = sender(stores, smtp(sink, connections=1), lease_s=2.0)
        made._mailer = slow = Slow(made._mailer)
        assert await made.run(MONTH, asyncio.Event()) == "paused"
        await made.close()
        counts = stores.runs.counts(MONTH)
        assert set(counts) == {"accepted", "pending"}
        assert 20 <= counts["accepted"] == len(sink.accepted) < 300
        assert slow.lines == 1
        stores.runs.resume(MONTH, now=now())
        again = sender(stores, smtp(sink))
        assert await again.run(MONTH, asyncio.Event()) == "done"
        await again.close()
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 300}


async def test_asked_to_stop_it_gives_back_what_it_did_not_try(stores: Stores) -> None:
    fill(stores, 200)
    stop = asyncio.Event()

    def answer(_c: str, _to: str, n_accepted: int) -> bytes | None:
        if n_accepted == 10:
            stop.set()
        return None

    async with smtp_sink(answer) as sink:
        made = sender(stores, Slow(smtp(sink)))
        assert await made.run(MONTH, stop) == "running"
        await made.close()
    counts = stores.runs.counts(MONTH)
    assert set(counts) == {"accepted", "pending"}
    assert counts["accepted"] == len(sink.accepted) < 200


async def test_a_lane_has_no_more_at_once_than_it_may(stores: Stores) -> None:
    lanes = (Lane(name="example.net", domains=("example.net",), limit=1000, window_s=60, at_once=2),)
    fill(stores, 40, lanes=lanes)
    async with smtp_sink() as sink:
        slow = Slow(smtp(sink, connections=8))
        made = sender(stores, slow, lanes=lanes)
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
    assert len(sink.accepted) == 40
    assert slow.n_most == 2


async def test_without_a_lane_every_connection_is_used(stores: Stores) -> None:
    fill(stores, 40)
    async with smtp_sink() as sink:
        slow = Slow(smtp(sink, connections=8))
        made = sender(stores, slow)
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
    assert slow.n_most == 8


async def test_a_provider_that_asks_for_less_rests(stores: Stores) -> None:
    lanes = (Lane(name="example.net", domains=("example.net",), limit=1000, window_s=60),)
    fill(stores, 50, lanes=lanes)

    def slower(command: str, _to: str, n_accepted: int) -> bytes | None:
        return b"450 4.7.1 sending rate limit exceeded\r\n" if command == "RCPT" and n_accepted >= 10 else None

    async with smtp_sink(slower) as sink:
        made = sender(stores, smtp(sink, connections=1), lanes=lanes)
        first = await made.batch(MONTH)
        second = await made.batch(MONTH)
        await made.close()
    assert (first.counts["accepted"], first.counts["pending"]) == (10, 1)
    assert second.n_claimed == 0
    assert stores.runs.counts(MONTH) == {"accepted": 10, "pending": 40}


async def test_serving_sends_what_is_approved_and_stops_when_asked(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.send.LOOK_S", 0.05)
    stop = asyncio.Event()
    async with smtp_sink() as sink:
        made = sender(stores, smtp(sink))
        serving = asyncio.create_task(made.serve(stop))
        await asyncio.sleep(0.1)
        fill(stores, 20)
        while len(sink.accepted) < 20:  # noqa: ASYNC110 - what arrives is what is waited for
            await asyncio.sleep(0.02)
        stop.set()
        await serving
        await made.close()
    assert stores.runs.counts(MONTH) == {"accepted": 20}
