"""A sender with a real store and a real server on loopback: everybody ends in one state, whatever happens."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.alarms import Alarms
from digest.composer import Composer
from digest.mail_settings import SmtpServer
from digest.mailer import Mailer
from digest.message import Identity
from digest.placeholders import RIG_HTML
from digest.send import BatchReport, Sender
from digest.smtp import SmtpMailer
from digest.tokens import Links, Tokens
from knowledge.errors import StoreError
from knowledge.store.delivery_rows import Lane
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import Stores, open_stores
from knowledge.store.subscriber_rows import SavedRig
from tests.digest.conftest import BACKENDS
from tests.fakes.smtp_sink import DROP, Sink, smtp_sink

MONTH = "2026-04"
TOKENS = Tokens(["a key of the tests, long enough for all of them"])
IDENTITY = Identity(
    from_address="digest@example.org",
    from_name="RUNLOCALAI",
    list_id="digest.example.org",
    archive_url="https://example.org/digest",
    domain="example.org",
)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=BACKENDS)
def any_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    url = f"sqlite:///{tmp_path / 'send.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = open_stores(url)
    yield made
    made.close()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    made = open_stores(f"sqlite:///{tmp_path / 'send.db'}")
    yield made
    made.close()


def fill(stores: Stores, count: int, *, lanes: tuple[Lane, ...] = (), rig: SavedRig | None = None) -> None:
    """Make `count` readers r0…, an issue, and approve it."""
    stores.digest.save_issue(
        IssueRow(month=MONTH, status="draft", subject="April", html="<p>April</p>", text="April\n"), now=now()
    )
    rows = [
        {"address": f"r{at}@example.net", "address_key": f"r{at}@example.net", "domain": "example.net", "rig": rig}
        for at in range(count)
    ]
    stores.subscribers.add_many(rows, now=now())
    stores.runs.approve(MONTH, lanes=lanes, send_at=now(), now=now())


def composer(stores: Stores, part_of: Callable[[SavedRig], tuple[str, str]] | None = None) -> Callable[[str], Composer]:
    def make(month: str) -> Composer:
        issue, run = stores.digest.issue(month), stores.runs.run(month)
        assert issue is not None
        assert run is not None
        links = Links("https://example.org", TOKENS)
        return Composer(
            issue,
            run,
            identity=IDENTITY,
            links=links,
            tokens=TOKENS,
            bounces="b@example.org",
            shuffle=lambda _: None,
            part_of=part_of,
        )

    return make


def sender(
    stores: Stores,
    mailer: Mailer,
    *,
    name: str = "w",
    lanes: tuple[Lane, ...] = (),
    lease_s: float = 30.0,
    outbox: DeliveryStore | None = None,
) -> Sender:
    return Sender(
        outbox or stores.outbox(name),
        stores.runs,
        mailer,
        composer(stores),
        alarms=Alarms(stores.runs, now),
        now=now,
        jitter=random.Random(1),  # noqa: S311 - spread, not secrecy
        lanes=lanes,
        lease_s=lease_s,
    )


def smtp(sink: Sink, connections: int = 3) -> SmtpMailer:
    return SmtpMailer(
        SmtpServer(host="127.0.0.1", port=sink.port, security="none", connections=connections, timeout_s=3)
    )


async def batches(made: Sender, count: int = 20) -> list[BatchReport]:
    """Run batches until nothing can be claimed any more."""
    reports = []
    for _ in range(count):
        reports.append(await made.batch(MONTH))
        if not reports[-1].n_claimed or reports[-1].why:
            break
    await made.close()
    return reports


async def test_everybody_gets_it_once(any_stores: Stores) -> None:
    fill(any_stores, 60)
    async with smtp_sink(keep=True) as sink:
        made = sender(any_stores, smtp(sink))
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
        assert await sender(any_stores, smtp(sink), name="again").run(MONTH, asyncio.Event()) == "done"
    assert sorted(to for _, to in sink.accepted) == sorted(f"r{at}@example.net" for at in range(60))
    assert len({mail_id for mail_id, _ in sink.accepted}) == 60
    assert sink.n_open_max <= 3
    assert any_stores.runs.counts(MONTH) == {"accepted": 60}
    issue = any_stores.digest.issue(MONTH)
    assert issue is not None
    assert issue.status == "sent"
    for path in sink.senders:
        found = TOKENS.read_return_path(path)
        assert found is not None
        assert found[0] == MONTH


async def test_three_workers_share_it(any_stores: Stores) -> None:
    fill(any_stores, 150)
    async with smtp_sink() as sink:
        workers = [sender(any_stores, smtp(sink), name=f"w{at}") for at in range(3)]
        states = await asyncio.gather(*(worker.run(MONTH, asyncio.Event()) for worker in workers))
        await asyncio.gather(*(worker.close() for worker in workers))
    assert states == ["done"] * 3
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 150}


def mixed(command: str, to: str, _n: int) -> bytes | None:
    """Answers by the reader's number: unknown, spam, later, dropped once, accepted."""
    number = int(to[1:].partition("@")[0]) if to else 0
    if command == "RCPT" and number % 10 == 1:
        return b"550 5.1.1 User unknown\r\n"
    if command == "BODY" and number % 10 == 2:
        return b"554 5.7.1 Message rejected as spam content\r\n"
    if command == "RCPT" and number % 10 == 3:
        return b"450 4.2.0 Greylisted\r\n"
    return DROP if command == "BODY" and number % 10 == 4 else None


