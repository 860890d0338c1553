"""Makes text and addresses from strangers harmless and comparable. Pure; it renders nothing and decides nothing.

Titles come with markup, scripts, carriage returns and bidirectional controls in them; links with `javascript:`; both
end in mail headers and HTML. Everything passes here once, at the edge, and is plain text afterwards.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import nh3

TITLE_MAX: Final = 300
SUMMARY_MAX: Final = 1200
NOTES_MAX: Final = 4000
"""Release notes are read for what changed, item by item (`notes`); a summary is only looked through for words."""

URL_MAX: Final = 2000

_MARKUP: Final = re.compile(
    r"</?(?:a|abbr|article|b|big|blockquote|body|br|button|cite|code|dd|div|dl|dt|em|embed|font|form|h[1-6]|head|hr|html|i|iframe|"
    r"img|input|kbd|li|link|math|meta|object|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|"
    r"textarea|th|thead|title|tr|tt|u|ul|video)\b|<!--|<!\[CDATA\[",
    re.IGNORECASE,
)
_TRACKING: Final = re.compile(r"^(?:utm_.*|fbclid|gclid|mc_cid|mc_eid|ref|ref_src|source)$", re.IGNORECASE)
_HEADING: Final = re.compile(r"<h[1-6]\b[^>]*>", re.IGNORECASE)
_ITEM: Final = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_BLOCK: Final = re.compile(r"</?(?:p|div|ul|ol|li|h[1-6]|tr|table|pre|blockquote)\b[^>]*>|<br\s*/?>", re.IGNORECASE)
_BULLET: Final = re.compile(r"[-*+•]\s+")
_MARKS: Final = ("•", "##")
_PUNCTUATION: Final = re.compile(r"[^\w]+")


def plain_text(raw: str, limit: int) -> str:
    """`raw` without markup, scripts, control and direction characters, on one line, at most `limit` characters."""
    return clip(_one_line(_without_markup(raw[: limit * 40], _spaced)), limit)


def _without_markup(text: str, spaced: Callable[[str], str]) -> str:
    """Return `text` without tags; `spaced` puts what shall stand where a block ends."""
    for _ in range(3):  # markup may be escaped more than once
        text = html.unescape(text)
        if not _MARKUP.search(text):
            break
        text = html.unescape(nh3.clean(spaced(text), tags=set(), attributes={}))
    return text


def _one_line(text: str) -> str:
    """Return `text` on one line, without control and direction characters."""
    text = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Cs", "Co"}
    )
    return " ".join(text.split())


def _spaced(text: str) -> str:
    """Return a space where a block ends, so that `<p>one</p><p>two</p>` does not become `onetwo`."""
    return re.sub(r"(</(?:p|div|li|h[1-6]|tr|td)>|<br\s*/?>)", r"\1 ", text, flags=re.IGNORECASE)


def _lined(text: str) -> str:
    """Return a line's end where a block begins or ends, `## ` before headings and `• ` before list items."""
    return _BLOCK.sub("\n", _ITEM.sub("\n• ", _HEADING.sub("\n## ", text)))


def clip(text: str, limit: int) -> str:
    """`text`, cut at a word with an ellipsis where it is longer than `limit`."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit * 2 // 3 else cut).rstrip(" ,;:-–") + "…"


def clean_title(raw: str) -> str:
    """Return a title safe for headers and cards."""
    return plain_text(raw, TITLE_MAX)


def clean_summary(raw: str) -> str:
    """Return a summary as plain text."""
    return plain_text(raw, SUMMARY_MAX)


def clean_notes(raw: str) -> str:
    """Return release notes as plain text: a line for each paragraph, heading (`## `) and list item (`• `)."""
    lines: list[str] = []
    for piece in _without_markup(raw[: NOTES_MAX * 40], _lined).splitlines():
        line = _BULLET.sub("• ", _one_line(piece), count=1) if _BULLET.match(piece.strip()) else _one_line(piece)
        if line and lines and lines[-1] in _MARKS:  # `<li><p>…`: the item's words are in a block of their own
            mark = lines.pop()
            line = line if line.startswith(_MARKS) else f"{mark} {line}"
        if line:
            lines.append(line)
    return clip("\n".join(line for line in lines if line not in _MARKS), NOTES_MAX)


def safe_url(raw: str | None) -> str | None:
    """Return `raw` as an http(s) address with a host and no credentials, percent-encoded; None where it is none."""
    if not raw or len(raw) > URL_MAX:
        return None
    text = "".join(c for c in raw.strip() if unicodedata.category(c) not in {"Cc", "Cf"})
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or parts.username is not None or " " in parts.netloc:
        return None
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return urlunsplit(
        (parts.scheme.lower(), parts.netloc.lower(), path, query, quote(parts.fragment, safe="/%:@!$&'()*+,;=~-._?"))
    )


def url_key(url: str) -> str:
    """Return what two addresses of one page have in common: no scheme, `www.`, tracking parameters, last slash."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")
    query = urlencode(
        sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    )
    fragment = parts.fragment if parts.fragment and not parts.fragment.startswith(("utm", "ref")) else ""
    return f"{host}{parts.path.rstrip('/')}{'?' + query if query else ''}{'#' + fragment if fragment else ''}"


def title_key(title: str) -> str:
    """Return what two writings of the same title have in common."""
    return _PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()
