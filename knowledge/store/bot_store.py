"""What the bot keeps besides people's own rows: servers' settings, suggestions, the audit log, what is registered.

Blocking; callers on the event loop use a thread. It decides nothing and checks no permission: `bot.guard` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import sqlalchemy as sa

from knowledge.store.announce_store import pass_over, try_again
from knowledge.store.db import reading, writing
from knowledge.store.tables.bot import audit, guild_setting, identify_slot, registration, suggestion
from knowledge.store.upsert import insert_into

SuggestionState = Literal["open", "taken", "declined"]
REGISTERING: Final = timedelta(minutes=2)
"""A process that registers commands holds the right to for so long; then it is taken for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """How the bot behaves in one server. `language` empty: each reader's own; `channel_id` None: no announcements.

    `channel_problem` says why nothing is posted in that channel any more (forbidden, gone); empty: it works.
    """

    guild_id: int
    language: str = ""
    public_answers: bool = False
    channel_id: int | None = None
    channel_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A correction somebody suggested. It changes nothing until a maintainer edits the content."""

    id: int
    user_id: int | None
    about: str
    text: str
    source: str
    state: SuggestionState
    content_version: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One maintainer's action: who, where, what, and how it ended."""

    at: datetime
    actor_id: int
    guild_id: int | None
    action: str
    args_hash: str
    result: str


_SETTABLE: Final = ("language", "public_answers", "channel_id", "channel_problem")
_GUILD: Final = tuple(guild_setting.c[name] for name in GuildSettings.__dataclass_fields__)
_SUGGESTION: Final = tuple(suggestion.c[name] for name in Suggestion.__dataclass_fields__)
_AUDIT: Final = tuple(audit.c[name] for name in AuditRow.__dataclass_fields__)


class BotStore:
    """The bot's own rows behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def guild(self, guild_id: int) -> GuildSettings:
        """Return a server's settings; the usual ones where nothing was set."""
        query = sa.select(*_GUILD).where(guild_setting.c.guild_id == guild_id)
        with reading(self._engine) as conn:
            row = conn.execute(query).mappings().one_or_none()
        return GuildSettings(guild_id=guild_id) if row is None else GuildSettings(**row)

    def save_guild(self, said: GuildSettings, *, now: datetime) -> None:
        """Keep a server's settings over the ones it had. A channel named or mended is posted in from now on."""
        values = {name: getattr(said, name) for name in _SETTABLE}
        mine = guild_setting.c.guild_id == said.guild_id
        with writing(self._engine) as conn:
            before = conn.execute(sa.select(guild_setting.c.channel_id).where(mine)).scalar()
            if said.channel_id is not None and not said.channel_problem:
                try_again(conn, said.guild_id)
            if said.channel_id is not None and before is None:
                pass_over(conn, said.guild_id, said.channel_id, now=now)
            made = insert_into(guild_setting, conn.dialect).values(guild_id=said.guild_id, updated_at=now, **values)
            same = [guild_setting.c.guild_id]
            conn.execute(made.on_conflict_do_update(index_elements=same, set_={**values, "updated_at": now}))

    def suggest(
        self, user_id: int, about: str, text: str, *, source: str = "", content_version: str = "", now: datetime
    ) -> int:
        """Keep a suggested correction and return its number."""
        values = {"about": about[:200], "text": text, "source": source, "content_version": content_version}
        with writing(self._engine) as conn:
            made = sa.insert(suggestion).values(**values, user_id=user_id, state="open", created_at=now)
            return int(conn.execute(made.returning(suggestion.c.id)).scalar_one())

    def suggestions(self, state: SuggestionState = "open", *, limit: int = 20) -> list[Suggestion]:
        """Return suggestions of one state, oldest first."""
        query = sa.select(*_SUGGESTION).where(suggestion.c.state == state).order_by(suggestion.c.id).limit(limit)
        with reading(self._engine) as conn:
            return [Suggestion(**row) for row in conn.execute(query).mappings()]

    def decide(self, suggestion_id: int, state: SuggestionState, *, by: int, now: datetime) -> bool:
        """Close an open suggestion; False where there is none of that number, or it was decided before."""
        mine = sa.and_(suggestion.c.id == suggestion_id, suggestion.c.state == "open")
        change = sa.update(suggestion).where(mine).values(state=state, decided_by=by, decided_at=now)
        with writing(self._engine) as conn:
            return conn.execute(change).rowcount > 0

    def record(
        self,
        actor_id: int,
        action: str,
        args: Mapping[str, object],
        result: str,
        *,
        guild_id: int | None = None,
        now: datetime,
    ) -> None:
        """Append what a maintainer did. The arguments are kept as a hash: they can hold text of others."""
        mark = hashlib.sha256(msgspec.json.encode(dict(args), order="deterministic")).hexdigest()
        values = {"at": now, "actor_id": actor_id, "guild_id": guild_id, "action": action[:64], "args_hash": mark}
        with writing(self._engine) as conn:
            conn.execute(sa.insert(audit).values(**values, result=result[:200]))

    def audited(self, *, limit: int = 50) -> list[AuditRow]:
        """Return the newest actions, newest first."""
        query = sa.select(*_AUDIT).order_by(audit.c.id.desc()).limit(limit)
        with reading(self._engine) as conn:
            return [AuditRow(**row) for row in conn.execute(query).mappings()]

    def may_register(self, application_id: int, digest: str, *, force: bool = False, now: datetime) -> bool:
        """Whether the commands of this digest are to be sent, by this process and no other; True takes the right."""
        table = registration
        with writing(self._engine) as conn:
            blank = insert_into(table, conn.dialect).values(application_id=application_id, digest="", updated_at=now)
            conn.execute(blank.on_conflict_do_nothing(index_elements=[table.c.application_id]))
            free = sa.or_(table.c.lease_until.is_(None), table.c.lease_until < now)
            mine = sa.and_(table.c.application_id == application_id, free)
            if not force:
                mine = sa.and_(mine, table.c.digest != digest)
            change = sa.update(table).where(mine).values(lease_until=now + REGISTERING, updated_at=now)
            return conn.execute(change).rowcount > 0

    def registered(self, application_id: int, digest: str | None, *, now: datetime) -> None:
        """Give the right back: with the digest that was sent, or None where it failed."""
        values: dict[str, object] = {"lease_until": None, "updated_at": now}
        if digest is not None:
            values["digest"] = digest
        with writing(self._engine) as conn:
            conn.execute(sa.update(registration).where(registration.c.application_id == application_id).values(values))

    def identify_turn(self, application_id: int, bucket: int, window_s: float, *, now: datetime) -> datetime:
        """Take the next turn to identify in a bucket of the gateway's limiter, whichever process asks."""
        table = identify_slot
        with writing(self._engine) as conn:
            blank = insert_into(table, conn.dialect).values(application_id=application_id, bucket=bucket, free_at=now)
            conn.execute(blank.on_conflict_do_nothing(index_elements=[table.c.application_id, table.c.bucket]))
            mine = sa.and_(table.c.application_id == application_id, table.c.bucket == bucket)
            free = conn.execute(sa.select(table.c.free_at).where(mine).with_for_update()).scalar_one()
            turn: datetime = max(free, now)
            conn.execute(sa.update(table).where(mine).values(free_at=turn + timedelta(seconds=window_s)))
        return turn
