"""The gateway: hello, identify, ready, heartbeats, resume, shards, and the ways a connection dies.

One `Session` is one shard's logical session; it outlives its sockets, so that a RESUME gets what was missed. An event
goes to every session whose shard serves its guild, as at Discord. No REST here and no interactions.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from bot.standin import payloads
from bot.standin.link import COMPRESSORS, Link, dumps
from bot.standin.rules import Rules
from bot.standin.world import World

KEPT_EVENTS = 5_000
ACK_AFTER_S = 0.02
"""A heartbeat's answer takes the way there and back. On loopback it could come before discord.py's thread has noted
that it sent the heartbeat; it then takes the time since the one before for the delay and warns of it."""
GUILDS_INTENT = 1 << 0
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
ALL_INTENTS = (1 << 26) - 1

UNKNOWN_OP, DECODE, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY = 4001, 4002, 4003, 4004, 4005
INVALID_SEQ, RATE_LIMITED, TIMED_OUT, INVALID_SHARD, INVALID_VERSION, INVALID_INTENTS, DISALLOWED = (
    4007, 4008, 4009, 4010, 4012, 4013, 4014,
)  # fmt: skip


class _Refused(Exception):
    """The connection is closed with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(eq=False)
class Session:
    """A shard's session: its socket while connected, its sequence number and the events a RESUME would replay."""

    id: str
    shard: tuple[int, int]
    intents: int
    sequence: int = 0
    events: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    link: Link | None = None
    resumes: int = 0
    heartbeats: int = 0
    lost_s: float = 0.0
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def serves(self, guild_id: int | None) -> bool:
        """Whether this shard gets the events of a guild; shard 0 those of direct messages."""
        number, count = self.shard
        return number == ((guild_id or 0) >> 22) % count

    async def dispatch(self, event: str, data: Any) -> None:  # noqa: ANN401 -- any JSON
        """Send one event, or keep it for the next RESUME when nobody listens."""
        await self.dispatch_raw(event, dumps(data))

    async def dispatch_raw(self, event: str, data: bytes) -> None:
        """The same with `d` already as JSON."""
        self.sequence += 1
        frame = b'{"op":0,"t":"%b","s":%d,"d":%b}' % (event.encode(), self.sequence, data)
        self.events.append((self.sequence, frame))
        if self.link is not None:
            await self.link.send_bytes(frame)


