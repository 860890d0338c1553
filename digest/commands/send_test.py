"""`digest send-test --month M --to ADDRESS`: one mail of an issue, signed and sent as all would be; no row is made."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from digest.addresses import read_address
from digest.commands.output import DONE, FAILED, say, say_json
from digest.months import check_month
from digest.outgoing import mailer_of
from digest.settings import Settings
from digest.trial import send_trial, trial_of
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("send-test", help="send one mail of an issue to one address")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument("--to", required=True, metavar="ADDRESS")
    command.add_argument("--rig", default="", metavar="HARDWARE", help="with the part for this machine")
    command.add_argument("--file", type=Path, default=None, metavar="FILE", help="also write the mail into a file")
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compose, send and say what the server answered; exit 1 where it did not accept."""
    month, settings, where = check_month(args.month), Settings.from_env(), KnowledgeSettings.from_env()
    to, stores = read_address(args.to), open_stores(where.database_url)
    trial = trial_of(stores, settings, month, to, rig=args.rig)
    if args.file is not None:
        args.file.write_bytes(trial.mail)
    outcome = asyncio.run(send_trial(mailer_of(settings, where.data_dir), trial))
    ok = outcome.kind == "accepted"
    if args.json:
        said = {"code": outcome.code, "text": outcome.text}
        message_id, n_bytes = trial.envelope.message_id, len(trial.mail)
        say_json({"ok": ok, "outcome": outcome.kind, "reply": said, "bytes": n_bytes, "message_id": message_id})
    else:
        say(f"{outcome.kind}: {outcome.code} {outcome.text} ({len(trial.mail):,} bytes)")
    return DONE if ok else FAILED
