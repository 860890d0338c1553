"""Collapsing: a month of one program is one item that says what changed, and no release is lost."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collapse import tool_clusters
from digest.feeds import parse_feed
from digest.notes import Changes, merged, read_notes
from digest.tags import read_tag
from digest.text import NOTES_MAX, clean_notes, clean_summary
from digest.told import Told
from tests.digest.told_by import clusters, release

MARKDOWN = """## What's Changed
* feat(server): allow several models at once by @a in https://github.com/o/stoat/pull/1
* Fix crash when the cache is full by @b in https://github.com/o/stoat/pull/2
* Add support for Qwen9 models (#3)
* chore: bump actions by @bot[bot] in https://github.com/o/stoat/pull/4
* feat!: the port is 8081 from now on
### New models
* Otter 2 and Otter 2 Vision
## New Contributors
* @c made their first contribution
"""
ONE_LINE = (
    "What's Changed Add prefix sharing by @a in https://github.com/o/stoat/pull/1 Fix a leak on Windows by @b in "
    "https://github.com/o/stoat/pull/2 Support Gemma 9 by @c in https://github.com/o/stoat/pull/3 Drop support for "
    "Python 3.9 by @d in https://github.com/o/stoat/pull/4 Full Changelog: v1...v2"
)


def test_builds_are_one_line_and_candidates_do_not_count() -> None:
    builds = [release(f"b{n}", source="ggml-org/llama.cpp") for n in range(9000, 9040)]
    versions = [release(tag) for tag in ("v0.21.0-rc0", "v0.21.0", "v0.21.1", "v0.21.1-rc1")]
    titles = {item.title: (len(item.lead), len(item.rest)) for item in clusters(*builds, *versions)}
    assert titles == {"llama.cpp b9000 to b9039 (40 builds)": (40, 0), "ollama 0.21.1 (4 releases)": (2, 2)}


def test_notes_in_markdown() -> None:
    assert read_notes(MARKDOWN) == Changes(
        breaking=("the port is 8081 from now on",),
        models=("Add support for Qwen9 models", "Otter 2 and Otter 2 Vision"),
        features=("allow several models at once",),
        fixes=("Fix crash when the cache is full",),
    )


HTML = """<p>Small fixes.<br>And thanks.</p>
<h2>What's Changed</h2>
<ul>
<li>Add prefix sharing by <a href="https://github.com/a">@a</a> in <a href="https://github.com/o/s/pull/1">#1</a></li>
<li>
<p>Fix a leak on Windows</p>
<ul><li>and one on <code>macOS</code></li></ul>
</li>
</ul>
<h3>New models</h3>
<ol><li>Otter 2 and its <em>vision</em> variant</li></ol>
<h3>About the weather</h3>
<p>It rained for most of it.</p>
<script>alert(1)</script>"""


def test_notes_in_a_feed_keep_their_items_apart() -> None:
    """As GitHub's feeds have them: HTML, escaped once. Headings that say nothing end the list before them."""
    lines = [
        "Small fixes.", "And thanks.", "## What's Changed", "• Add prefix sharing by @a in #1",
        "• Fix a leak on Windows", "• and one on macOS", "## New models",
        "• Otter 2 and its vision variant", "## About the weather", "It rained for most of it.",
    ]  # fmt: skip
    assert clean_notes(HTML).splitlines() == lines
    feed = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>tag:github.com,2008:Repository/1/v1</id><title>v1</title>"
        f"<content type='html'>{escape(HTML)}</content></entry></feed>"
    )
    (entry,) = parse_feed(feed.encode(), now=datetime(2026, 5, 1, tzinfo=UTC)).entries
    assert entry.summary.splitlines() == lines
    found = read_notes(entry.summary)
    assert found.features == ("Add prefix sharing",)
    assert found.models == ("Otter 2 and its vision variant",)
    assert "Fix a leak on Windows" in found.fixes


