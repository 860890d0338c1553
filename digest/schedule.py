"""When the digest does what by itself: one row a job. The only home of apscheduler; the jobs' work is elsewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

JobWork = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scheduled job: `every_s` apart, or `at` a time by its fields in UTC (`{"day": 1, "hour": 6}`).

    `at_start` lets it run once at once. A job never runs twice at the same time; missed times are made up for once.
    """

    name: str
    work: JobWork
    every_s: float = 0.0
    at: Mapping[str, int | str] = field(default_factory=dict)
    at_start: bool = False


async def run_jobs(jobs: tuple[Job, ...], stop: asyncio.Event) -> None:
    """Run the jobs on their schedule until `stop` is set. A job that fails is logged and comes again."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for job in jobs:
        when: dict[str, object] = {"hour": 0, "minute": 0, **job.at} if job.at else {"seconds": job.every_s}
        if job.every_s >= 60:
            when["jitter"] = 60
        scheduler.add_job(
            _guarded,
            "cron" if job.at else "interval",
            args=[job],
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            **when,
        )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job still at work at its next time is no news
    scheduler.start()
    first = asyncio.create_task(_at_start(jobs))
    try:
        await stop.wait()
    finally:
        scheduler.shutdown(wait=False)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def _at_start(jobs: tuple[Job, ...]) -> None:
    for job in jobs:
        if job.at_start:
            await _guarded(job)


async def _guarded(job: Job) -> None:
    try:
        await job.work()
    except Exception:
        log.exception("The job %s failed and will be tried again at its next time.", job.name)
