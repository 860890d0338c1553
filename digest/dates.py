"""Dates of entries: parsed, brought to UTC, and refused where absurd. Reads no clock: `now` is always given."""

from __future__ import annotations

import calendar
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
"""No feed is older; an earlier date is an empty field or a broken clock."""
AHEAD: Final = timedelta(days=2)
"""Clocks differ and some feeds announce for tomorrow; what lies further ahead is a mistake."""

_HALF_DAY: Final = re.compile(r"\d:\d\d(?::\d\d)?\s*([APap])\.?[Mm]\b")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]{{0,6}})\.?"
_DAYS_IN_WORDS: Final = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)


def iso(moment: datetime) -> str:
    """`moment` as `YYYY-MM-DDTHH:MM:SSZ`, with milliseconds where it has any."""
    spec = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def sane(moment: datetime | None, now: datetime) -> str | None:
    """`moment` as ISO text, None where it is absent, before feeds existed or in the future."""
    if moment is None or not EARLIEST <= moment <= now + AHEAD:
        return None
    return iso(moment)


def from_struct(parsed: time.struct_time | None) -> datetime | None:
    """Return a UTC moment from what feedparser read, None where it could not or the year is impossible."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def half_day(moment: datetime | None, text: str) -> datetime | None:
    """`moment` moved to the half of the day that `text` names (`02:02:33 PM`), which the parser overlooks."""
    said = _HALF_DAY.search(text)
    if moment is None or said is None or moment.hour > 12:
        return moment
    return moment.replace(hour=moment.hour % 12 + (12 if said.group(1) in "pP" else 0))


def from_mail_text(text: str) -> datetime | None:
    """Return the moment of a mail-style date, weekday aside (`16 nov 2022 00:38:15 +0100`), None where it is none."""
    try:
        moment = parsedate_to_datetime(text.rpartition(",")[2].strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def date_in_words(text: str) -> datetime | None:
    """Return the first day named in a line of prose: `2025-12-01`, `December 1, 2025`, `1 Dec 2025`."""
    for pattern in _DAYS_IN_WORDS:
        if found := pattern.search(text):
            parts = found.groupdict()
            month = parts["month"]
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
            try:
                return datetime(int(parts["year"]), number, int(parts["day"]), tzinfo=UTC)
            except ValueError:
                continue
    return None


def from_text(text: object) -> datetime | None:
    """Return a moment from ISO 8601 text or Unix seconds; text without a zone is taken as UTC."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        try:
            return datetime.fromtimestamp(text, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def parse_iso(text: str) -> datetime:
    """Return a moment from our own ISO text. Raises ValueError where it is none."""
    return datetime.fromisoformat(text).astimezone(UTC)
