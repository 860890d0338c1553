"""Shares the scheduled jobs among all digest processes where the store is PostgreSQL. The only home of the job engine.

    schedule of each process ──defer──> queue in the database ──> any process: work
                              once per slot of time               one at a time, `seats` at a time

The queue holds no state of its own: a job only says "look what there is to do", and what there is stands in the
digest's rows. So a lost, repeated or late job does no harm. Where the store is a file, jobs stay in their one process.
What the jobs do, and when, is not decided here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import procrastinate
import psycopg
from procrastinate import exceptions as engine_errors
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from digest.schedule import Job
from knowledge.errors import StoreError

log = logging.getLogger(__name__)

SHARED: Final = "jobs"
SEATED: Final = "seats"
"""Queues: jobs with seats have one of their own, in which a process takes one at a time."""

AT_ONCE: Final = 3
"""Jobs without seats that one process works on at a time."""

HEARTBEAT_S: Final = 5.0
STALLED_S: Final = 20.0
"""A process not heard of for so long is dead: what it worked on is given to another."""

RESCUE_EVERY_S: Final = 5.0
AGAIN_S: Final = 5.0
RETRY: Final = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=4)
"""For jobs of the calendar alone: what runs every few minutes comes again by itself."""

_MAKE_LOCK: Final = 7_270_003  # PostgreSQL advisory lock: one process makes the queue's tables
_FAULTS: Final = (engine_errors.ConnectorException, psycopg.Error, OSError)


@asynccontextmanager
async def shared_jobs(
    url: str, jobs: tuple[Job, ...], *, now: Callable[[], datetime], stalled_s: float = STALLED_S
) -> AsyncIterator[tuple[Job, ...]]:
    """Give the jobs as this process's schedule shall start them.

    On PostgreSQL starting one means deferring it, and this process works on whatever is deferred by any of them until
    the block ends. Otherwise they are given as they are. Raises StoreError where the queue cannot be made.
    """
    if not url.startswith("postgresql"):
        yield jobs
        return
    queue = await _make_queue(url)
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=_libpq(url), kwargs={"options": f"-c search_path={queue}"}, min_size=1, max_size=6
        )
    )
    team = _Team(app, jobs, now=now, stalled_s=stalled_s)
    async with app.open_async():
        workers = [asyncio.create_task(work) for work in (team.work(SHARED, AT_ONCE), team.work(SEATED, 1))]
        workers.append(asyncio.create_task(team.rescue()))
        try:
            yield tuple(
                job if job.everywhere else replace(job, work=partial(team.defer, job), needed=None) for job in jobs
            )
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


def slot_of(job: Job, at: datetime) -> int:
    """Return the slot of time (seconds since 1970) in which a job shall be done once: its interval, or the day."""
    seconds = int(at.timestamp())
    length = 24 * 3600 if job.at else max(1, int(job.every_s))
    return seconds - seconds % length


class _Team:
    """This process's part: it defers what its schedule starts, and works on what anybody deferred."""

    def __init__(
        self, app: procrastinate.App, jobs: tuple[Job, ...], *, now: Callable[[], datetime], stalled_s: float
    ) -> None:
        self._app = app
        self._now = now
        self._stalled_s = stalled_s
        self._grace_s = {SHARED: 0.0, SEATED: 0.0}
        for job in jobs:
            self._grace_s[_queue_of(job)] = max(self._grace_s[_queue_of(job)], job.grace_s)
        self._tasks = {
            job.name: app.task(
                name=job.name,
                queue=_queue_of(job),
                retry=RETRY if job.at else False,
                pass_context=False,
            )(_work_of(job))
            for job in jobs
        }

    async def defer(self, job: Job) -> None:
        """Defer a job into each of its seats, unless that was done in this slot, or one waits there already."""
        if job.needed is not None and not await job.needed():
            return
        slot = slot_of(job, self._now())
        for seat in range(job.seats):
            place = f"{job.name} {seat}"
            made = self._tasks[job.name].configure(
                lock=place, queueing_lock=place, task_kwargs={"seat": seat, "timestamp": slot}
            )
            with contextlib.suppress(engine_errors.AlreadyEnqueued):
                await self._app.job_manager.defer_periodic_job(made.job, place, slot)

    async def work(self, queue: str, at_once: int) -> None:
        """Work on one queue until cancelled, beginning anew when the database was away."""
        while True:
            with contextlib.suppress(*_FAULTS):
                await self._app.run_worker_async(
                    queues=[queue],
                    concurrency=at_once,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    shutdown_graceful_timeout=self._grace_s[queue],
                    update_heartbeat_interval=min(HEARTBEAT_S, self._stalled_s / 4),
                    stalled_worker_timeout=self._stalled_s,
                )
            log.warning("The queue '%s' cannot be read; trying again in %g s.", queue, AGAIN_S)
            await asyncio.sleep(AGAIN_S)

    async def rescue(self) -> None:
        """Give what dead processes worked on to others, for as long as this one lives."""
        while True:
            await asyncio.sleep(min(RESCUE_EVERY_S, self._stalled_s / 2))
            with contextlib.suppress(*_FAULTS):
                await self._rescue_once()

    async def _rescue_once(self) -> None:
        manager = self._app.job_manager
        for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_s):
            if stalled.id is None:
                continue
            log.warning("The job %s was left by a process that died; it is done again.", stalled.queueing_lock)
            try:
                await manager.retry_job(stalled)
            except engine_errors.UniqueViolation:  # the same job waits already: that one will do
                await manager.finish_job(stalled, status=Status.FAILED, delete_job=True)


def _queue_of(job: Job) -> str:
    return SEATED if job.seats > 1 else SHARED


def _work_of(job: Job) -> Callable[..., Awaitable[None]]:
    async def work(seat: int = 0, timestamp: int = 0) -> None:
        del seat, timestamp  # they keep deferred jobs apart; the work is the same
        try:
            await job.work()
        except Exception:
            log.exception("The job %s failed and will be tried again.", job.name)
            if job.at:
                raise

    return work


async def _make_queue(url: str) -> str:
    """Make the queue's tables in a schema of their own, named after their definition, and return its name.

    Another version of the engine with other tables so begins with an empty queue, which is no loss.
    """
    definition = SchemaManager.get_schema()
    name = f"jobs_{hashlib.sha256(definition.encode()).hexdigest()[:8]}"
    try:
        async with await psycopg.AsyncConnection.connect(_libpq(url), connect_timeout=5) as conn:
            await conn.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKE_LOCK,))
            found = await (await conn.execute("SELECT to_regnamespace(%s)", (name,))).fetchone()
            if found is None or found[0] is None:
                await conn.execute(f"CREATE SCHEMA {name}".encode())
                await conn.execute(f"SET LOCAL search_path TO {name}".encode())
                await conn.execute(definition.encode())
    except psycopg.Error as error:
        raise StoreError(
            f"The queue of jobs cannot be made: {' '.join(str(error).split())[:200]}.",
            subject="DATABASE_URL",
            hint="Its account needs the right to make a schema in its database.",
        ) from error
    return name


def _libpq(url: str) -> str:
    """Return the address without the driver's name, as the database's own library reads it."""
    return "postgresql://" + url.partition("://")[2]
