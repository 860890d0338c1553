"""The outbox's rows on their way: claimed under a lease, settled when the server has answered, given back otherwise.

    pending ──claim──> sending ──settle──> accepted | soft | hard | suppressed
       ^                  │ lease ended, settled as pending, given back
       └──────────────────┘

A row is settled in a transaction of its small batch right after the server's answer, so what a killed worker leaves
behind is `sending` rows whose lease runs out. Nothing here knows mails or SMTP.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from knowledge.store.db import reading, writing
from knowledge.store.delivery_rows import Claimed, Lane, Settled
from knowledge.store.subscriber_store import rig_of
from knowledge.store.tables.delivery import delivery, rig_part, send_run, send_window
from knowledge.store.tables.subscribers import subscriber
from knowledge.store.upsert import insert_into

ALL: Final = "*"
_BUCKETS: Final = 60
_WINDOW_LOCK: Final = 7_270_002  # PostgreSQL advisory lock: one worker at a time counts against the windows
_OPEN: Final = sa.text("delivery.state IN ('pending', 'sending')")
"""Spelt as in the partial index: with bound parameters SQLite would not use it."""

Cursor = tuple[datetime, int]
"""Where the last claim in a lane ended: nothing open lies before it, save what other workers gave back meanwhile."""


class DeliveryStore:
    """The outbox behind one engine, for one worker; it remembers where its last claim in each lane ended."""

    def __init__(self, engine: sa.Engine, worker: str) -> None:
        self._engine = engine
        self._worker = worker
        self._cursors: dict[tuple[str, str], Cursor] = {}

    def claim(
        self,
        month: str,
        n: int,
        *,
        lanes: Sequence[Lane] = (),
        resting: Collection[str] = (),
        lease: timedelta,
        now: datetime,
    ) -> list[Claimed]:
        """Take up to `n` due mails of a running run for `lease`, within what the lanes' windows still allow.

        Nothing is taken from lanes in `resting`.
        Rows whose subscriber left or paused meanwhile are settled as suppressed instead. Empty where the run is not
        running or nothing is due.
        """
        total = next((lane for lane in lanes if lane.name == ALL), Lane(name=ALL))
        queues = [*(lane for lane in lanes if lane.name not in {ALL, ""}), Lane()]
        queues = [lane for lane in queues if lane.name not in resting]
        with writing(self._engine) as conn:
            state = conn.execute(sa.select(send_run.c.state).where(send_run.c.month == month)).scalar()
            if state != "running":
                return []
            if conn.dialect.name == "postgresql" and any(lane.limit is not None for lane in lanes):
                conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_WINDOW_LOCK)))
            left = _permits(conn, total, now, n)
            taken: list[Claimed] = []
            for at, lane in enumerate(queues):
                share = -(-(left - len(taken)) // (len(queues) - at))  # the last lane takes all that is left
                room = _permits(conn, lane, now, share)
                if room:
                    found = self._claim_lane(conn, month, lane.name, room, lease, now)
                    _count(conn, lane, len(found), now)
                    taken += found
            _count(conn, total, len(taken), now)
            return taken

    def _claim_lane(
        self, conn: sa.Connection, month: str, lane: str, n: int, lease: timedelta, now: datetime
    ) -> list[Claimed]:
        """Take due rows of one lane from where the last claim ended, then from the start where there were none."""
        after = self._cursors.get((month, lane))
        rows = conn.execute(_due(month, lane, n, now, after)).all()
        if not rows and after is not None:
            self._cursors.pop((month, lane), None)  # another thread of this worker may have been here first
            rows = conn.execute(_due(month, lane, n, now, None)).all()
        if not rows:
            return []
        self._cursors[month, lane] = (rows[-1].due_at, rows[-1].subscriber_id)
        wanted = [row for row in rows if row.subscriber_state == "confirmed" and not _paused(row.paused_until, now)]
        gone = [row.subscriber_id for row in rows if row not in wanted]
        if gone:
            left = {"state": "suppressed", "reply": "left or paused meanwhile", "worker": "", "settled_at": now}
            conn.execute(sa.update(delivery).where(_these(month, gone)).values(**left))
        mine = {"state": "sending", "worker": self._worker, "due_at": now + lease}
        conn.execute(sa.update(delivery).where(_these(month, [row.subscriber_id for row in wanted])).values(**mine))
        return [_claimed(row) for row in wanted]

    def next_due(self, month: str) -> datetime | None:
        """When the next open row is due, None where no row is open."""
        query = sa.select(sa.func.min(delivery.c.due_at)).where(delivery.c.month == month, _OPEN)
        with reading(self._engine) as conn:
            return conn.execute(query).scalar()

    def renew(self, month: str, *, lease: timedelta, now: datetime) -> int:
        """Hold this worker's rows for another `lease` and say how many there are."""
        held = sa.and_(delivery.c.month == month, _OPEN, delivery.c.state == "sending")
        change = sa.update(delivery).where(held, delivery.c.worker == self._worker).values(due_at=now + lease)
        with writing(self._engine) as conn:
            return conn.execute(change).rowcount

    def settle(self, month: str, results: Sequence[Settled], *, now: datetime) -> int:
        """Keep what became of mails, in one transaction; return how many rows were still this worker's to settle.

        An acceptance is a fact and is kept even where the lease was lost; anything else then is not.
        """
        accepted = [result for result in results if result.state == "accepted"]
        others = [result for result in results if result.state != "accepted"]
        kept = 0
        with writing(self._engine) as conn:
            if accepted:
                rows = [{"sid": result.subscriber_id, "said": result.reply[:500]} for result in accepted]
                kept += conn.execute(_ACCEPT, [row | {"mon": month, "now": now} for row in rows]).rowcount
            for result in others:
                kept += conn.execute(self._outcome(month, result, now)).rowcount
                if result.suppress:
                    conn.execute(_suppress(month, result, now))
        return kept

    def _outcome(self, month: str, result: Settled, now: datetime) -> sa.Update:
        again = result.state == "pending"
        return (
            sa.update(delivery)
            .where(
                _these(month, [result.subscriber_id]),
                delivery.c.state == "sending",
                delivery.c.worker == self._worker,
            )
            .values(
                state=result.state,
                reply=result.reply[:500],
                attempts=result.attempts,
                worker="",
                due_at=(result.due_at or now) if again else now,
                settled_at=None if again else now,
            )
        )

    def give_back(self, month: str, subscriber_ids: Sequence[int], *, due_at: datetime) -> int:
        """Return claimed mails that were not tried, to be claimed again from `due_at` on."""
        mine = sa.and_(_these(month, subscriber_ids), delivery.c.state == "sending", delivery.c.worker == self._worker)
        with writing(self._engine) as conn:
            return conn.execute(
                sa.update(delivery).where(mine).values(state="pending", worker="", due_at=due_at)
            ).rowcount

    def reopen(self, month: str, subscriber_ids: Sequence[int], *, now: datetime) -> int:
        """Put refused mails back, and with them the addresses suppressed for it: the refusal was meant for us."""
        refused = sa.and_(_these(month, subscriber_ids), delivery.c.state.in_(("soft", "hard")))
        unfair = sa.and_(
            subscriber.c.id.in_(subscriber_ids),
            subscriber.c.state == "suppressed",
            subscriber.c.end_reason.startswith(_because(month), autoescape=True),
        )
        back = {"state": "confirmed", "end_reason": "", "ended_at": None, "updated_at": now}
        with writing(self._engine) as conn:
            conn.execute(sa.update(subscriber).where(unfair).values(**back))
            return conn.execute(
                sa.update(delivery).where(refused).values(state="pending", worker="", due_at=now, settled_at=None)
            ).rowcount

    def mark_sending(self, month: str, *, now: datetime) -> None:
        """Note on the issue that its sending has begun."""
        from knowledge.store.tables.digest import issue

        with writing(self._engine) as conn:
            mine = sa.and_(issue.c.month == month, issue.c.status == "approved")
            conn.execute(sa.update(issue).where(mine).values(status="sending", updated_at=now))

    def rig_parts(self, month: str, rig_keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return the parts (HTML, text) an issue has for these machines; those nobody made yet are left out."""
        query = sa.select(rig_part.c.rig_key, rig_part.c.html, rig_part.c.text)
        with reading(self._engine) as conn:
            rows = conn.execute(query.where(rig_part.c.month == month, rig_part.c.rig_key.in_(rig_keys)))
            return {row.rig_key: (row.html, row.text) for row in rows}

    def keep_rig_parts(self, month: str, parts: Mapping[str, tuple[str, str]]) -> None:
        """Keep the parts made for machines; the first one made stays, so that every mail of a run says the same."""
        rows = [{"month": month, "rig_key": key, "html": html, "text": text} for key, (html, text) in parts.items()]
        if rows:
            with writing(self._engine) as conn:
                insert = insert_into(rig_part, conn.dialect)
                conn.execute(insert.on_conflict_do_nothing(), rows)


_ACCEPT: Final = (
    sa.update(delivery)
    .where(
        delivery.c.month == sa.bindparam("mon"),
        delivery.c.subscriber_id == sa.bindparam("sid"),
        sa.text("delivery.state IN ('pending', 'sending', 'suppressed')"),
    )
    .values(state="accepted", reply=sa.bindparam("said"), worker="", settled_at=sa.bindparam("now"))
)


def _due(month: str, lane: str, n: int, now: datetime, after: Cursor | None) -> sa.Select[tuple[object, ...]]:
    """Make the query for due rows of a lane, locked against other workers on PostgreSQL."""
    query = (
        sa.select(
            delivery.c.subscriber_id,
            delivery.c.due_at,
            delivery.c.lane,
            delivery.c.attempts,
            subscriber.c.address,
            subscriber.c.state.label("subscriber_state"),
            subscriber.c.paused_until,
            subscriber.c.token_version,
            subscriber.c.rig,
            subscriber.c.rig_key,
            subscriber.c.sections,
            subscriber.c.language,
        )
        .join_from(delivery, subscriber, delivery.c.subscriber_id == subscriber.c.id)
        .where(delivery.c.month == month, delivery.c.lane == lane, delivery.c.due_at <= now, _OPEN)
        .order_by(delivery.c.due_at, delivery.c.subscriber_id)
        .limit(n)
        .with_for_update(of=delivery, skip_locked=True)
    )
    if after is None:
        return query
    due_at, subscriber_id = after
    return query.where(
        delivery.c.due_at >= due_at,
        sa.or_(delivery.c.due_at > due_at, delivery.c.subscriber_id > subscriber_id),
    )


def _these(month: str, subscriber_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return sa.and_(delivery.c.month == month, delivery.c.subscriber_id.in_(subscriber_ids))


def _paused(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def _claimed(row: sa.Row[tuple[object, ...]]) -> Claimed:
    return Claimed(
        subscriber_id=row.subscriber_id,
        address=row.address,
        lane=row.lane,
        attempts=row.attempts,
        token_version=row.token_version,
        rig=rig_of(row.rig),
        rig_key=row.rig_key,
        sections=None if row.sections is None else tuple(row.sections),
        language=row.language,
    )


def _because(month: str) -> str:
    return f"refused {month}: "


def _suppress(month: str, result: Settled, now: datetime) -> sa.Update:
    why = {"state": "suppressed", "end_reason": (_because(month) + result.reply)[:500], "ended_at": now}
    return (
        sa.update(subscriber)
        .where(subscriber.c.id == result.subscriber_id, subscriber.c.state == "confirmed")
        .values(**why, updated_at=now)
    )


def _bucket_s(lane: Lane) -> int:
    return max(1, lane.window_s // _BUCKETS)


def _permits(conn: sa.Connection, lane: Lane, now: datetime, wanted: int) -> int:
    """How many of `wanted` the lane's window still allows. The oldest bucket counts whole: never one too many."""
    if lane.limit is None:
        return wanted
    start = int(now.timestamp()) - lane.window_s - _bucket_s(lane)
    query = sa.select(sa.func.coalesce(sa.func.sum(send_window.c.n_sent), 0))
    used = conn.execute(query.where(send_window.c.scope == lane.name, send_window.c.bucket > start)).scalar_one()
    return max(0, min(wanted, lane.limit - int(used)))


def _count(conn: sa.Connection, lane: Lane, n: int, now: datetime) -> None:
    """Count claimed mails into the lane's window, and forget what lies two windows back."""
    if lane.limit is None or not n:
        return
    size = _bucket_s(lane)
    at = int(now.timestamp()) // size * size
    insert = insert_into(send_window, conn.dialect)
    conn.execute(
        insert.values(scope=lane.name, bucket=at, n_sent=n).on_conflict_do_update(
            index_elements=[send_window.c.scope, send_window.c.bucket],
            set_={"n_sent": send_window.c.n_sent + n},
        )
    )
    old = sa.and_(send_window.c.scope == lane.name, send_window.c.bucket < at - 2 * lane.window_s)
    conn.execute(sa.delete(send_window).where(old))
