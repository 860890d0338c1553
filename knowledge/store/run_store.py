"""Runs: approving an issue into rows of the outbox, pausing, resuming, cancelling, finishing; and alarms.

Every change is one transaction and safe at any moment, however many workers send. The rows' own way is in
`delivery_store`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from knowledge.errors import BadInput
from knowledge.store.db import reading, writing
from knowledge.store.delivery_rows import Alarm, Lane, Run, RunState
from knowledge.store.tables.delivery import OPEN_STATES, alarm, delivery, send_run
from knowledge.store.tables.digest import issue
from knowledge.store.tables.subscribers import subscriber

CANCELLED: Final = "cancelled"
_FROM: Final[dict[RunState, tuple[RunState, ...]]] = {
    "running": ("paused", "stopped", "cancelled"),
    "paused": ("running", "stopped"),
    "stopped": ("running",),
    "cancelled": ("running", "paused", "stopped"),
    "done": ("running",),
}
"""From which states each state may be entered."""


class RunStore:
    """The runs behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def approve(
        self,
        month: str,
        *,
        lanes: Sequence[Lane] = (),
        send_at: datetime,
        now: datetime,
        revision: str = "",
        by: str = "",
    ) -> Run:
        """Approve an issue: one row for every confirmed subscriber who did not pause, in one transaction.

        Nothing is sent before `send_at`. An issue approved before keeps the run it has. Raises BadInput where there is
        no such issue, where it is held, or where it is not the `revision` that was looked at (empty: any).
        """
        with writing(self._engine) as conn:
            if conn.dialect.name == "postgresql":
                conn.execute(sa.select(issue.c.month).where(issue.c.month == month).with_for_update())
            status = conn.execute(sa.select(issue.c.status).where(issue.c.month == month)).scalar()
            if status is None:
                raise BadInput(
                    f"There is no issue of {month}.", subject="month", hint="Make it with `digest preview --month`."
                )
            found = _run(conn, month)
            if found is not None:
                return found
            _may_be_approved(conn, month, status, revision)
            conn.execute(
                sa.insert(send_run).values(
                    month=month,
                    state="running",
                    message_key=secrets.token_hex(32),
                    n_deliveries=0,
                    created_at=now,
                    updated_at=now,
                )
            )
            conn.execute(_rows_for(month, lanes, send_at, now))
            made_rows = sa.select(sa.func.count()).select_from(delivery).where(delivery.c.month == month)
            count = conn.execute(made_rows).scalar_one()
            conn.execute(sa.update(send_run).where(send_run.c.month == month).values(n_deliveries=count))
            decided = {"status": "approved", "updated_at": now, "decided_by": by, "decided_at": now}
            conn.execute(sa.update(issue).where(issue.c.month == month).values(decided))
            made = _run(conn, month)
            assert made is not None  # noqa: S101 - inserted above, in this transaction
            return made

    def run(self, month: str) -> Run | None:
        """Return an issue's run, None where it was never approved."""
        with reading(self._engine) as conn:
            return _run(conn, month)

    def running(self) -> list[Run]:
        """Runs that workers are to send, oldest issue first."""
        query = sa.select(*_COLUMNS).where(send_run.c.state == "running").order_by(send_run.c.month)
        with reading(self._engine) as conn:
            return [Run(**row) for row in conn.execute(query).mappings()]

    def next_due(self, month: str) -> datetime | None:
        """When the next waiting mail of a run may leave; None where none waits."""
        waits = sa.and_(delivery.c.month == month, delivery.c.state == "pending")
        with reading(self._engine) as conn:
            found: datetime | None = conn.execute(sa.select(sa.func.min(delivery.c.due_at)).where(waits)).scalar()
            return found

    def hurry(self, month: str, *, now: datetime) -> int:
        """Let every mail that waits for its first try leave now; how many those are. Retries keep their time."""
        waits = sa.and_(
            delivery.c.month == month,
            delivery.c.state == "pending",
            delivery.c.attempts == 0,
            delivery.c.due_at > now,
        )
        with writing(self._engine) as conn:
            return conn.execute(sa.update(delivery).where(waits).values(due_at=now)).rowcount

    def counts(self, month: str) -> dict[str, int]:
        """How many rows of a run are in each state."""
        query = sa.select(delivery.c.state, sa.func.count()).where(delivery.c.month == month)
        with reading(self._engine) as conn:
            return {state: count for state, count in conn.execute(query.group_by(delivery.c.state))}  # noqa: C416

    def pause(self, month: str, *, now: datetime) -> bool:
        """Let workers claim nothing more of it; mails on their way come to their end. True where it changed."""
        return self._move(month, "paused", "", now=now)

    def stop(self, month: str, reason: str, *, now: datetime) -> bool:
        """Stop a run that cannot go on until a person has looked. True for the one caller who stopped it."""
        return self._move(month, "stopped", reason, now=now)

    def resume(self, month: str, *, now: datetime) -> bool:
        """Go on with a paused, stopped or cancelled run; what cancelling took off is put back. True where it changed.

        Nobody who unsubscribed in between gets it.
        """
        back = (
            sa.update(delivery)
            .where(delivery.c.month == month, delivery.c.state == "suppressed", delivery.c.reply == CANCELLED)
            .values(state="pending", reply="", due_at=now, settled_at=None)
        )
        return self._move(month, "running", "", back, now=now)

    def cancel(self, month: str, *, now: datetime) -> bool:
        """Send nothing more of it. What was sent stays sent. True where it changed."""
        off = (
            sa.update(delivery)
            .where(delivery.c.month == month, delivery.c.state == "pending")
            .values(state="suppressed", reply=CANCELLED, worker="", settled_at=now)
        )
        return self._move(month, "cancelled", CANCELLED, off, now=now)

    def finish(self, month: str, *, now: datetime) -> bool:
        """Close a running run without open rows, and its issue with it. True for the one caller who closed it."""
        open_rows = sa.select(delivery.c.subscriber_id).where(
            delivery.c.month == month, delivery.c.state.in_(OPEN_STATES)
        )
        with writing(self._engine) as conn:
            if conn.execute(open_rows.limit(1)).first() is not None:
                return False
            mine = sa.and_(send_run.c.month == month, send_run.c.state == "running")
            closed = conn.execute(sa.update(send_run).where(mine).values(state="done", updated_at=now)).rowcount > 0
            if closed:
                conn.execute(sa.update(issue).where(issue.c.month == month).values(status="sent", updated_at=now))
            return closed

    def _move(self, month: str, state: RunState, reason: str, also: sa.Update | None = None, *, now: datetime) -> bool:
        allowed = sa.and_(send_run.c.month == month, send_run.c.state.in_(_FROM[state]))
        with writing(self._engine) as conn:
            changed = conn.execute(
                sa.update(send_run).where(allowed).values(state=state, reason=reason[:500], updated_at=now)
            )
            if changed.rowcount and also is not None:
                conn.execute(also)
            return changed.rowcount > 0

    def raise_alarm(self, kind: str, subject: str, message: str, *, now: datetime) -> bool:
        """Keep an alarm; True where it is a new one, False where one of the kind is open for the subject."""
        same = sa.and_(alarm.c.kind == kind, alarm.c.subject == subject, alarm.c.cleared_at.is_(None))
        with writing(self._engine) as conn:
            again = conn.execute(
                sa.update(alarm).where(same).values(count=alarm.c.count + 1, message=message[:2000], last_at=now)
            )
            if again.rowcount:
                return False
            conn.execute(
                sa.insert(alarm).values(
                    kind=kind, subject=subject[:200], message=message[:2000], raised_at=now, last_at=now
                )
            )
            return True

    def clear_alarms(self, subject: str, *, now: datetime) -> int:
        """Close the open alarms about a subject and say how many there were."""
        still = sa.and_(alarm.c.subject == subject, alarm.c.cleared_at.is_(None))
        with writing(self._engine) as conn:
            return conn.execute(sa.update(alarm).where(still).values(cleared_at=now)).rowcount

    def open_alarms(self) -> list[Alarm]:
        """Alarms nobody has closed, oldest first."""
        columns = [alarm.c[name] for name in Alarm.__dataclass_fields__]
        query = sa.select(*columns).where(alarm.c.cleared_at.is_(None)).order_by(alarm.c.id)
        with reading(self._engine) as conn:
            return [Alarm(**row) for row in conn.execute(query).mappings()]


