"""When the digest does what by itself: one row a job. The only home of apscheduler; the jobs' work is elsewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

JobWork = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scheduled job: `every_hours` apart, the first at once where `at_start`. `stop` cuts it short."""

    name: str
    every_hours: float
    work: JobWork
    at_start: bool = True


async def run_jobs(jobs: tuple[Job, ...], stop: asyncio.Event) -> None:
    """Run the jobs on their schedule until `stop` is set. A job that fails is logged and comes again."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for job in jobs:
        scheduler.add_job(
            _guarded,
            "interval",
            hours=job.every_hours,
            args=[job],
            id=job.name,
            coalesce=True,
            max_instances=1,
            jitter=60,
        )
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
        log.exception("The job %s failed and will be tried again in %g h.", job.name, job.every_hours)
