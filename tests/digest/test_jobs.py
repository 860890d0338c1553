"""Jobs of several processes: done once, by whoever is there, and again when who did them died; on both stores."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import procrastinate
import psycopg
import pytest
from procrastinate import exceptions as engine_errors

from digest import jobs as shared
from digest.jobs import shared_jobs, slot_of
from digest.schedule import Job, run_jobs
from knowledge.errors import StoreError
from tests.digest.conftest import BACKENDS

NOON = datetime(2026, 5, 5, 12, 0, 3, tzinfo=UTC)


@pytest.fixture(params=BACKENDS)
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def counting(done: Counter[str], name: str) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        done[name] += 1

    return work


async def until(met: Callable[[], bool], *, limit_s: float = 20.0) -> None:
    """Wait until something is so; fail where it does not come."""
    async with asyncio.timeout(limit_s):
        while not met():  # noqa: ASYNC110 - what it looks at sets no event
            await asyncio.sleep(0.02)


async def test_one_process_does_each_job_once(any_url: str) -> None:
    done: Counter[str] = Counter()
    table = tuple(
        Job(name=name, every_s=3600, work=counting(done, name), at_start=True) for name in ("collect", "draft")
    )
    stop = asyncio.Event()
    async with shared_jobs(any_url, table, now=lambda: NOON) as mine:
        running = asyncio.create_task(run_jobs(mine, stop))
        await until(lambda: done == {"collect": 1, "draft": 1})
        stop.set()
        await running


@pytest.mark.postgres
async def test_three_processes_do_each_job_once(postgres_url: str) -> None:
    done: Counter[str] = Counter()
    table = (
        Job(name="collect", every_s=600, work=counting(done, "collect")),
        Job(name="draft", at={"day": 1, "hour": 6}, work=counting(done, "draft")),
        Job(name="mark", every_s=1, work=counting(done, "mark")),
    )
    clock = [NOON]
    async with AsyncExitStack() as stack:
        teams = [
            await stack.enter_async_context(shared_jobs(postgres_url, table, now=lambda: clock[0])) for _ in range(3)
        ]
        for later in range(3):  # every process starts every job, some a little late, some once more
            clock[0] = NOON + timedelta(seconds=later)
            await asyncio.gather(*(job.work() for team in teams for job in team))
            await until(lambda: done["mark"] == later + 1)  # noqa: B023 - awaited here
        assert done == {"collect": 1, "draft": 1, "mark": 3}
        clock[0] = NOON + timedelta(seconds=600)
        await asyncio.gather(*(job.work() for team in teams for job in team))
        await until(lambda: done["collect"] == 2)
    assert done["draft"] == 1


@pytest.mark.postgres
async def test_seats_let_several_processes_work_at_once(postgres_url: str) -> None:
    at_work, most, go = 0, 0, asyncio.Event()

    async def work() -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await go.wait()
        at_work -= 1

    table = (Job(name="send", every_s=60, work=work, seats=8),)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(shared_jobs(postgres_url, table, now=lambda: NOON)) for _ in range(2)
        ]
        await first[0].work()
        await until(lambda: most == 2)
        await stack.enter_async_context(shared_jobs(postgres_url, table, now=lambda: NOON))  # one that comes late
        await until(lambda: most == 3)
        await second[0].work()
        await asyncio.sleep(0.3)
        assert most == 3  # one at a time in each process
        go.set()
        await until(lambda: at_work == 0)


@pytest.mark.postgres
async def test_what_is_not_needed_is_not_deferred(postgres_url: str) -> None:
    done: Counter[str] = Counter()

    async def no() -> bool:
        return False

    table = (
        Job(name="send", every_s=60, work=counting(done, "send"), needed=no),
        Job(name="look", every_s=60, work=counting(done, "look"), everywhere=True),
    )
    async with shared_jobs(postgres_url, table, now=lambda: NOON) as (send, look):
        assert look is table[1]
        await send.work()
        await asyncio.sleep(0.5)
    assert not done


@pytest.mark.postgres
@pytest.mark.parametrize("waits", [False, True])
async def test_the_job_of_a_process_that_died_is_done_again(postgres_url: str, *, waits: bool) -> None:
    """A worker that takes a job and is never heard of again; another of the same may wait behind it."""
    queue = await shared._make_queue(postgres_url)
    dead = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=postgres_url, kwargs={"options": f"-c search_path={queue}"}, min_size=1, max_size=2
        )
    )
    async with dead.open_async():
        task = dead.configure_task("draft", queue=shared.SHARED, lock="draft 0", queueing_lock="draft 0")
        await task.defer_async(seat=0, timestamp=1)
        worker = await dead.job_manager.register_worker()
        assert await dead.job_manager.fetch_job([shared.SHARED], worker) is not None
        if waits:
            await task.defer_async(seat=0, timestamp=2)
    done: Counter[str] = Counter()
    table = (Job(name="draft", at={"day": 1}, work=counting(done, "draft")),)
    async with shared_jobs(postgres_url, table, now=lambda: NOON, stalled_s=1.0):
        await until(lambda: done["draft"] == 1)
        await asyncio.sleep(0.3)
    assert done["draft"] == 1
    async with await psycopg.AsyncConnection.connect(postgres_url) as conn:
        await conn.execute(f"SET search_path TO {queue}".encode())
        left = await (await conn.execute("SELECT count(*) FROM procrastinate_jobs")).fetchone()
    assert left == (0,)


@pytest.mark.postgres
async def test_a_database_that_comes_back_finds_everybody_at_work(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every connection is cut, as a restart of the server does."""
    monkeypatch.setattr(shared, "AGAIN_S", 0.1)
    done: Counter[str] = Counter()
    clock = [NOON]
    table = (
        Job(name="mark", every_s=1, work=counting(done, "mark")),
        Job(name="send", every_s=1, work=counting(done, "send"), seats=2),
    )
    async with shared_jobs(postgres_url, table, now=lambda: clock[0]) as mine:
        for later in range(3):
            clock[0] = NOON + timedelta(seconds=later)
            async with asyncio.timeout(20):
                while done["mark"] <= later or done["send"] < 2 * (later + 1):
                    with contextlib.suppress(engine_errors.ConnectorException):  # the schedule comes again too
                        await asyncio.gather(*(job.work() for job in mine))
                    await asyncio.sleep(0.1)
            async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as conn:
                await conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
    assert done == {"mark": 3, "send": 6}


