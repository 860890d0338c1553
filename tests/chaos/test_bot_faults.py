"""The real bot process in trouble: killed, its gateway gone, its payloads mangled, its store away or slow."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.standin import StandIn
from bot.standin.payloads import GUILD_ID, USER_ID, command_data, component_data
from knowledge.content_loader import load_content
from knowledge.settings import CONTENT_DIR
from knowledge.store.db import engine, upgrade
from knowledge.store.sync import sync
from tests.bot.conftest import content_url, copied
from tests.bot.process import PATIENT, BotProcess
from tests.bot.reading import buttons, said
from tests.chaos.store_proxy import StoreProxy
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["content_url", "postgres_server", "postgres_url"]

MAINTAINER = 77
STATE: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("rig set", {"hardware": "RTX 4090"}, USER_ID),
    ("rig show", {}, USER_ID),
    ("rig forget", {}, USER_ID),
    ("fit", {"model": "qwen3-8b"}, USER_ID + 9),
    ("report", {"model": "qwen3-8b", "hardware": "RTX 4090", "speed": 40.0}, USER_ID),
    ("suggest", {"about": "qwen3-8b", "correction": "It has 36 layers."}, USER_ID),
    ("settings", {"answers": "public"}, USER_ID + 1),
    ("settings", {}, USER_ID + 1),
    ("digest approve", {"month": "2026-10"}, MAINTAINER),
    ("kb suggestions", {}, MAINTAINER),
)
"""Commands that need what is stored of people, servers or the digest."""

FIT = {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}
MUTANTS = 10_000
ODD: tuple[Any, ...] = (None, "", "x" * 3000, -1, 2**70, [], {}, True, "\x00", 1.5, "\ud800", [[[[]]]])


@pytest.fixture
def store_url(content_url: str, tmp_path: Path) -> str:
    """A store of each test's own."""
    return copied(content_url, tmp_path)


