"""Maintainers' requests that reach out or look ahead, and those that name no month or revision; on both backends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.collect import CollectReport
from digest.desk import Desk
from digest.keeping import SourceReport
from digest.mailer import FolderMailer
from digest.requests import LONG, LONG_LEASE, SHORT, serve_one
from digest.routine import Routine
from digest.schedule import Job, next_time
from digest.settings import Settings
from knowledge.store.issue_rows import IssueRecord
from knowledge.store.request_store import KINDS, RequestRow
from knowledge.store.stores import Stores, open_stores
from tests.digest.conftest import BACKENDS

MONTH = "2026-04"
NOW = datetime(2026, 5, 3, 6, 0, tzinfo=UTC)
ENV = {"DIGEST_FROM": "digest@example.org", "DIGEST_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"}
SETTINGS = Settings.from_env({**ENV, "DIGEST_TEST_TO": "one@example.net, two@example.net"})
REPORT = CollectReport(
    sources=(
        SourceReport(source_id="a", outcome="new", n_new=3, n_entries=5),
        SourceReport(source_id="b", outcome="failed", error_code="http_500", error="The server answered 500."),
    )
)


@pytest.fixture(params=BACKENDS)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Give a store of either kind with a draft and one reader."""
    sqlite = f"sqlite:///{tmp_path / 'digest.db'}"
    made = open_stores(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    made.issues.save(an_issue(MONTH), now=NOW)
    reader = made.subscribers.ask("a@example.net", "a@example.net", "example.net", now=NOW)
    made.subscribers.confirm(reader.id, reader.token_version, now=NOW)
    yield made
    made.close()


def an_issue(month: str) -> IssueRecord:
    return IssueRecord(month=month, subject="S", html="<p>H</p>", text="T", revision="abc")


def asked(desk: Desk, kind: str, month: str = MONTH, args: dict[str, Any] | None = None, by: str = "7") -> RequestRow:
    """Ask, serve, and return the request as it is then."""
    number = desk.stores.requests.ask(kind, month, args, by=by, now=NOW)
    assert serve_one(desk) is not None
    found = desk.stores.requests.get(number)
    assert found is not None
    return found


def a_desk(stores: Stores, **fields: Any) -> Desk:
    made = Desk(stores=stores, settings=SETTINGS, sources={}, worker="w", now=lambda: NOW, judged=False)
    return replace(made, **fields)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_somebody_who_serves_it(stores: Stores, kind: str) -> None:
    """Whatever comes of it: it is an answer for the person who asked, not a fault of ours."""
    found = asked(a_desk(stores), kind)
    assert found.state in {"done", "failed"}
    assert found.result["text"]
    assert found.result.get("code") != "broken"


def test_collecting_says_what_came_and_what_failed(stores: Stores) -> None:
    found = asked(a_desk(stores, collect=lambda: REPORT), "collect", "")
    assert found.state == "done"
    assert (found.result["n_new"], found.result["n_failed"]) == (3, 1)
    assert "b: The server answered 500." in found.result["text"]


def test_nobody_takes_over_what_waits_for_servers(stores: Stores) -> None:
    seen: list[RequestRow | None] = []

    def slow() -> CollectReport:
        seen.append(stores.requests.claim("other", now=NOW + LONG_LEASE / 2, lease=timedelta(minutes=5)))
        return REPORT

    assert asked(a_desk(stores, collect=slow), "collect").state == "done"
    assert seen == [None]


def test_test_mails_go_to_the_test_addresses_and_to_nobody_a_request_names(stores: Stores, tmp_path: Path) -> None:
    desk = a_desk(stores, mailer=lambda: FolderMailer(tmp_path / "out"))
    found = asked(desk, "send-test", args={"to": "victim@example.com"})
    assert (found.state, found.result["n_accepted"]) == ("done", 2)
    mails = [path.read_text() for path in sorted((tmp_path / "out").glob("*.eml"))]
    to = sorted(line for mail in mails for line in mail.splitlines() if line.startswith("X-Envelope-To"))
    assert to == ["X-Envelope-To: one@example.net", "X-Envelope-To: two@example.net"]
    assert all("Subject: [Test] S" in mail for mail in mails)
    assert stores.runs.run(MONTH) is None
    without = replace(desk, settings=Settings.from_env(ENV))
    assert "DIGEST_TEST_TO" in asked(without, "send-test").result["text"]


def test_sending_starts_an_approved_run_and_no_other(stores: Stores) -> None:
    desk, later = a_desk(stores), NOW + timedelta(days=2)
    assert "is not approved" in asked(desk, "send").result["text"]
    assert asked(desk, "approve", args={"revision": "abc", "at": later.isoformat()}).state == "done"
    assert f"leaves {later:%Y-%m-%d %H:%M} UTC" in asked(desk, "schedule").result["text"]
    assert stores.runs.next_due(MONTH) == later
    found = asked(desk, "send")
    assert (found.state, found.result["counts"]) == ("done", {"pending": 1})
    assert stores.runs.next_due(MONTH) == NOW
    stores.runs.finish(MONTH, now=NOW)  # does nothing: a mail is open
    assert asked(desk, "hold").state == "done"
    assert "Release it first" in asked(desk, "send").result["text"]
    assert asked(desk, "release").state == "done"
    assert stores.runs.stop(MONTH, "refused by all", now=NOW)
    assert "refused by all" in asked(desk, "send").result["text"]
    assert [run.month for run in stores.runs.running()] == [MONTH]
    unset = replace(desk, settings=Settings.from_env({}))
    assert "DIGEST_SECRET" in asked(unset, "send").result["text"]


def test_a_mail_that_is_to_be_tried_again_keeps_its_time(stores: Stores) -> None:
    stores.runs.approve(MONTH, send_at=NOW + timedelta(hours=1), now=NOW)
    assert stores.runs.hurry(MONTH, now=NOW) == 1
    assert stores.runs.hurry(MONTH, now=NOW) == 0


def test_an_approval_without_a_revision_is_for_the_one_this_person_saw_last(stores: Stores) -> None:
    desk = a_desk(stores)

    def previewed(by: str, month: str, revision: str) -> None:
        number = stores.requests.ask("preview", "", by=by, now=NOW)
        stores.requests.claim("w", now=NOW, lease=timedelta(minutes=5))
        stores.requests.finish(number, "w", ok=True, result={"month": month, "revision": revision}, now=NOW)

    previewed("8", MONTH, "abc")
    previewed("7", "2026-03", "abc")
    assert "Preview first" in asked(desk, "approve").result["text"]
    previewed("7", MONTH, "old")
    assert "now revision abc" in asked(desk, "approve").result["text"]
    previewed("7", MONTH, "abc")
    previewed("7", MONTH, "")  # with somebody's machine: it is no issue to approve
    assert asked(desk, "approve", "").state == "done"
    assert [run.month for run in stores.runs.running()] == [MONTH]


def test_without_a_month_it_is_the_newest_that_has_not_gone_out(stores: Stores) -> None:
    desk, request = a_desk(stores), RequestRow(
        id=1, kind="hold", month="", args={}, asked_by="7", asked_at=NOW, state="running", result={}
    )  # fmt: skip
    stores.issues.save(an_issue("2026-03"), now=NOW)
    assert desk.month_of(request) == MONTH
    stores.runs.approve(MONTH, send_at=NOW, now=NOW)
    assert desk.month_of(request) == MONTH
    with stores.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM delivery")
    assert stores.runs.finish(MONTH, now=NOW)
    assert desk.month_of(request) == "2026-03"
    stores.runs.approve("2026-03", send_at=NOW, now=NOW)
    with stores.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM delivery")
    assert stores.runs.finish("2026-03", now=NOW)
    assert replace(desk, now=lambda: NOW + timedelta(days=30)).month_of(request) == "2026-05"


@pytest.mark.parametrize(
    ("at", "when"),
    [({"day": 1, "hour": 6}, "2026-06-01T06:00"), ({"hour": 9}, "2026-05-03T09:00"), ({"hour": 4}, "2026-05-04T04:00")],
)
def test_when_a_job_is_done_next(at: dict[str, int | str], when: str) -> None:
    assert next_time(Job(name="x", work=asyncio.sleep, at=at), NOW) == datetime.fromisoformat(f"{when}+00:00")  # type: ignore[arg-type]
    assert next_time(Job(name="x", work=asyncio.sleep, every_s=5), NOW) is None  # type: ignore[arg-type]


def test_what_is_long_waits_for_nothing_short_and_the_rest_keeps_its_order(stores: Stores) -> None:
    desk = a_desk(stores, collect=lambda: REPORT)
    for kind in ("collect", "hold", "release"):
        stores.requests.ask(kind, MONTH, by="7", now=NOW)
    served = [serve_one(desk, SHORT), serve_one(desk, SHORT), serve_one(desk, SHORT), serve_one(desk, LONG)]
    assert [request.kind if request else None for request in served] == ["hold", "release", None, "collect"]
    assert set(SHORT) | set(LONG) == set(KINDS)


async def test_the_process_collects_on_its_own_loop_while_other_requests_are_served(stores: Stores) -> None:
    go, began = asyncio.Event(), asyncio.Event()

    async def collect_now() -> CollectReport:
        began.set()
        await go.wait()
        return REPORT

    async def nothing(_: str = "") -> None:
        return None

    routine = Routine(
        stores=stores,
        settings=SETTINGS,
        sources={},
        worker="w",
        now=lambda: NOW,
        stop=asyncio.Event(),
        collect=nothing,
        propose=nothing,
        collect_now=collect_now,
    )
    first = stores.requests.ask("collect", by="7", now=NOW)
    one = asyncio.create_task(routine.serve_long())
    await asyncio.wait_for(began.wait(), 20)
    second = stores.requests.ask("schedule", by="7", now=NOW)
    await asyncio.wait_for(routine.serve(), 20)
    settled = stores.requests.get(second)
    assert settled is not None
    assert settled.state == "done"
    assert "draft: 2026-06-01 06:00 UTC" in settled.result["text"]
    assert f"{MONTH}: a draft that waits" in settled.result["text"]
    go.set()
    await asyncio.wait_for(one, 20)
    collected = stores.requests.get(first)
    assert collected is not None
    assert (collected.state, collected.result["n_new"]) == ("done", 3)
