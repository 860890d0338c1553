"""The bot process: logs in, serves, starts anew after a crash, drains on SIGTERM. What it serves is app.py's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time

import aiohttp
import discord

from bot import wire
from bot.app import App
from bot.desk import Desk
from bot.log import fields
from bot.settings import Settings
from knowledge.errors import BadInput, StoreError

logger = logging.getLogger(__name__)

DRAIN_S = 2.0
CLOSE_S = 2.0
STEADY_S = 60.0
MOST_CRASHES = 8
LONGEST_PAUSE_S = 30.0


async def serve(settings: Settings, desk: Desk) -> int:
    """Serve until told to stop. Raises BadInput where Discord refuses the token; returns 1 after too many crashes."""
    wire.point_to(settings.api_url, settings.gateway_url)
    wire.use_callbacks()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    crashes = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            await _session(settings, desk, stop)
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
                await asyncio.wait_for(stop.wait(), pause_s)
    return 0


async def _session(settings: Settings, desk: Desk, stop: asyncio.Event) -> None:
    """One client from log-in to its end, or to `stop`."""
    async with App(settings, desk) as app:
        running = asyncio.create_task(app.start(settings.token))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not running.done():
            await drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(app.close(), CLOSE_S)
            await asyncio.wait({running}, timeout=CLOSE_S)
            if running.cancel():  # while the gateway is away, discord.py tries for ever and sees no close
                return
        await running


async def drain() -> None:
    """Let the interactions in hand be answered, for two seconds at most."""
    busy = {
        task
        for task in asyncio.all_tasks()
        if task.get_name().startswith(("CommandTree-invoker", "discord.py: on_interaction"))
    }
    if busy:
        logger.info("draining %s", fields(answers=len(busy)))
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
