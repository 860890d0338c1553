"""Decides which entries of a fetched document are news. Pure: it compares, and leaves storing to `collect`.

    for each entry of the document, in order
        same key, or same address and title, as one earlier in this document  → duplicate
        known by its key, or by address and title although the id changed     → seen, or changed where its text did
        otherwise                                                             → new

Sources change ids (http to https, a new generator), repeat themselves, and show their whole past to a new subscriber.
An entry of the first fetch that is older than the look-back is the past: kept, never announced (`back_catalogue`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from digest.dates import parse_iso
from digest.entry import Entry
from digest.text import title_key, url_key

LOOK_BACK: Final = timedelta(days=45)
"""How old an entry of a first fetch may be and still be news: the month before last is closed."""

Verdict = Literal["new", "changed", "seen", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers of an entry: its key, its address key and title key, and the hash of its text."""

    key: str
    url_key: str
    title_key: str
    content_hash: str
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do with one entry. `key` is where it is (to be) stored; `month` the digest it belongs to, if any."""

    entry: Entry
    key: str
    verdict: Verdict
    content_hash: str
    month: str | None
    back_catalogue: bool = False


def entry_key(entry: Entry) -> str:
    """Return the key an entry is stored under: its id, or its address without what changes between visits."""
    return url_key(entry.id) if entry.id.startswith(("http://", "https://")) else entry.id


def content_hash(entry: Entry) -> str:
    """Return a hash of what a reader would see: a changed date alone is no change."""
    return hashlib.sha256(f"{entry.title}\n{entry.url or ''}\n{entry.summary}".encode()).hexdigest()[:32]


class Decider:
    """Decides for one source. `first_time`: nothing of this source was ever stored."""

    def __init__(self, known: Iterable[Known], *, first_time: bool, now: datetime) -> None:
        rows = list(known)
        self._by_key: Mapping[str, Known] = {row.key: row for row in rows}
        self._by_url: dict[str, list[Known]] = {}
        for row in rows:
            if row.url_key:
                self._by_url.setdefault(row.url_key, []).append(row)
        self._first_time = first_time
        self._now = now

    def decide(self, entries: Sequence[Entry]) -> tuple[Decision, ...]:
        """One decision an entry, in the document's order."""
        taken: set[str] = set()
        decisions = []
        for entry in entries:
            decision = self._decide_one(entry, taken)
            taken |= _marks(entry, decision.key)
            decisions.append(decision)
        return tuple(decisions)

    def _decide_one(self, entry: Entry, taken: set[str]) -> Decision:
        key, digest = entry_key(entry), content_hash(entry)
        known = self._by_key.get(key) or self._under_other_id(entry)
        if known is not None:
            key = known.key
        if _marks(entry, key) & taken:
            return self._decision(entry, key, "duplicate", digest)
        if known is None:
            return self._decision(entry, key, "new", digest)
        return self._decision(entry, key, "seen" if known.content_hash == digest else "changed", digest)

    def _under_other_id(self, entry: Entry) -> Known | None:
        """Return the stored entry of the same page and title whose id the source has changed since."""
        if entry.url is None:
            return None
        same_page = self._by_url.get(url_key(entry.url), [])
        return next((row for row in same_page if row.title_key == title_key(entry.title)), None)

    def _decision(self, entry: Entry, key: str, verdict: Verdict, digest: str) -> Decision:
        date = entry.date
        old = date is None or parse_iso(date) < self._now - LOOK_BACK
        past = self._first_time and old
        month = date[:7] if date else (None if past else self._now.strftime("%Y-%m"))
        return Decision(entry=entry, key=key, verdict=verdict, content_hash=digest, month=month, back_catalogue=past)


def _marks(entry: Entry, key: str) -> set[str]:
    """Return what makes another entry of the same document this one again."""
    marks = {f"key {key}", f"key {entry_key(entry)}"}
    if entry.url is not None:
        marks.add(f"page {url_key(entry.url)} {title_key(entry.title)}")
    return marks
