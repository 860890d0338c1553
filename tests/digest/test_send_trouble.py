"""A sender in trouble: servers that refuse, vanish and cut, a store that goes away, mistakes; nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter

import psycopg
import pytest
import sqlalchemy as sa

from bench.send import find_sink, running_sink
from digest.mail_settings import SmtpServer
from digest.placeholders import RIG_HTML
from digest.smtp import SmtpMailer
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import Stores, open_stores
from knowledge.store.subscriber_rows import SavedRig
from tests.conftest import skip_or_fail
from tests.digest.sending import (
    MONTH,
    Failing,
    Slow,
    any_stores,
    batches,
    composer,
    fill,
    now,
    sender,
    smtp,
    stores,
)
from tests.fakes.postgres import postgres_server, postgres_url
from tests.fakes.smtp_sink import smtp_sink

__all__ = ["any_stores", "postgres_server", "postgres_url", "stores"]


async def test_a_server_that_refuses_everybody_stops_the_run_and_costs_nobody(any_stores: Stores) -> None:
    fill(any_stores, 400)

    def no(command: str, to: str, _n: int) -> bytes | None:
        return f"550 5.1.1 <{to}>: User unknown\r\n".encode() if command == "RCPT" else None

    async with smtp_sink(no) as sink:
        made = sender(any_stores, smtp(sink))
        assert await made.run(MONTH, asyncio.Event()) == "stopped"
        await made.close()
    assert any_stores.runs.counts(MONTH) == {"pending": 400}
    assert any_stores.subscribers.counts() == {"confirmed": 400}
    (alarm,) = any_stores.runs.open_alarms()
    assert (alarm.kind, alarm.subject, alarm.count) == ("refused", MONTH, 1)
    any_stores.runs.resume(MONTH, now=now())
    async with smtp_sink() as sink:
        made = sender(any_stores, smtp(sink))
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
    assert len(sink.accepted) == 400
    assert any_stores.runs.open_alarms() == []


async def test_a_refused_login_stops_the_run_at_once(stores: Stores) -> None:
    fill(stores, 50)

    def no(command: str, _to: str, _n: int) -> bytes | None:
        return b"535 5.7.8 authentication failed\r\n" if command == "AUTH" else None

    async with smtp_sink(no, extensions=("AUTH PLAIN",)) as sink:
        login = SmtpServer(host="127.0.0.1", port=sink.port, security="none", user="me", password="secret")
        made = sender(stores, SmtpMailer(login))
        assert await made.run(MONTH, asyncio.Event()) == "stopped"
        await made.close()
    assert stores.runs.counts(MONTH) == {"pending": 50}
    assert [alarm.kind for alarm in stores.runs.open_alarms()] == ["mailer"]


async def test_a_server_that_is_away_is_waited_for(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(stores, 30)
    monkeypatch.setattr("digest.send.DOWN_WAIT_S", (0.05,))
    async with smtp_sink() as sink:
        port = sink.port
    gone = SmtpMailer(SmtpServer(host="127.0.0.1", port=port, security="none", connections=2))
    made = sender(stores, gone)
    running = asyncio.create_task(made.run(MONTH, asyncio.Event()))
    while not stores.runs.open_alarms():  # noqa: ASYNC110 - the row is all there is to see
        await asyncio.sleep(0.05)
    assert stores.runs.counts(MONTH) in ({"pending": 30}, {"sending": 30})
    async with smtp_sink(port=port) as sink:
        assert await running == "done"
        await made.close()
    assert len(sink.accepted) == 30
    assert stores.runs.open_alarms() == []


async def test_a_server_that_cuts_every_line_after_some_mails(stores: Stores) -> None:
    fill(stores, 40)

    def cut(command: str, _to: str, n_accepted: int) -> bytes | None:
        return b"250 2.0.0 Ok\r\n|drop" if command == "BODY" and n_accepted % 3 == 2 else None

    async with smtp_sink(cut) as sink:
        made = sender(stores, smtp(sink))
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 40}
    assert stores.runs.counts(MONTH) == {"accepted": 40}


async def test_a_store_that_goes_away_and_comes_back_loses_nothing(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(stores, 30)
    monkeypatch.setattr("digest.recorder.RETRY_S", 0.01)
    outbox = Failing(stores.engine, "w")
    outbox.broken = 6
    async with smtp_sink() as sink:
        made = sender(stores, smtp(sink), outbox=outbox)
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 30}
    assert stores.runs.counts(MONTH) == {"accepted": 30}


async def test_a_store_that_stays_away_leaves_a_clear_state(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(stores, 30)
    monkeypatch.setattr("digest.recorder.RETRY_S", 0.05)
    outbox = Failing(stores.engine, "w")
    outbox.broken = 10**6
    stop = asyncio.Event()
    async with smtp_sink() as sink:
        made = sender(stores, smtp(sink, connections=2), outbox=outbox, lease_s=1.0)
        running = asyncio.create_task(made.run(MONTH, stop))
        while not sink.accepted:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        stop.set()
        await running
        await made.close()
        unrecorded = len(sink.accepted)
        assert 1 <= unrecorded <= 2  # one a line, and no line sends on before its answer is kept
        await asyncio.sleep(1.1)
        after = sender(stores, smtp(sink), name="after")
        assert await after.run(MONTH, asyncio.Event()) == "done"
        await after.close()
    twice = Counter(sink.accepted)
    assert len({to for _, to in sink.accepted}) == 30
    assert sum(count - 1 for count in twice.values()) == unrecorded  # twice, and with the same Message-ID
    assert stores.runs.counts(MONTH) == {"accepted": 30}


async def test_an_unusable_address_harms_nobody_else(stores: Stores) -> None:
    bad = [
        {"address": f"x{at} y@e.org\r\nBcc: z@e.org", "address_key": f"x{at}", "domain": "e.org"} for at in range(30)
    ]
    stores.subscribers.add_many(bad, now=now())
    fill(stores, 5)
    async with smtp_sink() as sink:
        await batches(sender(stores, smtp(sink)))
    assert len(sink.accepted) == 5
    assert stores.runs.counts(MONTH) == {"accepted": 5, "hard": 30}


async def test_a_mistake_in_the_program_ends_a_batch_and_loses_nothing(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(stores, 30)

    def wrong(*_: object, **__: object) -> int:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(DeliveryStore, "settle", wrong)
    async with smtp_sink() as sink:
        made = sender(stores, smtp(sink), name="w")
        with pytest.raises(RuntimeError, match="a mistake"):
            await asyncio.wait_for(made.batch(MONTH), 5)
        await made.close()
    counts = stores.runs.counts(MONTH)
    assert counts["sending"] <= 3
    assert counts["pending"] + counts["sending"] == 30


async def test_machines_parts_are_made_once_and_left_out_where_unknown(stores: Stores) -> None:
    from knowledge.errors import BadInput

    rows = [
        {"address": f"m{at}@e.org", "address_key": f"m{at}@e.org", "domain": "e.org", "rig": SavedRig(name=name)}
        for at, name in enumerate(["A", "B", "A", "nonsense"])
    ]
    stores.subscribers.add_many(rows, now=now())
    body = f"<p>{RIG_HTML}</p>"
    stores.digest.save_issue(IssueRow(month=MONTH, status="draft", subject="s", html=body, text="t\n"), now=now())
    stores.runs.approve(MONTH, send_at=now(), now=now())
    asked: list[str] = []

    def part(rig: SavedRig) -> tuple[str, str]:
        asked.append(rig.name)
        if rig.name == "nonsense":
            raise BadInput("No such machine.", subject=rig.name)
        return f"<b>{rig.name}</b>", rig.name

    async with smtp_sink(keep=True) as sink:
        for name in ("one", "two"):
            made = sender(stores, smtp(sink), name=name)
            made._composer_of = composer(stores, part)
            await batches(made)
    assert sorted(asked) == ["A", "B", "nonsense"]
    bodies = {to: mail for (_, to), mail in zip(sink.accepted, sink.mails, strict=True)}
    assert b"<b>A</b>" in bodies["m0@e.org"]
    assert b"<b>A</b>" in bodies["m2@e.org"]
    assert b"<b>" not in bodies["m3@e.org"]


@pytest.mark.smtp
@pytest.mark.parametrize(
    ("fault", "state", "counts"),
    [
        (("-r", "RCPT"), "done", {"soft": 30}),
        (("-r", "."), "done", {"soft": 30}),
        (("-f", "RCPT"), "stopped", {"pending": 30}),
        (("-f", "DATA"), "stopped", {"pending": 30}),
        (("-f", "."), "stopped", {"pending": 30}),
        (("-q", "MAIL"), "done", {"soft": 30}),
        (("-q", "DATA"), "done", {"soft": 30}),
        (("-q", "."), "done", {"soft": 30}),
        (("-w", "1"), "done", {"accepted": 30}),
    ],
)
async def test_faults_that_postfix_injects(
    fault: tuple[str, str], state: str, counts: dict[str, int], stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soft and hard answers, cut connections and delays from another server than our own stand-in."""
    program = find_sink()
    if program is None:
        skip_or_fail("postfix's smtp-sink is not installed")
    assert program is not None
    monkeypatch.setattr("digest.replies.RETRY_S", (0.01, 0.01))
    fill(stores, 30)
    with running_sink(program, *fault) as port:
        server = SmtpServer(host="127.0.0.1", port=port, security="none", connections=10, timeout_s=10)
        made = sender(stores, SmtpMailer(server))
        assert await made.run(MONTH, asyncio.Event()) == state
        await made.close()
    assert stores.runs.counts(MONTH) == counts
    assert stores.subscribers.counts() == {"confirmed": 30}


