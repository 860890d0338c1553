"""Takes the links, or the headings, of an HTML page as entries, for the few sources that have no feed.

Pure, and deliberately modest: a link counts when it leads to the page's own host (below the path its source names),
goes elsewhere than the page itself and has words; a heading counts with the date in its words or in the heading above.
It runs no scripts; a page drawn by script yields nothing: an error, not silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from digest.dates import date_in_words, sane
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.text import clean_title, safe_url, url_key

_MIN_WORDS: Final = 1
_MAX_LINKS: Final = 300
_HEADINGS: Final = frozenset({"h1", "h2", "h3"})
_DATE_WORDS: Final = re.compile(
    r"\b(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}|date|released?|published|updated)\b|[\d\W_]+",
    re.IGNORECASE,
)
_FURNITURE: Final = frozenset({"nav", "header", "footer", "aside", "script", "style", "noscript"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRule:
    """How a page is read: the links below a path, or the dated headings."""

    links: str = "/"
    headings: bool = False


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


class _Headings(HTMLParser):
    """Collects (anchor, words) of headings outside the page's furniture."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._anchor = ""
        self._words: list[str] | None = None
        self._furniture = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        anchor = dict(attrs).get("id") or ""
        if tag in _FURNITURE - {"header"}:
            self._furniture += 1
        elif tag in _HEADINGS and not self._furniture:
            self._anchor, self._words = anchor or self._anchor, []
        elif tag == "section" and anchor:
            self._anchor = anchor  # documentation writers put the anchor around the heading

    def handle_endtag(self, tag: str) -> None:
        if tag in _FURNITURE - {"header"}:
            self._furniture = max(0, self._furniture - 1)
        elif tag in _HEADINGS and self._words is not None:
            self.found.append((self._anchor, " ".join(self._words)))
            self._anchor, self._words = "", None

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)


def page_links(body: bytes, url: str, under: str = "/") -> ParsedFeed:
    """Return the page's links below the path `under` as entries, in page order.

    Raises FeedError `no_links` where there are none.
    """
    reader = _Links()
    _read(reader, body)
    here = urlsplit(url)
    entries: dict[str, Entry] = {}
    for href, words in reader.found:
        target = _target(href, url)
        title = clean_title(words)
        if target is None or len(title.split()) < _MIN_WORDS or len(title) < 3:
            continue
        parts = urlsplit(target)
        own = parts.netloc == here.netloc.lower() and parts.path.startswith(under)
        if not own or parts.path.count("/") < 1 or url_key(target) == url_key(url):
            continue
        entries.setdefault(url_key(target), Entry(id=target, title=title, url=target))
        if len(entries) >= _MAX_LINKS:
            break
    if not entries:
        raise FeedError(
            "no_links", "The page has no links to entries.", hint="It may be drawn by script, or have moved."
        )
    return ParsedFeed(entries=tuple(entries.values()), format="html")


def page_headings(body: bytes, url: str, now: datetime) -> ParsedFeed:
    """Return the page's headings as entries, those with a date and those below one.

    A heading that is a date alone dates those that follow it. Raises FeedError `no_headings` where none has a date.
    """
    reader = _Headings()
    _read(reader, body)
    entries: dict[str, Entry] = {}
    above: str | None = None
    for anchor, words in reader.found[:_MAX_LINKS]:
        title, moment = clean_title(words.removesuffix("¶").removesuffix("#")), date_in_words(words)
        above = sane(moment, now) or above
        if above is None or not _says_more(title):
            continue
        target = safe_url(f"{url.partition('#')[0]}#{anchor}" if anchor else url)
        identity = f"{target}#{title}" if not anchor else str(target)
        entries.setdefault(identity, Entry(id=identity, title=title, url=target, published=above))
    if not entries:
        raise FeedError(
            "no_headings", "The page has no dated headings.", hint="It may be drawn by script, or have moved."
        )
    return ParsedFeed(entries=tuple(entries.values()), format="html")


def _read(reader: HTMLParser, body: bytes) -> None:
    """Feed a page to a reader. Raises FeedError `unreadable` where the page breaks Python's parser."""
    try:
        reader.feed(body.decode("utf-8", errors="replace"))
    except (AssertionError, ValueError) as error:
        raise FeedError("unreadable", "The page breaks the parser.") from error


def _says_more(title: str) -> bool:
    """Whether a heading says more than a date."""
    return len(_DATE_WORDS.sub("", title)) >= 3


def _target(href: str, url: str) -> str | None:
    try:
        return safe_url(urljoin(url, href.strip()))
    except ValueError:
        return None