def mutated(value: Any, dice: random.Random) -> Any:
    """A payload with one thing in it dropped or turned into something else."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        key = dice.choice(sorted(value))
        rest = {name: part for name, part in value.items() if name != key}
        return rest if dice.random() < 0.3 else {**rest, key: mutated(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.85:
        return [mutated(value[0], dice), *value[1:]]
    return dice.choice(ODD)


async def test_ten_thousand_mutants_do_not_end_the_process(tmp_path: Path, store_url: str) -> None:
    dice = random.Random(5)  # noqa: S311 -- the same mutants every time
    kinds = ((2, command_data("fit", FIT)), (4, command_data("fit", {"model": "qw"}, focused="model")),
             (3, component_data("s.AAAAAAAA")), (5, {"custom_id": "F.AAAA", "components": []}))  # fmt: skip
    events = ("INTERACTION_CREATE",) * 8 + ("GUILD_CREATE", "MESSAGE_CREATE", "CHANNEL_UPDATE", "NO_SUCH_EVENT")
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url) as bot:
        await discord.until_ready()
        await discord.until_commands()
        for number in range(MUTANTS):
            kind, data = kinds[number % 4]
            exchange, body = discord.start(kind, data=data, user_id=USER_ID + number % 500)
            del discord.exchanges[exchange.token]  # what it answers, if anything, is no answer to judge
            await discord.dispatch(dice.choice(events), mutated(body, dice))
            if number % 200 == 199:
                await discord.slash("help", user_id=USER_ID + number % 1000, timeout_s=30)
        assert said(await discord.slash("fit", FIT, user_id=USER_ID + 999, timeout_s=30))
        assert bot.process.returncode is None
        assert len(discord.gateway.identifies) == 1
        assert await bot.stop() == 0


async def test_a_killed_process_is_followed_by_one_that_resumes(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord:
        async with await BotProcess.start(discord, tmp_path, store_url) as bot:
            await discord.until_ready()
            await discord.until_commands()
            assert said(await discord.slash("help"))
            await asyncio.sleep(2.5)  # sessions are written down every two seconds
            bot.process.send_signal(signal.SIGKILL)
            await bot.process.wait()
        async with await BotProcess.start(discord, tmp_path, store_url) as bot:
            session = next(iter(discord.gateway.sessions.values()))
            await discord.until_resumed(session)
            assert said(await discord.slash("help"))
            assert len(discord.gateway.identifies) == 1


async def test_what_comes_while_a_process_is_replaced_is_answered(tmp_path: Path, store_url: str) -> None:
    """The event waits at Discord for as long as the next process takes to start, and is answered when it resumes."""
    async with StandIn(rules=PATIENT) as discord:
        async with await BotProcess.start(discord, tmp_path, store_url) as bot:
            await discord.until_ready()
            await discord.until_commands()
            assert await bot.stop() == 0
        starting = asyncio.create_task(BotProcess.start(discord, tmp_path, store_url))
        await asyncio.sleep(0.4)
        exchange = await discord.slash("help", timeout_s=30)
        assert said(exchange)
        assert exchange.attempts == 1
        assert len(discord.gateway.identifies) == 1, "the second process resumed the first one's session"
        await (await starting).stop()


async def test_a_session_discord_forgot_is_begun_anew(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url):
        await discord.until_ready()
        await discord.until_commands()
        session = discord.gateway.session_of(None)
        await discord.gateway.send_op(session, 9, False)
        await discord.gateway.until(lambda: len(discord.gateway.identifies) == 2, 15)
        assert said(await discord.slash("help"))


@pytest.fixture
async def proxied(postgres_url: str) -> AsyncIterator[tuple[StoreProxy, str]]:
    """A synced PostgreSQL store behind the proxy, and its address."""
    upgrade(postgres_url)
    store = engine(postgres_url)
    sync(store, load_content(CONTENT_DIR))
    store.dispose()
    parts = urlsplit(postgres_url)
    async with StoreProxy(parts.port or 5432) as proxy:
        yield proxy, postgres_url.replace(f":{parts.port}/", f":{proxy.port}/")


@pytest.mark.postgres
async def test_answers_go_on_without_the_store_and_state_says_so(
    tmp_path: Path, proxied: tuple[StoreProxy, str]
) -> None:
    proxy, url = proxied
    settings = {"BOT_MAINTAINERS": str(MAINTAINER)}
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, url, **settings) as bot:
        await discord.until_ready()
        await discord.until_commands()
        await bot.until_logged("models compiled", 60)
        assert "saved" in (await discord.slash("rig set", {"hardware": "RTX 3060 12GB"})).text.lower()
        rated = await discord.slash("define", {"term": "gguf"})
        proxy.cut()
        for user in (1, 2):
            exchange = await discord.slash("fit", FIT, user_id=USER_ID + user)
            assert "Runs comfortably" in said(exchange)
        lost = [(name, await discord.slash(name, options, user_id=user)) for name, options, user in STATE]
        lost.append(("helped", await discord.press(buttons(rated)["This helped"], discord.posted(rated))))
        for name, exchange in lost:
            assert "Nothing was saved and nothing changed" in said(exchange), name
            assert exchange.ephemeral, name
        proxy.mend()
        async with asyncio.timeout(20):
            while "out of reach" in said(await discord.slash("rig set", {"hardware": "RTX 4090"})):  # noqa: ASYNC110 -- another process
                await asyncio.sleep(0.5)
        assert bot.process.returncode is None
        assert url.partition("@")[2] not in (await discord.slash("rig show")).text


@pytest.mark.postgres
async def test_a_slow_store_makes_no_answer_late(tmp_path: Path, proxied: tuple[StoreProxy, str]) -> None:
    """20 ms to each statement, 300 at once in 300 servers: each reads its server's settings first.

    If the loop waited for the store, 90 could be answered before the others are told that the bot is busy. On a machine
    that does many other things it may tell a few so all the same.
    """
    proxy, url = proxied
    guilds = [GUILD_ID + (number << 22) for number in range(300)]
    async with (
        StandIn(rules=PATIENT, guild_ids=guilds) as discord,
        await BotProcess.start(discord, tmp_path, url) as bot,
    ):
        await discord.until_ready()
        await discord.until_commands()
        await bot.until_logged("models compiled", 60)
        await discord.slash("fit", FIT, guild_id=guilds[0])
        proxy.delay_s = 0.02
        exchanges = await asyncio.gather(*(
            discord.slash("fit", FIT, user_id=USER_ID + number, guild_id=guild)
            for number, guild in enumerate(guilds)
        ), return_exceptions=True)  # fmt: skip
        answered = [one for one in exchanges if not isinstance(one, BaseException) and "tok/s" in said(one)]
        assert len(answered) > 180
