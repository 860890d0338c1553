"""The outbox on both backends: rows once, claims disjoint, leases, windows, runs that may be stopped at any time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from knowledge.errors import BadInput
from knowledge.store.delivery_rows import Lane, Settled
from knowledge.store.delivery_store import DeliveryStore
from knowledge.store.digest_rows import IssueRow
from knowledge.store.digest_store import DigestStore
from knowledge.store.run_store import RunStore
from knowledge.store.subscriber_rows import SavedRig
from knowledge.store.subscriber_store import SubscriberStore

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
MONTH = "2026-04"
LEASE = timedelta(seconds=60)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def fill(store: sa.Engine, count: int, *, lanes: tuple[Lane, ...] = (), domain: str = "example.org") -> RunStore:
    """Make an issue, readers, and approve."""
    DigestStore(store).save_issue(IssueRow(month=MONTH, status="draft", subject="s", html="h", text="t"), now=NOW)
    people = SubscriberStore(store)
    if count:
        rows = [
            {"address": f"r{at}@{domain}", "address_key": f"r{at}@{domain}", "domain": domain} for at in range(count)
        ]
        people.add_many(rows, now=NOW)
    runs = RunStore(store)
    runs.approve(MONTH, lanes=lanes, send_at=NOW, now=NOW)
    return runs


def accepted(ids: list[int]) -> list[Settled]:
    return [Settled(subscriber_id=sid, state="accepted", reply="250 Ok", attempts=0) for sid in ids]


def claim(worker: DeliveryStore, n: int, at: datetime = NOW, *, lanes: tuple[Lane, ...] = ()) -> list[int]:
    return [mail.subscriber_id for mail in worker.claim(MONTH, n, lanes=lanes, lease=LEASE, now=at)]


def test_approving_makes_a_row_for_everybody_who_wants_it_once(store: sa.Engine) -> None:
    people = SubscriberStore(store)
    people.ask("pending@example.org", "pending@example.org", "example.org", now=NOW)
    runs = fill(store, 6)
    first = runs.run(MONTH)
    assert first is not None
    assert (first.state, first.n_deliveries) == ("running", 6)
    assert runs.approve(MONTH, send_at=NOW, now=NOW) == first
    assert runs.counts(MONTH) == {"pending": 6}
    issue = DigestStore(store).issue(MONTH)
    assert issue is not None
    assert issue.status == "approved"
    with pytest.raises(BadInput):
        runs.approve("2026-05", send_at=NOW, now=NOW)


def test_those_who_paused_or_left_get_nothing(store: sa.Engine) -> None:
    people = SubscriberStore(store)
    rows = [
        {"address": f"{n}@e.org", "address_key": f"{n}@e.org", "domain": "e.org"} for n in ("paused", "later", "gone")
    ]
    people.add_many(rows, now=NOW)

    def pause(subscriber_id: int) -> None:
        people.save_choices(
            subscriber_id, language="en", sections=None, rig=None, paused_until=NOW + seconds(3600), now=NOW
        )

    pause(1)
    runs = fill(store, 1)
    assert runs.counts(MONTH) == {"pending": 3}
    pause(2)
    people.unsubscribe(3, reason="one-click", now=NOW)
    assert len(claim(DeliveryStore(store, "w"), 10)) == 1
    assert runs.counts(MONTH) == {"sending": 1, "suppressed": 2}


def test_approving_at_the_same_moment_makes_one_run(store: sa.Engine) -> None:
    DigestStore(store).save_issue(IssueRow(month=MONTH, status="draft", subject="s", html="h", text="t"), now=NOW)
    runs = RunStore(store)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: runs.approve(MONTH, send_at=NOW, now=NOW).message_key, range(4)))
    assert len(set(found)) == 1


def test_workers_never_hold_the_same_row(store: sa.Engine) -> None:
    fill(store, 120)
    workers = [DeliveryStore(store, f"w{at}") for at in range(4)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda at: claim(workers[at % 4], 10), range(16)))
    ids = [sid for part in taken for sid in part]
    assert len(ids) == len(set(ids))
    rest = [sid for worker in workers for sid in claim(worker, 200)]
    assert sorted(ids + rest) == list(range(1, 121))


def test_a_lease_that_ended_is_anybodys_and_a_renewed_one_is_not(store: sa.Engine) -> None:
    fill(store, 2)
    dead, alive = DeliveryStore(store, "dead"), DeliveryStore(store, "alive")
    assert claim(dead, 1) == [1]
    assert claim(alive, 1) == [2]
    assert claim(alive, 5, NOW + seconds(30)) == []
    assert alive.renew(MONTH, lease=LEASE, now=NOW + seconds(30)) == 1
    assert claim(alive, 5, NOW + seconds(61)) == [1]
    assert alive.next_due(MONTH) == NOW + seconds(90)


def test_only_the_holder_settles_but_an_acceptance_is_a_fact(store: sa.Engine) -> None:
    runs = fill(store, 2)
    dead, alive = DeliveryStore(store, "dead"), DeliveryStore(store, "alive")
    assert claim(dead, 2) == [1, 2]
    assert claim(alive, 2, NOW + seconds(61)) == [1, 2]
    failed = Settled(subscriber_id=1, state="hard", reply="550 no", attempts=1, suppress=True)
    late = NOW + seconds(62)
    assert dead.settle(MONTH, [failed], now=late) == 0
    assert dead.settle(MONTH, accepted([2]), now=late) == 1
    assert runs.counts(MONTH) == {"sending": 1, "accepted": 1}
    assert alive.settle(MONTH, accepted([1, 2]), now=late) == 1


def test_every_row_ends_in_one_state_and_the_run_with_them(store: sa.Engine) -> None:
    runs = fill(store, 4)
    people, worker = SubscriberStore(store), DeliveryStore(store, "w")
    worker.mark_sending(MONTH, now=NOW)
    claim(worker, 4)
    results = [
        Settled(subscriber_id=1, state="accepted", reply="250 Ok", attempts=0),
        Settled(subscriber_id=2, state="hard", reply="550 5.1.1 unknown", attempts=1, suppress=True),
        Settled(subscriber_id=3, state="soft", reply="554 spam", attempts=1),
        Settled(subscriber_id=4, state="pending", reply="450 later", attempts=1, due_at=NOW + seconds(60)),
    ]
    assert worker.settle(MONTH, results, now=NOW) == 4
    assert runs.counts(MONTH) == {"accepted": 1, "hard": 1, "soft": 1, "pending": 1}
    gone = people.by_id(2)
    assert gone is not None
    assert gone.state == "suppressed"
    assert not runs.finish(MONTH, now=NOW)
    assert claim(worker, 4) == []
    (again,) = worker.claim(MONTH, 4, lease=LEASE, now=NOW + seconds(61))
    assert (again.subscriber_id, again.attempts) == (4, 1)
    worker.settle(MONTH, accepted([4]), now=NOW + seconds(62))
    assert runs.finish(MONTH, now=NOW)
    assert not runs.finish(MONTH, now=NOW)
    issue, run = DigestStore(store).issue(MONTH), runs.run(MONTH)
    assert issue is not None
    assert run is not None
    assert (issue.status, run.state) == ("sent", "done")


def test_pause_resume_cancel_at_any_time(store: sa.Engine) -> None:
    runs = fill(store, 6)
    worker = DeliveryStore(store, "w")
    claim(worker, 2)
    assert runs.pause(MONTH, now=NOW)
    assert not runs.pause(MONTH, now=NOW)
    assert claim(worker, 2) == []
    worker.settle(MONTH, accepted([1]), now=NOW)
    assert worker.give_back(MONTH, [1, 2], due_at=NOW + seconds(1)) == 1
    assert runs.resume(MONTH, now=NOW)
    assert runs.cancel(MONTH, now=NOW)
    assert runs.counts(MONTH) == {"accepted": 1, "suppressed": 5}
    SubscriberStore(store).unsubscribe(3, reason="page", now=NOW)
    assert runs.resume(MONTH, now=NOW + seconds(1))
    assert sorted(claim(worker, 10, NOW + seconds(1))) == [2, 4, 5, 6]
    assert runs.stop(MONTH, "refused", now=NOW)
    assert not runs.stop(MONTH, "refused", now=NOW)
    assert runs.counts(MONTH) == {"accepted": 1, "sending": 4, "suppressed": 1}


def test_refusals_meant_for_us_are_put_back_with_their_addresses(store: sa.Engine) -> None:
    runs = fill(store, 2)
    people, worker = SubscriberStore(store), DeliveryStore(store, "w")
    claim(worker, 2)
    no = [
        Settled(subscriber_id=at, state="hard", reply="550 5.1.1 unknown", attempts=1, suppress=True) for at in (1, 2)
    ]
    worker.settle(MONTH, no, now=NOW)
    people.suppress(2, reason="complaint", now=NOW)
    assert people.counts() == {"suppressed": 2}
    assert worker.reopen(MONTH, [1, 2], now=NOW) == 2
    assert runs.counts(MONTH) == {"pending": 2}
    assert people.counts() == {"confirmed": 2}


@pytest.mark.parametrize("span", [1, 60, 3600])
def test_a_window_never_lets_one_too_many_through_and_survives(store: sa.Engine, span: int) -> None:
    """Any stretch of `span` seconds, by two workers and by new ones, has at most `limit` claims."""
    limit = 10
    lanes = (Lane(name="*", limit=limit, window_s=span),)
    fill(store, 200)
    times: list[tuple[float, int]] = []
    for step in range(24):
        at = NOW + seconds(step * span / 6)
        worker = DeliveryStore(store, f"w{step}")  # a new process every time
        times.append((step * span / 6, len(claim(worker, 3 + step % 5, at, lanes=lanes))))
    for begin, _ in times:
        assert sum(n for moment, n in times if begin <= moment < begin + span) <= limit
    assert sum(n for _, n in times) >= 2 * limit


def test_a_lane_has_its_own_window_and_holds_nobody_else_up(store: sa.Engine) -> None:
    lanes = (Lane(name="gmail.com", domains=("gmail.com", "googlemail.com"), limit=3, window_s=60),)
    rows = [
        {"address": f"g{at}@googlemail.com", "address_key": f"g{at}@googlemail.com", "domain": "googlemail.com"}
        for at in range(10)
    ]
    SubscriberStore(store).add_many(rows, now=NOW)
    fill(store, 10, lanes=lanes)
    worker = DeliveryStore(store, "w")
    taken = worker.claim(MONTH, 20, lanes=lanes, lease=LEASE, now=NOW)
    assert sorted(mail.lane for mail in taken) == [""] * 10 + ["gmail.com"] * 3
    assert claim(worker, 20, lanes=lanes) == []
    later = NOW + seconds(62)
    worker.settle(MONTH, accepted([mail.subscriber_id for mail in taken]), now=NOW)
    assert len(claim(worker, 20, later, lanes=lanes)) == 3
    assert worker.claim(MONTH, 9, lanes=lanes, resting={"gmail.com"}, lease=LEASE, now=later + seconds(200)) == []


def test_claims_use_the_index(store: sa.Engine) -> None:
    """However many rows are settled, a claim reads only open ones."""
    from knowledge.store.delivery_store import _due

    fill(store, 300)
    query = _due(MONTH, "", 10, NOW, None).compile(store, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN " if store.dialect.name == "sqlite" else "EXPLAIN "
    with store.connect() as conn:
        if store.dialect.name == "postgresql":  # so few rows would be read one by one
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        plan = "\n".join(str(row) for row in conn.exec_driver_sql(explain + str(query)))
    assert "ix_delivery_open" in plan


def test_machines_parts_are_kept_once(store: sa.Engine) -> None:
    fill(store, 1)
    worker = DeliveryStore(store, "w")
    worker.keep_rig_parts(MONTH, {"a": ("<p>a</p>", "a")})
    worker.keep_rig_parts(MONTH, {"a": ("other", "other"), "b": ("", "")})
    worker.keep_rig_parts(MONTH, {})
    assert worker.rig_parts(MONTH, ["a", "b", "c"]) == {"a": ("<p>a</p>", "a"), "b": ("", "")}


def test_a_claim_brings_what_its_mail_is_made_of(store: sa.Engine) -> None:
    people = SubscriberStore(store)
    rig = SavedRig(name="RTX 3060 12GB", ram_gib=32)
    people.add_many([{"address": "A@e.org", "address_key": "a@e.org", "domain": "e.org", "rig": rig}], now=NOW)
    fill(store, 0)
    (mail,) = DeliveryStore(store, "w").claim(MONTH, 5, lease=LEASE, now=NOW)
    assert (mail.address, mail.rig, mail.token_version, mail.lane) == ("A@e.org", rig, 1, "")


def test_alarms_are_counted_while_open(store: sa.Engine) -> None:
    runs = RunStore(store)
    assert runs.raise_alarm("refused", MONTH, "550 no", now=NOW)
    assert not runs.raise_alarm("refused", MONTH, "550 no", now=NOW + seconds(5))
    (alarm,) = runs.open_alarms()
    assert (alarm.count, alarm.raised_at, alarm.last_at) == (2, NOW, NOW + seconds(5))
    assert runs.clear_alarms(MONTH, now=NOW) == 1
    assert runs.open_alarms() == []
