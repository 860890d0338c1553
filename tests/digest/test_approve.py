"""Approving, holding, requests and the schedule: what was sent stays, what nobody approved never leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from digest.approval import approve, hold, release
from digest.desk import Desk
from digest.mailer import FolderMailer
from digest.outgoing import sender_of
from digest.requests import serve_one
from digest.routine import WAITING, Routine
from digest.schedule import Job, run_jobs
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.content_loader import load_content
from knowledge.errors import BadInput
from knowledge.store.db import writing
from knowledge.store.issue_rows import IssueFile, IssueRecord
from knowledge.store.stores import Stores, open_stores
from knowledge.store.sync import sync
from tests.digest.conftest import BACKENDS

MONTH = "2026-04"
NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
ENV = {"DIGEST_FROM": "digest@example.org", "DIGEST_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"}
SETTINGS = Settings.from_env(ENV)


@pytest.fixture(params=BACKENDS)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Give an empty store of either kind."""
    sqlite = f"sqlite:///{tmp_path / 'digest.db'}"
    made = open_stores(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield made
    made.close()


def an_issue(**fields: Any) -> IssueRecord:
    return replace(IssueRecord(month=MONTH, subject="S", html="<p>H</p>", text="T", revision="abc"), **fields)


def reader(stores: Stores, address: str = "a@example.net") -> None:
    made = stores.subscribers.ask(address, address, address.partition("@")[2], now=NOW)
    assert stores.subscribers.confirm(made.id, made.token_version, now=NOW) is not None


# store -----------------------------------------------------------------------------------------------------------


def test_drafts_are_replaced_with_their_files(stores: Stores) -> None:
    old, new = (IssueFile(name=f"{n}.png", media_type="image/png", body=b"x") for n in ("old", "new"))
    assert stores.issues.save(an_issue(), [old], now=NOW)
    assert stores.issues.save(an_issue(subject="S2"), [new], now=NOW)
    found = stores.issues.get(MONTH)
    assert found is not None
    assert (found.subject, found.status) == ("S2", "draft")
    assert stores.issues.files(MONTH) == [new]
    assert stores.issues.before("2026-05") == found
    assert stores.issues.before(MONTH) is None


@pytest.mark.parametrize("column", ["subject", "html", "text"])
def test_an_approved_issue_cannot_change(stores: Stores, column: str) -> None:
    stores.issues.save(an_issue(), now=NOW)
    stores.runs.approve(MONTH, send_at=NOW, now=NOW)
    assert not stores.issues.save(an_issue(subject="other"), now=NOW)
    with pytest.raises(BadInput, match="stays as it is"):
        stores.issues.add_edit(MONTH, "hide", "x", by="me", now=NOW)
    for statement in (f"UPDATE issue SET {column} = 'other'", "DELETE FROM issue"):  # noqa: S608 - three fixed names
        with pytest.raises(sa.exc.DBAPIError), stores.engine.begin() as conn:
            conn.execute(sa.text(statement))
    found = stores.issues.get(MONTH)
    assert found is not None
    assert getattr(found, column) == getattr(an_issue(), column)


def test_what_was_sent_never_becomes_a_draft_again(stores: Stores) -> None:
    stores.issues.save(an_issue(), now=NOW)
    stores.runs.approve(MONTH, send_at=NOW, now=NOW)
    assert stores.runs.finish(MONTH, now=NOW)
    with pytest.raises(sa.exc.DBAPIError), stores.engine.begin() as conn:
        conn.execute(sa.text("UPDATE issue SET status = 'draft'"))
    found = stores.issues.get(MONTH)
    assert found is not None
    assert found.status == "sent"


def test_edits_are_rows_of_their_own_and_stay(stores: Stores) -> None:
    number = stores.issues.add_edit(MONTH, "hide", "model:x", by="me", now=NOW)
    assert [edit.target for edit in stores.issues.edits(MONTH)] == ["model:x"]
    assert stores.issues.drop_edit(MONTH, number, now=NOW)
    assert not stores.issues.drop_edit(MONTH, number, now=NOW)
    assert stores.issues.edits(MONTH) == []
    with stores.engine.connect() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM issue_edit")).scalar() == 1


# approving -------------------------------------------------------------------------------------------------------


def test_an_approval_is_of_the_revision_looked_at(stores: Stores) -> None:
    stores.issues.save(an_issue(revision="new"), now=NOW)
    with pytest.raises(BadInput, match="now revision new"):
        approve(stores, SETTINGS, MONTH, revision="old", send_at=NOW, by="me", now=NOW)
    assert stores.runs.run(MONTH) is None
    assert approve(stores, SETTINGS, MONTH, revision="new", send_at=NOW, by="me", now=NOW).state == "running"
    found = stores.issues.get(MONTH)
    assert found is not None
    assert (found.status, found.decided_by, found.decided_at) == ("approved", "me", NOW)


def test_a_held_draft_cannot_be_approved_until_released(stores: Stores) -> None:
    stores.issues.save(an_issue(), now=NOW)
    assert "held" in hold(stores, MONTH, by="me", now=NOW)
    with pytest.raises(BadInput, match="is held"):
        approve(stores, SETTINGS, MONTH, send_at=NOW, by="me", now=NOW)
    stores.issues.save(an_issue(subject="S2"), now=NOW)  # composing again does not release it
    assert stores.runs.run(MONTH) is None
    assert "draft again" in release(stores, MONTH, by="me", now=NOW)
    assert approve(stores, SETTINGS, MONTH, send_at=NOW, by="me", now=NOW).state == "running"


def test_holding_an_approved_issue_pauses_it(stores: Stores) -> None:
    stores.issues.save(an_issue(), now=NOW)
    approve(stores, SETTINGS, MONTH, send_at=NOW, by="me", now=NOW)
    assert "paused" in hold(stores, MONTH, by="me", now=NOW)
    assert stores.runs.running() == []
    assert "goes on" in release(stores, MONTH, by="me", now=NOW)
    assert [run.month for run in stores.runs.running()] == [MONTH]
    with pytest.raises(BadInput, match="nothing to be released"):
        release(stores, MONTH, by="me", now=NOW)
    with pytest.raises(BadInput, match="There is no issue"):
        hold(stores, "2026-03", by="me", now=NOW)


# requests --------------------------------------------------------------------------------------------------------


def desk(stores: Stores, now: Callable[[], datetime] = lambda: NOW, worker: str = "w") -> Desk:
    sources = {source.id: source for source in load_sources(SOURCES_DIR)}
    return Desk(stores=stores, settings=SETTINGS, sources=sources, worker=worker, now=now, judged=False)


def test_requests_come_in_order_and_are_taken_over_from_the_dead(stores: Stores) -> None:
    store, lease = stores.requests, timedelta(minutes=5)
    first, second = (store.ask("status", by="7", now=NOW) for _ in range(2))
    taken = store.claim("a", now=NOW, lease=lease)
    assert taken is not None
    assert (taken.id, taken.state) == (first, "running")
    other = store.claim("b", now=NOW, lease=lease)
    assert other is not None
    assert other.id == second
    assert store.claim("c", now=NOW, lease=lease) is None
    late = NOW + timedelta(minutes=6)
    again = store.claim("c", now=late, lease=lease)
    assert again is not None
    assert again.id == first
    assert not store.finish(first, "a", ok=True, result={}, now=late)  # it has lost it
    assert store.finish(first, "c", ok=True, result={"text": "x"}, now=late)
    assert store.forget_before(late + timedelta(days=1)) == 1
    with pytest.raises(BadInput):
        store.ask("drop tables", by="7", now=NOW)


def test_a_preview_is_asked_for_and_read_back(stores: Stores) -> None:
    sync(stores.engine, load_content())
    number = stores.requests.ask("preview", MONTH, {"rig": "RTX 3060 12GB"}, by="7", now=NOW)
    assert serve_one(desk(stores)) is not None
    found = stores.requests.get(number)
    assert found is not None
    assert found.state == "done", found.result
    assert found.result["subject"].startswith("Local AI in April")
    assert (found.result["month"], found.result["revision"]) == (MONTH, "")  # one owner's part is no issue to approve
    names = [file.name for file in stores.requests.files(number)]
    assert f"{MONTH}.preview.html" in names
    assert all(len(file.body) <= 8_000_000 for file in stores.requests.files(number))


def test_requests_that_cannot_be_served_say_why(stores: Stores) -> None:
    stores.issues.save(an_issue(), now=NOW)
    asked = {
        stores.requests.ask("approve", MONTH, {}, by="7", now=NOW): "revision",
        stores.requests.ask("approve", MONTH, {"revision": "old"}, by="7", now=NOW): "now revision abc",
        stores.requests.ask("hold", "2026-13", {}, by="7", now=NOW): "no month",
        stores.requests.ask("edit", MONTH, {"kind": "shout"}, by="7", now=NOW): "no edit",
        stores.requests.ask("edit", MONTH, {"drop": 99}, by="7", now=NOW): "no edit 99",
    }
    while serve_one(desk(stores)) is not None:
        pass
    for number, words in asked.items():
        found = stores.requests.get(number)
        assert found is not None
        assert found.state == "failed"
        assert words in found.result["text"]
    assert stores.runs.run(MONTH) is None


def test_edit_hold_release_approve_and_status_by_request(stores: Stores) -> None:
    stores.issues.save(an_issue(), now=NOW)
    reader(stores)
    for kind, args in (
        ("edit", {"kind": "hide", "target": "model:x"}),
        ("hold", {}),
        ("release", {}),
        ("approve", {"revision": "abc", "at": "2026-05-04T09:00"}),
        ("status", {}),
    ):
        number = stores.requests.ask(kind, MONTH, args, by="7", now=NOW)
        assert serve_one(desk(stores)) is not None
        found = stores.requests.get(number)
        assert found is not None
        assert found.state == "done", found.result
        last = str(found.result["text"])
    assert stores.issues.edits(MONTH)[0].made_by == "7"
    decided = stores.issues.get(MONTH)
    assert decided is not None
    assert (decided.status, decided.decided_by) == ("approved", "7")
    assert f"{MONTH}: approved" in last


def test_what_breaks_is_told_and_does_not_stop_the_next(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = stores.requests.ask("status", by="7", now=NOW)
    fine = stores.requests.ask("status", by="7", now=NOW)

    def fail(_self: object) -> object:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(type(stores.digest), "issues", fail)
        serve_one(desk(stores))
    serve_one(desk(stores))
    states = [found.state for number in (broken, fine) if (found := stores.requests.get(number))]
    assert states == ["failed", "done"]


def test_diagnoses_are_counted_without_words(stores: Stores) -> None:
    for _ in range(3):
        stores.requests.count_diagnoses(MONTH, ["cuda_oom_ggml", "cuda_oom_ggml"])
    stores.requests.count_diagnoses("2026-05", ["other"])
    assert stores.requests.diagnoses(MONTH) == {"cuda_oom_ggml": 3}


# schedule --------------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """A clock a test moves."""

    now: datetime = NOW
    looked_up: list[str] = field(default_factory=list)


def routine(stores: Stores, clock: Clock, folder: Path) -> Routine:
    async def nothing() -> None:
        return None

    async def look_up(month: str) -> None:
        clock.looked_up.append(month)
        raise OSError("no network")  # a draft is made all the same

    mailer = FolderMailer(folder)
    return Routine(
        stores=stores,
        settings=SETTINGS,
        sources={source.id: source for source in load_sources(SOURCES_DIR)},
        worker="w",
        now=lambda: clock.now,
        stop=asyncio.Event(),
        collect=nothing,
        propose=look_up,
        sender=sender_of(stores, SETTINGS, folder, mailer=mailer),
    )


async def test_nothing_leaves_that_nobody_approved(stores: Stores, tmp_path: Path) -> None:
    """The first of the month: a draft is made and waits, however often the jobs come; approved, it is sent once."""
    sync(stores.engine, load_content())
    reader(stores)
    clock, outbox = Clock(), tmp_path / "out"
    work = routine(stores, clock, outbox)
    for _ in range(3):
        for job in work.jobs():
            await job.work()
        clock.now += timedelta(days=1)
    made = stores.issues.get(MONTH)
    assert made is not None
    assert (made.status, clock.looked_up) == ("draft", [MONTH] * 3)
    assert stores.runs.running() == []
    assert not list(outbox.rglob("*.eml"))
    assert [(alarm.kind, alarm.subject, alarm.count) for alarm in stores.runs.open_alarms()] == [(WAITING, MONTH, 3)]
    approve(stores, SETTINGS, MONTH, revision=made.revision, send_at=datetime(2026, 1, 1, tzinfo=UTC), by="m", now=NOW)
    for job in work.jobs():
        await job.work()
    assert len(list(outbox.rglob("*.eml"))) == 1
    assert stores.runs.open_alarms() == []
    sent = stores.issues.get(MONTH)
    assert sent is not None
    assert (sent.status, sent.html) == ("sent", made.html)
    assert work.sender is not None
    await work.sender.close()


async def test_a_month_without_anything_raises_an_alarm(stores: Stores, tmp_path: Path) -> None:
    sync(stores.engine, load_content())
    work = routine(stores, Clock(now=datetime(2031, 2, 1, tzinfo=UTC)), tmp_path)
    await work.draft()
    assert [(alarm.kind, alarm.subject) for alarm in stores.runs.open_alarms()] == [("draft", "2031-01")]


async def test_jobs_run_on_time_and_survive_their_failures(caplog: pytest.LogCaptureFixture) -> None:
    stop, done = asyncio.Event(), []

    async def work() -> None:
        done.append(1)
        if len(done) == 3:
            stop.set()
        raise RuntimeError("again next time")

    async def never() -> None:
        raise AssertionError("not its time")

    jobs = (
        Job(name="often", every_s=0.05, work=work),
        Job(name="rare", at={"month": 1, "day": 1, "hour": 3, "year": 2099}, work=never),
    )
    await asyncio.wait_for(run_jobs(jobs, stop), 20)
    assert len(done) >= 3
    assert "The job often failed" in caplog.text


def test_the_job_table_is_in_one_place(tmp_path: Path) -> None:
    made = open_stores(f"sqlite:///{tmp_path / 'x.db'}")
    jobs = {job.name: job for job in routine(made, Clock(), tmp_path).jobs()}
    assert list(jobs) == ["collect", "requests", "errands", "draft", "remind", "send", "tidy"]
    assert jobs["draft"].at == {"day": 1, "hour": 6}
    made.close()


def test_records_refuse_nothing_silently(stores: Stores) -> None:
    """A held issue stays held when it is composed anew, and says so."""
    stores.issues.save(an_issue(), now=NOW)
    stores.issues.hold(MONTH, by="me", now=NOW)
    assert stores.issues.save(replace(an_issue(), subject="new"), now=NOW)
    found = stores.issues.get(MONTH)
    assert found is not None
    assert (found.status, found.subject) == ("held", "new")
    with writing(stores.engine) as conn:
        conn.execute(sa.text("DELETE FROM issue"))
    assert stores.issues.get(MONTH) is None
