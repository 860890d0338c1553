"""Makes text and addresses from strangers harmless and comparable. Pure; it renders nothing and decides nothing.

Titles come with markup, scripts, carriage returns and bidirectional controls in them; links with `javascript:`; both
end in mail headers and HTML. Everything passes here once, at the edge, and is plain text afterwards.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import nh3

TITLE_MAX: Final = 300
SUMMARY_MAX: Final = 1200
URL_MAX: Final = 2000

_MARKUP: Final = re.compile(
    r"</?(?:a|abbr|article|b|big|blockquote|body|br|button|cite|code|dd|div|dl|dt|em|embed|font|form|h[1-6]|head|hr|html|i|iframe|"
    r"img|input|kbd|li|link|math|meta|object|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|"
    r"textarea|th|thead|title|tr|tt|u|ul|video)\b|<!--|<!\[CDATA\[",
    re.IGNORECASE,
)
_TRACKING: Final = re.compile(r"^(?:utm_.*|fbclid|gclid|mc_cid|mc_eid|ref|ref_src|source)$", re.IGNORECASE)
_PUNCTUATION: Final = re.compile(r"[^\w]+")


def plain_text(raw: str, limit: int) -> str:
    """`raw` without markup, scripts, control and direction characters, on one line, at most `limit` characters."""
    text = raw[: limit * 40]
    for _ in range(3):  # markup may be escaped more than once
        text = html.unescape(text)
        if not _MARKUP.search(text):
            break
        text = nh3.clean(_spaced(text), tags=set(), attributes={})
        text = html.unescape(text)
    text = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Cs", "Co"}
    )
    return clip(" ".join(text.split()), limit)


def _spaced(text: str) -> str:
    """Return a space where a block ends, so that `<p>one</p><p>two</p>` does not become `onetwo`."""
    return re.sub(r"(</(?:p|div|li|h[1-6]|tr|td)>|<br\s*/?>)", r"\1 ", text, flags=re.IGNORECASE)


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
