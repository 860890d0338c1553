"""Composes mails: an issue's body is encoded once, each reader's own parts are spliced in, and the whole is signed.

    html, text ── cut at the placeholders ── quoted-printable ──> pieces, shared by all
    reader     ── links, the machine's part ── quoted-printable ──> pieces of one mail (the machine's: of its owners)
    pieces joined ── body hash ── fields ── DKIM ──> bytes

A soft line break before and after every spliced piece keeps the encoding right whatever its length. Nothing is sent.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from digest.dkim import DkimKey, Signer, body_hash, canonical
from digest.headers import address_value, date_value, field, plain_value, text_value
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE

_SOFT_BREAK: Final = b"=\r\n"
_LINE_MAX: Final = 76
_URL_LINE: Final = 70
_CUTS: Final = re.compile("|".join(f"({re.escape(mark)})" for mark in (UNSUBSCRIBE, PREFERENCES, RIG_HTML, RIG_TEXT)))
_DOTS: Final = re.compile(rb"(^|\r\n)\.(?=[^\r\n]{0,73}(?:\r\n|$))")
"""Lines that begin with a dot and have room for its encoding: SMTP would have to double it in every single mail."""

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who sends: addresses are bare, `list_id` is without brackets, `archive_url` is where issues are read online."""

    from_address: str
    from_name: str
    list_id: str
    archive_url: str
    domain: str
    reply_to: str = ""
    dkim_keys: tuple[DkimKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What of a mail is one reader's own. The parts for a machine are encoded already (`encoded`), or empty."""

    address: str
    message_id: str
    unsubscribe_url: str
    preferences_url: str = ""
    rig_html: bytes = b""
    rig_text: bytes = b""


class MailTemplate:
    """One text for many readers. `feedback` names the mailing to mailbox providers; `listed` makes it a list's mail.

    `dot_free`: no line of what all share begins with a dot, nor does any field or link.
    """

    def __init__(
        self, *, subject: str, html: str, text: str, identity: Identity, feedback: str = "", listed: bool = True
    ) -> None:
        self._text = _pieces(text)
        self._html = _pieces(html)
        self.dot_free = all(dot_free(piece) for piece in (*self._text, *self._html) if isinstance(piece, bytes))
        boundary = "=_" + hashlib.sha256(f"{subject}\n{html}\n{text}".encode("utf-8", "replace")).hexdigest()[:32]
        self._frame = _frame(boundary)
        self._listed = listed
        shared = _shared_fields(subject, identity, feedback, boundary, listed=listed)
        self._fields = b"".join(field(name, value) for name, value in shared)
        self._canonical = b"".join(canonical(name, value) for name, value in shared)
        own = ("To", "Date", "Message-ID", *(("List-Unsubscribe",) if listed else ()))
        names = [name for name, _ in shared] + list(own)
        self._signer = Signer(identity.domain, identity.dkim_keys, names) if identity.dkim_keys else None

    def compose(self, reader: Reader, *, now: datetime) -> bytes:
        """Return one reader's mail. Raises HeaderError where the address cannot stand in a header."""
        own = [
            ("To", address_value("To", reader.address)),
            ("Date", date_value(now)),
            ("Message-ID", b"<" + plain_value("Message-ID", reader.message_id) + b">"),
        ]
        if self._listed:
            own.append(("List-Unsubscribe", b"<" + plain_value("List-Unsubscribe", reader.unsubscribe_url) + b">"))
        fields = self._fields + b"".join(field(name, value) for name, value in own)
        body = self._body(reader)
        if self._signer is None:
            return b"".join((fields, b"\r\n", *body))
        signed = self._canonical + b"".join(canonical(name, value) for name, value in own)
        signatures = self._signer.sign(signed, body_hash(body), at_s=int(now.timestamp()))
        return b"".join((signatures, fields, b"\r\n", *body))

    def _body(self, reader: Reader) -> list[bytes]:
        own = {
            UNSUBSCRIBE: _url(reader.unsubscribe_url),
            PREFERENCES: _url(reader.preferences_url),
            RIG_HTML: reader.rig_html,
            RIG_TEXT: reader.rig_text,
        }
        start, middle, end = self._frame
        return [start, *_filled(self._text, own), middle, *_filled(self._html, own), end]


def encoded(text: str) -> bytes:
    """Return text as quoted-printable lines that may be spliced between soft line breaks."""
    lines = _SURROGATES.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    # With plain line feeds in and out: given none, it would break its lines with line feeds alone.
    made = binascii.b2a_qp(lines.encode("utf-8"), istext=True).replace(b"\n", b"\r\n")
    made = _DOTS.sub(rb"\1=2E", made)
    last = made.rpartition(b"\r\n")[2]
    if len(last) < _LINE_MAX:
        return made
    cut = last.find(b"=", len(last) - 3)  # a soft break follows, for which this line has no room; never through =XX
    cut = len(last) - 1 if cut < 0 else cut
    return made[: len(made) - len(last) + cut] + _SOFT_BREAK + last[cut:]


def dot_free(lines: bytes) -> bool:
    """Whether no line begins with a dot, wherever in a mail the lines are put."""
    return not lines.startswith(b".") and b"\n." not in lines


def _pieces(text: str) -> tuple[bytes | str, ...]:
    """Cut a body at its placeholders: bytes are shared and encoded, a string names the placeholder between them."""
    pieces: list[bytes | str] = []
    for part in _CUTS.split(text):
        if part in {UNSUBSCRIBE, PREFERENCES, RIG_HTML, RIG_TEXT}:
            pieces.append(part)
        elif part:
            pieces.append(encoded(part) + _SOFT_BREAK)
    return tuple(pieces)


def _filled(pieces: Sequence[bytes | str], own: dict[str, bytes]) -> list[bytes]:
    return [piece if isinstance(piece, bytes) else own[piece] + _SOFT_BREAK for piece in pieces]


def _url(url: str) -> bytes:
    """Return a link as quoted-printable: `=` is the only character of ours that needs encoding."""
    plain = plain_value("link", url).replace(b"=", b"=3D")
    if len(plain) <= _URL_LINE:
        return plain
    lines, at = [], 0
    while at < len(plain):
        end = min(at + _URL_LINE, len(plain))
        if end < len(plain):
            cut = plain.rfind(b"=", end - 2, end)  # never through an encoded character
            end = cut if cut > at else end
        line = plain[at:end]
        lines.append(b"=2E" + line[1:] if line.startswith(b".") else line)  # SMTP would have to double the dot
        at = end
    return _SOFT_BREAK.join(lines)


def _frame(boundary: str) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the text, between text and HTML, and after it."""
    part = "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    start = f"--{boundary}\r\n" + part.format("plain")
    middle = f"\r\n--{boundary}\r\n" + part.format("html")
    return start.encode("ascii"), middle.encode("ascii"), f"\r\n--{boundary}--\r\n".encode("ascii")


def _shared_fields(
    subject: str, identity: Identity, feedback: str, boundary: str, *, listed: bool
) -> list[tuple[str, bytes]]:
    shared = [
        ("From", address_value("From", identity.from_address, identity.from_name)),
        ("Reply-To", address_value("Reply-To", identity.reply_to or identity.from_address)),
        ("Subject", text_value("Subject", subject)),
        ("MIME-Version", b"1.0"),
        ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'.encode("ascii")),
        ("Auto-Submitted", b"auto-generated"),
    ]
    if listed:
        shared += [
            ("List-Id", plain_value("List-Id", f"<{identity.list_id}>")),
            ("List-Archive", plain_value("List-Archive", f"<{identity.archive_url}>")),
            ("List-Unsubscribe-Post", b"List-Unsubscribe=One-Click"),
            ("Precedence", b"bulk"),
        ]
    if feedback:
        shared.append(("Feedback-ID", plain_value("Feedback-ID", feedback)))
    return shared
