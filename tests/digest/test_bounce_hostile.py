"""Mails made to hurt their reader: deep, long, endless, in charsets that are none. Each is read soon, none raises."""

from __future__ import annotations

import time

import pytest

from digest.bounces import classify
from digest.complaints import _readable

HEAD = b"From: mailer-daemon@x.example\nSubject: failure\n"
REPORT = (
    HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
)
RECIPIENT = b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; "
CPU_S = 20.0
"""Each takes less than a second; what is held off took minutes and grew with the square."""


def nested(depth: int) -> bytes:
    """Parts within parts."""
    parts = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))
    return HEAD + b"".join(parts) + b"Content-Type: text/plain\n\n550 user unknown\n"


HOSTILE = {
    "parts within parts": nested(3000),
    "mails within mails": HEAD + b"Content-Type: message/rfc822\n\n" * 3000 + b"\n550 user unknown\n",
    "line ends": HEAD + b"\n" * 200_000,
    "blank lines": HEAD + b"\n" + b"\n\t " * 60_000 + b"x",
    "addresses": HEAD + b"\n" + b"<a@b.example>:\n" * 60_000,
    "replies": HEAD + b"\n" + b"550 a b c d\n" * 60_000,
    "quotes": HEAD + b"\n" + b"> " * 200_000,
    "a long reply": REPORT + RECIPIENT + b"550 " + b"no user " * 60_000 + b"\n\n--b--\n",
    "many recipients": REPORT + (RECIPIENT + b"550 no such user\n\n") * 3000 + b"--b--\n",
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n550 x\n" * 10_000,
    "encoded words": b"From: mailer-daemon@x.example\nSubject: " + b"=?utf-8?B?YWFh?= " * 40_000 + b"\n\nx",
    "folded": b"From: mailer-daemon@x.example\nSubject: failure" + b"\n a" * 200_000 + b"\n\nx",
    "open brackets": HEAD + b'\n{"notificationType":"Bounce","bounce":' + b"[" * 300_000,
    "tags": HEAD + b"Content-Type: text/html\n\n" + b"<" * 300_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_read_soon(data: bytes) -> None:
    began = time.process_time()
    assert classify(data).kind in {"hard", "soft", "none"}
    assert time.process_time() - began < CPU_S


def test_what_a_mail_proves_is_looked_for_soon_too() -> None:
    """The mail that sends a reader of parts too deep still says in its head whom it came to."""
    began = time.process_time()
    for data in HOSTILE.values():
        assert "failure" in _readable(data) or "=?utf-8?" in _readable(data)
    assert time.process_time() - began < CPU_S


@pytest.mark.parametrize(
    "charset", ["idna", "undefined", "punycode", "zlib", "rot13", "hex", "utf-7", "utf-16", "x-none", '"a\0b"', "\xff"]
)
def test_a_charset_that_is_none(charset: str) -> None:
    field = f"Content-Type: text/plain; charset={charset}\n\n".encode("latin-1")
    found = classify(HEAD + field + b"550 user unknown <a@b.example>\xff")
    assert found.kind in {"hard", "soft"}


@pytest.mark.parametrize(
    "word", ["=?idna?B?/////w==?=", "=?hex?B?/////w==?=", "=?x?Q?=FF?=", "=?utf-8?B?*?=", "\xff\xfe"]
)
def test_a_field_in_a_charset_that_is_none(word: str) -> None:
    head = f"From: mailer-daemon@x.example\nSubject: {word}\nX-Failed-Recipients: {word}\n\n".encode("latin-1")
    assert classify(head + b"550 user unknown <a@b.example>").kind == "hard"
