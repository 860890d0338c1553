"""People's own rows for the commands: rigs, feedback, suggestions, servers' settings; remembered a while.

Nothing here waits long: a store that is away or slow costs a person's own data, never an answer. Reads that fail say
"nothing saved" and are not tried again for some seconds; writes that fail raise StoreError. Queries run in threads
of their own, so that a store that hangs holds up nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar

from bot.log import fields
from knowledge.errors import StoreError
from knowledge.store import rigs
from knowledge.store.announce_store import AnnounceStore, Claim, Outcome, Problem
from knowledge.store.bot_store import BotStore, GuildSettings, Suggestion, SuggestionState
from knowledge.store.db import engine
from knowledge.store.issue_rows import IssueFile, IssueRecord
from knowledge.store.issue_store import IssueStore
from knowledge.store.request_store import RequestRow, RequestStore
from knowledge.store.rigs import Feedback, Forgotten, Rig

logger = logging.getLogger(__name__)

KEPT_S = 60.0
AWAY_S = 5.0
READ_S = 0.5
"""A read may take so long; an answer has 3 s."""

WRITE_S = 2.0
"""A write may take so long: what comes later is past Discord's 3 s, and nobody would be told."""

THREADS = 15
"""As many as the engine has connections."""

MOST = 4096
Row = TypeVar("Row")
Done = TypeVar("Done")


@dataclass(slots=True)
class _Kept(Generic[Row]):
    row: Row
    until_s: float