_COLUMNS: Final = tuple(send_run.c[name] for name in Run.__dataclass_fields__)


def _may_be_approved(conn: sa.Connection, month: str, status: str, revision: str) -> None:
    """Raise BadInput for an issue somebody holds, or that is another than the one looked at."""
    if status == "held":
        raise BadInput(
            f"The issue of {month} is held.",
            subject="month",
            hint="`digest approve --month M --release` lets go of it.",
        )
    if revision:
        stored = conn.execute(sa.select(issue.c.revision).where(issue.c.month == month)).scalar()
        if stored != revision:
            raise BadInput(
                f"The issue of {month} is now revision {stored}, not {revision}.",
                subject="revision",
                hint="Look at the new preview first.",
            )


def _run(conn: sa.Connection, month: str) -> Run | None:
    row = conn.execute(sa.select(*_COLUMNS).where(send_run.c.month == month)).mappings().one_or_none()
    return Run(**row) if row else None


def _rows_for(month: str, lanes: Sequence[Lane], send_at: datetime, now: datetime) -> sa.Insert:
    """Make the statement that fills the outbox: the database copies, no row passes through this process."""
    own = [(subscriber.c.domain.in_(lane.domains), sa.literal(lane.name)) for lane in lanes if lane.domains]
    lane_of = sa.case(*own, else_=sa.literal("")) if own else sa.literal("")
    readers = sa.select(
        sa.literal(month),
        subscriber.c.id,
        sa.literal("pending"),
        lane_of,
        sa.literal(send_at, type_=delivery.c.due_at.type),
    ).where(
        subscriber.c.state == "confirmed",
        sa.or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until <= now),
    )
    columns = ["month", "subscriber_id", "state", "lane", "due_at"]
    return sa.insert(delivery).from_select(columns, readers)
