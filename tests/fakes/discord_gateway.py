"""The gateway half of the stand-in Discord: hello, identify, ready, heartbeats, resume, and the ways a connection dies.

One `Session` is one shard's logical session; it outlives its sockets, so that a RESUME gets what was missed. Speaks
JSON, plain or with `zlib-stream`. No REST here and no interactions: those are discord_server's.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes import discord_payloads as payloads

HEARTBEAT_INTERVAL_MS = 41_250
KEPT_EVENTS = 5_000


@dataclass
class Session:
    """A shard's session: its socket while connected, its sequence number and the events a RESUME would replay."""

    id: str
    shard: tuple[int, int]
    intents: int
    sequence: int = 0
    events: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    link: Link | None = None
    resumes: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def dispatch(self, event: str, data: Any) -> None:
        """Send one event, or keep it for the next RESUME when nobody listens."""
        self.sequence += 1
        text = json.dumps({"op": 0, "t": event, "s": self.sequence, "d": data})
        self.events.append((self.sequence, text))
        if self.link is not None:
            await self.link.send_text(text)


@dataclass
class Link:
    """One WebSocket, with its compressor where the client asked for one."""

    socket: web.WebSocketResponse
    request: web.Request
    compressor: Any = None

    async def send_text(self, text: str) -> None:
        """Send a frame; a socket that has gone is not an error here."""
        if self.socket.closed:
            return
        try:
            if self.compressor is None:
                await self.socket.send_str(text)
                return
            frame = self.compressor.compress(text.encode()) + self.compressor.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(frame)
        except ConnectionError:
            return

    async def send(self, payload: Any) -> None:
        """Send a payload as JSON."""
        await self.send_text(json.dumps(payload))

    def abort(self) -> None:
        """Cut the TCP connection with no goodbye."""
        if self.request.transport is not None:
            self.request.transport.abort()


class Gateway:
    """Serves /gateway and keeps the sessions."""

    def __init__(self, token: str, guild_ids: tuple[int, ...], resume_url: Callable[[], str]) -> None:
        self.token = token
        self.guild_ids = guild_ids
        self.resume_url = resume_url
        self.sessions: dict[str, Session] = {}
        self.identifies: list[dict[str, Any]] = []
        self.changed = asyncio.Condition()

    def session_of(self, guild_id: int | None) -> Session:
        """The newest session of the shard that serves `guild_id` (shard 0 for direct messages)."""
        for session in reversed(self.sessions.values()):
            number, count = session.shard
            if number == ((guild_id or 0) >> 22) % count:
                return session
        raise LookupError("no shard is connected that serves this guild")

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from hello to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        link = Link(socket, request)
        if request.query.get("compress") == "zlib-stream":
            link.compressor = zlib.compressobj()
        await link.send({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_INTERVAL_MS}})
        session: Session | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            if message["op"] == 1:
                await link.send({"op": 11})
            elif message["op"] == 2:
                session = await self._identify(link, message["d"])
            elif message["op"] == 6:
                session = await self._resume(link, message["d"])
        if session is not None and session.link is link:
            session.link = None
        return socket

    async def _identify(self, link: Link, data: dict[str, Any]) -> Session | None:
        self.identifies.append(data)
        if data.get("token") != self.token:
            await link.socket.close(code=4004, message=b"Authentication failed.")
            return None
        shard = tuple(data.get("shard") or (0, 1))
        session = Session(f"session-{len(self.identifies)}", (shard[0], shard[1]), int(data["intents"]), link=link)
        self.sessions[session.id] = session
        await session.dispatch("READY", payloads.ready(session.id, self.resume_url(), list(shard), self.guild_ids))
        await self._tell(session)
        return session

    async def _resume(self, link: Link, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None or data.get("token") != self.token:
            await link.send({"op": 9, "d": False})
            return None
        sent = int(data["seq"])
        while missed := [(number, text) for number, text in session.events if number > sent]:
            for number, text in missed:
                await link.send_text(text)
                sent = number
        session.link = link
        session.resumes += 1
        await session.dispatch("RESUMED", {})
        await self._tell(session)
        return session

    async def _tell(self, session: Session) -> None:
        session.ready.set()
        async with self.changed:
            self.changed.notify_all()

    async def until(self, happened: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `happened()` after some identify or resume."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(happened)

    async def send_op(self, session: Session, op: int, data: Any = None) -> None:
        """Send a bare operation: 7 asks to reconnect, 9 invalidates the session."""
        if op == 9 and data is False:
            self.sessions.pop(session.id, None)
        if session.link is not None:
            await session.link.send({"op": op, "d": data})
