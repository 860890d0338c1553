"""Starting and stopping the real process: what an operator gets wrong is one clear line, and SIGTERM ends it well."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot import commands
from knowledge.store.db import upgrade
from tests.bot.process import BotProcess, environment
from tests.fakes.discord_payloads import APP_ID
from tests.fakes.discord_server import TOKEN, FakeDiscord


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


def test_without_a_token_the_procfile_process_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "run", "--wait"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stderr is not None
        assert "DISCORD_TOKEN is not set" in waiting.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.3)
        waiting.terminate()
        assert waiting.wait(10) == 0


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


async def test_refused_token_is_one_line_and_ends_the_process(tmp_path: Path, store_url: str) -> None:
    wrong = {"DISCORD_TOKEN": TOKEN[::-1]}
    async with FakeDiscord() as discord, await BotProcess.start(discord, tmp_path, store_url, **wrong) as bot:
        assert await bot.process.wait() == 2
        await bot.stop()
        assert "Discord refused DISCORD_TOKEN" in bot.log
        assert "Traceback" not in bot.log


async def test_commands_are_sent_once_and_again_only_when_changed(tmp_path: Path, store_url: str) -> None:
    async with FakeDiscord() as discord:
        for number in range(2):
            async with await BotProcess.start(discord, tmp_path, store_url) as bot:
                await bot.until_logged("ready")
                if number == 0:
                    await bot.until_logged("commands registered")
                assert (await discord.slash("help")).embeds
                assert await bot.stop() == 0
        assert discord.command_writes == 1
        (tmp_path / f"commands-{APP_ID}.sha256").write_text("something else\n")
        async with await BotProcess.start(discord, tmp_path, store_url, "sync-commands") as bot:
            assert await bot.process.wait() == 0
            await bot.stop()
            assert discord.command_writes == 2
            assert len(discord.gateway.identifies) == 2


async def test_only_the_first_shard_registers_and_another_identifies_as_itself(tmp_path: Path, store_url: str) -> None:
    async with FakeDiscord() as discord:
        env = {"RUNLOCALAI_SHARD_COUNT": "3", "RUNLOCALAI_SHARD_IDS": "1"}
        async with await BotProcess.start(discord, tmp_path, store_url, **env) as bot:
            await discord.until_ready()
            assert [identify["shard"] for identify in discord.gateway.identifies] == [[1, 3]]
            exchange = await discord.slash("help", guild_id=1 << 22)
            assert exchange.embeds
            assert await bot.stop() == 0
            assert discord.command_writes == 0


async def test_sigterm_lets_answers_in_hand_go_out(tmp_path: Path, store_url: str) -> None:
    async with FakeDiscord() as discord, await BotProcess.start(discord, tmp_path, store_url) as bot:
        await discord.until_ready()
        await bot.until_logged("commands registered")
        discord.faults.append("429")
        exchange, body = discord.start(2, data={"name": "help", "id": "1", "type": 1, "options": []})
        await discord.dispatch("INTERACTION_CREATE", body)
        await exchange.until(lambda: exchange.attempts == 1)
        assert await bot.stop() == 0
        assert exchange.callback is not None


async def test_sigterm_ends_it_when_discord_has_gone(tmp_path: Path, store_url: str) -> None:
    async with FakeDiscord() as discord:
        bot = await BotProcess.start(discord, tmp_path, store_url)
        await bot.until_logged("commands registered")
        await discord.until_ready()
    assert await bot.stop() == 0, bot.log


async def test_sigterm_ends_it_while_the_gateway_cannot_be_reached(tmp_path: Path, store_url: str) -> None:
    env = {"RUNLOCALAI_SHARD_COUNT": "1", "RUNLOCALAI_DISCORD_GATEWAY": "ws://127.0.0.1:1/gateway"}
    async with FakeDiscord() as discord, await BotProcess.start(discord, tmp_path, store_url, **env) as bot:
        await bot.until_logged("Failed to connect")
        assert await bot.stop() == 0, bot.log


def test_sandbox_shows_every_example_and_writes_the_page(tmp_path: Path, store_url: str) -> None:
    done = run_bot(tmp_path, "sandbox", "--html", str(tmp_path / "page.html"), DATABASE_URL=store_url)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text("utf-8")
    for module in commands.modules():
        assert f"/{module.NAME}" in done.stdout
        assert page.count(f"you used <b>/{module.NAME}") == len(module.EXAMPLES)
    assert "Something broke" not in page


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        ("/fit model:qwen3-8b hardware:RTX 3060 12GB quant:Q4_K_M", 0, "Runs comfortably"),
        ("/fit model:llama-3.3-70b-instruct hardware:RTX 3060 12GB", 0, "Will not run"),
        ("/define kv cache", 0, "KV cache"),
        ("/fit model:qwen3-8b hardware:RTX 3060", 1, "Which one do you mean"),
        ("/fit model:qwen3-8b", 2, "/fit needs hardware"),
        ("/fit model:qwen3-8b hardware:RTX 3060 12GB context:much", 2, "context is a number"),
        ("/fitt model:x", 2, "Did you mean fit"),
        ("/help nonsense", 2, "belongs to no option"),
    ],
)
def test_sandbox_answers_one_call(tmp_path: Path, store_url: str, call: str, code: int, said: str) -> None:
    done = run_bot(tmp_path, "sandbox", *call.split(), DATABASE_URL=store_url)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_sandbox_as_json(tmp_path: Path, store_url: str) -> None:
    done = run_bot(tmp_path, "sandbox", "--json", "/define", "kv cache", DATABASE_URL=store_url)
    (answered,) = json.loads(done.stdout)
    assert answered["ok"]
    assert "KV cache" in answered["cards"][0]["title"]
