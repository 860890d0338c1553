"""The digest's rows as records, for code that must not know the database. No queries here; `digest_store` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """Where a source stands. Times are aware UTC instants.

    `url` is the address in use, `source_url` the one its file gives. `next_fetch_at` is when the schedule asks again,
    `not_before_at` binds everybody. Between `gap_from` and `gap_to` entries may have been missed.
    """

    source_id: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    last_status: int | None = None
    last_error: str | None = None
    failure_count: int = 0
    last_fetched_at: datetime | None = None
    last_success_at: datetime | None = None
    next_fetch_at: datetime | None = None
    last_entry_at: datetime | None = None
    n_fetches: int = 0
    n_not_modified: int = 0
    n_entries_last: int = 0
    n_entries_new: int = 0
    n_bytes_total: int = 0
    source_url: str | None = None
    not_before_at: datetime | None = None
    interval_s: int | None = None
    recent_counts: Sequence[int] | None = None
    gap_from: datetime | None = None
    gap_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """What deciding about news needs of a stored entry. `date`: when it was announced, else when it was first seen."""

    entry_key: str
    url_key: str
    title: str
    content_hash: str
    date: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One announcement as stored. `month` is `YYYY-MM`, empty for none (an old entry without a date)."""

    source_id: str
    entry_key: str
    title: str
    url: str
    content_hash: str
    month: str
    kind: str = ""
    url_key: str = ""
    summary: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    votes: int | None = None
    extra: Mapping[str, int | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """One rendered issue. `status` is draft, approved, sending or sent."""

    month: str
    status: str
    subject: str
    html: str
    text: str
    content_version: str = ""
