"""Takes the links of an HTML page as entries, for the few sources that have no feed.

Pure, and deliberately modest: a link counts when it leads to the page's own host, goes deeper than the page itself and
has words. It reads no dates and runs no scripts; a page drawn by script yields no links: an error, not silence.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.text import clean_title, safe_url, url_key

_MIN_WORDS: Final = 1
_MAX_LINKS: Final = 300
_FURNITURE: Final = frozenset({"nav", "header", "footer", "aside", "script", "style", "noscript"})


class _Links(HTMLParser):
    """Collects (address, words) of links outside the page's furniture."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._words: list[str] = []
        self._furniture = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FURNITURE:
            self._furniture += 1
        elif tag == "a" and not self._furniture:
            self._href, self._words = dict(attrs).get("href"), []

    def handle_endtag(self, tag: str) -> None:
        if tag in _FURNITURE:
            self._furniture = max(0, self._furniture - 1)
        elif tag == "a" and self._href:
            self.found.append((self._href, " ".join(self._words)))
            self._href = None

    def handle_data(self, data: str) -> None:
        if self._href:
            self._words.append(data)


def page_links(body: bytes, url: str) -> ParsedFeed:
    """Return the page's links as entries in page order. Raises FeedError `no_links` where there are none."""
    reader = _Links()
    reader.feed(body.decode("utf-8", errors="replace"))
    here = urlsplit(url)
    entries: dict[str, Entry] = {}
    for href, words in reader.found:
        target = _target(href, url)
        title = clean_title(words)
        if target is None or len(title.split()) < _MIN_WORDS or len(title) < 3:
            continue
        parts = urlsplit(target)
        if parts.netloc != here.netloc.lower() or parts.path.count("/") < 1 or url_key(target) == url_key(url):
            continue
        entries.setdefault(url_key(target), Entry(id=target, title=title, url=target))
        if len(entries) >= _MAX_LINKS:
            break
    if not entries:
        raise FeedError(
            "no_links", "The page has no links to entries.", hint="It may be drawn by script, or have moved."
        )
    return ParsedFeed(entries=tuple(entries.values()), format="html")


def _target(href: str, url: str) -> str | None:
    try:
        return safe_url(urljoin(url, href.strip()))
    except ValueError:
        return None
