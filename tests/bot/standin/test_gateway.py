"""The gateway over a bare WebSocket: each operation, each close code, both compressions, shards and their turns."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any, Self

import aiohttp
import pytest
import zstandard

from bot.standin import Rules, StandIn
from bot.standin.payloads import GUILD_ID


class Wire:
    """A client that speaks frames and nothing else."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, compress: str) -> None:
        self.socket = socket
        made: Any = {"zlib-stream": zlib.decompressobj, "zstd-stream": zstandard.ZstdDecompressor().decompressobj}
        self.inflate = made[compress]() if compress in made else None

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        frame = await self.socket.receive(5)
        if frame.type is aiohttp.WSMsgType.CLOSE:
            return {"close": frame.data}
        raw = self.inflate.decompress(frame.data) if self.inflate is not None else frame.data
        return dict(json.loads(raw))

    async def say(self, op: int, data: Any = None) -> Self:
        """Send an operation."""
        await self.socket.send_json({"op": op, "d": data})
        return self

    async def identify(self, token: str, **more: Any) -> dict[str, Any]:
        """Identify; what comes back."""
        await self.say(2, {"token": token, "intents": 0, "properties": {}, **more})
        return await self.hear()


@contextlib.asynccontextmanager
async def wired(discord: StandIn, query: str = "?v=10&encoding=json", compress: str = "") -> AsyncIterator[Wire]:
    """Connect and take the hello."""
    url = f"{discord.gateway_url}{query}" + (f"&compress={compress}" if compress else "")
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        wire = Wire(socket, compress)
        hello = await wire.hear()
        if "close" not in hello:
            assert hello["op"] == 10
            assert hello["d"]["heartbeat_interval"] == discord.rules.heartbeat_ms
        yield wire


@pytest.mark.parametrize("compress", ["", "zlib-stream", "zstd-stream"])
async def test_hello_identify_ready_heartbeat_and_events(compress: str) -> None:
    async with StandIn() as discord, wired(discord, compress=compress) as wire:
        ready = await wire.identify(discord.token)
        assert ready["t"] == "READY"
        assert ready["d"]["resume_gateway_url"] == discord.gateway_url
        assert ready["d"]["guilds"] == [{"id": str(GUILD_ID), "unavailable": True}]
        await wire.say(1, 1)
        assert (await wire.hear())["op"] == 11
        for n in range(50):
            await discord.dispatch("THING", {"n": n, "text": "x" * 500})
            got = await wire.hear()
            assert (got["t"], got["s"], got["d"]["n"]) == ("THING", n + 2, n)


async def test_guilds_come_with_the_intent_only() -> None:
    async with StandIn() as discord, wired(discord) as wire:
        await wire.identify(discord.token, intents=1)
        assert (await wire.hear())["t"] == "GUILD_CREATE"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"shard": [0, 0]}, 4010),
        ({"intents": 1 << 40}, 4013),
        ({"intents": "x"}, 4013),
        ({"intents": 1 << 15}, 4014),
    ],
)
async def test_identify_is_refused(said: dict[str, Any], code: int) -> None:
    async with StandIn() as discord, wired(discord) as wire:
        answer = await wire.identify(said.pop("token", discord.token), **said)
        assert answer == {"close": code}
        assert discord.gateway.closes == [code]


@pytest.mark.parametrize(
    ("query", "code"), [("?v=6", 4012), ("?v=10&encoding=etf", 4002), ("?v=10&compress=rar", 4002)]
)
async def test_connection_is_refused(query: str, code: int) -> None:
    async with StandIn() as discord, wired(discord, query) as wire:
        assert discord.gateway.closes == [code]
        assert wire.socket.closed


@pytest.mark.parametrize(("op", "code"), [(3, 4003), (42, 4003)])
async def test_nothing_before_identify(op: int, code: int) -> None:
    async with StandIn() as discord, wired(discord) as wire:
        await wire.say(op)
        assert await wire.hear() == {"close": code}


@pytest.mark.parametrize(("op", "code"), [(42, 4001), (2, 4005), (6, 4005)])
async def test_what_is_refused_after_identify(op: int, code: int) -> None:
    async with StandIn() as discord, wired(discord) as wire:
        await wire.identify(discord.token)
        await wire.say(op, {})
        assert await wire.hear() == {"close": code}


@pytest.mark.parametrize("raw", ["no json", "[]", "{}", "7"])
async def test_what_cannot_be_read_is_4002(raw: str) -> None:
    async with StandIn() as discord, wired(discord) as wire:
        await wire.socket.send_str(raw)
        assert await wire.hear() == {"close": 4002}


