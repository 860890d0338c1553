"""From a fetched document to clean entries: RSS, Atom, RDF through feedparser, JSON and page links through readers.

    bytes → document.open_document (unpack, cap, distrust) → xml: feedparser | json: jsonfeeds | html: pagelinks → Entry

Pure: no network, no clock (`now` is given). It decides nothing about novelty; `novelty` does.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from datetime import datetime
from typing import Any, Final, TypeAlias

import feedparser

from digest.dates import from_mail_text, from_struct, sane
from digest.document import Document, open_document
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.jsonfeeds import ENTRIES_MAX, parse_json
from digest.pagelinks import page_links
from digest.text import clean_summary, clean_title, safe_url

_Raw: TypeAlias = Any  # feedparser has no types
_NO_TYPE: Final = "application/xml"


def parse_feed(data: bytes, *, now: datetime, url: str = "", content_type: str = "", page: bool = False) -> ParsedFeed:
    """Return the entries of a document fetched from `url`.

    `page` says that this source is an HTML page, whose links are entries.
    Raises FeedError for what cannot be used at all; a document cut short gives its whole entries and `error`.
    """
    document = open_document(data)
    if page:
        return page_links(document.body, url)
    if document.kind == "html":
        raise FeedError("html", "The document is an HTML page, not a feed.")
    if document.kind == "json":
        return parse_json(document.body, now)
    return _parse_xml(document, url, content_type, now)


def _parse_xml(document: Document, url: str, content_type: str, now: datetime) -> ParsedFeed:
    headers = {"content-type": content_type or _NO_TYPE}
    if url:
        headers["content-location"] = url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # feedparser warns about its own date fall-backs
        parsed = feedparser.parse(
            io.BytesIO(document.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
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
    title, ttl = parsed.feed.get("title"), parsed.feed.get("ttl")
    return ParsedFeed(
        entries=tuple(
            _entry(raw, now, is_atom=str(parsed.get("version", "")).startswith("atom")) for raw in raw_entries
        ),
        title=clean_title(title if isinstance(title, str) else ""),
        format=parsed.get("version") or "xml",
        ttl_minutes=int(ttl) if isinstance(ttl, str) and ttl.isdigit() and int(ttl) < 100_000 else None,
        error=error,
    )


def _entry(raw: _Raw, now: datetime, *, is_atom: bool) -> Entry:
    """One clean entry. `dict.get` is meant: the parser's own lookup fills absent dates from others.

    RSS and RDF know one date, whatever it is called; Atom's `updated` says nothing of when an entry was published.
    """
    title = clean_title(_text(dict.get(raw, "title")))
    url = safe_url(_text(dict.get(raw, "link"))) or _first_link(raw)
    published = sane(_date(raw, "published") or _date(raw, "created"), now)
    updated = sane(_date(raw, "updated"), now)
    if published is None and not is_atom:
        published = updated
    summary = _text(dict.get(raw, "summary")) or _first_content(raw)
    identity = _text(dict.get(raw, "id")).strip() or url or _stand_in(title, summary)
    return Entry(
        id=identity[:500], title=title, url=url, published=published, updated=updated, summary=clean_summary(summary)
    )


def _date(raw: _Raw, name: str) -> datetime | None:
    """Return the entry's date of that name, also where the weekday is in another language."""
    return from_struct(dict.get(raw, f"{name}_parsed")) or from_mail_text(_text(dict.get(raw, name)))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _first_link(raw: _Raw) -> str | None:
    for link in dict.get(raw, "links") or []:
        if link.get("rel") in {None, "alternate"} and (url := safe_url(_text(link.get("href")))):
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
