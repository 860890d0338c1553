"""`digest send-test --month M --to ADDRESS`: one mail of an issue, signed and sent as all would be; no row is made."""

from __future__ import annotations

import argparse
import asyncio
import secrets
from pathlib import Path

from digest.addresses import read_address
from digest.commands.output import DONE, FAILED, say, say_json
from digest.commands.send import parts_of
from digest.mailer import Envelope, send_one
from digest.message import MailTemplate, Reader, encoded
from digest.months import check_month
from digest.outgoing import identity_of, mailer_of, utc_now
from digest.settings import Settings
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores
from knowledge.store.subscriber_rows import SavedRig


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
    to, identity = read_address(args.to), identity_of(settings)
    stores = open_stores(where.database_url)
    issue = stores.digest.issue(month)
    if issue is None:
        raise BadInput(f"There is no issue of {month}.", subject="month", hint="Make it with `digest preview --month`.")
    html, text = parts_of(stores, settings)(month)(SavedRig(name=args.rig)) if args.rig else ("", "")
    template = MailTemplate(
        subject=f"[Test] {issue.subject}", html=issue.html, text=issue.text, identity=identity, feedback=""
    )
    mail_id = f"test.{secrets.token_hex(12)}@{identity.domain}"
    nowhere = f"{settings.public_url}/digest"  # a test mail must not carry a link that unsubscribes anybody
    reader = Reader(
        address=to.address,
        message_id=mail_id,
        unsubscribe_url=nowhere,
        preferences_url=nowhere,
        rig_html=encoded(html),
        rig_text=encoded(text),
    )
    mail = template.compose(reader, now=utc_now())
    if args.file is not None:
        args.file.write_bytes(mail)
    envelope = Envelope(sender=settings.mail.bounces, recipient=to.address, message_id=mail_id)
    outcome = asyncio.run(send_one(mailer_of(settings, where.data_dir), envelope, mail))
    ok = outcome.kind == "accepted"
    if args.json:
        said = {"code": outcome.code, "text": outcome.text}
        say_json({"ok": ok, "outcome": outcome.kind, "reply": said, "bytes": len(mail), "message_id": mail_id})
    else:
        say(f"{outcome.kind}: {outcome.code} {outcome.text} ({len(mail):,} bytes)")
    return DONE if ok else FAILED
