"""Sends an issue: claims rows of the outbox in batches, composes, hands over, and commits each answer at once.

    claim (lease) ──> lines: compose → send → commit, one mail at a time each ──> give back what was not tried
         ^                heartbeat: renews the lease, notices pause and cancel                     │
         └──────────────────────────────── until no row is open ────────────────────────────────────┘

`Sender.batch` is the unit a job engine may call, any number at a time on any machine; `Sender.run` calls it until the
run is over. What an answer means is in `replies`, how mails are made in `composer`, how they leave in `mailer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, ParamSpec, TypeVar

from digest.alarms import Alarms
from digest.batch import Batch
from digest.composer import Composer
from digest.errors import HeaderError, MailerError
from digest.mailer import Line, Mailer, Outcome
from digest.recorder import Recorder
from digest.replies import Refusals, judge, slow_down
from knowledge.errors import StoreError
from knowledge.store.delivery_rows import Claimed, Lane, RunState, Settled
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.run_store import RunStore

log = logging.getLogger(__name__)

BATCH: Final = 400
HEARTBEAT_S: Final = 2.0
LEASE_MARGIN: Final = 0.25
"""With less than this share of the lease left nothing new is handed over: another worker may have the row soon."""

REST_S: Final = 60
IDLE_S: Final = 2.0
"""How often a worker with nothing to claim looks again: what another one gave back shows only in the store."""
LOOK_S: Final = 15.0
DOWN_WAIT_S: Final = (1, 2, 5, 10, 30, 60, 120, 300)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class BatchReport:
    """What a batch came to. `why` says why it ended early, `down` that there was no connection to be had."""

    n_claimed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    why: str = ""
    down: bool = False


class Sender:
    """One worker. Clock and randomness are passed in; `composer_of` makes the composer of a month's run."""

    def __init__(
        self,
        outbox: DeliveryStore,
        runs: RunStore,
        mailer: Mailer,
        composer_of: Callable[[str], Composer],
        *,
        alarms: Alarms,
        now: Callable[[], datetime],
        jitter: random.Random,
        lanes: tuple[Lane, ...] = (),
        lease_s: float = 60.0,
    ) -> None:
        self._outbox, self._runs = outbox, runs
        self._mailer = mailer
        self._composer_of = composer_of
        self._composers: dict[str, Composer] = {}
        self._alarms = alarms
        self._now = now
        self._jitter = jitter
        self._lanes = lanes
        self._lease = timedelta(seconds=lease_s)
        self._held_until = now()
        self._idle: list[Line] = []
        self._refusals = Refusals()
        self._resting: dict[str, datetime] = {}
        self._stopping = False
        self._recorder: Recorder | None = None
        self._db = ThreadPoolExecutor(1, thread_name_prefix="outbox")

    async def run(self, month: str, stop: asyncio.Event) -> RunState | None:
        """Send until the run is over or `stop` is set; return the run's state, None where there is no such run."""
        n_down = 0
        while not stop.is_set():
            try:
                report = await self.batch(month, stop=stop)
                if report.down:
                    wait_s = DOWN_WAIT_S[min(n_down, len(DOWN_WAIT_S) - 1)] * (1 + self._jitter.random())
                    n_down += 1
                    if n_down == 3:
                        await self._sound("unreachable", month, report.why)
                    await _sleep(wait_s, stop)
                elif report.n_claimed:
                    n_down = 0
                else:
                    state = await self._after_nothing(month, stop)
                    if state != "running":
                        return state
            except StoreError as error:
                await self._sound("store", month, str(error))
                await _sleep(5 * (1 + self._jitter.random()), stop)
        found = await self._do(self._runs.run, month)
        return found.state if found else None

    async def serve(self, stop: asyncio.Event) -> None:
        """Send every run that is to be sent, as it comes, until `stop` is set."""
        while not stop.is_set():
            try:
                for found in await self._do(self._runs.running):
                    await self.run(found.month, stop)
            except StoreError as error:
                log.warning("The runs to send cannot be read: %s", error)
            await _sleep(LOOK_S, stop)

    async def _after_nothing(self, month: str, stop: asyncio.Event) -> RunState | None:
        """Nothing could be claimed: close the run where no row is open, else wait until one may be."""
        found = await self._do(self._runs.run, month)
        if found is None or found.state != "running":
            return found.state if found else None
        if await self._do(partial(self._runs.finish, month, now=self._now())):
            await self._do(self._alarms.clear, month)
            return "done"
        due = await self._do(self._outbox.next_due, month)
        wait_s = (due - self._now()).total_seconds() if due else 0.0
        await _sleep(min(IDLE_S, max(0.2, wait_s)), stop)
        return "running"

    async def batch(self, month: str, *, n: int = BATCH, stop: asyncio.Event | None = None) -> BatchReport:
        """Claim up to `n` due mails and bring each to an end or back. Raises StoreError where none could be claimed."""
        now = self._now()
        self._resting = {lane: until for lane, until in self._resting.items() if until > now}
        claim = partial(self._outbox.claim, lanes=self._lanes, resting=self._resting, lease=self._lease, now=now)
        claimed = await self._do(partial(claim, month, n))
        if not claimed:
            return BatchReport()
        self._held_until = now + self._lease
        batch = Batch(claimed, self._lanes)
        heart = asyncio.create_task(self._heartbeat(month, batch, stop))
        down: list[MailerError] = []
        self._recorder = Recorder(partial(self._settle, month), partial(self._store_trouble, month))
        try:
            composer = await self._composer(month)
            await asyncio.to_thread(composer.prepare, claimed, self._outbox)
            lines = min(self._mailer.lines, len(claimed))
            ends = (self._line(month, batch, composer, down) for _ in range(lines))
            failed = [end for end in await asyncio.gather(*ends, return_exceptions=True) if end is not None]
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
            await self._give_back(month, batch)
        if failed:
            raise failed[0]
        if self._refusals.tripped:
            await self._reopen(month)
        untried = sum(map(len, batch.untried().values()))
        no_line = bool(down) and untried > 0 and not batch.why
        why = batch.why or (str(down[-1]) if no_line else "")
        return BatchReport(n_claimed=len(claimed), counts=batch.counts, why=why, down=no_line)

    async def _composer(self, month: str) -> Composer:
        if month not in self._composers:
            await self._do(partial(self._outbox.mark_sending, month, now=self._now()))
            self._composers = {month: await asyncio.to_thread(self._composer_of, month)}
        return self._composers[month]

    async def _line(self, month: str, batch: Batch, composer: Composer, down: list[MailerError]) -> None:
        """Work one line; where it fails, all come to their end before the failure is told."""
        try:
            await self._work(month, batch, composer, down)
        except BaseException:
            batch.halt("failed")
            raise

    async def _work(self, month: str, batch: Batch, composer: Composer, down: list[MailerError]) -> None:
        """One line: a mail after the other, each committed before the next. Ends when it cannot connect."""
        line: Line | None = None
        try:
            while (mail := await batch.take()) is not None:
                if line is None or not line.usable:
                    line = await self._open(month, batch, down)
                    if line is None:
                        batch.put_back(mail)
                        return
                if self._now() > self._held_until - self._lease * LEASE_MARGIN:
                    batch.put_back(mail)
                    batch.halt("the lease could not be renewed in time")
                    return
                await self._send_one(month, batch, composer, line, mail)
        finally:
            if line is not None:
                self._idle.append(line)

    async def _open(self, month: str, batch: Batch, down: list[MailerError]) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.usable:
                return line
            await line.close()
        try:
            return await self._mailer.open()
        except MailerError as error:
            down.append(error)
            if error.fatal:
                batch.halt(error.message)
                await self._stop_run("mailer", month, error.message)
            return None

    async def _send_one(self, month: str, batch: Batch, composer: Composer, line: Line, mail: Claimed) -> None:
        asked = True
        try:
            envelope, data = composer.mail(mail, now=self._now())
        except HeaderError as error:
            asked = False
            outcome = Outcome(kind="refused", stage="rcpt", code=553, text=f"5.1.3 {error.message}")
        else:
            outcome = await line.send(envelope, data)
        attempts, jitter = mail.attempts, self._jitter.random()
        result = judge(mail.subscriber_id, attempts, outcome, now=self._now(), jitter=jitter)
        assert self._recorder is not None  # noqa: S101 - made by `batch`
        try:
            await self._recorder.record(result)
        except StoreError:
            log.exception("What became of %s is known but could not be kept: %s", mail.subscriber_id, result.state)
            batch.halt("the store is gone")
        batch.done(mail, result.state)
        if slow_down(outcome):
            self._resting[mail.lane] = self._now() + timedelta(seconds=REST_S)
            batch.rest(mail.lane)
        if asked and self._refusals.note(mail.subscriber_id, outcome) and not batch.why:
            batch.halt(f"the server refuses everything: {result.reply}")
            await self._stop_run(
                "refused", month, f"{len(self._refusals.subscriber_ids)} refusals in a row: {result.reply}"
            )

    async def _settle(self, month: str, results: list[Settled]) -> int:
        return await self._do(partial(self._outbox.settle, month, results, now=self._now()))

    def _store_trouble(self, month: str, error: StoreError) -> None:
        log.critical("ALARM store %s: answers wait to be kept: %s", month, error)
        if self._stopping and self._recorder is not None:
            self._recorder.giving_up = True

    async def _heartbeat(self, month: str, batch: Batch, stop: asyncio.Event | None) -> None:
        """Renew the lease and look whether the run still runs, for as long as the batch is under way."""
        every_s = min(HEARTBEAT_S, self._lease.total_seconds() / 4)
        while True:
            await _sleep(every_s, stop)
            if stop is not None and stop.is_set():
                self._stopping = True
                batch.halt("asked to stop")
                await asyncio.sleep(every_s)
            try:
                now = self._now()
                await self._do(partial(self._outbox.renew, month, lease=self._lease, now=now))
                self._held_until = now + self._lease
                found = await self._do(self._runs.run, month)
            except StoreError as error:
                log.warning("The lease could not be renewed: %s", error)
                continue
            if found is None or found.state != "running":
                batch.halt(f"the run is {found.state if found else 'gone'}")

    async def _give_back(self, month: str, batch: Batch) -> None:
        """Give back what was not tried. Where the store is gone the leases run out by themselves."""
        for lane, subscriber_ids in batch.untried().items():
            due_at = self._resting.get(lane, self._now())
            with contextlib.suppress(StoreError):
                await self._do(partial(self._outbox.give_back, month, subscriber_ids, due_at=due_at))

    async def _stop_run(self, kind: str, month: str, reason: str) -> None:
        await self._do(partial(self._runs.stop, month, reason, now=self._now()))
        await self._sound(kind, month, reason)

    async def _reopen(self, month: str) -> None:
        """Put back the mails whose refusal was meant for us; everything of this batch has been settled by now."""
        n_back = await self._do(
            partial(self._outbox.reopen, month, list(self._refusals.subscriber_ids), now=self._now())
        )
        log.warning("%d refused mails of %s were put back.", n_back, month)
        self._refusals.clear()

    async def _sound(self, kind: str, subject: str, message: str) -> None:
        await self._do(self._alarms.sound, kind, subject, message)

    async def _do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something with the store in its thread: the loop never waits for a database."""
        return await asyncio.get_running_loop().run_in_executor(self._db, partial(work, *args, **kwargs))

    async def close(self) -> None:
        """Say goodbye on every open line."""
        lines, self._idle = self._idle, []
        await asyncio.gather(*(line.close() for line in lines))
        self._db.shutdown()


async def _sleep(seconds: float, stop: asyncio.Event | None) -> None:
    """Sleep, less long where `stop` is set."""
    if stop is None:
        await asyncio.sleep(seconds)
        return
    waiting: Awaitable[object] = stop.wait()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(waiting, seconds)
