"""Two bot processes share four shards: all served, each identified in its bucket's turn, no answer given twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.standin import StandIn
from bot.standin.payloads import GUILD_ID, USER_ID
from bot.standin.rules import Rules
from knowledge.content_loader import load_content
from knowledge.settings import CONTENT_DIR
from knowledge.store.db import engine, upgrade
from knowledge.store.sync import sync
from tests.bot.process import BotProcess
from tests.bot.reading import said
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A synced store of each backend."""
    embedded = request.param == "sqlite"
    made: str = f"sqlite:///{tmp_path / 'shared.db'}" if embedded else request.getfixturevalue("postgres_url")
    upgrade(made)
    store = engine(made)
    sync(store, load_content(CONTENT_DIR))
    store.dispose()
    return made


async def test_two_processes_serve_every_shard_once(tmp_path: Path, url: str) -> None:
    guilds = [(GUILD_ID & ~(0xFFFF << 22)) + (number << 22) for number in range(8)]
    rules = Rules(shards=4, max_concurrency=2, identify_window_s=5)
    async with StandIn(guild_ids=guilds, rules=rules) as discord:
        processes = await asyncio.gather(*(
            BotProcess.start(
                discord, tmp_path, url, RUNLOCALAI_SHARD_COUNT="4", RUNLOCALAI_SHARD_IDS=part
            )
            for part in ("0-1", "2-3")
        ))  # fmt: skip
        try:
            await discord.until_ready(shards=4, timeout_s=40)
            assert sorted(identify["shard"][0] for identify in discord.gateway.identifies) == [0, 1, 2, 3]
            assert discord.gateway.early == []
            await discord.until_commands()
            exchanges = await asyncio.gather(*(
                discord.slash("help", guild_id=guilds[number % 8], user_id=USER_ID + number) for number in range(80)
            ))  # fmt: skip
            assert all(said(exchange) for exchange in exchanges)
            assert {exchange.attempts for exchange in exchanges} == {1}
            assert sum(exchange.repeated for exchange in exchanges) == 0
            assert discord.command_writes == 1
        finally:
            codes = [await process.stop() for process in processes]
        assert codes == [0, 0]
