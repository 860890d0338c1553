"""Undoes what terminals, web pages and chats do to a log on its way here: colours, odd spaces, wrapped lines.

`plain` gives the text its program wrote, as far as that can be told; `rejoined` puts lines together that a window had
wrapped. Both read characters only: they know no error, and take time linear in the text.
"""

from __future__ import annotations

import html
import re
from collections import Counter

MAX_REJOINED_CHARS = 65_536
"""Longer texts come from files, which no window wraps."""
NARROWEST, WIDEST = 40, 240
"""Widths, in characters, of windows that wrap."""
LEAST_FULL = 2
"""So many lines at least fill the window where it wraps in the middle of words."""

# A few fixed shapes, no nested repeats: linear by construction, and quicker than RE2 through its binding.
_COLOUR = re.compile(
    r"\x1b\[[0-9;?]{0,16}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\[[0-9;]{1,8}m"
)
_ENTITY = re.compile(r"&(?:lt|gt|quot|amp|apos|nbsp|#[0-9]{2,5}|#x[0-9a-fA-F]{2,4});")
_MEANT = {
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u00ad",
    "'": "\u2018\u2019\u201a\u2032",
    '"': "\u201c\u201d\u201e\u2033",
    "\n": "\u2028\u2029\u0085",
    "-": "\u2011",
}
_SIGNS = tuple((sign, meant) for meant, signs in _MEANT.items() for sign in signs)
"""One pass for each is quicker than `str.translate`, which looks every letter up."""


def plain(text: str) -> str:
    """`text` without colour codes, in plain spaces and quotes, with HTML's entities as the signs they stand for."""
    text = text.replace("\r\n", "\n")
    if "[" in text or "\x1b" in text:
        text = _COLOUR.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    if not text.isascii():
        for sign, meant in _SIGNS:
            text = text.replace(sign, meant)
    return text


def rejoined(text: str) -> str:
    """`text` with the lines put together that a window wrapped; the same text where none seems to have done so."""
    if len(text) > MAX_REJOINED_CHARS or "\n" not in text:
        return text
    lines = text.split("\n")
    width, full = _width(lines)
    if not NARROWEST <= width <= WIDEST:
        return text
    hard = full >= LEAST_FULL and any(len(line) == width and line[-1:].isalnum() for line in lines)
    parts: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        first = following.split(" ", 1)[0]
        if hard and len(line) == width:
            parts.append(line)
        elif not hard and line and first and len(line) + 1 + len(first) > width:
            parts.append(line + " ")
        else:
            parts.append(line + "\n")
    return "".join(parts).removesuffix("\n")


def _width(lines: list[str]) -> tuple[int, int]:
    """The longest line's length, and how many lines are that long."""
    lengths = Counter(len(line) for line in lines)
    longest = max(lengths)
    return longest, lengths[longest]
