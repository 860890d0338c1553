"""What the processes of a sharded bot share: whose turn it is to identify, and sessions that outlive a process.

Discord lets one shard of a bucket (shard id modulo `max_concurrency`) identify in five seconds, whichever process it
is in. Turns stand in the store; where only one process serves all shards, or the store is away, they are kept here.
No socket is opened here: bot.wire and bot.app do what is decided.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.log import fields
from knowledge.errors import StoreError

logger = logging.getLogger(__name__)

WINDOW_S: Final = 5.25
"""Between two identifies of a bucket: Discord's five seconds, and a little for the way there."""

RESUMABLE_S: Final = 90.0
"""A session is tried so long after it was written down; Discord keeps one for about as long."""

Reserve = Callable[[int, float], Awaitable[datetime]]
"""(bucket, window in seconds) → the moment of this process's turn, in UTC. Raises StoreError."""


class Turns:
    """Waits until a shard may identify. `reserve` asks the store; None: this process is the only one."""

    def __init__(self, max_concurrency: int, reserve: Reserve | None, window_s: float = WINDOW_S) -> None:
        self._concurrency = max(max_concurrency, 1)
        self._reserve = reserve
        self._window_s = window_s
        self._free_s: dict[int, float] = {}

    async def wait(self, shard_id: int) -> None:
        """Return when the shard may identify."""
        bucket = shard_id % self._concurrency
        pause_s = await self._shared(bucket)
        if pause_s is None:
            pause_s = self._own(bucket)
        if pause_s > 0:
            logger.info("identify waits %s", fields(shard=shard_id, bucket=bucket, wait_s=pause_s))
            await asyncio.sleep(pause_s)

    async def _shared(self, bucket: int) -> float | None:
        if self._reserve is None:
            return None
        try:
            turn = await self._reserve(bucket, self._window_s)
        except StoreError as error:
            logger.warning("store away, identifying by this process's own clock %s", fields(error=str(error)[:200]))
            return None
        return (turn - datetime.now(UTC)).total_seconds()

    def _own(self, bucket: int) -> float:
        now_s = time.monotonic()
        turn_s = max(self._free_s.get(bucket, now_s), now_s)
        self._free_s[bucket] = turn_s + self._window_s
        return turn_s - now_s


@dataclass(frozen=True, slots=True)
class Session:
    """Where a shard's session with Discord stands."""

    id: str
    sequence: int
    gateway: str


class Sessions:
    """The shards' sessions in a file of the data directory, for the process that comes after this one.

    Whoever has a session's id still needs the token to use it. Each is handed out once.
    """

    def __init__(self, folder: Path, token: str, shard_ids: tuple[int, ...] | None, shard_count: int | None) -> None:
        part = f"{min(shard_ids)}-{max(shard_ids)}-of-{shard_count}" if shard_ids else "all"
        owner = hashlib.blake2b(token.encode(), digest_size=8, person=b"sessions").hexdigest()
        self._path = folder / f"bot-sessions-{owner}-{part}.json"
        self._saved: Mapping[int, Session] = {}
        self._waiting: dict[int, Session] = {}

    def load(self, now_s: float) -> None:
        """Read what the process before left; `now_s` is the wall clock. Nothing where it is old, absent or broken."""
        try:
            found = json.loads(self._path.read_text("utf-8"))
            if 0 <= now_s - found["at_s"] < RESUMABLE_S:
                self._waiting = {int(shard): Session(**one) for shard, one in found["sessions"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("sessions not read %s", fields(error=repr(error)[:200]))

    def offer(self, sessions: Mapping[int, Session]) -> None:
        """Hand these to the next client of this process."""
        self._waiting = dict(sessions)

    def take(self, shard_id: int) -> Session | None:
        """The session a shard may resume, once."""
        return self._waiting.pop(shard_id, None)

    def save(self, sessions: Mapping[int, Session], now_s: float) -> None:
        """Write them down (blocking), where they changed. A disk that refuses costs a resume, nothing else."""
        if not sessions or sessions == self._saved:
            return
        kept = {str(shard): asdict(one) for shard, one in sessions.items()}
        text = json.dumps({"at_s": now_s, "sessions": kept})
        beside = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, "utf-8")
            beside.chmod(0o600)
            beside.replace(self._path)
        except OSError as error:
            logger.warning("sessions not written %s", fields(error=repr(error)[:200]))
            return
        self._saved = dict(sessions)

    def drop(self) -> None:
        """Forget what was written: these sessions are over."""
        self._path.unlink(missing_ok=True)
