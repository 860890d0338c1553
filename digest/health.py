"""Tells whether a source is well: failing, fallen silent, or never yet fetched. Pure; it fetches and alarms nobody.

Sources die with status 200: a page without entries, the same entries for months. What was usual for a source decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from knowledge.store.digest_rows import SourceRow

SILENT_AFTER_GAPS: Final = 4
SILENT_AT_LEAST: Final = timedelta(days=14)
_GAPS_MIN: Final = 3
_GAPS_SEEN: Final = 20


def usual_gap(dates: Sequence[datetime]) -> timedelta | None:
    """Return the usual time between announcements, None where too few are known to say."""
    days = sorted(dates)[-_GAPS_SEEN:]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    return timedelta(seconds=median(gap.total_seconds() for gap in gaps)) if len(gaps) >= _GAPS_MIN else None


def complaints(state: SourceRow | None, dates: Sequence[datetime], now: datetime) -> tuple[str, ...]:
    """Return what is wrong with a source, in words; empty where it is well. `dates` are its entries' dates."""
    if state is None or state.last_fetched_at is None:
        return ("never fetched",)
    found = []
    if state.failure_count:
        times = "once" if state.failure_count == 1 else f"{state.failure_count} times in a row"
        found.append(f"failed {times}: {state.last_error}")
    elif state.n_entries_last == 0 and state.last_status == 200:
        found.append("answers, but has no entries")
    gap = usual_gap(dates)
    if gap is not None and state.last_entry_at is not None:
        quiet = now - state.last_entry_at
        if quiet > max(SILENT_AFTER_GAPS * gap, SILENT_AT_LEAST):
            found.append(f"silent for {quiet.days} days; usually {max(gap.days, 1)} between entries")
    return tuple(found)
