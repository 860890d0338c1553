"""What one fetch of one source becomes: the source's new state, the rows to store, and what to tell.

    failed, postponed   → the error and a later visit; what is stored stays
    not modified        → the visit is noted (a document that could not be read is still one that cannot)
    fetched             → feeds.parse_feed → reading rules → novelty.Decider → new and changed rows, gap, next visit

Pure: the clock and what is stored come in, rows go out; `collect` fetches and stores.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from digest.dates import parse_iso
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.feeds import parse_feed
from digest.fetch import FetchResult
from digest.health import COUNTS_KEPT, GAP_TOLD_FOR, complaints
from digest.novelty import Decider, Decision, Known
from digest.pace import next_visit, turnover
from digest.pagelinks import PageRule
from digest.sources import Source
from digest.text import title_key, url_key
from knowledge.store.digest_rows import EntryRow, KnownRow, SourceRow

Outcome = Literal["new", "nothing_new", "not_modified", "failed", "postponed", "not_due"]

_BACK_OFF: Final = timedelta(minutes=30)
_LONGEST_BACK_OFF: Final = timedelta(hours=12)
_SEEN_AT_ONCE: Final = frozenset({"empty", "shrunk", "gap", "silent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What a collect did for one source. `warnings` say what looks wrong although the server answered 200."""

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
class Kept:
    """What to store of one fetch, in one transaction, and what to tell of it."""

    state: SourceRow
    report: SourceReport
    new: tuple[EntryRow, ...] = ()
    changed: tuple[EntryRow, ...] = ()


def state_of(source: Source, stored: SourceRow | None) -> SourceRow:
    """Return where a source stands. One whose address was edited in its file starts anew."""
    if stored is None or (stored.source_url is not None and stored.source_url != source.url):
        return SourceRow(source_id=source.id, url=source.url, source_url=source.url)
    return replace(stored, source_url=source.url)


def is_unchanged(state: SourceRow, result: FetchResult) -> bool:
    """Whether a server without validators sent the very document it sent last, which could be read."""
    same = result.outcome == "fetched" and state.body_hash == _hash(result.body)
    return same and not state.failure_count


def keep_untouched(
    source: Source, state: SourceRow, result: FetchResult, *, now: datetime, longest: timedelta
) -> Kept | None:
    """Return what a fetch without a new document becomes, None where there is a document to read."""
    if result.outcome == "postponed":
        later = replace(state, not_before_at=now + timedelta(seconds=result.retry_after_s or 0))
        return Kept(state=later, report=SourceReport(source_id=source.id, outcome="postponed"))
    visited = _visited(state, result, now)
    if result.outcome == "failed":
        error = f"{result.error_code or 'failed'}: {result.error or ''}"
        return _failure(visited, error, now=now, wire_bytes=result.wire_bytes, retry_after_s=result.retry_after_s)
    if result.outcome == "not_modified" and state.failure_count and state.last_error:
        return _failure(visited, state.last_error, now=now)
    if result.outcome == "not_modified" or is_unchanged(state, result):
        every = timedelta(seconds=state.interval_s) if state.interval_s else longest
        good = replace(
            visited,
            url=result.validators.url or source.url,
            etag=result.validators.etag,
            last_modified=result.validators.last_modified,
            n_not_modified=state.n_not_modified + (result.outcome == "not_modified"),
            failure_count=0,
            last_error=None,
            last_success_at=now,
            next_fetch_at=now + every,
        )
        ended: Outcome = "not_modified" if result.outcome == "not_modified" else "nothing_new"
        return Kept(state=good, report=SourceReport(source_id=source.id, outcome=ended, wire_bytes=result.wire_bytes))
    return None


def keep_document(
    source: Source,
    state: SourceRow,
    result: FetchResult,
    stored: Sequence[KnownRow],
    *,
    now: datetime,
    longest: timedelta,
) -> Kept:
    """Return what a fetched document becomes. `stored` is what is known of the source."""
    visited = _visited(state, result, now)
    page = PageRule(links=source.links or "/", headings=bool(source.headings)) if source.kind == "html" else None
    try:
        feed = parse_feed(result.body, now=now, url=result.url, content_type=result.content_type, page=page)
    except FeedError as error:
        asked = replace(visited, etag=result.validators.etag, last_modified=result.validators.last_modified)
        return _failure(asked, f"{error.code}: {error.message}", now=now, wire_bytes=result.wire_bytes)
    decisions = decide(source, feed.entries, stored, first_time=state.last_success_at is None and not stored, now=now)
    dates = [row.date for row in stored] + _dates(feed.entries)
    after = _after(source, visited, result, feed, dates, now=now, longest=longest)
    if feed.error is None and _is_gap(stored, decisions):
        after = _with_gap(after, state, feed.entries, now)
    return _kept(source, replace(after, n_entries_new=_count(decisions, "new")), result, feed, decisions, dates, now)


def decide(
    source: Source, entries: Sequence[Entry], stored: Sequence[KnownRow], *, first_time: bool, now: datetime
) -> tuple[Decision, ...]:
    """Return the decisions on the entries that the source's reading rules let through."""
    pattern = re.compile(source.keep)
    kept = [entry for entry in entries if not source.keep or pattern.search(f"{entry.title}\n{entry.summary}")]
    known = [
        Known(key=row.entry_key, url_key=row.url_key, title_key=title_key(row.title), content_hash=row.content_hash)
        for row in stored
    ]
    return Decider(known, first_time=first_time, now=now).decide(kept)


