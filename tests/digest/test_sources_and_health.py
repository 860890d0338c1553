"""Source files, settings, the health of sources, the schedule, and the stored issues."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.__main__ import main
from digest.errors import SourceError
from digest.health import complaints, usual_gap
from digest.schedule import Job, run_jobs
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources, organisations, source_from
from knowledge.errors import BadInput
from knowledge.store.db import engine, upgrade
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
    "cadence": "weekly",
    "evidence": "seen",
}


def test_the_shipped_sources() -> None:
    sources = load_sources(SOURCES_DIR)
    assert len(sources) == 178
    assert len({item.id for item in sources}) == len({item.url for item in sources}) == 178
    assert all(item.evidence and item.cadence for item in sources)
    assert sum(item.usual_gap is not None or item.dormant for item in sources) >= 140
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
        ({"cadence": "weakly"}, "cadence", "weekly"),
        ({"cadence": "3/fortnight"}, "cadence", ""),
        ({"entries": "vary"}, "entries", "varies"),
        ({"keep": "("}, "keep", ""),
        ({"links": "/x/"}, "links", "kind"),
        ({"kind": "html", "links": "x"}, "links", ""),
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


@pytest.mark.parametrize(
    ("cadence", "days"),
    [("weekly", 7), ("7/week", 1), ("2/day", 0.5), ("2-4/month", 15.2), ("daily to weekly", 7), ("unknown", None)],
)
def test_a_cadence_stands_for_a_gap(cadence: str, days: float | None) -> None:
    found = source_from(GOOD | {"cadence": cadence}, "x.yaml").usual_gap
    assert found == (None if days is None else timedelta(days=days))


SOURCE = source_from(GOOD | {"cadence": "unknown"}, "x.yaml")
WELL = SourceRow(
    source_id="a",
    url="https://a.example.org",
    last_status=200,
    last_fetched_at=NOW,
    last_entry_at=NOW - timedelta(days=3),
    n_entries_last=10,
    recent_counts=[10, 10, 10],
)
WEEKLY = [NOW - timedelta(days=3 + 7 * n) for n in range(10)]


@pytest.mark.parametrize(
    ("state", "words", "alarm"),
    [
        (None, "never fetched", False),
        (WELL, None, False),
        (replace(WELL, failure_count=1, last_error="html: a page"), "failed once: html: a page", True),
        (replace(WELL, failure_count=1, last_error="timeout: slow"), "failed once: timeout", False),
        (replace(WELL, failure_count=3, last_error="timeout: slow"), "failed 3 times", True),
        (replace(WELL, failure_count=4, last_error="gone: 404"), "failed 4 times in a row", True),
        (replace(WELL, recent_counts=[10, 12, 0]), "has no entries (usually 11)", True),
        (replace(WELL, recent_counts=[0]), "has no entries", True),
        (replace(WELL, recent_counts=[200, 200, 20]), "shrunk to 20 entries; usually 200", True),
        (replace(WELL, recent_counts=[9, 10, 5]), None, False),
        (replace(WELL, gap_from=NOW - timedelta(days=1), gap_to=NOW), "gap: what it announced between", True),
        (replace(WELL, gap_from=NOW - timedelta(days=9), gap_to=NOW - timedelta(days=8)), None, False),
    ],
)
def test_health(state: SourceRow | None, words: str | None, alarm: bool) -> None:
    found = complaints(SOURCE, state, WEEKLY, NOW)
    assert (not found) if words is None else (len(found) == 1 and words in found[0].words)
    assert any(complaint.alarm for complaint in found) == alarm


@pytest.mark.parametrize(
    ("days_later", "cadence", "dates", "words"),
    [
        (24, "unknown", WEEKLY, None),
        (27, "unknown", WEEKLY, "silent for 30 days; usually 7 days"),
        (27, "dormant", WEEKLY, None),
        (27, "weekly", WEEKLY[:1], "silent for 30 days; usually 7 days"),
        (27, "unknown", WEEKLY[:1], None),
    ],
)
def test_silence(days_later: int, cadence: str, dates: list[datetime], words: str | None) -> None:
    found = complaints(replace(SOURCE, cadence=cadence), WELL, dates, NOW + timedelta(days=days_later))
    assert [complaint.words.partition(" between")[0] for complaint in found] == ([] if words is None else [words])


def test_a_source_whose_number_of_entries_varies_does_not_alarm_by_it() -> None:
    varies = replace(SOURCE, entries="varies")
    assert not complaints(varies, replace(WELL, recent_counts=[300, 310, 0]), WEEKLY, NOW)
    assert complaints(varies, replace(WELL, recent_counts=[0, 0, 0]), WEEKLY, NOW)


def test_status_shows_every_source_and_fails_where_one_alarms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNLOCALAI_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    rows = [GOOD | {"id": name, "url": f"https://{name}.example.org/x"} for name in ("well", "late", "dead", "fresh")]
    (tmp_path / "x.yaml").write_text(json.dumps(rows), encoding="utf-8")
    upgrade(f"sqlite:///{tmp_path / 'runlocalai.db'}")
    made = engine(f"sqlite:///{tmp_path / 'runlocalai.db'}")
    now = datetime.now(UTC)
    well = replace(WELL, last_fetched_at=now, last_entry_at=now - timedelta(hours=30))
    late = {"failure_count": 1, "last_error": "timeout: No answer within 20 s."}
    for name, fields in {"well": {}, "late": late, "dead": {"recent_counts": [200, 0]}}.items():
        DigestStore(made).save_fetch(replace(well, source_id=name, **fields), now=now)  # type: ignore[arg-type]
    arguments = ["status", "--sources", str(tmp_path)]
    assert main(arguments) == 1
    table = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in table[1:5]] == [
        ["ok", "well"],
        ["note", "late"],
        ["ALARM", "dead"],
        ["-", "fresh"],
    ]
    assert "4 sources: 1 well, 1 with a note, 1 alarming, 1 never fetched." in table
    assert main([*arguments, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["n_alarms"]) == (False, 1)
    assert [(line["source"], line["alarm"], line["alarms"]) for line in data["sources"]] == [
        ("well", False, []),
        ("late", False, []),
        ("dead", True, ["empty"]),
        ("fresh", False, []),
    ]
    assert main([*arguments, "--alarms"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 4
    DigestStore(made).save_fetch(replace(well, source_id="dead", recent_counts=[200, 199]), now=now)
    assert main(arguments) == 0
    made.dispose()


def test_too_little_is_known_to_say_what_is_usual() -> None:
    assert usual_gap(WEEKLY[:3]) is None
    assert usual_gap(WEEKLY) == timedelta(days=7)
    same_day = [moment + timedelta(minutes=n) for moment in WEEKLY for n in range(5)]
    assert usual_gap(same_day) == timedelta(days=7)


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

    jobs = (
        Job(name="fails", every_s=3600, at_start=True, work=fails),
        Job(name="works", every_s=3600, at_start=True, work=works),
    )
    await asyncio.wait_for(run_jobs(jobs, stop), timeout=10)
    assert ran == ["worked"]
    assert "The job fails failed" in caplog.text


async def test_stopping_does_not_wait_for_a_long_job() -> None:
    stop = asyncio.Event()

    async def long() -> None:
        stop.set()
        await asyncio.sleep(3600)

    await asyncio.wait_for(run_jobs((Job(name="long", every_s=3600, at_start=True, work=long),), stop), timeout=10)
