"""What stands in an issue where each mail has its reader's own: links, and the part about the reader's machine. Pure.

The stored issue carries these marks; `message` replaces them mail by mail, `for_everybody` for pages anyone may read.
"""

from __future__ import annotations

from typing import Final

UNSUBSCRIBE: Final = "https://unsubscribe.invalid/"
PREFERENCES: Final = "https://preferences.invalid/"
"""They lead nowhere, so that a forgotten one is seen and harms nobody."""

RIG_HTML: Final = "<!--the reader's machine-->"
RIG_TEXT: Final = "[the reader's machine]"


def for_everybody(body: str, subscribe_url: str) -> str:
    """Return an issue's HTML or text for the archive: without a reader's part, its links leading to `subscribe_url`."""
    without = body.replace(RIG_HTML, "").replace(f"{RIG_TEXT}\n\n", "").replace(RIG_TEXT, "")
    return without.replace(UNSUBSCRIBE, subscribe_url).replace(PREFERENCES, subscribe_url)
