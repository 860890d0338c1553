"""/healthz and /metrics of the real process: on loopback, only where asked for, honest about the gateway."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from bench.bot_soak import free_port
from bot.standin import StandIn
from tests.bot.conftest import copied
from tests.bot.process import BotProcess
from tests.bot.reading import said


@pytest.fixture
def store_url(content_url: str, tmp_path: Path) -> str:
    """A store of each test's own."""
    return copied(content_url, tmp_path)


async def asked(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_health_and_metrics(tmp_path: Path, store_url: str) -> None:
    port = free_port()
    async with (
        StandIn() as discord,
        await BotProcess.start(discord, tmp_path, store_url, BOT_HEALTH_PORT=str(port)) as bot,
    ):
        await bot.until_logged("ready")
        assert said(await discord.slash("help"))
        await bot.until_logged("content loaded", 60)  # before, it answers what asks by names only, and says so
        status, text = await asked(port, "/healthz")
        assert status == 200, text
        assert '"shards": [0]' in text
        status, text = await asked(port, "/metrics")
        assert 'runlocalai_bot_ack_seconds_count{kind="command"} 1.0' in text
        assert "runlocalai_bot_shards_connected 1.0" in text
        assert discord.token not in text
        assert (await asked(port, "/secret"))[0] == 404
        discord.gateway.open = False
        await discord.gateway.drop()
        async with asyncio.timeout(10):
            while (await asked(port, "/healthz"))[0] == 200:  # noqa: ASYNC110 -- it is another process
                await asyncio.sleep(0.05)


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path, store_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with StandIn() as discord, await BotProcess.start(
            discord, tmp_path, store_url, BOT_HEALTH_PORT=port
        ) as bot:  # fmt: skip
            assert await bot.process.wait() == 2
            await bot.stop()
            assert "BOT_HEALTH_PORT" in bot.log
            assert len(bot.lines) == 1
