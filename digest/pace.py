"""How long to wait before a source is asked again: often enough to lose nothing, no oftener than it asks for.

    half the shortest time in which the feed was ever seen to turn over ──┐
    what the feed or its server asks for (ttl, Cache-Control)             ├─> the next moment, moved out of the
    the longest we leave a source alone                                   ┘   hours and days the feed says to skip

A feed shows its newest entries only: at 13 builds a day ten entries cover less than 19 hours. Where politeness and
completeness disagree, completeness wins: a wish longer than half that time is shortened to it.
Pure: no clock, no network. A server's Retry-After is no wish but an order, and is not weighed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SHORTEST: Final = timedelta(minutes=20)
LONGEST_WISH: Final = timedelta(days=1)
_REMEMBERED: Final = timedelta(days=60)
_RUN_MIN: Final = 5
"""A feed of fewer entries says nothing by how close they are: it may hold all there ever were."""
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS: Final = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}
_SKIP_HOURS: Final = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS: Final = re.compile(rb"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HEAD: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a feed says of when to come: minutes between visits, hours (UTC) and weekdays (0 Monday) to stay away."""

    ttl_minutes: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


NO_WISHES: Final = Wishes()


def wishes(feed: Mapping[str, object], body: bytes) -> Wishes:
    """Read a feed's wishes from its parsed head and its text (the parser keeps one hour of several)."""
    head = body[:_HEAD]
    hours = {int(text) % 24 for text in _inside(_SKIP_HOURS, head, rb"<hour>\s*(\d{1,2})\s*</hour>")}
    names = {text.lower() for text in _inside(_SKIP_DAYS, head, rb"<day>\s*(\w{6,9})\s*</day>")}
    days = {number for number, name in enumerate(_WEEKDAYS) if name.encode() in names}
    return Wishes(
        ttl_minutes=_ttl_minutes(feed),
        skip_hours=frozenset(hours) if len(hours) < 24 else frozenset(),
        skip_days=frozenset(days) if len(days) < 7 else frozenset(),
    )


def _inside(block: re.Pattern[bytes], head: bytes, item: bytes) -> list[bytes]:
    found = block.search(head)
    return re.findall(item, found.group(1), re.IGNORECASE) if found else []


def _ttl_minutes(feed: Mapping[str, object]) -> int | None:
    """Return RSS's `ttl`, else what the syndication module's period and frequency come to."""
    ttl = feed.get("ttl")
    if isinstance(ttl, str) and ttl.strip().isascii() and ttl.strip().isdigit() and 0 < int(ttl) < 100_000:
        return int(ttl)
    period = _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower())
    frequency = str(feed.get("sy_updatefrequency", "1")).strip()
    if period is None or not (frequency.isascii() and frequency.isdigit() and 0 < int(frequency) < 10_000):
        return None
    return max(1, period // int(frequency))


def turnover(dates: Sequence[datetime], n_shown: int, now: datetime) -> timedelta | None:
    """Return the shortest time in which all entries of a feed that shows `n_shown` were replaced, as far as is known.

    `dates` are those of all entries known, shown or stored. None where nothing can be said.
    """
    days = sorted(date for date in dates if date > now - _REMEMBERED)
    shown = sorted(dates)[-n_shown:] if n_shown else []
    spans = [now - shown[0]] if len(shown) > 1 else []
    if n_shown >= _RUN_MIN:
        spans += [days[i + n_shown - 1] - days[i] for i in range(len(days) - n_shown + 1)]
    return min(spans) if spans else None


def interval(turns_over_in: timedelta | None, longest: timedelta) -> timedelta:
    """Return how long to leave a source alone: half its turnover within `SHORTEST` and `longest`."""
    if turns_over_in is None:
        return longest
    return min(max(turns_over_in / 2, SHORTEST), longest)


def next_visit(
    now: datetime,
    *,
    turns_over_in: timedelta | None,
    longest: timedelta,
    asked: Wishes = NO_WISHES,
    fresh_for: timedelta = timedelta(0),
) -> datetime:
    """Return when to ask again. `fresh_for` is how long the server said its answer stays fresh."""
    limit = max(turns_over_in / 2, SHORTEST) if turns_over_in is not None else LONGEST_WISH
    wish = max(fresh_for, timedelta(minutes=asked.ttl_minutes or 0))
    wait = max(interval(turns_over_in, longest), min(wish, limit, LONGEST_WISH))
    due = now + wait
    moved = _out_of_skipped(due, asked)
    return moved if moved - now <= max(limit, wait) else due


def _out_of_skipped(due: datetime, asked: Wishes) -> datetime:
    """Return the first moment from `due` on that is in no skipped hour or day."""
    moved = due
    for _ in range(8 * 24):
        if moved.hour not in asked.skip_hours and moved.weekday() not in asked.skip_days:
            return moved
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due
