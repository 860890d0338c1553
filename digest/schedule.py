"""When the digest does what by itself: one row a job. The only home of apscheduler; the jobs' work is elsewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

log = logging.getLogger(__name__)

JobWork = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scheduled job: `every_s` apart, or `at` a time by its fields in UTC (`{"day": 1, "hour": 6}`).

    `at_start` lets it run once at once. A job never runs twice at the same time; missed times are made up for once.
    Where several processes share the jobs (`jobs`), each is done by one of them, or by up to `seats` at once while
    `needed` says there is something to do; one that is `everywhere` stays with every process.
    `grace_s` is how long it may take to come to its end when the process is asked to stop; without, it is cut short.
    """

    name: str
    work: JobWork
    every_s: float = 0.0
    at: Mapping[str, int | str] = field(default_factory=dict)
    at_start: bool = False
    seats: int = 1
    needed: Callable[[], Awaitable[bool]] | None = None
    everywhere: bool = False
    grace_s: float = 0.0


def next_time(job: Job, now: datetime) -> datetime | None:
    """Return when a job that is done `at` a time is done next; None for the others."""
    if not job.at:
        return None
    at: datetime | None = CronTrigger(**{"hour": 0, "minute": 0, **job.at}, timezone=UTC).get_next_fire_time(None, now)
    return at


async def run_jobs(jobs: tuple[Job, ...], stop: asyncio.Event) -> None:
    """Run the jobs on their schedule until `stop` is set. A job that fails is logged and comes again."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    running: dict[asyncio.Task[None], float] = {}
    for job in jobs:
        when: dict[str, object] = {"hour": 0, "minute": 0, **job.at} if job.at else {"seconds": job.every_s}
        if job.every_s >= 60:
            when["jitter"] = 60
        if job.at_start:
            when["next_run_time"] = datetime.now(UTC)
        scheduler.add_job(
            _guarded,
            "cron" if job.at else "interval",
            args=[job, running],
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            **when,
        )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job still at work at its next time is no news
    scheduler.start()
    try:
        await stop.wait()
        ending = [task for task, grace_s in running.items() if grace_s]
        if ending:
            await asyncio.wait(ending, timeout=max(running.values()))
    finally:
        scheduler.shutdown(wait=False)


async def _guarded(job: Job, running: dict[asyncio.Task[None], float]) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine at work is in a task
    running[task] = job.grace_s
    try:
        await job.work()
    except Exception:
        log.exception("The job %s failed and will be tried again at its next time.", job.name)
    finally:
        del running[task]
