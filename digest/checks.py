"""Looks a draft over before a person does: size, subject, links, twins, repeats, edits that met nothing. Pure.

It reaches no network: whether a link answers is asked elsewhere, and only when somebody wants it.
"""

from __future__ import annotations

import html
import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from digest.compose import SUBJECT_MAX
from digest.edits import unused
from digest.issue import Issue
from digest.placeholders import PREFERENCES, RIG_HTML, UNSUBSCRIBE
from digest.render import HTML_MAX_BYTES, Rendered
from digest.sources import Source
from knowledge.store.digest_rows import SourceRow
from knowledge.store.issue_rows import EditRow

_LINK: Final = re.compile(r'<a[^>]*\shref="([^"]*)"')
_TEXT_LINK: Final = re.compile(r"https?://[^\s>)]+")
_HOST: Final = re.compile(r"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$")
KNOWN_HOSTS: Final = frozenset(
    {"huggingface.co", "github.com", "ollama.com", "arxiv.org", "www.reddit.com", "reddit.com", "news.ycombinator.com"}
)
"""Hosts any issue may link to, besides those of our sources and of the glossary's and errors' own references."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `ok` None: it could not be looked at, `words` say why."""

    name: str
    ok: bool | None
    words: str


def links_in(markup: str) -> list[str]:
    """Return the addresses an HTML body links to, each once, without the reader's own."""
    found = dict.fromkeys(html.unescape(url) for url in _LINK.findall(markup))
    return [url for url in found if url not in {UNSUBSCRIBE, PREFERENCES}]


def links_in_text(text: str) -> set[str]:
    """Return the addresses a text names."""
    return {url.rstrip(".,;:") for url in _TEXT_LINK.findall(text)}


def link_problem(url: str) -> str:
    """Say what is wrong with an address, empty where nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no address"
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"https", "http"}:
        return f"begins with {parts.scheme or 'nothing'}:"
    if parts.username or parts.password:
        return "carries a login"
    if port not in {None, 80, 443}:
        return f"names port {port}"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.match(host) or "." not in host or host.endswith((".local", ".internal", ".invalid")):
            return "leads to no public host"
        return ""
    return "leads to a bare number"


def hosts_of(sources: Iterable[Source], more: Iterable[str] = ()) -> frozenset[str]:
    """Return the hosts an issue may link to."""
    urls = [*(source.url for source in sources), *more]
    return KNOWN_HOSTS | {(urlsplit(url).hostname or "").lower() for url in urls}


def look_over(
    issue: Issue,
    rendered: Rendered,
    *,
    hosts: Collection[str],
    edits: Sequence[EditRow] = (),
    plain: Issue | None = None,
    last: Issue | None = None,
) -> list[Check]:
    """Return what a maintainer should know of a draft. `plain` is it without edits, `last` the issue before."""
    return [
        _size(rendered),
        _subject(rendered, issue),
        *_links(rendered, hosts),
        _own_marks(rendered, issue),
        _figures(issue),
        _repeats(issue, last),
        _edits(plain or issue, edits),
    ]


def source_check(states: Mapping[str, SourceRow], known: Mapping[str, Source], now: datetime) -> Check:
    """Say which sources failed when they were last asked, or were never asked."""
    failed = [state for id_, state in sorted(states.items()) if id_ in known and state.failure_count]
    never = len(known.keys() - states.keys())
    told = [f"{state.source_id} ({state.last_error or state.last_status})" for state in failed[:10]]
    more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
    words = f"{len(failed)} of {len(known)} failed when last asked" + (f": {', '.join(told)}{more}" if told else "")
    newest = max((state.last_success_at for state in states.values() if state.last_success_at), default=None)
    if newest is not None:
        words += f"; newest answer {max(0, (now - newest).days)} days ago"
    return Check(name="sources", ok=not failed and never == 0, words=f"{words}; {never} never asked.")


def _size(rendered: Rendered) -> Check:
    size = len(rendered.html.encode())
    return Check(
        name="size",
        ok=size <= HTML_MAX_BYTES,
        words=f"{size:,} bytes of HTML, {HTML_MAX_BYTES:,} at most for all parts.",
    )


def _subject(rendered: Rendered, issue: Issue) -> Check:
    ok = 10 <= len(rendered.subject) <= SUBJECT_MAX and 30 <= len(issue.preheader) <= 150
    words = f"{len(rendered.subject)} characters (at most {SUBJECT_MAX}), preheader {len(issue.preheader)} (30 to 150)."
    return Check(name="subject", ok=ok, words=words)


def _links(rendered: Rendered, hosts: Collection[str]) -> list[Check]:
    links = links_in(rendered.html)
    bad = [f"{url[:80]} {problem}" for url in links if (problem := link_problem(url))]
    allowed = {host.removeprefix("www.") for host in hosts}
    odd = sorted({host for url in links if (host := _host(url)).removeprefix("www.") not in allowed})
    missing = [url for url in links if url not in rendered.text]
    return [
        Check(
            name="links",
            ok=not bad,
            words=f"{len(links)} links" + (f"; {'; '.join(bad[:5])}." if bad else ", all well formed."),
        ),
        Check(
            name="hosts",
            ok=not odd,
            words=f"Not among our sources: {', '.join(odd[:12])}." if odd else "All hosts are those of our sources.",
        ),
        Check(
            name="text twin",
            ok=not missing,
            words=f"Missing in the text: {', '.join(missing[:5])}."
            if missing
            else "Every link stands in the text, too.",
        ),
    ]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _own_marks(rendered: Rendered, issue: Issue) -> Check:
    wanted = [UNSUBSCRIBE, PREFERENCES] + ([] if issue.rig_name else [RIG_HTML])
    ok = all(mark in rendered.html for mark in wanted) and UNSUBSCRIBE in rendered.text
    return Check(name="reader's own", ok=ok, words="Links to leave and to choose" + ("." if ok else " are missing."))


def _figures(issue: Issue) -> Check:
    cards = [item for section in issue.sections if section.slug == "models" for item in section.items]
    unknown = [item.title for item in cards if any(spot.tone == "unknown" for spot in item.spots)]
    words = f"{len(cards)} cards" + (f"; no figures for {', '.join(unknown)}." if unknown else ", all with figures.")
    return Check(name="figures", ok=bool(cards) and not unknown, words=words)


def _repeats(issue: Issue, last: Issue | None) -> Check:
    if last is None:
        return Check(name="repeats", ok=None, words="There is no earlier issue to compare with.")
    told = {item.key for section in last.sections for item in section.items if item.key.startswith("model:")}
    again = [item.title for section in issue.sections for item in section.items if item.key in told]
    words = f"In {last.month_name} already: {', '.join(again)}." if again else f"Nothing repeated of {last.month_name}."
    return Check(name="repeats", ok=not again, words=words)


def _edits(plain: Issue, edits: Sequence[EditRow]) -> Check:
    lost = [f"{edit.kind} {edit.target}" for edit in unused(plain, edits)]
    words = f"{len(edits)} edits" + (f"; these met nothing: {', '.join(lost)}." if lost else ".")
    return Check(name="edits", ok=not lost, words=words)
