"""The digest's rows as records, for code that must not know the database. No queries here; `digest_store` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """Where a source stands. Times are aware UTC instants."""

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