class Gateway:
    """Serves /gateway and keeps the sessions.

    `identifies` are the payloads of op 2 as they came; `early` the shards that identified before their bucket's turn.
    `connected` hears of each session that serves, new or resumed.
    `answering` False leaves heartbeats unanswered; `open` False refuses connections with 503.
    """

    def __init__(self, token: str, world: World, rules: Rules, resume_url: Callable[[], str]) -> None:
        self.token = token
        self.world = world
        self.rules = rules
        self.resume_url = resume_url
        self.sessions: dict[str, Session] = {}
        self.identifies: list[dict[str, Any]] = []
        self.early: list[int] = []
        self.closes: list[int] = []
        self.remaining = rules.session_starts
        self.answering = True
        self.open = True
        self.changed = asyncio.Condition()
        self.connected: list[Callable[[], None]] = []
        self._bucket_s: dict[int, float] = {}
        self.links: set[Link] = set()

    # what a test sees and does

    def session_of(self, guild_id: int | None) -> Session:
        """The newest session of the shard that serves `guild_id` (shard 0 for direct messages)."""
        for session in reversed(self.sessions.values()):
            if session.serves(guild_id):
                return session
        raise LookupError("no shard is connected that serves this guild")

    async def dispatch(self, event: str, data: Any, guild_id: int | None) -> None:  # noqa: ANN401 -- any JSON
        """Send an event to every session that serves `guild_id`, or keep it for those away."""
        raw = dumps(data)
        serving = [session for session in self.sessions.values() if session.serves(guild_id)]
        if not serving:
            raise LookupError("no shard is connected that serves this guild")
        for session in serving:
            await session.dispatch_raw(event, raw)

    async def until(self, happened: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `happened()` after some identify, resume or loss of a connection."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(happened)

    async def send_op(self, session: Session, op: int, data: Any = None) -> None:  # noqa: ANN401 -- any JSON
        """Send a bare operation: 1 asks for a heartbeat, 7 to reconnect, 9 invalidates the session."""
        if op == 9 and data is False:
            self.sessions.pop(session.id, None)
        if session.link is not None:
            await session.link.send({"op": op, "d": data})

    async def drop(self) -> None:
        """Cut every connection with no goodbye."""
        for link in tuple(self.links):
            link.abort()

    async def close(self) -> None:
        """End every connection, for the end of the server."""
        for link in tuple(self.links):
            with contextlib.suppress(ConnectionError):
                await link.close(1001, "going away")

    # what Discord does

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        if not self.open:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=16 * 1024)
        await socket.prepare(request)
        link = Link(socket, request, request.query.get("compress", ""))
        self.links.add(link)
        session: Session | None = None
        try:
            self._check_query(request, link)
            await link.send({"op": 10, "d": {"heartbeat_interval": self.rules.heartbeat_ms, "_trace": []}})
            session = await self._converse(link)
        except _Refused as refused:
            self.closes.append(refused.code)
            await link.close(refused.code, refused.reason)
        finally:
            self.links.discard(link)
            await self._lost(link, session or self._held_by(link))
        return socket

    def _check_query(self, request: web.Request, link: Link) -> None:
        if request.query.get("v", "10") not in {"9", "10"}:
            raise _Refused(INVALID_VERSION, "Invalid API version.")
        if request.query.get("encoding", "json") != "json":
            raise _Refused(DECODE, "Only JSON is spoken here.")
        if link.compress and link.compress not in COMPRESSORS:
            raise _Refused(DECODE, "Unknown compression.")

    def _held_by(self, link: Link) -> Session | None:
        return next((one for one in self.sessions.values() if one.link is link), None)

    async def _lost(self, link: Link, session: Session | None) -> None:
        """A connection ended; a session the client said goodbye to ends with it."""
        if session is not None and session.link is link:
            session.link, session.lost_s = None, time.monotonic()
            if link.socket.close_code in {1000, 1001}:
                self.sessions.pop(session.id, None)
        await self._tell()

    async def _converse(self, link: Link) -> Session | None:
        """Take what the client sends until it goes."""
        session: Session | None = None
        recent: deque[float] = deque(maxlen=self.rules.gateway_events)
        wait_s = 2.5 * self.rules.heartbeat_ms / 1000
        while True:
            try:
                frame = await asyncio.wait_for(link.socket.receive(), wait_s)
            except TimeoutError:
                raise _Refused(TIMED_OUT, "Session timed out.") from None
            if frame.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                return session
            if len(recent) == recent.maxlen and time.monotonic() - recent[0] < 60:
                raise _Refused(RATE_LIMITED, "Rate limited.")
            recent.append(time.monotonic())
            session = await self._message(link, session, frame.data)

    async def _message(self, link: Link, session: Session | None, data: str | bytes) -> Session | None:
        try:
            message = orjson.loads(data)
            op = message["op"]
        except (ValueError, TypeError, KeyError):
            raise _Refused(DECODE, "Error while decoding payload.") from None
        if op == 1:
            if session is not None:
                session.heartbeats += 1
            if self.answering:
                await asyncio.sleep(ACK_AFTER_S)
                await link.send({"op": 11})
            return session
        if op in {2, 6}:
            if session is not None:
                raise _Refused(ALREADY, "Already authenticated.")
            return await (self._identify if op == 2 else self._resume)(link, message.get("d") or {})
        if session is None:
            raise _Refused(NOT_AUTHENTICATED, "Not authenticated.")
        if op not in {3, 4, 8, 31}:
            raise _Refused(UNKNOWN_OP, "Unknown opcode.")
        return session

    async def _identify(self, link: Link, data: dict[str, Any]) -> Session | None:
        self.identifies.append(data)
        shard = tuple(data.get("shard") or (0, 1))
        intents = data.get("intents")
        if data.get("token") != self.token:
            raise _Refused(AUTHENTICATION_FAILED, "Authentication failed.")
        if len(shard) != 2 or not 0 <= shard[0] < shard[1] or (self.rules.large and shard[1] % self.rules.shards):
            raise _Refused(INVALID_SHARD, "Invalid shard.")
        if not isinstance(intents, int) or intents & ~ALL_INTENTS:
            raise _Refused(INVALID_INTENTS, "Invalid intent(s).")
        if intents & PRIVILEGED:
            raise _Refused(DISALLOWED, "Disallowed intent(s).")
        if self.remaining <= 0:
            raise _Refused(AUTHENTICATION_FAILED, "Session start limit exceeded.")
        if not self._its_turn(shard[0]):
            self.early.append(shard[0])
            await link.send({"op": 9, "d": False})
            return None
        self.remaining -= 1
        session = Session(f"session-{len(self.identifies)}", (shard[0], shard[1]), intents, link=link)
        self.sessions[session.id] = session
        guilds = [one for one in self.world.guild_ids if (one >> 22) % shard[1] == shard[0]]
        await session.dispatch("READY", payloads.ready(session.id, self.resume_url(), list(shard), guilds))
        if intents & GUILDS_INTENT:
            for guild_id in guilds:
                await session.dispatch("GUILD_CREATE", self.world.guild(guild_id))
        await self._ready(session)
        return session

    def _its_turn(self, shard: int) -> bool:
        """Whether the shard's bucket has not identified within the window."""
        bucket, now = shard % self.rules.max_concurrency, time.monotonic()
        last = self._bucket_s.get(bucket)
        if last is not None and now - last < self.rules.identify_window_s:
            return False
        self._bucket_s[bucket] = now
        return True

    async def _resume(self, link: Link, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        if data.get("token") != self.token:
            raise _Refused(AUTHENTICATION_FAILED, "Authentication failed.")
        away_s = 0.0 if session is None or session.link is not None else time.monotonic() - session.lost_s
        if session is None or away_s > self.rules.resume_within_s:
            if session is not None:
                del self.sessions[session.id]
            await link.send({"op": 9, "d": False})
            return None
        sent = int(data.get("seq") or 0)
        if sent > session.sequence:
            raise _Refused(INVALID_SEQ, "Invalid seq.")
        while missed := [(number, frame) for number, frame in session.events if number > sent]:
            for number, frame in missed:
                await link.send_bytes(frame)
                sent = number
        session.link = link
        session.resumes += 1
        await session.dispatch("RESUMED", {})
        await self._ready(session)
        return session

    async def _ready(self, session: Session) -> None:
        """A session serves, new or resumed."""
        session.ready.set()
        for listener in self.connected:
            listener()
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()
