"""How often a source is asked: never so seldom that a feed of ten entries forgets, never oftener than is of use."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.feeds import parse_feed
from digest.pace import LONGEST_WISH, SHORTEST, Wishes, interval, next_visit, turnover
from tests.digest.conftest import NOW

LONGEST = timedelta(hours=6)
LOOK_EVERY = timedelta(minutes=10)
SHOWN = 10


def every(hours: float, count: int, *, until: datetime = NOW) -> list[datetime]:
    return [until - timedelta(hours=hours * n) for n in range(count)]


@pytest.mark.parametrize(
    ("dates", "n_shown", "hours"),
    [
        (every(24 * 7, 10), 10, 6),
        (every(1, 10), 10, 4.5),
        (every(0.01, 10), 10, 1 / 3),
        (every(1, 10) + every(24, 30, until=NOW - timedelta(days=2)), 10, 4.5),
        (every(24 * 30, 3), 3, 6),
        (every(0.1, 3, until=NOW - timedelta(days=90)), 3, 6),
        (every(24, 10, until=NOW - timedelta(days=1)) + every(0.5, 10, until=NOW - timedelta(days=30)), 10, 2.25),
        ([], 0, 6),
    ],
    ids=["weekly", "hourly", "bursting", "burst now", "three", "three at once, long ago", "burst last month", "none"],
)
def test_half_the_turnover(dates: list[datetime], n_shown: int, hours: float) -> None:
    found = interval(turnover(dates, n_shown, NOW), LONGEST)
    assert found == pytest.approx(timedelta(hours=hours), abs=timedelta(minutes=1))


@pytest.mark.parametrize(
    ("asked", "fresh_h", "turns_h", "hours"),
    [
        (Wishes(), 0, 240, 6),
        (Wishes(ttl_minutes=60), 0, 240, 6),
        (Wishes(ttl_minutes=720), 0, 240, 12),
        (Wishes(ttl_minutes=100_000), 0, 2400, 24),
        (Wishes(), 10, 240, 10),
        (Wishes(ttl_minutes=720), 0, 10, 5),
        (Wishes(skip_hours=frozenset({12, 13})), 0, 240, 8),
        (Wishes(skip_days=frozenset({1})), 0, 240, 18),
        (Wishes(skip_hours=frozenset({11, 12, 13})), 0, 10, 5),
    ],
    ids=["none", "short ttl", "ttl", "absurd ttl", "max-age", "ttl beyond turnover", "hours", "day", "hours beyond"],
)
def test_wishes_are_granted_as_far_as_nothing_is_lost(
    asked: Wishes, fresh_h: float, turns_h: float, hours: float
) -> None:
    due = next_visit(
        NOW,
        turns_over_in=timedelta(hours=turns_h),
        longest=LONGEST,
        asked=asked,
        fresh_for=timedelta(hours=fresh_h),
    )
    assert due - NOW == timedelta(hours=hours)


def test_wishes_as_feeds_write_them() -> None:
    head = (
        "<ttl>90</ttl><skipHours><hour>0</hour><hour>24</hour><hour>7</hour></skipHours>"
        "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"
    )
    feed = parse_feed(f"<rss version='2.0'><channel><title>t</title>{head}</channel></rss>".encode(), now=NOW)
    assert feed.asked == Wishes(ttl_minutes=90, skip_hours=frozenset({0, 7}), skip_days=frozenset({5, 6}))
    period = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    data = (
        f"<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>{period}</channel></rss>"
    )
    assert parse_feed(data.encode(), now=NOW).asked == Wishes(ttl_minutes=360)


@given(
    st.lists(st.integers(0, 124 * 86400), max_size=60),
    st.integers(0, 60),
    st.integers(0, 200_000),
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
    st.integers(0, 10**9),
)
def test_the_next_visit_is_always_ahead_and_within_reach(
    ages_s: list[int], n_shown: int, ttl: int, hours: frozenset[int], days: frozenset[int], fresh_s: int
) -> None:
    turns = turnover([NOW - timedelta(seconds=age_s) for age_s in ages_s], n_shown, NOW)
    asked = Wishes(ttl_minutes=ttl, skip_hours=hours, skip_days=days)
    due = next_visit(NOW, turns_over_in=turns, longest=LONGEST, asked=asked, fresh_for=timedelta(seconds=fresh_s))
    assert due - NOW >= SHORTEST
    assert due - NOW <= max(LONGEST_WISH, LONGEST, turns / 2 if turns else SHORTEST)
    if turns is not None and turns / 2 >= SHORTEST:
        assert due - NOW <= turns / 2


def visits(
    releases: list[tuple[datetime, str]], start: datetime
) -> Iterator[tuple[datetime, list[tuple[datetime, str]]]]:
    """Visit a feed of the ten newest releases as the scheduler would; give each moment and what is shown then."""
    now = start
    seen: dict[str, datetime] = {}
    while now <= releases[-1][0] + LONGEST:
        shown = [release for release in releases if release[0] <= now][-SHOWN:]
        yield now, shown
        seen |= {tag: date for date, tag in shown}
        due = next_visit(now, turns_over_in=turnover(list(seen.values()), len(shown), now), longest=LONGEST)
        now += -(-(due - now) // LOOK_EVERY) * LOOK_EVERY


@pytest.mark.truth
@pytest.mark.parametrize("late_minutes", [0, 97, 233])
def test_no_real_release_is_lost(truth_dir: Path, late_minutes: int) -> None:
    by_repo: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    with (truth_dir / "digest" / "tool_tags.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            by_repo[row["repo"]].append((datetime.fromisoformat(row["date"]).astimezone(UTC), row["tag"]))
    n_visits, n_releases, n_days = 0, 0, 0.0
    for releases in by_repo.values():
        releases.sort()
        start = releases[min(SHOWN, len(releases)) - 1][0] + timedelta(minutes=late_minutes)
        shown_at = list(visits(releases, start))
        seen = {tag for _, shown in shown_at for _, tag in shown}
        due = {tag for date, tag in releases if date >= start} | {tag for _, tag in shown_at[0][1]}
        assert due <= seen
        n_visits += len(shown_at)
        n_releases += len(due)
        n_days += (releases[-1][0] - start) / timedelta(days=1)
    assert n_releases > 1800
    assert n_visits / n_days < 5  # and it is not bought by asking all the time


def test_a_project_that_bursts_as_none_did_is_followed() -> None:
    """A build for each of 13 changes a day, bunched by working hours: 2.5 times the mean in the afternoon."""
    rng = random.Random(7)  # noqa: S311 - made-up releases
    start = datetime(2026, 3, 2, tzinfo=UTC)
    releases: list[tuple[datetime, str]] = []
    now = start
    while now < start + timedelta(days=60):
        busy = 2.5 if 12 <= now.hour < 20 else 0.5
        now += timedelta(hours=rng.expovariate(13 / 24 * busy))
        releases.append((now, f"b{len(releases)}"))
    seen = {tag for _, shown in visits(releases, releases[SHOWN - 1][0]) for _, tag in shown}
    assert len(seen) == len(releases) > 700
