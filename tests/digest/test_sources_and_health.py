"""Source files, settings, the health of sources, the schedule, and the stored issues."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.health import complaints, usual_gap
from digest.schedule import Job, run_jobs
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources, organisations, source_from
from knowledge.errors import BadInput
from knowledge.store.digest_rows import IssueRow, SourceRow
from knowledge.store.digest_store import DigestStore
from tests.digest.conftest import NOW

GOOD = {
    "id": "a",
    "kind": "rss",
    "name": "A",
    "url": "https://a.example.org/x",
    "category": "model",
    "role": "maker",
    "evidence": "seen",
}


def test_the_shipped_sources() -> None:
    sources = load_sources(SOURCES_DIR)
    assert len(sources) == 178
    assert len({item.id for item in sources}) == len({item.url for item in sources}) == 178
    makers, packagers = organisations(sources)
    assert {"qwen", "deepseek-ai"} <= makers
    assert {"unsloth", "mlx-community"} <= packagers
    assert not makers & packagers


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"kind": "rsss"}, "kind", "rss"),
        ({"category": "models"}, "category", "model"),
        ({"role": "makr"}, "role", "maker"),
        ({"url": "ftp://a.example.org"}, "url", ""),
        ({"url": "https://user:pw@a.example.org"}, "url", ""),
        ({"name": ""}, "name", ""),
        ({"catgory": "model"}, "catgory", "category"),
    ],
)
def test_a_wrong_source_is_refused_with_its_place(change: dict[str, str], field: str, hint: str) -> None:
    with pytest.raises(SourceError) as caught:
        source_from(GOOD | change, "x.yaml")
    assert caught.value.subject == f"x.yaml: a: {field}"
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["- {id: a", "a: 1", "- just text", "- {id: 1}"])
def test_a_broken_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"x\.yaml"):
        load_sources(tmp_path)


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(f"- {GOOD}".replace("'", '"'), encoding="utf-8")
    with pytest.raises(SourceError, match="twice"):
        load_sources(tmp_path)


@pytest.mark.parametrize(
    ("env", "subject"),
    [
        ({"DIGEST_PUBLIC_URL": "http://plain.example.org"}, "DIGEST_PUBLIC_URL"),
        ({"DIGEST_COLLECT_EVERY_H": "often"}, "DIGEST_COLLECT_EVERY_H"),
        ({"DIGEST_COLLECT_EVERY_H": "0"}, "DIGEST_COLLECT_EVERY_H"),
    ],
)
def test_settings_that_cannot_be_used(env: dict[str, str], subject: str) -> None:
    with pytest.raises(BadInput) as caught:
        Settings.from_env(env)
    assert caught.value.subject == subject


WELL = SourceRow(
    source_id="a",
    url="https://a.example.org",
    last_status=200,
    last_fetched_at=NOW,
    last_entry_at=NOW - timedelta(days=3),
    n_entries_last=10,
)
WEEKLY = [NOW - timedelta(days=3 + 7 * n) for n in range(10)]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "never fetched"),
        (WELL, None),
        (replace(WELL, failure_count=1, last_error="html: a page"), "failed once: html: a page"),
        (replace(WELL, failure_count=4, last_error="gone: 404"), "failed 4 times in a row"),
        (replace(WELL, n_entries_last=0), "has no entries"),
        (replace(WELL, last_entry_at=NOW - timedelta(days=60)), "silent for 60 days; usually 7"),
        (replace(WELL, last_entry_at=NOW - timedelta(days=20)), None),
    ],
)
def test_health(state: SourceRow | None, words: str | None) -> None:
    found = complaints(state, WEEKLY, NOW)
    assert (not found) if words is None else (len(found) == 1 and words in found[0])


def test_too_little_is_known_to_say_what_is_usual() -> None:
    assert usual_gap(WEEKLY[:3]) is None
    assert usual_gap(WEEKLY) == timedelta(days=7)


def test_a_draft_is_replaced_and_an_approved_issue_is_not(any_store: DigestStore) -> None:
    draft = IssueRow(month="2026-04", status="draft", subject="one", html="<p>", text="t")
    assert any_store.save_issue(draft, now=NOW)
    assert any_store.save_issue(replace(draft, subject="two", status="approved"), now=NOW)
    found = any_store.issue("2026-04")
    assert found is not None
    assert (found.subject, found.status) == ("two", "approved")
    assert not any_store.save_issue(replace(draft, subject="three"), now=NOW)
    assert any_store.issue("2026-04") == found
    assert any_store.issues() == [("2026-04", "approved")]
    assert any_store.issue("2020-01") is None


async def test_a_job_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    stop, ran = asyncio.Event(), []

    async def fails() -> None:
        raise RuntimeError("no luck")

    async def works() -> None:
        ran.append("worked")
        stop.set()

    jobs = (Job(name="fails", every_hours=1, work=fails), Job(name="works", every_hours=1, work=works))
    await asyncio.wait_for(run_jobs(jobs, stop), timeout=10)
    assert ran == ["worked"]
    assert "The job fails failed" in caplog.text


async def test_stopping_does_not_wait_for_a_long_job() -> None:
    stop = asyncio.Event()

    async def long() -> None:
        stop.set()
        await asyncio.sleep(3600)

    await asyncio.wait_for(run_jobs((Job(name="long", every_hours=1, work=long),), stop), timeout=10)
