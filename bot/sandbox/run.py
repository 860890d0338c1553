"""Runs the sandbox: the stand-in, the real bot process against it, and the page; or one call, printed.

Everything listens on loopback. Nothing is answered here: what is shown is what the bot sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import errno
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from aiohttp import web

from bot.sandbox.call import read_call
from bot.sandbox.child import Child
from bot.sandbox.page import Page
from bot.sandbox.plain import show
from bot.settings import Settings
from bot.standin import StandIn
from bot.standin.payloads import APP_ID, USER_ID
from knowledge.errors import BadInput, StoreError
from knowledge.store.bot_store import BotStore
from knowledge.store.db import engine as open_engine

say = partial(print, flush=True)
PORT = 8400
TRIES = 40
MAINTAINER_ID = USER_ID + 1
"""Grace, who may use the maintainers' commands."""

WELCOME = "Will Qwen3 8B Q4 run on my RTX 3060 12GB with 16k of context?"
ASKED = (
    "llama-server dies on start, what is this?\n```\n"
    "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9216.00 MiB on device 0: cudaMalloc failed: "
    "out of memory\nllama_model_load: error loading model\n```"
)


def run_sandbox(settings: Settings, text: str, *, port: int | None, as_json: bool) -> int:
    """Serve the page until told to stop, or, with `text`, answer that one call; returns the exit code."""
    return asyncio.run(_answer(settings, text, as_json=as_json) if text.strip() else _serve(settings, port))


@contextlib.asynccontextmanager
async def standing(settings: Settings) -> AsyncIterator[tuple[StandIn, Child, asyncio.Task[int]]]:
    """The stand-in with the bot connecting to it; both end with the block."""
    await asyncio.to_thread(_forget_commands, settings.database_url)
    with tempfile.TemporaryDirectory(prefix="runlocalai-sandbox-") as folder:
        async with StandIn() as discord:
            env = {
                "DISCORD_TOKEN": discord.token,
                "DATABASE_URL": settings.database_url,
                "RUNLOCALAI_DATA": folder,  # of its own: what it remembers of the real Discord is not for this one
                "RUNLOCALAI_DISCORD_API": discord.api,
                "RUNLOCALAI_DISCORD_GATEWAY": discord.gateway_url,
                "BOT_MAINTAINERS": str(MAINTAINER_ID),
            }
            child = Child(env)
            discord.gateway.connected.append(child.running)
            watching = asyncio.create_task(child.watch())
            try:
                yield discord, child, watching
            finally:
                await child.stop()
                watching.cancel()


def _forget_commands(database_url: str) -> None:
    """The stand-in is new each time: what the store says was registered with the one before it counts for nothing."""
    if database_url.startswith("sqlite:///") and not Path(database_url.removeprefix("sqlite:///")).exists():
        return  # the bot will say so
    store = open_engine(database_url)
    try:
        with contextlib.suppress(StoreError):
            BotStore(store).registered(APP_ID, "", now=dt.datetime.now(tz=dt.UTC))
    finally:
        store.dispose()


async def until_there(discord: StandIn, child: Child, watching: asyncio.Task[int], timeout_s: float = 60) -> None:
    """Wait until the bot has logged in and registered its commands. Raises StoreError where it ended instead."""
    there = asyncio.create_task(_there(discord, timeout_s))
    await asyncio.wait({there, watching}, return_when=asyncio.FIRST_COMPLETED)
    if there.done() and there.exception() is None:
        return
    there.cancel()
    said = next((line for line in reversed(child.lines) if line.startswith("bot: ")), "")
    hint = said.removeprefix("bot: ") or "python -m bot run says why."
    raise StoreError("The bot did not start.", subject="sandbox", hint=hint)


async def _there(discord: StandIn, timeout_s: float) -> None:
    await discord.until_ready(timeout_s=timeout_s)
    await discord.until_commands(timeout_s=timeout_s)


async def listen(runner: web.AppRunner, port: int | None) -> int:
    """Bind the page's port; returns it. A port that was asked for is that or none, else the next free one serves."""
    for candidate in range(port or PORT, (port or PORT) + (1 if port else TRIES)):
        try:
            await web.TCPSite(runner, "127.0.0.1", candidate).start()
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            say(f"Port {candidate} is in use.", file=sys.stderr)
        else:
            return candidate
    raise BadInput(
        "The sandbox found no free port.", subject=f"port {port or PORT}", hint="Give another: --port 8500; or none."
    )


async def _serve(settings: Settings, port: int | None) -> int:
    """The page, until a signal."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with standing(settings) as (discord, child, watching):
        page = Page(discord, lambda: child.state)
        runner = web.AppRunner(page.app(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        stopping = asyncio.create_task(stop.wait())
        try:
            bound = await listen(runner, port)
            greet(discord)
            child.told.append(page.tell)
            discord.rest.registered.append(page.tell)
            starting = asyncio.create_task(until_there(discord, child, watching))
            await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                say(f"The bot's sandbox: http://127.0.0.1:{bound}/ (no Discord, no token; Ctrl-C ends it)")
                await asyncio.wait({stopping, watching}, return_when=asyncio.FIRST_COMPLETED)
            return 0 if stop.is_set() else child.code or 1
        finally:
            stopping.cancel()
            await runner.cleanup()


def greet(discord: StandIn) -> None:
    """What stands in the channels when one comes in: something to use the message menus on."""
    discord.say(WELCOME)
    discord.say(ASKED, user_id=MAINTAINER_ID)


async def _answer(settings: Settings, text: str, *, as_json: bool) -> int:
    """One call, printed; returns 1 where the bot gave no answer."""
    async with standing(settings) as (discord, child, watching):
        await until_there(discord, child, watching)
        call = read_call(text, discord.commands)
        exchange = await discord.slash(call.name, call.options)
        try:
            await exchange.until(lambda: exchange.settled, 20)
        except TimeoutError:
            say(f"bot: no answer to {call.text}", file=sys.stderr)
            return 1
        messages = [one for one in (exchange.original, *exchange.posts) if one is not None]
        if as_json:
            say(json.dumps({"call": call.text, "ok": True, "messages": messages}, ensure_ascii=False, indent=2))
        else:
            show(call.text, messages)
        return 0
