"""Reads fields and texts of a mail from strangers: decoded, cut to a size, never raising for what stands in them."""

from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.message import Message
from typing import Final

TEXT_MAX: Final = 64 * 1024
_HEADER_MAX: Final = 4000
_PARTS_MAX: Final = 200
ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def header_of(message: Message, name: str) -> str:
    """Return a field of a mail, decoded where it can be."""
    raw = str(message.get(name, ""))[:_HEADER_MAX]
    try:
        return str(make_header(decode_header(raw)))
    except (LookupError, ValueError):
        return raw


def first_address(text: str) -> str:
    """Return the first address in a text, in lower case; empty where there is none."""
    match = ADDRESS.search(text)
    return match[0].strip("'").lower() if match else ""


def original_header(message: Message, name: str) -> str:
    """Return a header of the mail that was sent, from the copy the report carries."""
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            text = part_text(part)
            found = re.search(rf"^{name}:\s*(.+(?:\n[ \t].+){{0,5}})", text, re.IGNORECASE | re.MULTILINE)
            if found:
                return found[1]
    return ""


def part_text(part: Message) -> str:
    """Return the text of a part in whatever charset it says, the parts of a part that has some."""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        charset = part.get_content_charset() or "utf-8"
        try:
            return payload[:TEXT_MAX].decode(charset, errors="replace")
        except (LookupError, ValueError):  # no charset, one for no text, or one that knows no replacement
            return payload[:TEXT_MAX].decode("latin-1")
    inner = part.get_payload()
    if not isinstance(inner, list):
        return str(inner)[:TEXT_MAX]
    return "\n".join(_whole(item) for item in inner[:_PARTS_MAX] if isinstance(item, Message))[:TEXT_MAX]


def _whole(message: Message) -> str:
    """Return fields and text as they stand: the standard library folds fields anew, in time that grows as a square."""
    fields = "\n".join(f"{name}: {value}" for name, value in message.raw_items())
    return f"{fields[:TEXT_MAX]}\n\n{part_text(message)}\n"
