"""Months and instants as people write them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from digest.wording import is_month
from knowledge.errors import BadInput

_FIRST_YEAR: Final = "2000"


def check_month(text: str) -> str:
    """Return a month written `YYYY-MM`; raises BadInput where it is none."""
    if text.isascii() and is_month(text) and text >= _FIRST_YEAR:
        return text
    raise BadInput(f"'{text[:20]}' is no month.", subject="--month", hint="Write it as YYYY-MM, for example 2026-04.")


def instant(text: str) -> datetime:
    """Return a time as it was written, in UTC unless it says otherwise. Raises BadInput where it is none."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput("That is no time.", subject="--at", hint="Give it like 2026-05-04T09:00, in UTC.") from error


def month_before(now: datetime) -> str:
    """Return the month before the one of an instant."""
    year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
    return f"{year:04d}-{month:02d}"