class People:
    """The store's door for the bot. `now` is the wall clock, in UTC."""

    def __init__(self, url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine(url)
        self._threads = ThreadPoolExecutor(THREADS, "store")
        self.store = BotStore(self._engine)
        self._announcements = AnnounceStore(self._engine)
        self._requests = RequestStore(self._engine)
        self._issues = IssueStore(self._engine)
        self._now = now
        self._rigs: dict[int, _Kept[Rig | None]] = {}
        self._guilds: dict[int, _Kept[GuildSettings]] = {}
        self._reading: dict[tuple[int, int], asyncio.Future[Any]] = {}
        self._away_until_s = 0.0

    async def close(self) -> None:
        """Close all connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    @property
    def away(self) -> bool:
        """Whether the store did not answer a moment ago."""
        return time.monotonic() < self._away_until_s

    # ---- rigs

    async def rig(self, user_id: int) -> Rig | None:
        """A person's rig; None where they saved none, or the store is away."""
        return await self._kept(self._rigs, user_id, lambda: self._run(rigs.rig_of, self._engine, user_id), None)

    async def saved_rig(self, user_id: int) -> Rig | None:
        """A person's rig as the store has it this moment. Raises StoreError."""
        return await self._threaded(rigs.rig_of, self._engine, user_id)

    def known_rig(self, user_id: int) -> Rig | None:
        """A person's rig where it was read lately; no store is asked."""
        kept = self._rigs.get(user_id)
        return kept.row if kept else None

    async def save_rig(self, mine: Rig) -> None:
        """Save a person's rig. Raises StoreError."""
        await self._threaded(rigs.save_rig, self._engine, mine, now=self._now())
        self._rigs.pop(mine.user_id, None)

    async def forget(self, user_id: int) -> Forgotten:
        """Remove all of a person and say how much. Raises StoreError."""
        gone = await self._threaded(rigs.forget, self._engine, user_id)
        self._rigs.pop(user_id, None)
        return gone

    async def add_feedback(self, said: Feedback) -> None:
        """Keep what a person said of an answer. Raises StoreError."""
        await self._threaded(rigs.add_feedback, self._engine, said, now=self._now())

    # ---- servers, suggestions, audit

    async def guild(self, guild_id: int | None) -> GuildSettings:
        """A server's settings; the usual ones outside servers and where the store is away."""
        usual = GuildSettings(guild_id=guild_id or 0)
        if guild_id is None:
            return usual
        return await self._kept(self._guilds, guild_id, lambda: self._run(self.store.guild, guild_id), usual)

    async def saved_guild(self, guild_id: int) -> GuildSettings:
        """A server's settings as the store has them this moment. Raises StoreError."""
        return await self._threaded(self.store.guild, guild_id)

    async def save_guild(self, said: GuildSettings) -> None:
        """Keep a server's settings. Raises StoreError."""
        await self._threaded(self.store.save_guild, said, now=self._now())
        self._guilds.pop(said.guild_id, None)

    async def suggest(self, user_id: int, about: str, text: str, source: str, version: str) -> int:
        """Keep a suggested correction. Raises StoreError."""
        return await self._threaded(
            self.store.suggest, user_id, about, text, source=source, content_version=version, now=self._now()
        )

    async def suggestions(self) -> list[Suggestion]:
        """The open suggestions. Raises StoreError."""
        return await self._threaded(self.store.suggestions)

    async def decide(self, number: int, state: SuggestionState, by: int) -> bool:
        """Close a suggestion. Raises StoreError."""
        return await self._threaded(self.store.decide, number, state, by=by, now=self._now())

    async def record(self, actor: int, action: str, args: dict[str, Any], result: str, guild_id: int | None) -> None:
        """Append to the audit log. Raises StoreError."""
        await self._threaded(self.store.record, actor, action, args, result, guild_id=guild_id, now=self._now())

    # ---- the digest

    async def ask_digest(self, kind: str, month: str, args: dict[str, Any], by: int) -> int:
        """Queue a request to the digest. Raises StoreError, or BadInput for a kind it does not have."""
        return await self._threaded(self._requests.ask, kind, month, args, by=str(by), now=self._now())

    async def request(self, number: int) -> RequestRow | None:
        """A request as it stands. Raises StoreError."""
        return await self._threaded(self._requests.get, number)

    async def request_files(self, number: int) -> list[IssueFile]:
        """The files a request brought. Raises StoreError."""
        return await self._threaded(self._requests.files, number)

    async def count_diagnoses(self, counted: Mapping[str, int]) -> None:
        """Tell the digest how often each error was diagnosed: no text, no person. A store that is away loses it."""
        try:
            await self._threaded(self._requests.add_diagnoses, f"{self._now():%Y-%m}", dict(counted))
        except StoreError as error:
            logger.warning("diagnoses not counted %s", fields(error=str(error)))

    # ---- announcements

    async def due_announcements(self) -> tuple[str, list[int]]:
        """The issue to announce and the servers that wait for it. Raises StoreError."""
        return await self._threaded(self._announcements.due, now=self._now())

    async def claim_announcement(self, month: str, guild_id: int) -> Claim | None:
        """The right to announce it there; None where another process has it. Raises StoreError."""
        return await self._threaded(self._announcements.claim, month, guild_id, now=self._now())

    async def settle_announcement(
        self, claim: Claim, outcome: Outcome, message_id: int | None = None, problem: Problem | None = None
    ) -> None:
        """Say what became of a claim. Raises StoreError."""
        await self._threaded(self._announcements.settle, claim, outcome, message_id=message_id, problem=problem)
        self._guilds.pop(claim.guild_id, None)

    async def issue(self, month: str) -> IssueRecord | None:
        """A month's issue whole. Raises StoreError."""
        return await self._threaded(self._issues.get, month)

    # ---- what processes share

    async def may_register(self, application_id: int, digest: str, *, force: bool) -> bool:
        """Whether this process is to register these commands. Raises StoreError."""
        return await self._threaded(self.store.may_register, application_id, digest, force=force, now=self._now())

    async def registered(self, application_id: int, digest: str | None) -> None:
        """Say which commands were registered; None: it failed. Raises StoreError."""
        await self._threaded(self.store.registered, application_id, digest, now=self._now())

    async def identify_turn(self, application_id: int, bucket: int, window_s: float) -> datetime:
        """When this process may identify in a bucket; nobody else gets that turn. Raises StoreError."""
        return await self._threaded(self.store.identify_turn, application_id, bucket, window_s, now=self._now())

    async def newest_issue(self) -> IssueRecord | None:
        """The newest issue that was published; None where there is none, or the store is away."""
        try:
            found = await self._threaded(self._issues.earlier_contents, "9999-12", 6)
        except StoreError:
            return None
        return next((issue for issue in found if issue.status in {"approved", "sending", "sent"}), None)

    # ---- how

    async def _kept(
        self, kept: dict[int, _Kept[Row]], key: int, read: Callable[[], Awaitable[Row]], fallback: Row
    ) -> Row:
        now_s = time.monotonic()
        found = kept.get(key)
        if found is not None and found.until_s > now_s:
            return found.row
        if self.away:
            return found.row if found else fallback
        reading = self._reading.get((id(kept), key))
        if reading is None:  # a burst from one server asks the store once
            reading = asyncio.ensure_future(self._read(kept, key, read, found.row if found else fallback))
            self._reading[id(kept), key] = reading
            reading.add_done_callback(lambda _: self._reading.pop((id(kept), key), None))
        row: Row = await asyncio.shield(reading)
        return row

    async def _read(
        self, kept: dict[int, _Kept[Row]], key: int, read: Callable[[], Awaitable[Row]], fallback: Row
    ) -> Row:
        try:
            row = await asyncio.wait_for(read(), READ_S)
        except (StoreError, TimeoutError) as error:
            self._away_until_s = time.monotonic() + AWAY_S
            logger.warning("store away %s", fields(error=repr(error)[:200]))
            return fallback
        while len(kept) >= MOST:
            del kept[next(iter(kept))]
        kept[key] = _Kept(row, time.monotonic() + KEPT_S)
        return row

    async def _write(self, work: Awaitable[Done]) -> Done:
        try:
            return await asyncio.wait_for(work, WRITE_S)
        except TimeoutError as error:
            raise StoreError("The store does not answer.", subject="store", hint="Try again in a minute.") from error

    async def _threaded(self, work: Callable[..., Done], *args: object, **more: object) -> Done:
        return await self._write(self._run(work, *args, **more))

    def _run(self, work: Callable[..., Done], *args: object, **more: object) -> Awaitable[Done]:
        return asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **more))
