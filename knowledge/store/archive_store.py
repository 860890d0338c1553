"""Queries of the archive: issues that went out, as anybody may read them. It writes nothing.

An issue is public from the moment its sending began; drafts and approved ones are not seen here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from knowledge.store.db import reading
from knowledge.store.tables.digest import issue, issue_file

_PUBLIC: Final = issue.c.status.in_(("sending", "sent"))
_APPEARED: Final = sa.func.coalesce(issue.c.decided_at, issue.c.created_at, type_=issue.c.created_at.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """An issue in a list. `appeared_at` is when it was decided, an aware UTC instant."""

    month: str
    subject: str
    preheader: str
    appeared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIssue:
    """A whole issue as stored: the readers' own parts still stand in it as placeholders."""

    month: str
    subject: str
    preheader: str
    appeared_at: datetime
    html: str
    text: str
    earlier: str | None = None
    later: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFile:
    """A picture that belongs to an issue."""

    media_type: str
    body: bytes


class ArchiveStore:
    """The public issues behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def lines(self, limit: int = 240) -> list[IssueLine]:
        """All public issues, newest first."""
        columns = (issue.c.month, issue.c.subject, issue.c.preheader, _APPEARED.label("appeared_at"))
        query = sa.select(*columns).where(_PUBLIC).order_by(issue.c.month.desc()).limit(limit)
        with reading(self._engine) as conn:
            return [IssueLine(**row) for row in conn.execute(query).mappings()]

    def issue(self, month: str) -> PublicIssue | None:
        """Return one public issue with the months beside it, None where there is none."""
        found = self._whole(issue.c.month == month, limit=1)
        return found[0] if found else None

    def latest(self, limit: int) -> list[PublicIssue]:
        """Return the newest public issues whole, newest first."""
        return self._whole(sa.true(), limit=limit)

    def file(self, month: str, name: str) -> IssueFile | None:
        """Return a picture of an issue, also of one not public yet: test mails show it."""
        mine = sa.and_(issue_file.c.month == month, issue_file.c.name == name)
        with reading(self._engine) as conn:
            row = conn.execute(sa.select(issue_file.c.media_type, issue_file.c.body).where(mine)).mappings().first()
            return IssueFile(media_type=row["media_type"], body=row["body"]) if row else None

    def _whole(self, where: sa.ColumnElement[bool], *, limit: int) -> list[PublicIssue]:
        other = issue.alias()
        public = other.c.status.in_(("sending", "sent"))
        earlier = sa.select(sa.func.max(other.c.month)).where(public, other.c.month < issue.c.month)
        later = sa.select(sa.func.min(other.c.month)).where(public, other.c.month > issue.c.month)
        query = (
            sa.select(
                issue.c.month,
                issue.c.subject,
                issue.c.preheader,
                _APPEARED.label("appeared_at"),
                issue.c.html,
                issue.c.text,
                earlier.scalar_subquery().label("earlier"),
                later.scalar_subquery().label("later"),
            )
            .where(_PUBLIC, where)
            .order_by(issue.c.month.desc())
            .limit(limit)
        )
        with reading(self._engine) as conn:
            return [PublicIssue(**row) for row in conn.execute(query).mappings()]
