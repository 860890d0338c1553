"""Starting and stopping the real process: what an operator gets wrong is one clear line, and SIGTERM ends it well."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.standin import TOKEN, StandIn
from bot.standin.payloads import APP_ID
from knowledge.store.bot_store import BotStore
from knowledge.store.db import engine, upgrade
from tests.bot.conftest import copied
from tests.bot.process import PATIENT, BotProcess, environment
from tests.bot.reading import said


@pytest.fixture
def store_url(content_url: str, tmp_path: Path) -> str:
    """A store of each test's own: which commands are registered stands in it."""
    return copied(content_url, tmp_path)


def run_bot(data_dir: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` to its end."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command, cwd=data_dir, env=environment(data_dir, **env), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("env", "code", "said"),
    [
        ({}, 2, "DISCORD_TOKEN is not set"),
        ({"DISCORD_TOKEN": "abc"}, 2, "DISCORD_TOKEN does not look like a bot token"),
        ({"DISCORD_TOKEN": TOKEN, "DATABASE_URL": "mysql://x/y"}, 2, "DATABASE_URL"),
        ({"DISCORD_TOKEN": TOKEN, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, 1, "127.0.0.1"),
        ({"DISCORD_TOKEN": TOKEN}, 1, "python -m knowledge sync"),
        ({"DISCORD_TOKEN": TOKEN, "RUNLOCALAI_DISCORD_API": "https://evil.example"}, 2, "only point to this machine"),
    ],
)
def test_what_an_operator_gets_wrong_is_one_line(tmp_path: Path, env: dict[str, str], code: int, said: str) -> None:
    done = run_bot(tmp_path, **env)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr


def test_no_token_says_how_to_get_one(tmp_path: Path) -> None:
    done = run_bot(tmp_path, "run")
    assert "https://discord.com/developers/applications" in done.stderr
    assert "DISCORD_TOKEN=" in done.stderr


def test_problem_as_json(tmp_path: Path) -> None:
    done = run_bot(tmp_path, "--json", "run")
    assert json.loads(done.stdout)["error"]["code"] == "bad_input"


def test_empty_store_is_refused_with_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    upgrade(url)
    done = run_bot(tmp_path, DISCORD_TOKEN=TOKEN, DATABASE_URL=url)
    assert done.returncode == 1
    assert "sync" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_content_of_another_form_ends_it_in_one_line(tmp_path: Path, store_url: str) -> None:
    store = engine(store_url)
    with store.begin() as conn:
        conn.execute(sa.text("UPDATE tool SET payload = '{}'"))
    store.dispose()
    done = run_bot(tmp_path, DISCORD_TOKEN=TOKEN, DATABASE_URL=store_url, RUNLOCALAI_DISCORD_API="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "python -m knowledge sync" in done.stderr.splitlines()[-1]
    assert "Traceback" not in "".join(line for line in done.stderr.splitlines() if line.startswith("bot:"))


async def test_what_comes_while_the_store_is_read_is_answered(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url) as bot:
        await discord.until_ready()
        options = {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}
        exchanges = await asyncio.gather(*(discord.slash("fit", options, user_id=n) for n in range(1, 30)))
        assert all(map(said, exchanges))  # on a machine too slow for it, some were told so
        await bot.until_logged("content loaded", 30)
        assert "Qwen3" in said(await discord.slash("fit", options))


async def test_refused_token_is_one_line_and_ends_the_process(tmp_path: Path, store_url: str) -> None:
    wrong = {"DISCORD_TOKEN": TOKEN[::-1]}
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url, **wrong) as bot:
        assert await bot.process.wait() == 2
        await bot.stop()
        assert "Discord refused DISCORD_TOKEN" in bot.log
        assert "Traceback" not in bot.log


async def test_commands_are_sent_once_and_again_only_when_changed(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord:
        for number in range(2):
            async with await BotProcess.start(discord, tmp_path, store_url) as bot:
                await bot.until_logged("ready")
                if number == 0:
                    await bot.until_logged("commands registered")
                assert said(await discord.slash("help"))
                assert await bot.stop() == 0
        assert discord.command_writes == 1
        store = engine(store_url)
        BotStore(store).registered(APP_ID, "something else", now=datetime.now(UTC))
        store.dispose()
        async with await BotProcess.start(discord, tmp_path, store_url, "sync-commands") as bot:
            assert await bot.process.wait() == 0
            await bot.stop()
            assert discord.command_writes == 2
            assert len(discord.gateway.identifies) == 1, "the second process resumed the first one's session"


async def test_only_the_first_shard_registers_and_another_identifies_as_itself(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord:
        env = {"RUNLOCALAI_SHARD_COUNT": "3", "RUNLOCALAI_SHARD_IDS": "1"}
        async with await BotProcess.start(discord, tmp_path, store_url, **env) as bot:
            await discord.until_ready()
            assert [identify["shard"] for identify in discord.gateway.identifies] == [[1, 3]]
            exchange = await discord.slash("help", guild_id=1 << 22)
            assert said(exchange)
            assert await bot.stop() == 0
            assert discord.command_writes == 0


@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.5])
async def test_sigterm_ends_it_while_it_reads_the_store_or_compiles(
    tmp_path: Path, store_url: str, after_s: float
) -> None:
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url) as bot:
        await discord.until_ready()
        await asyncio.sleep(after_s)
        assert await bot.stop() == 0, bot.log


async def test_sigterm_lets_answers_in_hand_go_out(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url) as bot:
        await discord.until_ready()
        await bot.until_logged("commands registered")
        discord.faults.append("429")
        exchange, body = discord.start(2, data={"name": "help", "id": "1", "type": 1, "options": []})
        await discord.dispatch("INTERACTION_CREATE", body)
        await exchange.until(lambda: exchange.attempts == 1)
        assert await bot.stop() == 0
        assert exchange.callback is not None


async def test_sigterm_ends_it_when_discord_has_gone(tmp_path: Path, store_url: str) -> None:
    async with StandIn(rules=PATIENT) as discord:
        bot = await BotProcess.start(discord, tmp_path, store_url)
        await bot.until_logged("commands registered")
        await discord.until_ready()
    assert await bot.stop() == 0, bot.log


async def test_sigterm_ends_it_while_the_gateway_cannot_be_reached(tmp_path: Path, store_url: str) -> None:
    env = {"RUNLOCALAI_SHARD_COUNT": "1", "RUNLOCALAI_DISCORD_GATEWAY": "ws://127.0.0.1:1/gateway"}
    async with StandIn(rules=PATIENT) as discord, await BotProcess.start(discord, tmp_path, store_url, **env) as bot:
        await bot.until_logged("Failed to connect")
        assert await bot.stop() == 0, bot.log
