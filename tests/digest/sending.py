"""What the tests of sending share: readers, an approved issue, and a sender on a store and a server of their own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.alarms import Alarms
from digest.composer import Composer
from digest.mail_settings import SmtpServer
from digest.mailer import Envelope, Line, Mailer, Outcome
from digest.message import Identity
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
from tests.fakes.smtp_sink import Sink

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


class Slow:
    """A way out that takes its time, so that a batch lasts. `n_most` is how many mails were on their way at once."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self.lines = mailer.lines
        self.n_now = self.n_most = 0

    async def open(self) -> Line:
        return SlowLine(await self._mailer.open(), self)


class SlowLine:
    """A line that takes its time."""

    def __init__(self, line: Line, mailer: Slow) -> None:
        self._line = line
        self._mailer = mailer

    @property
    def usable(self) -> bool:
        return self._line.usable

    async def send(self, envelope: Envelope, mail: bytes) -> Outcome:
        self._mailer.n_now += 1
        self._mailer.n_most = max(self._mailer.n_most, self._mailer.n_now)
        await asyncio.sleep(0.02)
        try:
            return await self._line.send(envelope, mail)
        finally:
            self._mailer.n_now -= 1

    async def close(self) -> None:
        await self._line.close()


class Failing(DeliveryStore):
    """An outbox whose database goes away for a while: `settle` fails as a full disk makes it fail."""

    broken = 0

    def settle(self, month, results, *, now):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        if self.broken > 0:
            self.broken -= 1
            raise StoreError("The store cannot be used: database or disk is full.", subject="store")
        return super().settle(month, results, now=now)
