"""`digest run`: the digest's own process. It collects, drafts, reminds, serves requests and sends what is approved."""

from __future__ import annotations

import argparse
import asyncio
import functools
import logging
import signal

from digest.collect import CollectReport
from digest.commands.bounces import returned_reader
from digest.commands.collect import collect_once
from digest.commands.output import DONE, say
from digest.commands.propose import propose_once
from digest.drafts import parts_of
from digest.jobs import shared_jobs
from digest.outgoing import mailer_of, sender_of, utc_now, worker_name
from digest.routine import Routine
from digest.schedule import run_jobs
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge import heap
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("run", help="collect, draft, remind, serve requests and send on schedule")
    command.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    heap.tune()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "alembic", "apscheduler", "procrastinate"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_serve())
    return DONE


async def _serve() -> None:
    settings, where, sources = Settings.from_env(), KnowledgeSettings.from_env(), load_sources(SOURCES_DIR)
    stores, stop = open_stores(where.database_url), asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)

    one_at_a_time = asyncio.Lock()

    async def collect_now(*, due_only: bool = False) -> CollectReport:
        async with one_at_a_time:
            return await collect_once(sources, stores.digest, recorded=False, due_only=due_only)

    async def collect_due() -> None:
        report = await collect_now(due_only=True)
        n_asked = len(report.sources) - report.count("not_due")
        if n_asked:
            say(
                f"Collected {n_asked} sources: {report.total('n_new')} new entries, "
                f"{report.count('failed')} failed, {report.count('not_modified')} unchanged."
            )

    async def look_up(month: str) -> None:
        rows = await propose_once(stores, settings, month)
        say(f"Looked at {len(rows)} new models of {month}.")

    ready = not settings.mail.missing
    sender = sender_of(stores, settings, where.data_dir, parts_of=parts_of(stores, settings)) if ready else None
    every = f"{settings.collect_every_h:g} h"
    mails = "sends what is approved" if sender else "sends nothing: mail is not set up"
    say(f"The digest collects {len(sources)} sources, each at least every {every}, and {mails}. Ctrl-C stops it.")
    routine = Routine(
        stores=stores,
        settings=settings,
        sources={source.id: source for source in sources},
        worker=worker_name(),
        now=utc_now,
        stop=stop,
        collect=collect_due,
        propose=look_up,
        sender=sender,
        collect_now=collect_now,
        mailer=functools.partial(mailer_of, settings, where.data_dir) if ready else None,
        read_returned=returned_reader(stores, settings) if ready else None,
    )
    try:
        async with shared_jobs(where.database_url, routine.jobs(), now=utc_now) as jobs:
            await run_jobs(jobs, stop)
    finally:
        if sender is not None:
            await sender.close()
        stores.close()
