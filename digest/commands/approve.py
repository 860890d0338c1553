"""`digest approve --month M`: let an issue go to everybody who confirmed, hold it, or let go of it again."""

from __future__ import annotations

import argparse

from digest.approval import approve, hold, release
from digest.commands.edit import who
from digest.commands.output import DONE, say, say_json
from digest.months import check_month, instant
from digest.outgoing import utc_now
from digest.settings import Settings
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("approve", help="let an issue be sent to everybody who confirmed, or hold it")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument("--revision", default="", help="the revision looked at; another one is not approved")
    command.add_argument(
        "--at", default="", metavar="TIME", help="not before, like 2026-05-04T09:00 (UTC; default: now)"
    )
    action = command.add_mutually_exclusive_group()
    action.add_argument("--hold", action="store_true", help="hold a draft, or pause an approved issue")
    action.add_argument("--release", action="store_true", help="let go of a held draft or paused issue")
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Approve, hold or release; an issue approved before keeps the rows it has."""
    month, settings, now = check_month(args.month), Settings.from_env(), utc_now()
    send_at = instant(args.at) if args.at else now
    stores = open_stores(KnowledgeSettings.from_env().database_url)
    if args.hold or args.release:
        words = (hold if args.hold else release)(stores, month, by=who(), now=now)
        issue = stores.issues.get(month)
        say_json({"ok": True, "month": month, "state": issue.status if issue else ""}) if args.json else say(words)
        return DONE
    made = approve(stores, settings, month, revision=args.revision, send_at=send_at, by=who(), now=now)
    if args.json:
        say_json({"ok": True, "month": month, "state": made.state, "n_deliveries": made.n_deliveries})
    else:
        say(f"{month} is approved for {made.n_deliveries:,} readers; the run is {made.state}.")
    return DONE
