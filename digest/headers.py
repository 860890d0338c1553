"""Header fields of a mail: written so that no value can add a field, a line or a character no server takes. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final

from digest.errors import HeaderError

VALUE_MAX_CHARS: Final = 900
"""Longer lines than 998 bytes break in transport; signed fields are better not folded by others."""

SUBJECT_MAX_CHARS: Final = 200
"""Plain text up to here stays as it is, on one line; longer text is encoded, which may be folded anywhere."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_ATOM: Final = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")


def text_value(name: str, text: str) -> bytes:
    """Return free text (a subject) as a field's value, encoded and folded where it must be. Raises HeaderError."""
    _check(name, text)
    if text.isascii() and "=?" not in text and len(text) <= SUBJECT_MAX_CHARS:
        return text.encode("ascii")
    encoded = Header(text, "utf-8", header_name=name, maxlinelen=76).encode(linesep="\r\n")
    return encoded.encode("ascii")


def plain_value(name: str, text: str) -> bytes:
    """Return an ASCII value (an id, a link) as it is, on one line. Raises HeaderError."""
    _check(name, text)
    if not text.isascii():
        raise HeaderError(f"{name} may only have ASCII characters.", subject=name)
    return text.encode("ascii")


def address_value(name: str, address: str, display: str = "") -> bytes:
    """Return an address, with a display name where given. Raises HeaderError."""
    _check(name, address)
    _check(name, display)
    if not is_address(address):
        raise HeaderError(f"{name} is not an address that mail can be sent to.", subject=name)
    bare = address.encode("ascii")
    if not display:
        return bare
    if _ATOM.fullmatch(display):
        return display.encode("ascii") + b" <" + bare + b">"
    return Header(display, "utf-8", header_name=name).encode(linesep="\r\n").encode("ascii") + b" <" + bare + b">"


def is_address(text: str) -> bool:
    """Whether it is a bare ASCII address as an envelope takes it."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None and ".." not in text


def date_value(at: datetime) -> bytes:
    """Return an instant as a Date field has it."""
    return format_datetime(at).encode("ascii")


def field(name: str, value: bytes) -> bytes:
    """Return the whole field with its line end."""
    return name.encode("ascii") + b": " + value + b"\r\n"


def _check(name: str, text: str) -> None:
    if _CONTROL.search(text):
        raise HeaderError(f"{name} has control characters or line ends.", subject=name)
    if len(text) > VALUE_MAX_CHARS:
        raise HeaderError(f"{name} is longer than {VALUE_MAX_CHARS} characters.", subject=name)
