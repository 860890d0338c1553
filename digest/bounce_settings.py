"""Settings of reading returned mails, read from what `settings` hands over; every bad value is noted.

Nothing is opened or connected here. The password is never part of a message or a representation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from digest.mail_settings import Problems, Security
from knowledge.errors import BadInput

_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_SOFT: Final = re.compile(r"([1-9]\d?)/([1-9]\d{0,2})")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS: Final[dict[Security, str]] = {"tls": "993", "starttls": "143", "none": "143"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """A mailbox on a mail server."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceSettings:
    """Where returned mails lie, and when an address is given up. Documented in `Settings`."""

    soft_limit: int = 3
    soft_days: int = 120
    maildir: Path | None = None
    imap: ImapServer | None = None


def read_bounce_settings(source: Mapping[str, str], problems: Problems) -> BounceSettings:
    """Read the settings of returned mails; what is wrong goes to `problems`."""
    limit, days = problems.read(
        "DIGEST_SOFT_BOUNCES", source, "3/120", _soft, "Like 3/120: so many in so many days end a subscription."
    )
    return BounceSettings(
        soft_limit=limit,
        soft_days=days,
        maildir=problems.read("DIGEST_BOUNCE_MAILDIR", source, "", _maildir, "Give a folder with new and cur in it."),
        imap=_imap(source, problems),
    )


def _imap(source: Mapping[str, str], problems: Problems) -> ImapServer | None:
    host = problems.read("IMAP_HOST", source, "", _host, "Give the mail server's name, like imap.example.org.")
    if not host:
        return None
    security = problems.read("IMAP_SECURITY", source, "tls", _security, "Give tls, starttls or none.")
    if security == "none" and host not in _LOOPBACK:
        hint = "Only a server on this machine may be reached without TLS."
        problems.found.append(BadInput("IMAP_SECURITY is none.", subject="IMAP_SECURITY", hint=hint))
    user, password = source.get("IMAP_USER", "").strip(), source.get("IMAP_PASSWORD", "")
    if not user or not password or not (user + password).isprintable():
        hint = "Reading a mailbox needs both."
        problems.found.append(BadInput("IMAP_USER or IMAP_PASSWORD is missing.", subject="IMAP_USER", hint=hint))
    return ImapServer(
        host=host,
        port=problems.read("IMAP_PORT", source, _PORTS[security], _port, "Give a port."),
        security=security,
        user=user,
        password=password,
        folder=problems.read("IMAP_FOLDER", source, "INBOX", _folder, "Give a folder's name, like INBOX."),
    )


def _soft(text: str) -> tuple[int, int]:
    found = _SOFT.fullmatch(text)
    if found is None:
        raise ValueError("is not a number of bounces in a number of days")
    return int(found[1]), int(found[2])


def _maildir(text: str) -> Path | None:
    if not text:
        return None
    folder = Path(text)
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise ValueError("is no Maildir")
    return folder


def _host(text: str) -> str:
    if text and not _HOST.fullmatch(text):
        raise ValueError("is not a host's name")
    return text.lower()


def _security(text: str) -> Security:
    for known in ("starttls", "tls", "none"):
        if text.lower() == known:
            return known
    raise ValueError("is none of starttls, tls, none")


def _port(text: str) -> int:
    number = int(text) if re.fullmatch(r"\d{1,5}", text) else 0
    if not 0 < number < 65536:
        raise ValueError("is no port")
    return number


def _folder(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_./ -]{1,100}", text):
        raise ValueError("is no folder's name")
    return text
