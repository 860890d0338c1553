"""`digest bounces classify FILE…`: what returned mails say, one line a mail. Nothing is acted on."""

from __future__ import annotations

import argparse
from pathlib import Path

from digest.bounces import MAIL_MAX_BYTES, classify
from digest.commands.output import BAD_INPUT, DONE, error_json, say, say_json
from knowledge.errors import BadInput


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("bounces", help="read returned mails")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    action = actions.add_parser("classify", help="say what each mail is: hard, soft, complaint, auto-reply or none")
    action.add_argument("files", nargs="+", type=Path, metavar="FILE")
    action.add_argument("--json", action="store_true", help="one JSON line a mail")
    action.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Classify each file; exit 2 where one cannot be read."""
    code = DONE
    for file in args.files:
        try:
            with file.open("rb") as handle:
                bounce = classify(handle.read(MAIL_MAX_BYTES))
        except OSError as error:
            code = BAD_INPUT
            bad = BadInput(f"The file cannot be read: {error.strerror}.", subject=str(file))
            say_json({"file": str(file), "error": error_json(bad)}) if args.json else say(f"{file}: {bad.message}")
            continue
        if args.json:
            found = {"kind": bounce.kind, "address": bounce.address, "status": bounce.status, "reason": bounce.reason}
            say_json({"file": str(file), **found})
        else:
            say(f"{file}: {bounce.kind} {bounce.address} {bounce.status} {bounce.reason}".rstrip())
    return code