async def test_too_many_events_are_4008_and_silence_4009() -> None:
    async with StandIn(rules=Rules(gateway_events=5)) as discord, wired(discord) as wire:
        await wire.identify(discord.token)
        for _ in range(5):
            await wire.say(1)
        heard = [await wire.hear() for _ in range(5)]
        assert heard[-1] == {"close": 4008}
    async with StandIn(rules=Rules(heartbeat_ms=40)) as discord, wired(discord) as wire:
        await wire.identify(discord.token)
        assert await wire.hear() == {"close": 4009}


async def test_resume_replays_what_was_missed() -> None:
    async with StandIn() as discord:
        async with wired(discord) as wire:
            ready = await wire.identify(discord.token)
            session = discord.gateway.session_of(None)
            assert session.link is not None
            session.link.abort()
            await discord.gateway.until(lambda: session.link is None, 5)
        for n in range(3):
            await discord.dispatch("THING", n)
        async with wired(discord) as wire:
            await wire.say(6, {"token": discord.token, "session_id": ready["d"]["session_id"], "seq": 2})
            heard = [await wire.hear() for _ in range(3)]
            assert [(one["t"], one["s"]) for one in heard] == [("THING", 3), ("THING", 4), ("RESUMED", 5)]
            assert discord.gateway.session_of(None).resumes == 1


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"session_id": "nope"}, {"op": 9, "d": False}),
        ({"seq": 99}, {"close": 4007}),
        ({"token": "x"}, {"close": 4004}),
    ],
)
async def test_resume_is_refused(said: dict[str, Any], answer: dict[str, Any]) -> None:
    async with StandIn() as discord:
        async with wired(discord) as wire:
            ready = await wire.identify(discord.token)
            discord.gateway.session_of(None).link.abort()  # type: ignore[union-attr]
            await asyncio.sleep(0.05)
        async with wired(discord) as wire:
            given = {"token": discord.token, "session_id": ready["d"]["session_id"], "seq": 1, **said}
            await wire.say(6, given)
            assert await wire.hear() == answer


async def test_session_that_said_goodbye_or_is_too_old_is_gone() -> None:
    async with StandIn(rules=Rules(resume_within_s=0.05)) as discord:
        async with wired(discord) as wire:
            await wire.identify(discord.token)
            await wire.socket.close(code=1000)
        await discord.gateway.until(lambda: not discord.gateway.sessions, 5)
        async with wired(discord) as wire:
            ready = await wire.identify(discord.token)
            discord.gateway.session_of(None).link.abort()  # type: ignore[union-attr]
        await asyncio.sleep(0.15)
        async with wired(discord) as wire:
            await wire.say(6, {"token": discord.token, "session_id": ready["d"]["session_id"], "seq": 1})
            assert await wire.hear() == {"op": 9, "d": False}


async def test_identifies_wait_for_their_buckets_turn() -> None:
    rules = Rules(shards=4, max_concurrency=2, identify_window_s=0.3)
    async with StandIn(rules=rules) as discord:
        answers = []
        for shard in (0, 1, 2):  # 2 shares the bucket of 0
            async with wired(discord) as wire:
                answers.append(await wire.identify(discord.token, shard=[shard, 4]))
        assert [answer.get("t") for answer in answers] == ["READY", "READY", None]
        assert answers[2] == {"op": 9, "d": False}
        assert discord.gateway.early == [2]
        await asyncio.sleep(0.35)
        async with wired(discord) as wire:
            assert (await wire.identify(discord.token, shard=[2, 4]))["t"] == "READY"


async def test_session_starts_run_out_and_large_bots_hold_to_the_count() -> None:
    async with StandIn(rules=Rules(session_starts=1)) as discord:
        for expected in ("READY", None):
            async with wired(discord) as wire:
                assert (await wire.identify(discord.token)).get("t") == expected
    async with StandIn(rules=Rules(shards=2, large=True)) as discord:
        async with wired(discord) as wire:
            assert await wire.identify(discord.token, shard=[0, 3]) == {"close": 4010}
        async with wired(discord) as wire:
            assert (await wire.identify(discord.token, shard=[0, 4]))["t"] == "READY"


async def test_events_go_to_every_session_that_serves_the_guild() -> None:
    async with StandIn() as discord, wired(discord) as one, wired(discord) as two:
        await one.identify(discord.token)
        await two.identify(discord.token)
        await discord.dispatch("THING", 7)
        assert [(await wire.hear())["d"] for wire in (one, two)] == [7, 7]
        discord.gateway.open = False
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(discord.gateway_url)


async def test_unanswered_heartbeats_and_bare_operations() -> None:
    async with StandIn() as discord, wired(discord) as wire:
        await wire.identify(discord.token)
        session = discord.gateway.session_of(None)
        discord.gateway.answering = False
        await wire.say(1)
        for op, data in ((1, None), (7, None), (9, True)):
            await discord.gateway.send_op(session, op, data)
            assert await wire.hear() == {"op": op, "d": data}
        assert session.heartbeats == 1
        await discord.gateway.drop()
        assert (await wire.socket.receive(5)).type is not aiohttp.WSMsgType.TEXT
