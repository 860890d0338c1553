"""Collects: fetch every source, parse, decide what is new, store. A source's failure is that source's record, no more.

    load states → fetch (async, polite) ─┬─ not modified → touch state
                                         ├─ failed       → record the error, keep what is stored
                                         └─ fetched → feeds.parse_feed → novelty.Decider → one transaction

It renders nothing and sends nothing. The store is written in another thread, one source at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from digest.dates import parse_iso
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.feeds import parse_feed
from digest.fetch import Fetcher, FetchResult, Validators
from digest.novelty import Decider, Decision, Known
from digest.sources import Source
from digest.text import title_key, url_key
from knowledge.store.digest_rows import EntryRow, SourceRow
from knowledge.store.digest_store import DigestStore

Outcome = Literal["new", "nothing_new", "not_modified", "failed", "not_due"]

_BACK_OFF: Final = timedelta(minutes=30)
_LONGEST_BACK_OFF: Final = timedelta(hours=12)
WHOLE_AGAIN: Final = 8
"""Every so many failures in a row a document is asked for without validators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What a collect did for one source."""

    source_id: str
    outcome: Outcome
    n_entries: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_duplicate: int = 0
    wire_bytes: int = 0
    error_code: str | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """What a collect did, source by source in the order of the source files."""

    sources: tuple[SourceReport, ...]

    def count(self, outcome: Outcome) -> int:
        """How many sources ended that way."""
        return sum(report.outcome == outcome for report in self.sources)

    def total(self, name: Literal["n_new", "n_changed", "n_duplicate", "n_entries", "wire_bytes"]) -> int:
        """Return the sum of one figure over all sources."""
        return sum(getattr(report, name) for report in self.sources)


async def collect(
    sources: Sequence[Source],
    *,
    store: DigestStore,
    fetcher: Fetcher,
    now: Callable[[], datetime],
    told: Callable[[SourceReport], None] = lambda _: None,
) -> CollectReport:
    """Fetch and store all sources. `told` hears of each as it ends. Never raises for a source."""
    states = await asyncio.to_thread(store.sources)
    writing = asyncio.Lock()

    async def one(source: Source) -> SourceReport:
        state = states.get(source.id) or SourceRow(source_id=source.id, url=source.url)
        if state.next_fetch_at is not None and state.next_fetch_at > now():
            report = SourceReport(source_id=source.id, outcome="not_due")
        else:
            result = await fetcher.fetch(source, _validators(source, state))
            async with writing:
                report = await asyncio.to_thread(keep, source, state, result, store, now())
        told(report)
        return report

    return CollectReport(sources=tuple(await asyncio.gather(*(one(source) for source in sources))))


def _validators(source: Source, state: SourceRow) -> Validators:
    """Return what to ask with. A failing document is fetched whole now and then: we may have learnt to read it."""
    moved = state.url if state.url != source.url else None
    if state.failure_count and state.failure_count % WHOLE_AGAIN == 0:
        return Validators(url=moved)
    return Validators(etag=state.etag, last_modified=state.last_modified, url=moved)


def keep(source: Source, state: SourceRow, result: FetchResult, store: DigestStore, now: datetime) -> SourceReport:
    """Store what one fetch brought and report it."""
    fetched = replace(
        state,
        last_fetched_at=now,
        last_status=result.status,
        n_fetches=state.n_fetches + 1,
        n_bytes_total=state.n_bytes_total + result.wire_bytes,
        next_fetch_at=None,
    )
    if result.outcome == "failed":
        return _keep_failure(
            fetched, store, now, result.error_code or "failed", result.error or "", result.retry_after_s
        )
    if result.outcome == "not_modified":
        if state.failure_count and state.last_error:
            return _keep_failure(fetched, store, now, *_split(state.last_error), None)
        good = replace(
            fetched, n_not_modified=state.n_not_modified + 1, failure_count=0, last_error=None, last_success_at=now
        )
        store.save_fetch(good, now=now)
        return SourceReport(source_id=source.id, outcome="not_modified")
    try:
        feed = parse_feed(
            result.body, now=now, url=result.url, content_type=result.content_type, page=source.kind == "html"
        )
    except FeedError as error:
        asked = replace(fetched, etag=result.validators.etag, last_modified=result.validators.last_modified)
        report = _keep_failure(asked, store, now, error.code, error.message, None)
        return replace(report, wire_bytes=result.wire_bytes)
    return _keep_feed(source, state, fetched, result, feed, store, now)


def _keep_failure(
    state: SourceRow, store: DigestStore, now: datetime, code: str, error: str, retry_after_s: float | None
) -> SourceReport:
    count = state.failure_count + 1
    wait = timedelta(seconds=retry_after_s) if retry_after_s else timedelta(0)
    if count > 1:  # the first failure is tried again whenever the next collect runs
        wait = max(wait, min(_BACK_OFF * 2 ** min(count - 2, 10), _LONGEST_BACK_OFF))
    failed = replace(
        state, failure_count=count, last_error=f"{code}: {error}"[:500], next_fetch_at=now + wait if wait else None
    )
    store.save_fetch(failed, now=now)
    return SourceReport(source_id=state.source_id, outcome="failed", error_code=code, error=error)


def _split(error: str) -> tuple[str, str]:
    """Return code and words of a recorded error."""
    code, _, words = error.partition(": ")
    return code, words


def _keep_feed(
    source: Source,
    state: SourceRow,
    fetched: SourceRow,
    result: FetchResult,
    feed: ParsedFeed,
    store: DigestStore,
    now: datetime,
) -> SourceReport:
    stored = store.entries_of(source.id)
    known = [_known(row) for row in stored]
    decisions = Decider(known, first_time=state.last_success_at is None and not stored, now=now).decide(feed.entries)
    new = [decision for decision in decisions if decision.verdict == "new"]
    changed = [decision for decision in decisions if decision.verdict == "changed"]
    warnings = _warnings(state, feed, decisions)
    newest = max((entry.date for entry in feed.entries if entry.date), default=None)
    validators = result.validators
    good = replace(
        fetched,
        url=validators.url or source.url,
        etag=validators.etag,
        last_modified=validators.last_modified,
        body_hash=hashlib.sha256(result.body).hexdigest(),
        last_success_at=now if feed.error is None else state.last_success_at,
        failure_count=0 if feed.error is None else state.failure_count + 1,
        last_error=None if feed.error is None else f"{feed.error.code}: {feed.error.message}",
        last_entry_at=parse_iso(newest) if newest else state.last_entry_at,
        n_entries_last=len(feed.entries),
        n_entries_new=len(new),
    )
    store.save_fetch(
        good, new=[_row(source, item) for item in new], changed=[_row(source, item) for item in changed], now=now
    )
    ended: Outcome = "failed" if feed.error else ("new" if new or changed else "nothing_new")
    return SourceReport(
        source_id=source.id,
        outcome=ended,
        n_entries=len(feed.entries),
        n_new=len(new),
        n_changed=len(changed),
        n_duplicate=sum(decision.verdict == "duplicate" for decision in decisions),
        wire_bytes=result.wire_bytes,
        error_code=feed.error.code if feed.error else None,
        error=feed.error.message if feed.error else None,
        warnings=warnings,
    )


def _warnings(state: SourceRow, feed: ParsedFeed, decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Say what looks wrong although the server answered 200: sources die silently."""
    warnings = []
    count = len(feed.entries)
    if state.n_entries_last and count == 0:
        warnings.append(f"empty: had {state.n_entries_last} entries, has none")
    elif state.n_entries_last and count * 2 < state.n_entries_last:
        warnings.append(f"shrunk: had {state.n_entries_last} entries, has {count}")
    known_before = state.last_success_at is not None and state.n_entries_last > 0
    if known_before and count > 1 and all(decision.verdict == "new" for decision in decisions):
        warnings.append("gap: every entry is new, so some may have been missed since the last fetch")
    return tuple(warnings)


def _known(row: EntryRow) -> Known:
    return Known(key=row.entry_key, url_key=row.url_key, title_key=title_key(row.title), content_hash=row.content_hash)


def _row(source: Source, decision: Decision) -> EntryRow:
    item: Entry = decision.entry
    votes = item.facts.get("votes")
    return EntryRow(
        source_id=source.id,
        entry_key=decision.key,
        title=item.title,
        url=item.url or "",
        url_key=url_key(item.url) if item.url else "",
        summary=item.summary,
        content_hash=decision.content_hash,
        month=decision.month or "",
        kind=source.category,
        published_at=parse_iso(item.published) if item.published else None,
        updated_at=parse_iso(item.updated) if item.updated else None,
        votes=votes if isinstance(votes, int) else None,
        extra=item.facts,
    )
