"""`python -m bot sandbox` as a person starts it, with the real bot process under it; and who may speak to its page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.child import Child
from bot.standin import StandIn
from bot.standin.payloads import CHANNEL_ID
from tests.bot.process import environment
from tests.bot.sandbox.browser import paged
from tests.bot.test_start import run_bot
from tests.conftest import ROOT


@contextlib.asynccontextmanager
async def sandbox(folder: Path, url: str, *arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The process, and its page's address once it serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder, env=environment(folder, DATABASE_URL=url),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found is not None, line
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 20)


class Visitor:
    """A page's WebSocket without a browser."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket_
        self.pushed: list[dict[str, Any]] = []

    async def ask(self, op: str, **data: Any) -> dict[str, Any]:
        """Ask, and take what is pushed meanwhile."""
        await self.socket.send_json({"id": op, "op": op, **data})
        while True:
            said: dict[str, Any] = json.loads((await self.socket.receive(10)).data)
            if said.get("id") == op:
                return said
            self.pushed.append(said)

    async def states(self) -> list[str]:
        """What is pushed of the bot's state, until it runs."""
        seen: list[str] = []
        while "running" not in seen:
            said = json.loads((await self.socket.receive(30)).data)
            if said.get("push") == "scene" and said["bot"] not in seen:
                seen.append(said["bot"])
        return seen


@contextlib.asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    origin = url.rstrip("/")
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{origin}/live", origin=origin) as opened:
        yield Visitor(opened)


def children(pid: int) -> list[int]:
    """Process ids under `pid`."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ended(pid: int, within_s: float = 10) -> bool:
    """Whether a process that is no child of ours ends in time; one that nobody has waited for yet has ended, too."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


async def test_the_real_bot_answers_is_restarted_and_ends(tmp_path: Path, store_url: str) -> None:
    async with sandbox(tmp_path, store_url, "sandbox") as (process, url), visiting(url) as visitor:
        scene = await visitor.ask("enter")
        assert "fit" in {one["name"] for one in scene["commands"]}
        assert len(scene["messages"]) == 2
        done = await visitor.ask("slash", name="fit", options={"model": "qwen3-8b", "hardware": "RTX 3060 12GB"})
        assert done["ok"], done
        again = await visitor.ask("enter")
        assert "3060" in json.dumps(again["messages"][-1])
        (bot,) = children(process.pid)
        await asyncio.sleep(2.5)  # it has written its session down by now: the next one resumes
        os.kill(bot, signal.SIGKILL)
        async with asyncio.timeout(30):
            assert await visitor.states() == ["restarting", "running"]
        (new,) = children(process.pid)
        assert new != bot
        assert (await visitor.ask("slash", name="help"))["ok"]
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(new, 0)


async def test_killed_outright_it_takes_the_bot_along(tmp_path: Path, store_url: str) -> None:
    async with sandbox(tmp_path, store_url, "sandbox") as (process, _):
        (bot,) = children(process.pid)
        process.kill()
        await process.wait()
        assert await asyncio.to_thread(ended, bot)


async def test_without_a_token_run_opens_the_sandbox(tmp_path: Path, store_url: str) -> None:
    assert "-m bot run --or-sandbox" in (ROOT / "Procfile").read_text("utf-8")
    async with sandbox(tmp_path, store_url, "run", "--or-sandbox") as (_, url), visiting(url) as visitor:
        assert (await visitor.ask("enter"))["bot"] == "running"


async def test_a_port_in_use(tmp_path: Path, store_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = await asyncio.to_thread(run_bot, tmp_path, "sandbox", "--port", port, DATABASE_URL=store_url)
    assert done.returncode == 2
    assert f"Port {port} is in use." in done.stderr
    assert "Give another" in done.stderr


def test_a_store_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    done = run_bot(tmp_path, "sandbox")
    assert done.returncode == 1
    assert "python -m knowledge sync" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        ("/fit model:qwen3-8b hardware:RTX 3060 12GB quant:Q4_K_M", 0, "Runs comfortably"),
        ("/fitt model:x", 2, "Did you mean fit"),
    ],
)
def test_one_call_on_the_terminal(tmp_path: Path, store_url: str, call: str, code: int, said: str) -> None:
    done = run_bot(tmp_path, "sandbox", *call.split(), DATABASE_URL=store_url)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr


def test_one_call_as_json(tmp_path: Path, store_url: str) -> None:
    done = run_bot(tmp_path, "sandbox", "--json", "/define", "kv cache", DATABASE_URL=store_url)
    answered = json.loads(done.stdout)
    assert answered["ok"]
    assert answered["messages"][0]["author"]["bot"]


async def test_a_child_that_never_ran_is_not_started_again(tmp_path: Path) -> None:
    states: list[str] = []
    child = Child({"RUNLOCALAI_DATA": str(tmp_path), "DISCORD_TOKEN": "abc", "DATABASE_URL": ""})
    child.told.append(lambda: states.append(child.state))
    assert await asyncio.wait_for(child.watch(), 30) == 2
    assert states == ["ended"]
    assert "DISCORD_TOKEN" in child.lines[-1]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/app.js", {}, 200),
        ("GET", "/nothing.js", {}, 404),
        ("GET", "/", {"Host": "evil.example"}, 403),
        ("GET", "/live", {"Origin": "https://evil.example"}, 403),
        ("POST", "/upload/a.txt", {"Origin": "https://evil.example"}, 403),
        ("POST", "/upload/a.txt", {}, 403),
        ("POST", "/upload/..%2Fa.txt", {"Origin": "own"}, 200),
        ("GET", "/..%2Frun.py", {}, 404),
    ],
)
async def test_who_may_speak_to_the_page(method: str, path: str, headers: dict[str, str], status: int) -> None:
    async with StandIn() as discord, paged(discord) as (url, _), aiohttp.ClientSession() as session:
        given = {key: url if value == "own" else value for key, value in headers.items()}
        async with session.request(
            method, url + path, headers=given, data=b"x" if method == "POST" else None
        ) as answer:
            assert answer.status == status
            if status == 200 and method == "GET":
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            if method == "POST" and status == 200:
                assert (await answer.json())["name"] == "a.txt"


@pytest.mark.parametrize(
    "raw",
    ["no json", "[]", "7", '{"id":1}', '{"id":1,"op":"nope"}', '{"id":1,"op":"press","message":"x","custom_id":"y"}',
     '{"id":1,"op":"press","message":"5","custom_id":"y"}', '{"id":1,"op":"slash","name":"nope"}',
     '{"id":1,"op":"submit","token":"t","values":{}}', '{"id":1,"op":"say","text":""}',
     '{"id":1,"op":"say","text":"x","files":["7"]}', '{"id":1,"op":"enter","user_id":"x"}'],
)  # fmt: skip
async def test_what_a_page_cannot_ask_is_answered(raw: str) -> None:
    async with StandIn() as discord, paged(discord) as (url, _), visiting(url) as visitor:
        discord.rest.commands[None] = [{"id": "1", "name": "fit", "type": 1, "description": "d"}]
        await visitor.socket.send_str(raw)
        said = json.loads((await visitor.socket.receive(5)).data)
        assert said["ok"] is False
        assert said["error"]
        assert (await visitor.ask("enter"))["ok"]


async def test_private_messages_stay_private() -> None:
    async with StandIn() as discord, paged(discord) as (url, _), visiting(url) as visitor:
        secret = discord.world.post({"id": "77", "content": "secret"}, CHANNEL_ID, only_for=5)
        await visitor.ask("enter")
        assert not (await visitor.ask("press", message="77", custom_id="x"))["ok"]
        discord.world.tell("edited", secret)
        scene = await visitor.ask("enter")
        assert "secret" not in json.dumps([visitor.pushed, scene])