def rows(source: Source, decisions: Sequence[Decision], verdict: Literal["new", "changed"]) -> tuple[EntryRow, ...]:
    """Return the rows to store of the decisions of one verdict."""
    return tuple(_row(source, decision) for decision in decisions if decision.verdict == verdict)


def _visited(state: SourceRow, result: FetchResult, now: datetime) -> SourceRow:
    return replace(
        state,
        last_fetched_at=now,
        last_status=result.status,
        n_fetches=state.n_fetches + 1,
        n_bytes_total=state.n_bytes_total + result.wire_bytes,
        not_before_at=None,
    )


def _failure(
    state: SourceRow, error: str, *, now: datetime, wire_bytes: int = 0, retry_after_s: float | None = None
) -> Kept:
    """Return a failed visit. The first failure is tried again by the next collect; the wait doubles with each further.

    It does not outgrow the source's own interval: a feed that turns over fast would lose what it showed meanwhile.
    """
    count = state.failure_count + 1
    longest = min(_LONGEST_BACK_OFF, timedelta(seconds=state.interval_s) if state.interval_s else _LONGEST_BACK_OFF)
    back_off = min(_BACK_OFF * 2 ** min(max(count - 2, 0), 10), max(longest, _BACK_OFF))
    order = timedelta(seconds=retry_after_s or 0)
    wait = max(order, back_off if count > 1 else timedelta(0))
    failed = replace(
        state,
        failure_count=count,
        last_error=error[:500],
        not_before_at=now + wait if wait else None,
        next_fetch_at=now + max(wait, back_off),
    )
    code, _, words = error.partition(": ")
    return Kept(
        state=failed,
        report=SourceReport(
            source_id=state.source_id, outcome="failed", error_code=code, error=words, wire_bytes=wire_bytes
        ),
    )


def _after(
    source: Source,
    visited: SourceRow,
    result: FetchResult,
    feed: ParsedFeed,
    dates: Sequence[datetime],
    *,
    now: datetime,
    longest: timedelta,
) -> SourceRow:
    """Return the state after a document was read. One that was cut short is a failure that brought something."""
    count, newest = len(feed.entries), max(_dates(feed.entries), default=None)
    turns = turnover(list(dict.fromkeys(dates)), count, now)
    read = replace(
        visited,
        url=result.validators.url or source.url,
        etag=result.validators.etag,
        last_modified=result.validators.last_modified,
        body_hash=_hash(result.body),
        last_entry_at=newest or visited.last_entry_at,
        n_entries_last=count,
    )
    if feed.error is not None:
        return _failure(read, f"{feed.error.code}: {feed.error.message}", now=now).state
    due = next_visit(
        now,
        turns_over_in=turns,
        longest=longest,
        asked=feed.asked,
        fresh_for=timedelta(seconds=result.fresh_for_s),
    )
    return replace(
        read,
        last_success_at=now,
        failure_count=0,
        last_error=None,
        recent_counts=[*(visited.recent_counts or ()), count][-COUNTS_KEPT:],
        next_fetch_at=due,
        interval_s=int((due - now).total_seconds()),
    )


def _kept(
    source: Source,
    state: SourceRow,
    result: FetchResult,
    feed: ParsedFeed,
    decisions: Sequence[Decision],
    dates: Sequence[datetime],
    now: datetime,
) -> Kept:
    new, changed = rows(source, decisions, "new"), rows(source, decisions, "changed")
    found = complaints(source, state, dates, now)
    report = SourceReport(
        source_id=source.id,
        outcome="failed" if feed.error else ("new" if new or changed else "nothing_new"),
        n_entries=len(feed.entries),
        n_new=len(new),
        n_changed=len(changed),
        n_duplicate=_count(decisions, "duplicate"),
        wire_bytes=result.wire_bytes,
        error_code=feed.error.code if feed.error else None,
        error=feed.error.message if feed.error else None,
        warnings=tuple(complaint.words for complaint in found if complaint.code in _SEEN_AT_ONCE),
    )
    return Kept(state=state, report=report, new=new, changed=changed)


def _is_gap(stored: Sequence[KnownRow], decisions: Sequence[Decision]) -> bool:
    """Whether a document shares nothing with what is stored: what came between may never have been seen."""
    return bool(stored) and len(decisions) > 1 and all(item.verdict in {"new", "duplicate"} for item in decisions)


def _with_gap(after: SourceRow, before: SourceRow, entries: Sequence[Entry], now: datetime) -> SourceRow:
    """Note the time of which nothing was seen: from the newest entry known before to the oldest shown now.

    Where the entries are no younger, the source has changed its ids and addresses, and nothing is missing.
    """
    oldest = min(_dates(entries), default=now)
    since = before.last_entry_at or before.last_success_at
    if since is None or oldest <= since:
        return after
    still_open = before.gap_from if before.gap_to is not None and now - before.gap_to < GAP_TOLD_FOR else None
    return replace(after, gap_from=still_open or since, gap_to=oldest)


def _dates(entries: Sequence[Entry]) -> list[datetime]:
    return [parse_iso(entry.date) for entry in entries if entry.date]


def _count(decisions: Sequence[Decision], verdict: str) -> int:
    return sum(decision.verdict == verdict for decision in decisions)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


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
