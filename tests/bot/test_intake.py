"""What waits is answered in order and in full, told so in time, or dropped late; one bad payload ends nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest

from bot.intake import DISCORD_EPOCH_MS, Intake, packed
from bot.limits import CROWDED, DEADLINE_S, MOST_AT_ONCE, Verdict
from bot.metrics import Metrics

MORE = MOST_AT_ONCE + 50


def payload(number: int, *, kind: int = 2) -> dict[str, Any]:
    """An interaction that was sent just now, by a person of its own."""
    id_ = (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22 | number
    return {"id": str(id_), "type": kind, "token": f"t{number}", "user": {"id": str(number + 1)}, "data": {"n": number}}


class Counter:
    """Answers nothing before `open` is set; keeps what came, in order."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.answered: list[int] = []
        self.told: list[int] = []
        self.metrics = Metrics()
        self.intake = Intake(self.serve, self.say, self.metrics)

    async def serve(self, data: Mapping[str, Any]) -> None:
        await self.open.wait()
        self.answered.append(data["data"]["n"])
        self.intake.answered(int(data["id"]))

    async def say(self, id_: int, token: str, said: Mapping[str, Any]) -> None:
        del id_, said
        self.told.append(int(token[1:]))

    async def done(self) -> None:
        """Wait until nobody is in hand."""
        while self.intake.working:
            await asyncio.wait(self.intake.working)
        assert self.intake.in_hand == 0


async def test_more_than_are_answered_at_once_wait_and_come_in_order() -> None:
    counter = Counter()
    for number in range(MORE):
        counter.intake.take(payload(number))
    assert counter.intake.in_hand == MORE
    assert len(counter.intake.working) == MOST_AT_ONCE
    assert not counter.intake.relieved.is_set()
    counter.open.set()
    await counter.done()
    assert counter.answered == list(range(MORE))
    assert counter.intake.relieved.is_set()
    assert counter.metrics.value("ack_seconds_count", kind="command") == MORE


async def test_what_has_waited_too_long_is_told_or_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()
    for number in range(MORE):
        counter.intake.take(payload(number))
    began_s = time.monotonic()
    await asyncio.sleep(0)  # those at work have begun
    monkeypatch.setattr("bot.intake.time.monotonic", lambda: began_s + DEADLINE_S - 0.2)
    counter.open.set()
    await counter.done()
    assert counter.answered[:MOST_AT_ONCE] == list(range(MOST_AT_ONCE))
    assert counter.told == list(range(MOST_AT_ONCE, MOST_AT_ONCE + len(counter.told)))
    assert len(counter.told) == counter.metrics.value("shed_total", reason=Verdict.BUSY.value) > 0
    assert CROWDED < MOST_AT_ONCE


async def test_nobody_is_answered_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()
    for number in range(MORE):
        counter.intake.take(payload(number))
    began_s = time.monotonic()
    await asyncio.sleep(0)
    monkeypatch.setattr("bot.intake.time.monotonic", lambda: began_s + DEADLINE_S + 0.2)
    counter.open.set()
    await counter.done()
    assert counter.answered == list(range(MOST_AT_ONCE))
    assert counter.told == []
    assert counter.metrics.value("shed_total", reason=Verdict.EXPIRED.value) == MORE - MOST_AT_ONCE


async def test_a_bad_payload_ends_no_other() -> None:
    counter = Counter()
    for number in range(MORE):
        counter.intake.take({**payload(number), "data": {} if number % 3 == 0 else {"n": number}})
    counter.open.set()
    await counter.done()
    assert counter.answered == [number for number in range(MORE) if number % 3]
    assert counter.metrics.counts["malformed"] == len(range(0, MORE, 3))


@pytest.mark.parametrize(
    "bad", [{}, {"id": "x"}, {**payload(1), "user": {}}, {**payload(1), "token": None, "id": None}]
)
async def test_what_is_no_interaction_is_refused_at_the_door(bad: dict[str, Any]) -> None:
    counter = Counter()
    with pytest.raises((KeyError, TypeError, ValueError)):
        counter.intake.take(bad)
    assert counter.intake.in_hand == 0


def test_what_waits_takes_its_own_room_and_is_json() -> None:
    body = packed(payload(1))
    assert body.startswith(b'{"id"')
    with pytest.raises(TypeError):
        packed({"data": object()})
