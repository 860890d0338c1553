"""`digest send --month M`: send an approved issue until every recipient is settled; pause, resume, cancel, look."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from digest.commands.output import DONE, FAILED, say, say_json
from digest.drafts import parts_of
from digest.months import check_month
from digest.outgoing import sender_of, utc_now
from digest.settings import Settings
from knowledge import heap
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.run_store import RunStore
from knowledge.store.stores import Stores, open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("send", help="send an approved issue")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    action = command.add_mutually_exclusive_group()
    for name, words in (
        ("pause", "let nothing more leave; mails on their way come to their end"),
        ("resume", "go on with a paused, stopped or cancelled run"),
        ("cancel", "send nothing more of it"),
        ("show", "say where it stands"),
    ):
        action.add_argument(f"--{name}", dest="action", action="store_const", const=name, help=words)
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what is asked and say where the run stands; exit 1 where it could not be sent to its end."""
    month, settings, where = check_month(args.month), Settings.from_env(), KnowledgeSettings.from_env()
    stores = open_stores(where.database_url)
    runs = stores.runs
    found = runs.run(month)
    if found is None:
        raise BadInput(f"The issue of {month} is not approved.", subject="month", hint="Use `digest approve` first.")
    if args.action in {"pause", "resume", "cancel"}:
        getattr(runs, args.action)(month, now=utc_now())
        if args.action == "resume":
            runs.clear_alarms(month, now=utc_now())
    elif args.action is None:
        heap.tune()
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        asyncio.run(_send(month, stores, settings, where))
    return _tell(month, runs, sent=args.action is None, as_json=args.json)


async def _send(month: str, stores: Stores, settings: Settings, where: KnowledgeSettings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    sender = sender_of(stores, settings, where.data_dir, parts_of=parts_of(stores, settings))
    try:
        await sender.run(month, stop)
    finally:
        await sender.close()


def _tell(month: str, runs: RunStore, *, sent: bool, as_json: bool) -> int:
    found, counts = runs.run(month), runs.counts(month)
    alarms = [f"{alarm.kind}: {alarm.message}" for alarm in runs.open_alarms() if alarm.subject == month]
    state = found.state if found else "gone"
    if as_json:
        reason = found.reason if found else ""
        say_json({"ok": True, "month": month, "state": state, "reason": reason, "counts": counts, "alarms": alarms})
    else:
        reason = f" ({found.reason})" if found and found.reason else ""
        say(f"{month}: {state}{reason}. " + ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())))
        for alarm in alarms:
            say(f"  ALARM {alarm}")
    return FAILED if sent and state != "done" else DONE
