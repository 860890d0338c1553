"""`digest approve --month M`: let an issue go to everybody who confirmed; one row of the outbox for each."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from digest.commands.output import DONE, say, say_json
from digest.commands.rank import check_month
from digest.outgoing import utc_now
from digest.settings import Settings
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("approve", help="let an issue be sent to everybody who confirmed")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument(
        "--at", default="", metavar="TIME", help="not before, like 2026-05-04T09:00 (UTC; default: now)"
    )
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the rows; an issue approved before keeps the ones it has."""
    month, settings, now = check_month(args.month), Settings.from_env(), utc_now()
    send_at = _instant(args.at) if args.at else now
    stores = open_stores(KnowledgeSettings.from_env().database_url)
    made = stores.runs.approve(month, lanes=settings.mail.lanes, send_at=send_at, now=now)
    if args.json:
        say_json({"ok": True, "month": month, "state": made.state, "n_deliveries": made.n_deliveries})
    else:
        say(f"{month} is approved for {made.n_deliveries:,} readers; the run is {made.state}.")
    return DONE


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("--at is no time.", subject="--at", hint="Give it like 2026-05-04T09:00, in UTC.") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
