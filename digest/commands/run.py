"""`digest run`: the digest's own process: collects each source at its own pace and sends what is approved."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from digest.commands.collect import collect_once
from digest.commands.output import DONE, say
from digest.commands.send import parts_of
from digest.commands.stores import open_store
from digest.outgoing import sender_of
from digest.schedule import Job, run_jobs
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores

_LOOK_EVERY_H = 1 / 6
"""How often it looks which sources are due."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("run", help="collect on schedule and send what is approved, until stopped")
    command.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "alembic", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_serve())
    return DONE


async def _serve() -> None:
    settings, sources, store = Settings.from_env(), load_sources(SOURCES_DIR), open_store()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)

    async def collect_all() -> None:
        report = await collect_once(sources, store, recorded=False, due_only=True)
        n_asked = len(report.sources) - report.count("not_due")
        if n_asked:
            say(
                f"Collected {n_asked} sources: {report.total('n_new')} new entries, "
                f"{report.count('failed')} failed, {report.count('not_modified')} unchanged."
            )

    every = f"{settings.collect_every_h:g} h"
    say(f"The digest collects {len(sources)} sources, each at least every {every}. Ctrl-C stops it.")
    jobs = (Job(name="collect", every_hours=_LOOK_EVERY_H, work=collect_all, at_start=settings.collect_at_start),)
    sending = asyncio.create_task(_send(settings, stop))
    await run_jobs(jobs, stop)
    await sending


async def _send(settings: Settings, stop: asyncio.Event) -> None:
    """Send approved issues as they come. It is no scheduled job: asked to stop, it first brings its mails to an end."""
    if settings.mail.missing:
        say(f"Nothing is sent: {' and '.join(settings.mail.missing)} not set.")
        return
    where = KnowledgeSettings.from_env()
    stores = open_stores(where.database_url)
    sender = sender_of(stores, settings, where.data_dir, parts_of=parts_of(stores, settings))
    try:
        await sender.serve(stop)
    finally:
        await sender.close()
        stores.close()
