"""Reads and writes issues with their files, and maintainers' edits. Approving and sending are `run_store`'s.

A draft is replaced as often as it is composed; an issue past its draft never changes: a statement here refuses it
politely, the database's triggers refuse it for everybody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from knowledge.errors import BadInput
from knowledge.store.db import reading, writing
from knowledge.store.issue_rows import EditKind, EditRow, IssueFile, IssueRecord
from knowledge.store.tables.digest import issue, issue_edit, issue_file

OPEN: Final = ("draft", "held")
"""States in which an issue may still change."""

_COLUMNS: Final = tuple(issue.c[name] for name in IssueRecord.__dataclass_fields__)
_EDIT: Final = tuple(issue_edit.c[name] for name in EditRow.__dataclass_fields__)


class IssueStore:
    """The issues behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def save(self, made: IssueRecord, files: Sequence[IssueFile] = (), *, now: datetime) -> bool:
        """Store a composed issue and say whether it was: one past its draft stays, a held one stays held."""
        values = {
            "subject": made.subject,
            "html": made.html,
            "text": made.text,
            "revision": made.revision,
            "preheader": made.preheader,
            "content": dict(made.content),
            "ranked_items": list(made.ranked_items),
            "content_version": made.content_version,
            "updated_at": now,
        }
        with writing(self._engine) as conn:
            status = conn.execute(sa.select(issue.c.status).where(issue.c.month == made.month)).scalar()
            if status not in {None, *OPEN}:
                return False
            if status is None:
                conn.execute(sa.insert(issue).values(**values, month=made.month, status="draft", created_at=now))
            else:
                conn.execute(sa.update(issue).where(issue.c.month == made.month).values(values))
            conn.execute(sa.delete(issue_file).where(issue_file.c.month == made.month))
            if files:
                conn.execute(
                    sa.insert(issue_file),
                    [
                        {"month": made.month, "name": file.name, "media_type": file.media_type, "body": file.body}
                        for file in files
                    ],
                )
        return True

    def get(self, month: str) -> IssueRecord | None:
        """Return a month's issue."""
        return self._one(issue.c.month == month)

    def before(self, month: str) -> IssueRecord | None:
        """Return the last issue before a month."""
        return self._one(issue.c.month < month)

    def earlier_contents(self, month: str, limit: int = 12) -> list[IssueRecord]:
        """Return the issues before a month, newest first: what was said already."""
        query = sa.select(*_COLUMNS).where(issue.c.month < month).order_by(issue.c.month.desc()).limit(limit)
        with reading(self._engine) as conn:
            return [_record(row) for row in conn.execute(query).mappings()]

    def _one(self, where: sa.ColumnElement[bool]) -> IssueRecord | None:
        query = sa.select(*_COLUMNS).where(where).order_by(issue.c.month.desc()).limit(1)
        with reading(self._engine) as conn:
            row = conn.execute(query).mappings().one_or_none()
        return None if row is None else _record(row)

    def files(self, month: str) -> list[IssueFile]:
        """Return all files of an issue."""
        columns = (issue_file.c.name, issue_file.c.media_type, issue_file.c.body)
        query = sa.select(*columns).where(issue_file.c.month == month).order_by(issue_file.c.name)
        with reading(self._engine) as conn:
            return [IssueFile(**row) for row in conn.execute(query).mappings()]

    def file(self, month: str, name: str) -> IssueFile | None:
        """Return one file of an issue, for its page."""
        return next((file for file in self.files(month) if file.name == name), None)

    def hold(self, month: str, *, by: str, now: datetime) -> bool:
        """Hold a draft, so that nobody approves it by mistake. True where it was one."""
        return self._set_open(month, "draft", "held", by, now)

    def release(self, month: str, *, by: str, now: datetime) -> bool:
        """Make a held issue a draft again. True where it was held."""
        return self._set_open(month, "held", "draft", by, now)

    def _set_open(self, month: str, status: str, new: str, by: str, now: datetime) -> bool:
        mine = sa.and_(issue.c.month == month, issue.c.status == status)
        with writing(self._engine) as conn:
            changed = conn.execute(
                sa.update(issue).where(mine).values(status=new, decided_by=by, decided_at=now, updated_at=now)
            )
            return changed.rowcount > 0

    def waiting(self, *, not_reminded_since: datetime) -> list[IssueRecord]:
        """Return drafts that wait for a decision and of which nobody was told since an instant."""
        told = sa.or_(issue.c.reminded_at.is_(None), issue.c.reminded_at <= not_reminded_since)
        query = sa.select(*_COLUMNS).where(issue.c.status == "draft", told).order_by(issue.c.month)
        with reading(self._engine) as conn:
            return [_record(row) for row in conn.execute(query).mappings()]

    def reminded(self, month: str, *, now: datetime) -> None:
        """Note that maintainers were told of a waiting draft."""
        with writing(self._engine) as conn:
            conn.execute(sa.update(issue).where(issue.c.month == month).values(reminded_at=now))

    def edits(self, month: str) -> list[EditRow]:
        """Return a month's edits that were not taken back, oldest first."""
        query = sa.select(*_EDIT).where(issue_edit.c.month == month, issue_edit.c.dropped_at.is_(None))
        with reading(self._engine) as conn:
            return [EditRow(**row) for row in conn.execute(query.order_by(issue_edit.c.id)).mappings()]

    def add_edit(
        self,
        month: str,
        kind: EditKind,
        target: str,
        *,
        text: str = "",
        place: int | None = None,
        by: str,
        now: datetime,
    ) -> int:
        """Store an edit and return its number. Raises BadInput for an issue past its draft."""
        with writing(self._engine) as conn:
            _must_be_open(conn, month)
            made = conn.execute(
                sa.insert(issue_edit)
                .values(month=month, kind=kind, target=target, text=text, place=place, made_by=by, made_at=now)
                .returning(issue_edit.c.id)
            )
            return int(made.scalar_one())

    def drop_edit(self, month: str, edit_id: int, *, now: datetime) -> bool:
        """Take an edit back; its row stays. True where it was there. Raises BadInput for an issue past its draft."""
        mine = sa.and_(issue_edit.c.id == edit_id, issue_edit.c.month == month, issue_edit.c.dropped_at.is_(None))
        with writing(self._engine) as conn:
            _must_be_open(conn, month)
            return conn.execute(sa.update(issue_edit).where(mine).values(dropped_at=now)).rowcount > 0


def _record(row: sa.RowMapping) -> IssueRecord:
    return IssueRecord(**{**row, "content": row["content"] or {}, "ranked_items": row["ranked_items"] or ()})


def _must_be_open(conn: sa.Connection, month: str) -> None:
    status = conn.execute(sa.select(issue.c.status).where(issue.c.month == month)).scalar()
    if status not in {None, *OPEN}:
        raise BadInput(
            f"The issue of {month} is {status} and stays as it is.",
            subject="month",
            hint="A mistake in it is put right in the next issue: an edit of kind `correct`.",
        )