async def test_each_reader_ends_in_one_state(any_stores: Stores) -> None:
    fill(any_stores, 50)
    async with smtp_sink(mixed) as sink:
        await batches(sender(any_stores, smtp(sink)))
    counts = any_stores.runs.counts(MONTH)
    assert counts == {"hard": 5, "soft": 5, "pending": 10, "accepted": 30}
    assert any_stores.subscribers.counts() == {"confirmed": 45, "suppressed": 5}
    assert len(sink.accepted) == 30


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


async def test_pausing_halts_a_batch_under_way(stores: Stores) -> None:
    fill(stores, 300)

    def pause(command: str, _to: str, n_accepted: int) -> bytes | None:
        if command == "BODY" and n_accepted == 20:
            stores.runs.pause(MONTH, now=now())
        return None

    async with smtp_sink(pause) as sink:
        made = sender(stores, smtp(sink, connections=1), lease_s=2.0)
        made._mailer = slow = Slow(made._mailer)
        assert await made.run(MONTH, asyncio.Event()) == "paused"
        await made.close()
        counts = stores.runs.counts(MONTH)
        assert set(counts) == {"accepted", "pending"}
        assert 20 <= counts["accepted"] == len(sink.accepted) < 300
        assert slow.lines == 1
        stores.runs.resume(MONTH, now=now())
        again = sender(stores, smtp(sink))
        assert await again.run(MONTH, asyncio.Event()) == "done"
        await again.close()
    assert Counter(Counter(to for _, to in sink.accepted).values()) == {1: 300}


class Slow:
    """A way out that takes its time, so that a batch lasts."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self.lines = mailer.lines

    async def open(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        await asyncio.sleep(0.02)
        line = await self._mailer.open()
        send = line.send

        async def slowly(envelope, mail):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            await asyncio.sleep(0.02)
            return await send(envelope, mail)

        line.send = slowly  # type: ignore[method-assign]
        return line


async def test_asked_to_stop_it_gives_back_what_it_did_not_try(stores: Stores) -> None:
    fill(stores, 200)
    stop = asyncio.Event()

    def answer(_c: str, _to: str, n_accepted: int) -> bytes | None:
        if n_accepted == 10:
            stop.set()
        return None

    async with smtp_sink(answer) as sink:
        made = sender(stores, Slow(smtp(sink)))
        assert await made.run(MONTH, stop) == "running"
        await made.close()
    counts = stores.runs.counts(MONTH)
    assert set(counts) == {"accepted", "pending"}
    assert counts["accepted"] == len(sink.accepted) < 200


async def test_a_lane_has_no_more_at_once_than_it_may(stores: Stores) -> None:
    lanes = (Lane(name="example.net", domains=("example.net",), limit=1000, window_s=60, at_once=2),)
    fill(stores, 40, lanes=lanes)
    async with smtp_sink() as sink:
        made = sender(stores, Slow(smtp(sink, connections=8)), lanes=lanes)
        assert await made.run(MONTH, asyncio.Event()) == "done"
        await made.close()
    assert len(sink.accepted) == 40
    assert sink.n_open_max <= 8


async def test_a_provider_that_asks_for_less_rests(stores: Stores) -> None:
    lanes = (Lane(name="example.net", domains=("example.net",), limit=1000, window_s=60),)
    fill(stores, 50, lanes=lanes)

    def slower(command: str, _to: str, n_accepted: int) -> bytes | None:
        return b"450 4.7.1 sending rate limit exceeded\r\n" if command == "RCPT" and n_accepted >= 10 else None

    async with smtp_sink(slower) as sink:
        made = sender(stores, smtp(sink, connections=1), lanes=lanes)
        first = await made.batch(MONTH)
        second = await made.batch(MONTH)
        await made.close()
    assert (first.counts["accepted"], first.counts["pending"]) == (10, 1)
    assert second.n_claimed == 0
    assert stores.runs.counts(MONTH) == {"accepted": 10, "pending": 40}


class Failing(DeliveryStore):
    """An outbox whose database goes away for a while: `settle` fails as a full disk makes it fail."""

    broken = 0

    def settle(self, month, results, *, now):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        if self.broken > 0:
            self.broken -= 1
            raise StoreError("The store cannot be used: database or disk is full.", subject="store")
        return super().settle(month, results, now=now)


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
