"""Issues announced in servers: which are due, who posts each, what became of it. One row an issue and server.

A process claims the row before it posts, and the key lets one process through. A claim that lapses belonged to a
process that died or lost its network: whoever takes it over must look whether the message is there (`Claim.attempt`
is more than 1). Blocking; nothing is posted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa

from knowledge.store.db import reading, writing
from knowledge.store.tables.bot import announcement, guild_setting
from knowledge.store.tables.digest import issue
from knowledge.store.upsert import insert_into

LEASE: Final = timedelta(minutes=2)
"""So long a claim holds: posting takes seconds, its retries included."""

FRESH: Final = timedelta(days=21)
"""An issue decided longer ago is no news."""

PUBLIC: Final = ("sending", "sent")

Problem = Literal["forbidden", "gone"]
Outcome = Literal["posted", "refused", "unsure", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to announce one issue in one server. `language` empty: none is set. `attempt` counts from 1."""

    month: str
    guild_id: int
    channel_id: int
    language: str
    attempt: int
    first_at: datetime


class AnnounceStore:
    """The announcements behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def due(self, *, now: datetime) -> tuple[str, list[int]]:
        """Return the newest public issue's month and the servers it is still to be announced in; "" without one."""
        with reading(self._engine) as conn:
            month = newest_public(conn, since=now - FRESH)
            if not month:
                return "", []
            mine = sa.and_(announcement.c.guild_id == guild_setting.c.guild_id, announcement.c.month == month)
            query = (
                sa.select(guild_setting.c.guild_id)
                .outerjoin(announcement, mine)
                .where(_wanted(), sa.or_(announcement.c.state.is_(None), _lapsed(now)))
                .order_by(guild_setting.c.guild_id)
            )
            return month, list(conn.execute(query).scalars())

    def claim(self, month: str, guild_id: int, *, now: datetime) -> Claim | None:
        """Take the right to announce an issue in a server; None where another has it, or nobody wants it any more."""
        with writing(self._engine) as conn:
            wanted = conn.execute(
                sa.select(guild_setting.c.channel_id, guild_setting.c.language).where(
                    guild_setting.c.guild_id == guild_id, _wanted()
                )
            ).one_or_none()
            if wanted is None:
                return None
            until = now + LEASE
            made = insert_into(announcement, conn.dialect).values(
                month=month, guild_id=guild_id, channel_id=wanted.channel_id, state="claimed", attempts=1,
                first_at=now, claimed_until=until,
            )  # fmt: skip
            keys = [announcement.c.month, announcement.c.guild_id]
            once = made.on_conflict_do_nothing(index_elements=keys).returning(announcement.c.month)
            if conn.execute(once).first() is not None:
                return Claim(month=month, guild_id=guild_id, channel_id=wanted.channel_id, language=wanted.language,
                             attempt=1, first_at=now)  # fmt: skip
            again = sa.update(announcement).where(*_row(month, guild_id), _lapsed(now))
            taken = conn.execute(
                again.values(attempts=announcement.c.attempts + 1, claimed_until=until).returning(
                    announcement.c.channel_id, announcement.c.attempts, announcement.c.first_at
                )
            ).one_or_none()
            if taken is None:
                return None
            return Claim(month=month, guild_id=guild_id, channel_id=taken.channel_id, language=wanted.language,
                         attempt=taken.attempts, first_at=taken.first_at)  # fmt: skip

    def settle(
        self, claim: Claim, outcome: Outcome, *, message_id: int | None = None, problem: Problem | None = None
    ) -> None:
        """Say what became of a claim. With a `problem`, the server's setting is marked: nothing is posted there."""
        values = {"state": outcome, "claimed_until": None, "message_id": message_id}
        with writing(self._engine) as conn:
            conn.execute(sa.update(announcement).where(*_row(claim.month, claim.guild_id)).values(values))
            if problem is not None:
                same = sa.and_(
                    guild_setting.c.guild_id == claim.guild_id, guild_setting.c.channel_id == claim.channel_id
                )
                conn.execute(sa.update(guild_setting).where(same).values(channel_problem=problem))


def newest_public(conn: sa.Connection, *, since: datetime) -> str:
    """The month of the newest issue that went out, decided since an instant; "" where there is none."""
    shown = sa.and_(issue.c.status.in_(PUBLIC), issue.c.decided_at >= since)
    query = sa.select(issue.c.month).where(shown).order_by(issue.c.month.desc()).limit(1)
    return str(conn.execute(query).scalar() or "")


def pass_over(conn: sa.Connection, guild_id: int, channel_id: int, *, now: datetime) -> None:
    """A server wants announcements from now on: what is out already is no news to it."""
    month = newest_public(conn, since=now - FRESH)
    if month:
        keys = [announcement.c.month, announcement.c.guild_id]
        row = {"month": month, "guild_id": guild_id, "channel_id": channel_id, "state": "skipped", "first_at": now}
        conn.execute(insert_into(announcement, conn.dialect).values(row).on_conflict_do_nothing(index_elements=keys))


def try_again(conn: sa.Connection, guild_id: int) -> None:
    """A server named a channel that works: what was refused before is due again."""
    refused = sa.and_(announcement.c.guild_id == guild_id, announcement.c.state == "refused")
    conn.execute(sa.delete(announcement).where(refused))


def _wanted() -> sa.ColumnElement[bool]:
    return sa.and_(guild_setting.c.channel_id.is_not(None), guild_setting.c.channel_problem == "")


def _lapsed(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(announcement.c.state == "claimed", announcement.c.claimed_until < now)


def _row(month: str, guild_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return announcement.c.month == month, announcement.c.guild_id == guild_id