@pytest.mark.postgres
async def test_a_monthly_job_that_fails_is_tried_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shared, "RETRY", procrastinate.RetryStrategy(max_attempts=3))
    tries: Counter[str] = Counter()

    async def fails_once() -> None:
        tries["draft"] += 1
        if tries["draft"] == 1:
            raise RuntimeError("no luck")

    async def fails() -> None:
        tries["collect"] += 1
        raise RuntimeError("no luck either")

    table = (Job(name="draft", at={"day": 1}, work=fails_once), Job(name="collect", every_s=60, work=fails))
    async with shared_jobs(postgres_url, table, now=lambda: NOON) as mine:
        for job in mine:
            await job.work()
        await until(lambda: tries["draft"] == 2 and tries["collect"] == 1)
    assert tries == {"draft": 2, "collect": 1}
    assert "The job collect failed" in caplog.text


@pytest.mark.postgres
async def test_processes_that_start_together_make_one_queue(postgres_url: str) -> None:
    names = await asyncio.gather(*(shared._make_queue(postgres_url) for _ in range(4)))
    assert len(set(names)) == 1
    again = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    assert await shared._make_queue(again) == names[0]


async def test_a_database_that_is_not_there_is_said_in_one_line() -> None:
    with pytest.raises(StoreError, match=r"queue of jobs cannot be made") as told:
        async with shared_jobs("postgresql://nobody@127.0.0.1:1/none", (), now=lambda: NOON):
            pass
    assert "\n" not in str(told.value)


def test_slots() -> None:
    every = Job(name="a", every_s=600, work=counting(Counter(), "a"))
    noon = int(datetime(2026, 5, 5, 12, tzinfo=UTC).timestamp())
    assert slot_of(every, NOON) == slot_of(every, NOON + timedelta(seconds=590)) == noon
    assert slot_of(every, NOON + timedelta(seconds=600)) == noon + 600
    daily = replace(every, every_s=0, at={"hour": 9})
    assert slot_of(daily, NOON) == slot_of(daily, NOON + timedelta(hours=11)) != slot_of(daily, NOON + timedelta(1))


async def test_mails_on_their_way_come_to_their_end_when_asked_to_stop() -> None:
    stop, ended = asyncio.Event(), []

    def ends(name: str, seconds: float) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            await stop.wait()
            await asyncio.sleep(seconds)
            ended.append(name)

        return work

    table = (
        Job(name="send", every_s=3600, work=ends("send", 0.2), at_start=True, grace_s=5),
        Job(name="collect", every_s=3600, work=ends("collect", 60), at_start=True),
    )
    asyncio.get_running_loop().call_later(0.3, stop.set)
    await asyncio.wait_for(run_jobs(table, stop), timeout=10)
    assert ended == ["send"]