async def test_a_full_disk_in_mid_send_loses_and_doubles_nothing(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite itself says that the disk is full: no page may be added until room is made."""
    monkeypatch.setattr("digest.recorder.RETRY_S", 0.05)
    fill(stores, 200)
    full = asyncio.Event()

    @sa.event.listens_for(stores.engine, "checkout")
    def _limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {1 if full.is_set() else 2**30}")  # 1: no more than it has

    def talkative(command: str, _to: str, n_accepted: int) -> bytes | None:
        if n_accepted == 20 and not caplog.records:
            full.set()
        return b"250 2.0.0 " + b"queued as something long " * 18 + b"\r\n" if command == "BODY" else None

    async with smtp_sink(talkative) as sink:
        made = sender(stores, smtp(sink))
        running = asyncio.create_task(made.run(MONTH, asyncio.Event()))
        while not caplog.records:  # noqa: ASYNC110 - the alarm in the log is what is waited for
            await asyncio.sleep(0.01)
        assert "full" in caplog.text
        n_held = len(sink.accepted)
        await asyncio.sleep(0.3)
        assert len(sink.accepted) <= n_held + 3  # no line goes on before its answer is kept
        full.clear()
        assert await running == "done"
        await made.close()
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 200}
    assert stores.runs.counts(MONTH) == {"accepted": 200}


@pytest.mark.postgres
async def test_a_database_that_goes_away_in_mid_send_loses_and_doubles_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The server cuts every connection and takes none for a while."""
    monkeypatch.setattr("digest.recorder.RETRY_S", 0.05)
    server, _, name = postgres_url.rpartition("/")
    stores = open_stores(postgres_url)
    fill(stores, 150)

    def door(*, is_open: bool) -> None:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(is_open).lower()}".encode())
            if not is_open:
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    async with smtp_sink() as sink:
        made = sender(stores, Slow(smtp(sink)))
        running = asyncio.create_task(made.run(MONTH, asyncio.Event()))
        while len(sink.accepted) < 20:  # noqa: ASYNC110 - a moment in the middle
            await asyncio.sleep(0.01)
        await asyncio.to_thread(door, is_open=False)
        while "ALARM store" not in caplog.text:  # noqa: ASYNC110 - the alarm is what is waited for
            await asyncio.sleep(0.01)
        await asyncio.to_thread(door, is_open=True)
        assert await running == "done"
        await made.close()
    counts = stores.runs.counts(MONTH)
    stores.close()
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 150}
    assert counts == {"accepted": 150}
