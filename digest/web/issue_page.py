"""Turns a stored issue into what anybody may read: a page of the site, and plain markup for feeds. Pure.

The mail's own HTML is kept as it was sent; only what was for its readers alone is taken out, and the way around the
archive is put in.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

import nh3

from digest.placeholders import PREFERENCES, UNSUBSCRIBE, for_everybody
from digest.render import TEXT_WIDTH

_PARAGRAPH: Final = re.compile(r"<p[^>]*>(?:(?!</?p[ >]).)*?</p>", re.DOTALL)
_BODY: Final = re.compile(r"<body[^>]*>")
_STYLE: Final = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_HEADING: Final = re.compile(r"<h1[ >]")
_FOOT: Final = re.compile(r'<td class="foot"')
_RULE: Final = "-" * TEXT_WIDTH
_FEED_TAGS: Final = frozenset(
    [
        "a",
        "b",
        "br",
        "caption",
        "code",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """A page and the hashes of the style elements it has (`sha256-…`), for its content security policy."""

    html: str
    style_hashes: tuple[str, ...]


def issue_page(html: str, *, head: str, top: str, bottom: str, base: str, public_url: str) -> IssuePage:
    """Return an issue's page: `head` goes before `</head>`, `top` and `bottom` to the ends of its body."""
    shared = _local(_shared(html, f"{base}/subscribe"), base, public_url)
    body = _BODY.search(shared)
    if body is None or "</body>" not in shared or "</head>" not in shared:
        shared = f"<!doctype html><html lang=en><head><title>RUNLOCALAI</title></head><body>{shared}</body></html>"
        body = _BODY.search(shared)
    at = body.end() if body else 0
    shared = shared[:at] + top + shared[at:]
    before, _, after = shared.rpartition("</body>")
    shared = f"{before}{bottom}</body>{after}".replace("</head>", f"{head}</head>", 1)
    return IssuePage(html=shared, style_hashes=tuple(_hash(found[1]) for found in _STYLE.finditer(shared)))


def feed_html(html: str, subscribe_url: str) -> str:
    """Return an issue's words, links and tables as plain markup, empty where its parts are not where they were."""
    shared = _shared(html, subscribe_url)
    start, end = _HEADING.search(shared), _FOOT.search(shared)
    if start is None or end is None or end.start() < start.start():
        return ""
    attributes = {"a": {"href"}, "img": {"src", "alt", "width", "height"}, "th": {"scope"}}
    return nh3.clean(
        shared[start.start() : end.start()],
        tags=set(_FEED_TAGS),
        attributes=attributes,
        url_schemes={"https", "http"},
        clean_content_tags={"script", "style", "title"},
        link_rel=None,
    ).strip()


def feed_text(text: str, subscribe_url: str) -> str:
    """Return an issue's plain text for everybody, without its end: that is about the mail and how to leave."""
    body, rule, _ = text.rpartition(_RULE)
    return for_everybody(body.rstrip() + "\n" if rule else text, subscribe_url)


def _shared(html: str, subscribe_url: str) -> str:
    """Take out what only a subscriber can use: the paragraph with the links to leave and to choose."""
    marks = (UNSUBSCRIBE, PREFERENCES)
    without = _PARAGRAPH.sub(lambda found: "" if any(mark in found[0] for mark in marks) else found[0], html)
    return for_everybody(without, subscribe_url)


def _local(html: str, base: str, public_url: str) -> str:
    """Let pictures come from the server that shows the page: its policy allows no other."""
    return html.replace(f'src="{public_url}/', f'src="{base}/')


def _hash(style: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
