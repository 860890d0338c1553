"""Where returned mails lie: a Maildir or an IMAP mailbox. It hands mails out, capped, and marks what was read.

A mail that was acted on is marked as read; any other (a letter, an automatic reply) only as looked at, so that it
stays unread for people. Nothing is ever deleted, and a mail that was not marked is handed out again. What a mail means
is not decided here.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from digest.bounce_settings import BounceSettings, ImapServer
from digest.bounces import MAIL_MAX_BYTES
from digest.errors import MailerError

LOOKED_AT: Final = "DigestLookedAt"
"""Keyword on an IMAP mail that was read and is no report."""

TIMEOUT_S: Final = 60.0
_FAULTS: Final = (imaplib.IMAP4.error, OSError)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail, and what its mailbox calls it."""

    key: str
    data: bytes


class Mailbox(Protocol):
    """A mailbox that is open."""

    def mails(self, limit: int) -> Iterator[Arrived]:
        """Hand out up to `limit` mails that were not looked at, oldest first where the mailbox knows."""
        ...

    def done(self, mail: Arrived, *, acted: bool) -> None:
        """Mark a mail as read where it was `acted` on, else as looked at."""
        ...


class MaildirBox:
    """A Maildir: arriving mails lie in `new`, those looked at in `cur`, with an S in their name where acted on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mails(self, limit: int) -> Iterator[Arrived]:
        """Hand out what lies in `new`; what cannot be read stays there."""
        with os.scandir(self._folder / "new") as found:
            names = sorted(entry.name for entry in found if entry.is_file(follow_symlinks=False))
        for name in names[:limit]:
            with contextlib.suppress(OSError), (self._folder / "new" / name).open("rb") as handle:
                yield Arrived(name, handle.read(MAIL_MAX_BYTES))

    def done(self, mail: Arrived, *, acted: bool) -> None:
        """Move it to `cur`. One that another reader moved already is done."""
        name = f"{mail.key.partition(':')[0]}:2,{'S' if acted else ''}"
        with contextlib.suppress(FileNotFoundError):
            (self._folder / "new" / mail.key).rename(self._folder / "cur" / name)


class ImapBox:
    """A mailbox on a server, logged in and selected."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def mails(self, limit: int) -> Iterator[Arrived]:
        """Hand out mails that nobody read and that were not looked at."""
        found = self._ask("SEARCH", "UNSEEN", "UNKEYWORD", LOOKED_AT)[0]
        for uid in found.split()[:limit] if isinstance(found, bytes) else ():
            for part in self._ask("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{MAIL_MAX_BYTES}>)"):
                if isinstance(part, tuple):
                    yield Arrived(uid.decode("ascii"), part[1])

    def done(self, mail: Arrived, *, acted: bool) -> None:
        """Flag it. A server that keeps no keywords of ours has it marked as read either way."""
        try:
            self._ask("STORE", mail.key, "+FLAGS.SILENT", r"(\Seen)" if acted else f"({LOOKED_AT})")
        except imaplib.IMAP4.error:
            self._ask("STORE", mail.key, "+FLAGS.SILENT", r"(\Seen)")

    def _ask(self, command: str, *words: str) -> list[bytes | tuple[bytes, bytes]]:
        answer, found = self._connection.uid(command, *words)
        if answer != "OK":
            raise imaplib.IMAP4.error(f"{command} was answered by {answer}")
        return found


@contextmanager
def open_mailboxes(settings: BounceSettings) -> Iterator[list[Mailbox]]:
    """Open the mailboxes that are set up. Raises MailerError where the server cannot be used."""
    boxes: list[Mailbox] = [] if settings.maildir is None else [MaildirBox(settings.maildir)]
    if settings.imap is None:
        yield boxes
        return
    where = f"{settings.imap.host}:{settings.imap.port}"
    try:
        connection = _connect(settings.imap)
        try:
            yield [*boxes, ImapBox(connection)]
        finally:
            _close(connection)
    except _FAULTS as error:
        raise MailerError(
            f"The mailbox of returned mails cannot be read: {_said(error, settings.imap)}.",
            subject=where,
            hint="Check IMAP_HOST, IMAP_USER and IMAP_PASSWORD.",
        ) from None  # the error's own words may repeat the login


def _connect(server: ImapServer) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if server.security == "tls":
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=TIMEOUT_S)
    else:
        connection = imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT_S)
    try:
        if server.security == "starttls":
            connection.starttls(context)
        connection.login(server.user, server.password)
        answer, _ = connection.select(f'"{server.folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {server.folder}")
    except _FAULTS:
        _close(connection)
        raise
    return connection


def _close(connection: imaplib.IMAP4) -> None:
    with contextlib.suppress(*_FAULTS):
        connection.logout()
    with contextlib.suppress(*_FAULTS):
        connection.shutdown()


def _said(error: Exception, server: ImapServer) -> str:
    words = " ".join(str(error).split())[:200]
    for secret in (server.password, server.user):
        words = words.replace(secret, "…")
    return words or type(error).__name__