@pytest.mark.parametrize("mark", ["*", "-", "+", "•"])
def test_notes_from_the_api_are_markdown_and_become_the_same_lines(mark: str) -> None:
    raw = f"<!-- made -->\r\n## Fixes\r\n{mark}  one   thing\r\n\r\n  {mark} another\u202e\r\n**bold** {mark} words"
    assert clean_notes(raw) == f"## Fixes\n• one thing\n• another\n**bold** {mark} words"


def test_notes_are_cut_and_a_summary_stays_one_line() -> None:
    raw = "".join(f"<li>Fix number {n}</li>" for n in range(1000))
    assert 3900 < len(clean_notes(raw)) <= NOTES_MAX
    assert "\n" not in clean_summary(raw)
    assert clean_notes("<ul><li></li></ul>\n•") == ""


@given(st.text(max_size=300))
def test_cleaning_notes_twice_changes_no_line_and_lets_no_control_through(raw: str) -> None:
    once = clean_notes(raw)
    assert all(char == "\n" or char.isprintable() or char.isspace() for char in once if ord(char) < 0x2000)
    assert not any(line != line.strip() or not line for line in once.splitlines())


def test_notes_run_together_on_one_line() -> None:
    found = read_notes(ONE_LINE)
    assert found.models == ("Support Gemma 9",)
    assert found.fixes == ("Fix a leak on Windows",)
    assert found.breaking == ("Drop support for Python 3.9",)
    assert [words.endswith("Add prefix sharing") for words in found.features] == [True]


@pytest.mark.parametrize(
    "text", ["", "Nothing to see.", "* chore: bump x\n* docs: typo in the readme", "b9000", "— — —"]
)
def test_notes_that_say_nothing_say_nothing(text: str) -> None:
    assert not read_notes(text)


def test_what_several_releases_say_is_said_once() -> None:
    notes = [read_notes("* Fix the crash on start"), read_notes("* Fix the crash on start\n* Add a quiet mode")]
    assert merged(notes) == Changes(features=("Add a quiet mode",), fixes=("Fix the crash on start",))


def test_an_item_says_what_changed() -> None:
    (item,) = clusters(release("v1.1.0", summary=MARKDOWN), release("v1.1.1", summary="* Fix a leak on Windows"))
    assert item.changes is not None
    assert item.changes.fixes == ("Fix crash when the cache is full", "Fix a leak on Windows")


@given(st.text(max_size=400))
def test_any_notes_can_be_read(text: str) -> None:
    found = read_notes(text)
    assert all(
        len(words) <= 120 for kind in (found.breaking, found.models, found.features, found.fixes) for words in kind
    )


@given(st.lists(st.sampled_from(["v1.0.0", "v1.0.1", "v1.1.0-rc1", "b77", "b78", "nightly", "v2.0", "x"]), min_size=1))
def test_no_release_is_lost(tags: list[str]) -> None:
    rows = [release(tag, f"2026-04-{day % 28 + 1:02d}") for day, tag in enumerate(tags)]
    (item,) = tool_clusters(rows)
    assert sorted(row.title for row in item.entries()) == sorted(tags)
    assert {tag for tag in tags if read_tag(tag).stable} <= {row.title for row in item.lead}


@pytest.mark.truth
def test_real_tags_of_every_repository_collapse_without_loss(truth_dir: Path) -> None:
    months: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    stable: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    with (truth_dir / "digest" / "tool_tags.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            where = (row["repo"], row["date"][:7])
            months[where].append(release(row["tag"], row["date"], source=row["repo"]))
            if row["prerelease_or_build"] == "0" and read_tag(row["tag"]).version:
                stable[where].add(row["tag"])
    hidden = []
    for where, rows in months.items():
        (item,) = tool_clusters(rows)
        assert {row.url for row in item.entries()} == {row.url for row in rows}, where
        hidden += [tag for tag in stable[where] if tag not in {row.title for row in item.lead}]
    assert len({repo for repo, _ in months}) == 28
    # what the list calls stable and is not shown as such says itself that it is none: alpha, beta, post-release
    assert all(not read_tag(tag).stable for tag in hidden), hidden
