"""Looks at a fetched document before any parser does: unpacks it, sizes it, says what it is, refuses what is hostile.

Pure. It reads no entries; `feeds` does.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Final, Literal

from digest.errors import FeedError

DOCUMENT_MAX_BYTES: Final = 15 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 64 * 1024

# A general entity from outside, or one built of other entities: no honest feed needs either.
_EXTERNAL: Final = re.compile(
    rb"<!ENTITY\s+(?!%)\S+\s+(?:SYSTEM|PUBLIC)\b|<!ENTITY\s+%\s+\S+\s+SYSTEM\b", re.IGNORECASE
)
_NESTED: Final = re.compile(rb"<!ENTITY\s+[^\s%]\S*\s+[\"'][^\"'>]{0,2000}&[A-Za-z_][\w.-]{0,60};", re.IGNORECASE)
_ROOT: Final = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_PROLOG: Final = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)

Kind = Literal["xml", "json", "html"]


@dataclass(frozen=True, slots=True)
class Document:
    """An unpacked document, what it looks like, and whether its end is missing."""

    body: bytes
    kind: Kind
    truncated: bool = False


def open_document(data: bytes) -> Document:
    """Unpack and judge `data`. Raises FeedError `empty`, `too_big` or `hostile`."""
    body = _unpack(data)
    start = body[:_HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    if not start:
        raise FeedError("empty", "The document is empty.")
    if start[:1] in b"{[":
        return Document(body, "json")
    head = body[:_HEAD].replace(b"\x00", b"")  # UTF-16 keeps its ASCII letters between zero bytes
    if _EXTERNAL.search(head) or _NESTED.search(head):
        raise FeedError("hostile", "The document declares entities from outside or built of each other.")
    lowered = start[:512].lower()
    if lowered.startswith((b"<!doctype html", b"<html")) or (
        b"<html" in lowered and b"<rss" not in lowered and b"<feed" not in lowered
    ):
        return Document(body, "html")
    return Document(body, "xml", truncated=_is_cut(head, body))


def _unpack(data: bytes) -> bytes:
    """Return `data` without gzip layers (a body may be packed and not say so). Raises FeedError `too_big`."""
    body = data
    for _ in range(2):
        if not body.startswith(_GZIP):
            break
        body = gunzip(body, DOCUMENT_MAX_BYTES)
    if len(body) > DOCUMENT_MAX_BYTES:
        raise FeedError("too_big", f"The document is larger than {DOCUMENT_MAX_BYTES // 1024**2} MiB.")
    return body


def gunzip(data: bytes, max_bytes: int) -> bytes:
    """Unpack without ever holding more than `max_bytes`. Raises FeedError `too_big` or `hostile`."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise FeedError("hostile", "The packed body is damaged.") from error
    if len(body) > max_bytes:
        raise FeedError("too_big", f"The packed body unpacks to more than {max_bytes // 1024**2} MiB.")
    return body


def _is_cut(head: bytes, body: bytes) -> bool:
    """Whether the root element never ends: the transfer or the writer stopped half way."""
    root = _ROOT.search(_PROLOG.sub(b"", head))
    if root is None or b"\x00" in body[:200]:
        return False
    closing = b"</" + root.group(1)
    return closing not in body[-4096:] and not body.rstrip().endswith(b"/>")
