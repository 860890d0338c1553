"""What stands in an issue where each mail has its reader's own: links, and the part about the reader's machine. Pure.

The stored issue carries these marks; `message` replaces them mail by mail, `for_everybody` for pages anyone may read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape
from typing import Final

UNSUBSCRIBE: Final = "https://unsubscribe.invalid/"
PREFERENCES: Final = "https://preferences.invalid/"
"""They lead nowhere, so that a forgotten one is seen and harms nobody."""

RIG_HTML: Final = "<!--the reader's machine-->"
RIG_TEXT: Final = "[the reader's machine]"


ALWAYS: Final = frozenset({"rig", "corrections"})
"""Sections no reader can leave out: the one they asked for themselves, and what we got wrong."""

_SECTION: Final = re.compile(r"<!--section:([a-z_-]{1,40})\|([^<>|\n]{1,200})-->\n?(.*?)<!--/section-->\n?", re.DOTALL)


def for_sections(html: str, text: str, wanted: Collection[str] | None) -> tuple[str, str]:
    """Return an issue's HTML and text with the sections wanted (None: all of them), and without the marks of sections.

    The HTML's marks, `<!--section:SLUG|TITLE-->` to `<!--/section-->`, also tell the headings of the text.
    """
    left_out: list[str] = []

    def chosen(found: re.Match[str]) -> str:
        if wanted is None or found[1] in wanted or found[1] in ALWAYS:
            return found[3]
        left_out.append(unescape(found[2]).upper())
        return ""

    html = _SECTION.sub(chosen, html)
    for title in left_out:
        text = _without_section(text, title)
    return html, text


def _without_section(text: str, title: str) -> str:
    """Return text without the section under a heading, up to the next heading or the machine's part."""
    lines = text.split("\n")
    start = next((at for at in range(len(lines)) if lines[at] == title and _is_heading(lines, at)), None)
    if start is None:
        return text
    ends = (at for at in range(start + 2, len(lines)) if _is_heading(lines, at) or lines[at] == RIG_TEXT)
    return "\n".join(lines[:start] + lines[next(ends, len(lines)) :])


def _is_heading(lines: list[str], at: int) -> bool:
    return bool(lines[at]) and at + 1 < len(lines) and lines[at + 1] == "-" * len(lines[at])


def for_everybody(body: str, subscribe_url: str) -> str:
    """Return an issue's HTML or text for the archive: without a reader's part, its links leading to `subscribe_url`."""
    body, _ = for_sections(body, "", None)
    without = body.replace(RIG_HTML, "").replace(f"{RIG_TEXT}\n\n", "").replace(RIG_TEXT, "")
    return without.replace(UNSUBSCRIBE, subscribe_url).replace(PREFERENCES, subscribe_url)
