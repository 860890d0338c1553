"""Checks of links, edits and sources, and the charts: each by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.charts import draw, height_of
from digest.checks import link_problem, source_check
from digest.edits import check_edit
from digest.issue import Bar, Chart, Mark
from digest.settings import SOURCES_DIR
from digest.sources import load_sources
from knowledge.errors import BadInput
from knowledge.store.digest_rows import SourceRow

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "target", "text", "place"),
    [
        ("shout", "x", "", None),
        ("hide", "", "", None),
        ("reword", "x", "  ", None),
        ("note", "x", "w" * 2001, None),
        ("move", "x", "", None),
        ("move", "x", "", 0),
        ("correct", "2026-03", "", None),
    ],
)
def test_edits_that_say_too_little_or_too_much(kind: str, target: str, text: str, place: int | None) -> None:
    with pytest.raises(BadInput):
        check_edit(kind, target, text, place)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://huggingface.co/a/b", ""),
        ("http://example.org:80/x", ""),
        ("javascript:alert(1)", "begins with javascript:"),
        ("https://127.0.0.1/x", "leads to a bare number"),
        ("https://[::1]/", "leads to a bare number"),
        ("https://user:pw@example.org/", "carries a login"),
        ("https://example.org:8443/", "names port 8443"),
        ("https://localhost/", "leads to no public host"),
        ("https://printer.local/", "leads to no public host"),
        ("https://[", "is no address"),
        ("https://example.org:99999/", "is no address"),
    ],
)
def test_links_are_looked_at(url: str, problem: str) -> None:
    assert link_problem(url) == problem


def test_failed_sources_are_named() -> None:
    shipped = {item.id: item for item in load_sources(SOURCES_DIR)}
    one = next(iter(shipped))
    state = SourceRow(source_id=one, url="https://x", failure_count=2, last_error="timed out")
    check = source_check({one: state}, shipped, NOW)
    assert check.ok is False
    assert f"{one} (timed out)" in check.words


def test_charts_have_their_size_and_cut_what_is_far_longer() -> None:
    marks = (Mark(label="8 GB", value_bytes=8),)
    short = Chart(name="c.png", title="t", alt="a", bars=(Bar(label="a", value_bytes=4, text="4"),), marks=marks)
    long = replace(short, bars=(*short.bars, Bar(label="w" * 90, value_bytes=4000, text="4000", tone="bad")))
    assert draw(short) == draw(short)
    assert draw(long).startswith(b"\x89PNG")
    assert height_of(long) > height_of(short)
