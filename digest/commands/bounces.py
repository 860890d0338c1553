"""`digest bounces`: what returned mails say (`classify`), and what they do to their subscribers (`read`, `pipe`).

`pipe` is called by a mail server for each mail, so its exit code is what mail servers understand: 75 means "not now,
keep it and try again".
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from digest.alarms import Alarms
from digest.bounce_mailbox import open_mailboxes
from digest.bounces import MAIL_MAX_BYTES, Bounce, classify
from digest.commands.output import BAD_INPUT, DONE, error_json, say, say_json
from digest.complaints import Returns, take_all
from digest.errors import MailerError
from digest.outgoing import utc_now
from digest.settings import Settings
from digest.tokens import Tokens
from knowledge.errors import BadInput, KnowledgeError
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import Stores, open_stores

log = logging.getLogger(__name__)

TRY_AGAIN: Final = 75
"""EX_TEMPFAIL of sysexits: the mail server keeps the mail."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("bounces", help="read returned mails")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    action = actions.add_parser("classify", help="say what each mail is: hard, soft, complaint, auto-reply or none")
    action.add_argument("files", nargs="+", type=Path, metavar="FILE")
    action.add_argument("--json", action="store_true", help="one JSON line a mail")
    action.set_defaults(run=_classify)
    action = actions.add_parser("read", help="act on the mails in the mailbox of returned mails")
    action.add_argument("--maildir", type=Path, metavar="DIR", help="this Maildir instead of the settings' mailbox")
    action.add_argument("--json", action="store_true", help="one JSON document")
    action.set_defaults(run=_read)
    action = actions.add_parser("pipe", help="act on the one mail on standard input; exit 75 where it must be kept")
    action.add_argument("--recipient", default="", metavar="ADDRESS", help="the address it came to")
    action.add_argument("--json", action="store_true", help="one JSON document")
    action.set_defaults(run=_pipe)


def _classify(args: argparse.Namespace) -> int:
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
            say_json({"file": str(file), **_fields(bounce)})
        else:
            say(f"{file}: {bounce.kind} {bounce.address} {bounce.status} {bounce.reason}".rstrip())
    return code


def _fields(bounce: Bounce) -> dict[str, object]:
    return {"kind": bounce.kind, "address": bounce.address, "status": bounce.status, "reason": bounce.reason}


def _read(args: argparse.Namespace) -> int:
    """Read what the mailboxes hold; exit 1 where they cannot be read."""
    settings = Settings.from_env()
    if args.maildir is not None:
        if not (args.maildir / "new").is_dir() or not (args.maildir / "cur").is_dir():
            raise BadInput("That folder is no Maildir.", subject="--maildir", hint="It has folders new and cur.")
        settings = replace(settings, returned=replace(settings.returned, maildir=args.maildir, imap=None))
    if settings.returned.maildir is None and settings.returned.imap is None:
        raise BadInput(
            "No mailbox of returned mails is set up.",
            subject="DIGEST_BOUNCE_MAILDIR, IMAP_HOST",
            hint="Set one of them, or give --maildir.",
        )
    stores = open_stores(KnowledgeSettings.from_env().database_url)
    try:
        counts = _read_all(stores, settings)
    finally:
        stores.close()
    if args.json:
        say_json({"ok": True, "counts": dict(counts)})
    else:
        say(", ".join(f"{count:,} {what}" for what, count in sorted(counts.items())) or "No new mail.")
    return DONE


def _pipe(args: argparse.Namespace) -> int:
    """Act on one mail; whatever keeps that from being done now, the mail server is to try again."""
    try:
        settings = Settings.from_env()
        stores = open_stores(KnowledgeSettings.from_env().database_url)
        try:
            taken = _returns(stores, settings).take(sys.stdin.buffer.read(MAIL_MAX_BYTES), recipient=args.recipient)
        finally:
            stores.close()
    except KnowledgeError as error:
        sys.stderr.write(f"{error}\n")
        return TRY_AGAIN
    if args.json:
        say_json({"ok": True, "action": taken.action, **_fields(taken.bounce)})
    return DONE


def returned_reader(stores: Stores, settings: Settings) -> Callable[[], Awaitable[None]] | None:
    """Return what `digest run` calls to read the mailboxes; None where there is none."""
    if settings.returned.maildir is None and settings.returned.imap is None:
        return None
    alarms = Alarms(stores.runs, utc_now)

    def once() -> None:
        try:
            counts = _read_all(stores, settings)
        except MailerError as error:
            alarms.sound("returned", error.subject, error.message)
            return
        if settings.returned.imap is not None:
            alarms.clear(f"{settings.returned.imap.host}:{settings.returned.imap.port}")
        if counts:
            log.info("Returned mails: %s.", ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
        if counts["complaint unmatched"]:
            words = f"{counts['complaint unmatched']} complaints name nobody in a way that proves it: look at them."
            alarms.sound("complaint", "mailbox", words)

    async def read() -> None:
        await asyncio.to_thread(once)

    return read


def _read_all(stores: Stores, settings: Settings) -> Counter[str]:
    returns, counts = _returns(stores, settings), Counter[str]()
    with open_mailboxes(settings.returned) as boxes:
        for box in boxes:
            counts += take_all(box, returns)
    return counts


def _returns(stores: Stores, settings: Settings) -> Returns:
    settings.mail.require()
    tokens = Tokens(settings.mail.secrets)
    return Returns(stores.subscribers, stores.runs, tokens, settings.returned, now=utc_now)
