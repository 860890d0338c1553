"""From a fetched document to clean entries: RSS, Atom, RDF through feedparser, JSON and page links through readers.

    bytes → document.open_document (unpack, cap, distrust) → xml: feedparser | json: jsonfeeds | html: pagelinks → Entry

Pure: no network, no clock (`now` is given). It decides nothing about novelty; `novelty` does.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin

import feedparser

from digest.dates import from_mail_text, from_struct, from_text, half_day, sane
from digest.document import Document, open_document
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.jsonfeeds import ENTRIES_MAX, parse_json
from digest.pace import wishes
from digest.pagelinks import PageRule, page_headings, page_links
from digest.text import clean_notes, clean_summary, clean_title, safe_url

_Raw: TypeAlias = Any  # feedparser has no types
_NO_TYPE: Final = "application/xml"
_NUMBERED: Final = re.compile(rb"&#(x[0-9a-fA-F]{4,40}|[0-9]{5,40});?")
_FAULTS: Final = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)
"""What feedparser was seen to raise, or may, over documents with a few bytes changed; it means to raise nothing."""
_RELEASE: Final = "tag:github.com,2008:Repository/"
"""How the ids of releases begin in GitHub's feeds: their text is notes, to be read item by item."""

_RDF: Final = frozenset({"rss10", "rss090"})


def parse_feed(
    data: bytes, *, now: datetime, url: str = "", content_type: str = "", page: PageRule | None = None
) -> ParsedFeed:
    """Return the entries of a document fetched from `url`.

    `page` is given for a source that is an HTML page: its links or headings are entries.
    Raises FeedError for what cannot be used at all; a document cut short gives its whole entries and `error`.
    """
    document = open_document(data)
    if page is not None:
        return page_headings(document.body, url, now) if page.headings else page_links(document.body, url, page.links)
    if document.kind == "html":
        raise FeedError("html", "The document is an HTML page, not a feed.")
    if document.kind == "json":
        return parse_json(document.body, now)
    return _parse_xml(document, url, content_type, now)


def _parse_xml(document: Document, url: str, content_type: str, now: datetime) -> ParsedFeed:
    # not told where it is from: it would make addresses of ids too, and those would change when the feed moves
    headers = {"content-type": content_type or _NO_TYPE}
    parsed = _parsed(document.body, headers)
    raw_entries = parsed.entries[:ENTRIES_MAX]
    if not parsed.get("version") and not raw_entries:
        raise FeedError("not_a_feed", "The document is neither RSS, Atom, RDF nor JSON Feed.")
    error = None
    if document.truncated:
        error = FeedError(
            "truncated",
            "The document ends in the middle.",
            hint="The whole entries were kept; the rest comes with the next fetch.",
        )
        raw_entries = raw_entries[:-1]  # the last one is the one that was cut
    version, title = str(parsed.get("version") or ""), parsed.feed.get("title")
    base = url or _own_address(parsed.feed)
    return ParsedFeed(
        entries=tuple(_entry(raw, now, version=version, base=base) for raw in raw_entries),
        title=clean_title(title if isinstance(title, str) else ""),
        format=version or "xml",
        asked=wishes(parsed.feed, document.body),
        error=error,
    )


def _parsed(body: bytes, headers: dict[str, str]) -> _Raw:
    """Return what the parser makes of a body. Raises FeedError `unreadable` where it fails over a broken document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # feedparser warns about its own date fall-backs
        try:
            return feedparser.parse(
                io.BytesIO(_NUMBERED.sub(_in_range, body)),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except _FAULTS as error:
            words = f"The document breaks the parser ({type(error).__name__})."
            raise FeedError("unreadable", words) from error


def _in_range(reference: re.Match[bytes]) -> bytes:
    """Return a numbered character as it is where there is such a one; the parser fails over others."""
    text = reference.group(1).lower()
    number = int(text[1:], 16) if text.startswith(b"x") else int(text)
    return reference.group() if number < 0x110000 and not 0xD800 <= number < 0xE000 else b"&#xFFFD;"


def _own_address(feed: _Raw) -> str:
    """Return where the document says it is from, to resolve relative links by when nobody else says so."""
    links = [link for link in feed.get("links") or [] if safe_url(_text(link.get("href")))]
    for rel in ("self", "alternate"):
        for link in links:
            if link.get("rel") == rel:
                return str(link["href"])
    return ""


def _entry(raw: _Raw, now: datetime, *, version: str, base: str) -> Entry:
    """One clean entry. `dict.get` is meant: the parser's own lookup fills absent dates from others."""
    title = clean_title(_text(dict.get(raw, "title")))
    url = _address(_link(raw), base) or _first_link(raw, base)
    published, updated = _dates(raw, now, version)
    summary = _text(dict.get(raw, "summary")) or _first_content(raw)
    identity = _text(dict.get(raw, "id")).strip() or url or _stand_in(title, summary)
    clean = clean_notes if identity.startswith(_RELEASE) else clean_summary
    return Entry(id=identity[:500], title=title, url=url, published=published, updated=updated, summary=clean(summary))


def _dates(raw: _Raw, now: datetime, version: str) -> tuple[str | None, str | None]:
    """Return when an entry was published and updated.

    Atom's `updated` says nothing of when an entry was published. RSS knows one date, whatever it is called, that
    holds for both; RDF's is the one of publication.
    """
    published = sane(_date(raw, "published") or _date(raw, "created"), now)
    updated = sane(_date(raw, "updated"), now)
    if version.startswith("atom"):
        return published, updated
    published = published or updated
    return published, None if version in _RDF else updated or published


def _date(raw: _Raw, name: str) -> datetime | None:
    """Return the entry's date of that name, to the millisecond, also where the weekday is in another language."""
    text = _text(dict.get(raw, name))
    parsed = from_struct(dict.get(raw, f"{name}_parsed"))
    if parsed is None:
        return half_day(from_mail_text(text), text)
    exact = from_text(text) if "." in text else None
    return exact if exact and exact.replace(microsecond=0) == parsed else half_day(parsed, text)


def _link(raw: _Raw) -> str:
    """Return the entry's link. The parser takes RSS's guid for one; a guid of one word (`1042`) is none."""
    link = _text(dict.get(raw, "link")).strip()
    return (
        "" if dict.get(raw, "guidislink") and "/" not in link and link == _text(dict.get(raw, "id")).strip() else link
    )


def _address(text: str, base: str) -> str | None:
    """Return a link as a web address, resolved by `base` where it is relative."""
    if base and text:
        try:
            text = urljoin(base, text)
        except ValueError:
            return None
    return safe_url(text)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _first_link(raw: _Raw, base: str) -> str | None:
    for link in dict.get(raw, "links") or []:
        if link.get("rel") in {None, "alternate"} and (url := _address(_text(link.get("href")), base)):
            return url
    return None


def _first_content(raw: _Raw) -> str:
    for content in dict.get(raw, "content") or []:
        if text := _text(content.get("value")):
            return text
    return ""


def _stand_in(title: str, summary: str) -> str:
    """Return an identity for an entry that has neither id nor address: the same words give the same one."""
    return "text:" + hashlib.sha256(f"{title}\n{summary}".encode()).hexdigest()[:24]
