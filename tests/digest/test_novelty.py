"""Novelty: what is new, changed, seen or a duplicate, and what is only the past of a new source."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.entry import Entry
from digest.novelty import Decider, Decision, Known, content_hash, entry_key
from digest.text import title_key, url_key
from tests.digest.conftest import NOW

OTTER = Entry(id="1", title="Otter 2", url="https://e.org/otter", published="2026-05-01T00:00:00Z", summary="words")


def known(entry: Entry) -> Known:
    return Known(
        key=entry_key(entry),
        url_key=url_key(entry.url or ""),
        title_key=title_key(entry.title),
        content_hash=content_hash(entry),
    )


def decide(entries: Sequence[Entry], *, stored: Sequence[Entry] = (), first_time: bool = False) -> tuple[Decision, ...]:
    return Decider([known(entry) for entry in stored], first_time=first_time, now=NOW).decide(entries)


def changed(**fields: str) -> Entry:
    values = {
        "id": OTTER.id,
        "title": OTTER.title,
        "url": OTTER.url,
        "published": OTTER.published,
        "summary": OTTER.summary,
    }
    return Entry(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        (OTTER, "seen"),
        (changed(published="2026-05-02T00:00:00Z"), "seen"),
        (changed(summary="other words"), "changed"),
        (changed(title="Otter 2 (updated)"), "changed"),
        (changed(id="https://e.org/otter"), "seen"),
        (changed(id="new-generator-7"), "seen"),
        (changed(id="2", url="http://www.e.org/otter/?utm_source=rss"), "changed"),
        (changed(id="2", title="Otter 3"), "new"),
        (changed(id="2", url="https://e.org/other"), "new"),
    ],
)
def test_against_what_is_stored(entry: Entry, verdict: str) -> None:
    (decision,) = decide([entry], stored=[OTTER])
    assert decision.verdict == verdict
    assert (decision.key == "1") is (verdict != "new")


def test_http_and_https_ids_are_one() -> None:
    old, new = changed(id="http://e.org/otter/"), changed(id="https://www.e.org/otter")
    (decision,) = decide([new], stored=[old])
    assert decision.verdict == "seen"


def test_duplicates_inside_a_document() -> None:
    twice = [OTTER, OTTER, changed(id="other", url="https://e.org/otter?utm_medium=x")]
    assert [decision.verdict for decision in decide(twice)] == ["new", "duplicate", "duplicate"]


@pytest.mark.parametrize(
    ("published", "first_time", "month", "past"),
    [
        ("2026-05-01T00:00:00Z", True, "2026-05", False),
        ("2025-01-01T00:00:00Z", True, "2025-01", True),
        ("2025-01-01T00:00:00Z", False, "2025-01", False),
        (None, True, None, True),
        (None, False, "2026-05", False),
    ],
)
def test_the_past_of_a_new_source_is_no_news(
    published: str | None, first_time: bool, month: str | None, past: bool
) -> None:
    entry = Entry(id="1", title="x", published=published)
    (decision,) = decide([entry], first_time=first_time)
    assert (decision.month, decision.back_catalogue) == (month, past)


entries = st.lists(
    st.builds(
        Entry,
        id=st.text("ab1/:", min_size=1, max_size=4),
        title=st.text("xyz ", max_size=3),
        url=st.none() | st.sampled_from(["https://e.org/1", "http://e.org/1/", "https://e.org/2?utm_id=3"]),
    ),
    max_size=12,
)


@given(entries)
def test_what_was_new_is_never_new_again(document: list[Entry]) -> None:
    first = decide(document, first_time=True)
    stored = [decision for decision in first if decision.verdict == "new"]
    rows = [
        Known(
            key=decision.key,
            url_key=url_key(decision.entry.url) if decision.entry.url else "",
            title_key=title_key(decision.entry.title),
            content_hash=decision.content_hash,
        )
        for decision in stored
    ]
    assert len({row.key for row in rows}) == len(rows)
    again = Decider(rows, first_time=False, now=NOW).decide(document)
    assert all(decision.verdict in {"seen", "duplicate"} for decision in again)
