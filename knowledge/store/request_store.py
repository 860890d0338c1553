"""Maintainers' requests: written by the bot or a command, served by a digest process, read again by who asked.

A request is claimed by one worker for a while; if that worker dies, another takes it over. And the counts of
diagnosed errors, which the bot adds to and the digest reads. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from knowledge.errors import BadInput
from knowledge.store.db import reading, writing
from knowledge.store.issue_rows import IssueFile
from knowledge.store.tables.shared import diagnosis_count, maintainer_request, request_file
from knowledge.store.upsert import insert_into

FILE_MAX_BYTES: Final = 8_000_000
"""What Discord takes without more ado."""

KINDS: Final = (
    "status", "collect", "preview", "edit", "approve", "hold", "release", "send-test", "send", "schedule",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request. `state` is queued, running, done or failed; `result` holds `text` and figures once it is settled."""

    id: int
    kind: str
    month: str
    args: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    state: str
    result: Mapping[str, Any]
    worker: str = ""
    finished_at: datetime | None = None


_COLUMNS: Final = tuple(maintainer_request.c[name] for name in RequestRow.__dataclass_fields__)


class RequestStore:
    """The requests behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def ask(self, kind: str, month: str = "", args: Mapping[str, Any] | None = None, *, by: str, now: datetime) -> int:
        """Queue a request and return its number. Raises BadInput for a kind nobody serves."""
        if kind not in KINDS:
            raise BadInput(f"'{kind[:24]}' is no request.", subject="kind", hint=f"One of {', '.join(KINDS)}.")
        values = {"kind": kind, "month": month, "args": dict(args or {}), "asked_by": by, "asked_at": now}
        with writing(self._engine) as conn:
            made = conn.execute(
                sa.insert(maintainer_request).values(**values, state="queued").returning(maintainer_request.c.id)
            )
            return int(made.scalar_one())

    def get(self, request_id: int) -> RequestRow | None:
        """Return a request as it stands."""
        with reading(self._engine) as conn:
            return _get(conn, request_id)

    def files(self, request_id: int) -> list[IssueFile]:
        """Return the files a request brought."""
        columns = (request_file.c.name, request_file.c.media_type, request_file.c.body)
        query = sa.select(*columns).where(request_file.c.request_id == request_id).order_by(request_file.c.name)
        with reading(self._engine) as conn:
            return [IssueFile(**row) for row in conn.execute(query).mappings()]

    def claim(
        self, worker: str, *, now: datetime, lease: timedelta, kinds: Collection[str] = KINDS
    ) -> RequestRow | None:
        """Take the oldest request of these kinds that nobody serves, or whose worker's time is over; else None."""
        table = maintainer_request
        free = sa.or_(table.c.state == "queued", sa.and_(table.c.state == "running", table.c.lease_until < now))
        with writing(self._engine) as conn:
            query = sa.select(table.c.id).where(free, table.c.kind.in_(kinds)).order_by(table.c.id).limit(1)
            if conn.dialect.name == "postgresql":
                query = query.with_for_update(skip_locked=True)
            found = conn.execute(query).scalar()
            if found is None:
                return None
            taken = {"state": "running", "worker": worker, "lease_until": now + lease}
            conn.execute(sa.update(table).where(table.c.id == found).values(taken))
            return _get(conn, found)

    def extend(self, request_id: int, worker: str, *, until: datetime) -> None:
        """Keep a request that takes longer, unless another worker has it by now."""
        table = maintainer_request
        mine = sa.and_(table.c.id == request_id, table.c.worker == worker, table.c.state == "running")
        with writing(self._engine) as conn:
            conn.execute(sa.update(table).where(mine).values(lease_until=until))

    def settled(self, kind: str, *, by: str, limit: int = 50) -> list[RequestRow]:
        """Return what somebody asked of a kind and was done, newest first."""
        table = maintainer_request
        mine = sa.and_(table.c.kind == kind, table.c.asked_by == by, table.c.state == "done")
        query = sa.select(*_COLUMNS).where(mine).order_by(table.c.id.desc()).limit(limit)
        with reading(self._engine) as conn:
            return [_row(row) for row in conn.execute(query).mappings()]

    def finish(
        self,
        request_id: int,
        worker: str,
        *,
        ok: bool,
        result: Mapping[str, Any],
        files: Sequence[IssueFile] = (),
        now: datetime,
    ) -> bool:
        """Settle a request with what came of it; False where another worker has it by now. Too large files are left."""
        table = maintainer_request
        mine = sa.and_(table.c.id == request_id, table.c.worker == worker, table.c.state == "running")
        values = {"state": "done" if ok else "failed", "result": dict(result), "finished_at": now}
        with writing(self._engine) as conn:
            if not conn.execute(sa.update(table).where(mine).values(values)).rowcount:
                return False
            conn.execute(sa.delete(request_file).where(request_file.c.request_id == request_id))
            for file in files:
                if len(file.body) <= FILE_MAX_BYTES:
                    row = {"name": file.name, "media_type": file.media_type, "body": file.body}
                    conn.execute(sa.insert(request_file).values(**row, request_id=request_id))
        return True

    def forget_before(self, moment: datetime) -> int:
        """Remove settled requests older than a moment, with their files; how many there were."""
        table = maintainer_request
        with writing(self._engine) as conn:
            old = sa.select(table.c.id).where(table.c.finished_at < moment)
            conn.execute(sa.delete(request_file).where(request_file.c.request_id.in_(old)))
            return conn.execute(sa.delete(table).where(table.c.finished_at < moment)).rowcount

    def count_diagnoses(self, month: str, error_ids: Iterable[str]) -> None:
        """Count that these errors were diagnosed in a month; no text, no person."""
        self.add_diagnoses(month, dict.fromkeys(error_ids, 1))

    def add_diagnoses(self, month: str, counted: Mapping[str, int]) -> None:
        """Add to how often each error was diagnosed in a month."""
        with writing(self._engine) as conn:
            for error_id in sorted(counted):
                row = insert_into(diagnosis_count, conn.dialect).values(
                    month=month, error_id=error_id, n=counted[error_id]
                )
                more = {"n": diagnosis_count.c.n + counted[error_id]}
                conn.execute(row.on_conflict_do_update(index_elements=["month", "error_id"], set_=more))

    def diagnoses(self, month: str) -> dict[str, int]:
        """How often each error was diagnosed in a month."""
        query = sa.select(diagnosis_count.c.error_id, diagnosis_count.c.n).where(diagnosis_count.c.month == month)
        with reading(self._engine) as conn:
            return {error_id: count for error_id, count in conn.execute(query)}  # noqa: C416


def _get(conn: sa.Connection, request_id: int) -> RequestRow | None:
    query = sa.select(*_COLUMNS).where(maintainer_request.c.id == request_id)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else _row(row)


def _row(row: sa.RowMapping) -> RequestRow:
    return RequestRow(**{**row, "args": row["args"] or {}, "result": row["result"] or {}})
