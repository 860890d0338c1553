"""The archive as Atom (RFC 4287) and JSON Feed 1.1. Pure: documents from issues, nothing fetched, nothing kept."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from digest.web.issue_page import feed_html, feed_text
from knowledge.store.archive_store import PublicIssue

FEED_ISSUES: Final = 12
TITLE: Final = "RUNLOCALAI monthly digest"
SUBTITLE: Final = "What came out for running AI models on your own machine, and what it runs on."
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(issues: Sequence[PublicIssue], public_url: str, *, now: datetime) -> bytes:
    """Return the feed of these issues, newest first."""
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "id", f"{public_url}/")
    _add(feed, "title", TITLE)
    _add(feed, "subtitle", SUBTITLE)
    _add(feed, "updated", _instant(max((issue.appeared_at for issue in issues), default=now)))
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{public_url}/feed.atom"})
    ET.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{public_url}/"})
    _add(ET.SubElement(feed, "author"), "name", "RUNLOCALAI")
    for issue in issues:
        url = issue_url(public_url, issue.month)
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", url)
        _add(entry, "title", issue.subject)
        _add(entry, "published", _instant(issue.appeared_at))
        _add(entry, "updated", _instant(issue.appeared_at))
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": url})
        if issue.preheader:
            _add(entry, "summary", issue.preheader)
        html = feed_html(issue.html, f"{public_url}/subscribe")
        kind, content = ("html", html) if html else ("text", feed_text(issue.text, f"{public_url}/subscribe"))
        _add(entry, "content", content).set("type", kind)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def json_feed(issues: Sequence[PublicIssue], public_url: str) -> bytes:
    """Return the same as JSON Feed."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "description": SUBTITLE,
        "home_page_url": f"{public_url}/",
        "feed_url": f"{public_url}/feed.json",
        "language": "en",
        "authors": [{"name": "RUNLOCALAI", "url": f"{public_url}/"}],
        "items": [_item(issue, public_url) for issue in issues],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def issue_url(public_url: str, month: str) -> str:
    """Return an issue's permalink."""
    return f"{public_url}/issues/{month}"


def _item(issue: PublicIssue, public_url: str) -> dict[str, str]:
    url, subscribe_url = issue_url(public_url, issue.month), f"{public_url}/subscribe"
    made = {
        "id": url,
        "url": url,
        "title": issue.subject,
        "summary": issue.preheader,
        "content_html": feed_html(issue.html, subscribe_url),
        "content_text": feed_text(issue.text, subscribe_url),
        "date_published": _instant(issue.appeared_at),
        "date_modified": _instant(issue.appeared_at),
    }
    return {name: value for name, value in made.items() if value}


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, name)
    made.text = _NOT_XML.sub("\ufffd", text)
    return made


def _instant(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
