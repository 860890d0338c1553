"""The bot process: logs in, serves, starts anew after a crash, drains on SIGTERM. What it serves is app.py's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord

from bot import wire
from bot.app import App
from bot.desk import Desk
from bot.log import fields
from bot.metrics import Metrics
from bot.settings import Settings
from bot.shards import Sessions
from knowledge import heap
from knowledge.errors import BadInput, KnowledgeError, StoreError

if TYPE_CHECKING:
    from bot.health import Health

logger = logging.getLogger(__name__)

DRAIN_S = 2.0
CLOSE_S = 2.0
STEADY_S = 60.0
MOST_CRASHES = 8
LONGEST_PAUSE_S = 30.0
SAVE_EVERY_S = 2.0
SWITCH_S = 0.001
"""A thread that computes hands over after so long when the event loop wants to run; Python's usual is five times that.
"""

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end on uvloop, which answers with an eighth less processor time; on asyncio where there is none."""
    sys.setswitchinterval(SWITCH_S)
    heap.tune()
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def serve(settings: Settings, desk: Desk) -> int:
    """Serve until told to stop; what comes before the desk has read the store waits for it.

    Raises BadInput where Discord refuses the token, StoreError where there is nothing to serve; returns 1 after too
    many crashes.
    """
    wire.point_to(settings.api_url, settings.gateway_url)
    wire.read_any_json()
    return await Supervisor(settings, desk).run()


class Supervisor:
    """Runs one client after another, and hands the sessions of each to the next."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self._settings, self._desk = settings, desk
        self._stop = asyncio.Event()
        self._metrics = Metrics()
        self._sessions = Sessions(settings.data_dir, settings.token, settings.shard_ids, settings.shard_count)
        self._app: App | None = None

    async def run(self) -> int:
        """Serve until told to stop; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self._sessions.load(time.time())
        wire.resume_from(self._sessions.take)
        health = await self._health()
        opening = asyncio.create_task(self._open())
        try:
            code = await self._supervise()
            if opening.done():
                await opening
            return code
        finally:
            opening.cancel()
            if health is not None:
                await health.stop()

    async def _open(self) -> None:
        """Stop where the store cannot be read: it is read while the bot logs in."""
        try:
            await self._desk.until_open()
        except KnowledgeError:
            self._stop.set()
            raise

    async def _health(self) -> Health | None:
        port = self._settings.health_port
        if port is None:
            return None
        from bot.health import Health  # a web server is loaded only where one is wanted

        health = Health(port, self._metrics, self._state)
        await health.start()
        return health

    def _state(self) -> dict[str, Any]:
        return {"ok": False} if self._app is None else self._app.health()

    async def _supervise(self) -> int:
        crashes = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                await self._session()
            except (discord.LoginFailure, discord.PrivilegedIntentsRequired) as error:
                raise _refused(error) from error
            except Exception:
                crashes = 1 if time.monotonic() - began > STEADY_S else crashes + 1
                if crashes >= MOST_CRASHES:
                    logger.exception("giving up %s", fields(crashes=crashes))
                    return 1
                pause_s = min(2.0 ** (crashes - 1), LONGEST_PAUSE_S)
                logger.exception("session ended %s", fields(again_in_s=pause_s))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause_s)
        return 0

    async def _session(self) -> None:
        """One client from log-in to its end, or until told to stop."""
        async with App(self._settings, self._desk, metrics=self._metrics) as app:
            self._app = app
            wire.use_callbacks(app.adapter)
            saving = asyncio.create_task(self._save_often(app))
            running = asyncio.create_task(app.start(self._settings.token))
            stopping = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                if running.done():
                    self._sessions.offer(wire.sessions_of(app))
                    await running
                else:
                    await self._leave(app, running)
            finally:
                saving.cancel()
                self._app = None

    async def _leave(self, app: App, running: asyncio.Task[None]) -> None:
        """Leave the gateway first, so that what comes now is kept for the next process, then answer what is in hand."""
        sessions = wire.sessions_of(app)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wire.leave_open(app), CLOSE_S)
        await asyncio.to_thread(self._sessions.save, sessions, time.time())
        await drain(app)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.close(), CLOSE_S)
        await asyncio.wait({running}, timeout=CLOSE_S)
        if not running.cancel() and not running.cancelled():
            await running  # cancelled: while the gateway is away, discord.py tries for ever and sees no close

    async def _save_often(self, app: App) -> None:
        """Write the sessions down, for a process that is killed: what its successor gets twice is answered once."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            await asyncio.to_thread(self._sessions.save, wire.sessions_of(app), time.time())


async def drain(app: App) -> None:
    """Let the interactions in hand be answered, for two seconds at most."""
    busy = app.intake.working
    if busy:
        logger.info("draining %s", fields(answers=app.intake.in_hand))
        await asyncio.wait(busy, timeout=DRAIN_S)


def _refused(error: Exception) -> BadInput:
    """The error for what Discord will not let in."""
    if isinstance(error, discord.LoginFailure):
        hint = "Copy it again from https://discord.com/developers/applications; resetting it there ends the old one."
        return BadInput("Discord refused DISCORD_TOKEN.", subject="DISCORD_TOKEN", hint=hint)
    return BadInput(
        "Discord wants privileged intents that this bot never asks for.", subject="intents", hint="Report this."
    )


async def sync_commands(settings: Settings, desk: Desk, *, force: bool) -> bool:
    """Log in, register the commands if they changed (or `force`), log out."""
    wire.point_to(settings.api_url, settings.gateway_url)
    async with App(settings, desk, serving=False) as app:
        try:
            await app.login(settings.token)
            return await app.register(force=force)
        except discord.LoginFailure as error:
            raise _refused(error) from error
        except (aiohttp.ClientError, OSError, discord.DiscordException) as error:
            raise StoreError(
                "Discord could not be reached or refused the commands.", subject="discord", hint=repr(error)[:200]
            ) from error
