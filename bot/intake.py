"""Every interaction from the gateway to whoever answers it: judged, put in order, timed. No content is made here.

discord.py reads all events that wait before any answer leaves and starts a task for each. Here the payload is only
looked at when it comes; it is parsed when its turn has come, in order of arrival, a bounded number at once. One that
waited too long is told that the bot is busy, which costs a tenth of an answer, so that those behind it hear in time.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

import aiohttp
import discord
import orjson

from bot.limits import MOST_AT_ONCE, Ages, Limits, Verdict, judge_wait
from bot.log import fields
from bot.metrics import Metrics
from bot.say import say_in

logger = logging.getLogger(__name__)

Payload = Mapping[str, Any]
EPHEMERAL_V2: Final = 1 << 6 | 1 << 15
DISCORD_EPOCH_MS: Final = 1_420_070_400_000
TASK: Final = "interaction"
COMPLETION: Final = 4


@dataclass(frozen=True, slots=True)
class _Taken:
    """An interaction that was taken: what was judged of it, and when it came (monotonic seconds)."""

    id: int
    token: str
    verdict: Verdict
    came_s: float


class Intake:
    """Takes INTERACTION_CREATE payloads. `serve` answers one in full, `say` sends a ready-made answer.

    `relieved` is set whenever the last of those that had to wait has had its turn.
    """

    def __init__(
        self,
        serve: Callable[[Payload], Awaitable[None]],
        say: Callable[[int, str, Payload], Awaitable[None]],
        metrics: Metrics,
        limits: Limits | None = None,
    ) -> None:
        self._serve, self._say, self._metrics = serve, say, metrics
        self._limits = limits or Limits()
        self._ages = Ages()
        self._workers: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[_Taken, bytes]] = deque()
        self._came: dict[int, tuple[int, float]] = {}
        self.relieved = asyncio.Event()

    def take(self, data: Payload) -> None:
        """Take one payload off the gateway. Raises KeyError, TypeError or ValueError where it is malformed."""
        now_s = time.monotonic()
        id_, kind = int(data["id"]), data["type"]
        token, user_id, guild_id = str(data["token"]), _user_id(data), int(data.get("guild_id") or 0)
        sent_s = ((id_ >> 22) + DISCORD_EPOCH_MS) / 1000
        came_s = now_s - self._ages.age_s(time.time() - sent_s, now_s)
        verdict = self._limits.judge(user_id, guild_id, now_s, completion=kind == COMPLETION, in_hand=self.in_hand)
        if verdict is Verdict.DROPPED:
            self._metrics.shed(verdict.value)
            return
        taken = _Taken(id_, token, verdict, came_s)
        if len(self._workers) < MOST_AT_ONCE:
            worker = asyncio.get_running_loop().create_task(self._work(taken, data), name=TASK)
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        else:
            self._waiting.append((taken, packed(data)))
        self._came[id_] = (kind, came_s)

    @property
    def in_hand(self) -> int:
        """How many are being answered or wait for their turn."""
        return len(self._workers) + len(self._waiting)

    @property
    def working(self) -> frozenset[asyncio.Task[None]]:
        """What answers them, and ends when none waits."""
        return frozenset(self._workers)

    def answered(self, id_: int) -> None:
        """Discord took the first answer of an interaction."""
        kind, came_s = self._came.pop(id_, (0, 0.0))
        if kind:
            self._metrics.acked(kind, time.monotonic() - came_s)

    async def _work(self, taken: _Taken, data: Payload) -> None:
        """Answer one interaction, then those that have waited longest while there are any."""
        try:
            await self._turn(taken, data)
            while self._waiting:
                await asyncio.sleep(0)  # those that came before have their turn first, and the loop its breath
                if self._waiting:
                    await self._turn(*self._waiting.popleft())
                    if not self._waiting:
                        self.relieved.set()
        finally:  # at once, not by its callback: what comes meanwhile would wait for a worker that has gone
            self._workers.discard(asyncio.current_task())

    async def _turn(self, taken: _Taken, data: Payload | bytes) -> None:
        verdict = judge_wait(taken.verdict, time.monotonic() - taken.came_s, self.in_hand)
        try:
            if verdict is not Verdict.ANSWER:
                self._metrics.shed(verdict.value)
            if verdict is Verdict.EXPIRED:
                return
            payload = orjson.loads(data) if isinstance(data, bytes) else data
            if verdict is Verdict.ANSWER:
                await self._serve(payload)
            else:
                await self._say(taken.id, taken.token, shed_payload(payload, verdict))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.warning("interaction not answered %s", fields(error=repr(error)[:200]))
        except Exception as error:  # noqa: BLE001 -- one payload must not end the others, whatever is wrong with it
            self._metrics.counts["malformed"] += 1
            logger.warning("malformed interaction dropped %s", fields(error=repr(error)[:200], where=_innermost(error)))
        finally:
            self._came.pop(taken.id, None)


def packed(data: Payload) -> bytes:
    """A payload as it waits: a sixth of the memory of its objects, and none of theirs lies among what is kept for good.

    Copied, for orjson gives a text three times the room it takes. Raises TypeError where it holds what is no JSON.
    """
    return memoryview(orjson.dumps(data)).tobytes()


def shed_payload(data: Payload, verdict: Verdict) -> Payload:
    """The callback for what is not answered in full: no choices, or a sentence for the asker alone."""
    if data["type"] == COMPLETION:
        return {"type": 8, "data": {"choices": []}}
    say = say_in(str(data.get("locale", "")))
    text = say("shed.busy" if verdict is Verdict.BUSY else "shed.slow_down")
    inner = {
        "flags": EPHEMERAL_V2,
        "components": [{"type": 10, "content": text}],
        "allowed_mentions": {"parse": []},
    }
    return {"type": 4, "data": inner}


def _innermost(error: BaseException) -> str:
    """Where an exception was raised, as `file:line`."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _user_id(data: Payload) -> int:
    person = data.get("member") or data
    return int(person["user"]["id"])
