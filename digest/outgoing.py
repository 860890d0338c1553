"""Puts a sender together from settings: way out, identity, keys, composer. It sends nothing itself."""

from __future__ import annotations

import os
import random
import secrets
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from digest.alarms import Alarms
from digest.composer import Composer, PartMaker
from digest.dkim import load_key
from digest.mailer import FolderMailer, Mailer
from digest.message import Identity
from digest.send import Sender
from digest.settings import Settings
from digest.tokens import Links, Tokens
from knowledge.errors import BadInput
from knowledge.store.stores import Stores

OUTBOX_FOLDER = "outbox"


def utc_now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


def identity_of(settings: Settings) -> Identity:
    """Return who mails are from, with the keys that sign them. Raises BadInput where a key cannot be used."""
    mail = settings.mail
    mail.require()
    return Identity(
        from_address=mail.from_address,
        from_name=mail.from_name,
        reply_to=mail.reply_to,
        list_id=f"digest.{mail.dkim_domain}",
        archive_url=f"{settings.public_url}/digest",
        domain=mail.dkim_domain,
        dkim_keys=tuple(load_key(selector, path) for selector, path in mail.dkim_files),
    )


def mailer_of(settings: Settings, data_dir: Path) -> Mailer:
    """Return the way out: the SMTP server where one is set, else a folder."""
    if settings.mail.server is None:
        return FolderMailer(data_dir / OUTBOX_FOLDER)
    from digest.smtp import SmtpMailer

    return SmtpMailer(settings.mail.server)


def composer_of(
    stores: Stores, settings: Settings, identity: Identity, parts_of: Callable[[str], PartMaker] | None
) -> Callable[[str], Composer]:
    """Return what makes a month's composer. `parts_of` makes the month's maker of parts for machines."""
    tokens = Tokens(settings.mail.secrets)
    links = Links(settings.public_url, tokens)

    def make(month: str) -> Composer:
        issue, run = stores.digest.issue(month), stores.runs.run(month)
        if issue is None or run is None:
            raise BadInput(f"The issue of {month} is not approved.", subject="month")
        return Composer(
            issue,
            run,
            identity=identity,
            links=links,
            tokens=tokens,
            bounces=settings.mail.bounces,
            shuffle=random.Random().shuffle,  # noqa: S311 - spreads work, keeps no secret
            part_of=parts_of(month) if parts_of else None,
        )

    return make


def sender_of(
    stores: Stores,
    settings: Settings,
    data_dir: Path,
    *,
    parts_of: Callable[[str], PartMaker] | None = None,
    mailer: Mailer | None = None,
) -> Sender:
    """Return a worker ready to send. Raises BadInput where a setting it needs is missing or cannot be used."""
    identity = identity_of(settings)
    return Sender(
        stores.outbox(worker_name()),
        stores.runs,
        mailer or mailer_of(settings, data_dir),
        composer_of(stores, settings, identity, parts_of),
        alarms=Alarms(stores.runs, utc_now),
        now=utc_now,
        jitter=random.Random(),  # noqa: S311 - spreads retries, keeps no secret
        lanes=settings.mail.lanes,
        lease_s=settings.mail.lease_s,
    )


def worker_name() -> str:
    """Return a name no other worker has: a lease must never be taken for one's own."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
