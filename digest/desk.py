"""What serving a maintainer's request needs, and what comes of it. Who may ask is not known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from digest.collect import CollectReport
from digest.mailer import Mailer
from digest.months import check_month, month_before
from digest.schedule import Job
from digest.settings import Settings
from digest.sources import Source
from knowledge.store.issue_rows import IssueFile
from knowledge.store.request_store import RequestRow
from knowledge.store.stores import Stores

_TEXT_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request."""

    text: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[IssueFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What serving needs. `now` is the clock; `jobs` is what this process does by itself.

    `collect` asks all sources now and waits for the last; `mailer` makes the way out. None where that is not set up.
    """

    stores: Stores
    settings: Settings
    sources: Mapping[str, Source]
    worker: str
    now: Callable[[], datetime]
    judged: bool = True
    jobs: tuple[Job, ...] = ()
    collect: Callable[[], CollectReport] | None = None
    mailer: Callable[[], Mailer] | None = None

    def month_of(self, request: RequestRow) -> str:
        """Return the month a request names; else the newest that has not gone out, else the month before this one."""
        if request.month:
            return check_month(request.month)
        open_months = [month for month, status in self.stores.digest.issues() if status != "sent"]
        return max(open_months, default=month_before(self.now()))


def text_of(request: RequestRow, name: str) -> str:
    """Return what a request says under a name, empty where it is no text."""
    value = request.args.get(name)
    return value.strip()[:_TEXT_MAX] if isinstance(value, str) else ""
