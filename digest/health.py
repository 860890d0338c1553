"""Tells whether a source is well: failing, fallen silent, shrunk, or fetched too late. Pure; it fetches nothing.

Sources die with status 200: a page without entries, a tenth of them, the same ones for months. What was usual for a
source decides. An alarm wants a maintainer; what mends itself (one time-out) is a complaint and no alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from digest.sources import Source
from knowledge.store.digest_rows import SourceRow

SILENT_AFTER_GAPS: Final = 4
SILENT_AT_LEAST: Final = timedelta(days=3)
GAP_TOLD_FOR: Final = timedelta(days=7)
COUNTS_KEPT: Final = 12
_GAPS_MIN: Final = 3
_GAPS_SEEN: Final = 20
_PASSING: Final = frozenset({"unreachable", "timeout", "http_status", "failed", "damaged"})
"""Failures that mend themselves more often than not, and how often in a row they are no alarm."""
_PASSING_TIMES: Final = 2


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a source. `code`: failing, empty, shrunk, silent, gap or never_fetched."""

    code: str
    words: str
    alarm: bool = True


def usual_gap(dates: Sequence[datetime]) -> timedelta | None:
    """Return the time between days with announcements that three quarters of such gaps stay within.

    None where too few are known to say. Days, because many a source announces several things at once.
    """
    days: list[date] = sorted({moment.astimezone(UTC).date() for moment in dates})[-_GAPS_SEEN - 1 :]
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    return gaps[min(len(gaps) - 1, len(gaps) * 3 // 4)] if len(gaps) >= _GAPS_MIN else None


def complaints(
    source: Source, state: SourceRow | None, dates: Sequence[datetime], now: datetime
) -> tuple[Complaint, ...]:
    """Return what is wrong with a source; empty where it is well. `dates` are its entries' dates."""
    if state is None or state.last_fetched_at is None:
        return (Complaint("never_fetched", "never fetched", alarm=False),)
    found = [_failing(state), _gap(state, now), _silent(source, state, dates, now)]
    if not state.failure_count:
        found.append(_thin(source, state.recent_counts or ()))
    return tuple(complaint for complaint in found if complaint is not None)


def _failing(state: SourceRow) -> Complaint | None:
    if not state.failure_count:
        return None
    times = "once" if state.failure_count == 1 else f"{state.failure_count} times in a row"
    passing = (state.last_error or "").partition(":")[0] in _PASSING and state.failure_count <= _PASSING_TIMES
    return Complaint("failing", f"failed {times}: {state.last_error}", alarm=not passing)


def _thin(source: Source, counts: Sequence[int]) -> Complaint | None:
    """Say whether the last document has no entries, or less than half of what was usual before it."""
    if not counts or (source.varies and any(counts)):
        return None
    *before, last = counts
    usual = median(before) if before else 0
    if last == 0:
        return Complaint("empty", f"answers, but has no entries{f' (usually {usual:g})' if usual else ''}")
    if last * 2 < usual:
        return Complaint("shrunk", f"shrunk to {last} entries; usually {usual:g}")
    return None


def _gap(state: SourceRow, now: datetime) -> Complaint | None:
    if state.gap_from is None or state.gap_to is None or now - state.gap_to > GAP_TOLD_FOR:
        return None
    between = f"{state.gap_from:%Y-%m-%d %H:%M} and {state.gap_to:%Y-%m-%d %H:%M} UTC"
    return Complaint("gap", f"gap: what it announced between {between} may be missing")


def _silent(source: Source, state: SourceRow, dates: Sequence[datetime], now: datetime) -> Complaint | None:
    """Say whether nothing came for four times the usual gap, as measured or else as its file says."""
    usual = usual_gap(dates) or source.usual_gap
    last = max((moment for moment in (*dates, state.last_entry_at) if moment is not None), default=None)
    if source.dormant or usual is None or last is None:
        return None
    quiet = now - last
    if quiet <= max(SILENT_AFTER_GAPS * usual, SILENT_AT_LEAST):
        return None
    return Complaint("silent", f"silent for {quiet.days} days; usually {_span(usual)} between announcements")


def _span(gap: timedelta) -> str:
    return f"{max(gap.days, 1)} day{'s' if gap.days > 1 else ''}"
