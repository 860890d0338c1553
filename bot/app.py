"""The Discord client: how it connects, which commands it has, when they are registered, how it ends.

It asks for no intents, parses no mentions and keeps no messages. Nothing waits for guilds that are not needed, which
takes discord.py 2 s; the connector is bounded, because an unbounded one loses bursts to the 3 s deadline. No answer
is made here.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot import commands, respond, wire
from bot.desk import Desk
from bot.log import fields
from bot.settings import Settings

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 128
"""At most so many callbacks are sent at once: with no bound, 85 % of a burst of 6,000 were measured to be late."""


class Tree(app_commands.CommandTree["App"]):
    """The command tree; its error handler is the last one, for what `respond.answer` never saw."""

    async def on_error(self, interaction: respond.Interaction, error: app_commands.AppCommandError, /) -> None:
        """Answer with a card where an answer is still possible; log in any case."""
        cause = getattr(error, "original", error)
        if wire.already_answered(cause):
            return
        self.client.counts["errors"] += 1
        reply = respond.incident_reply(interaction.command.qualified_name if interaction.command else "?", cause)
        try:
            await respond.send(interaction, reply)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as again:
            logger.warning("error card not sent %s", fields(error=repr(again)[:200]))


class App(discord.AutoShardedClient):
    """The bot. `desk` answers; `serving` is False where it only logs in to register commands.

    `counts` counts what operators watch: malformed events, failed completions, errors.
    """

    def __init__(self, settings: Settings, desk: Desk, *, serving: bool = True) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
            guild_ready_timeout=0,
            max_messages=None,
            **_shards(settings),
        )
        self.settings = settings
        self.desk = desk
        self.serving = serving
        self.counts: Counter[str] = Counter()
        self.tree = make_tree(self, desk)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.add_dynamic_items(respond.ShareButton)
        wire.guard_events(self, lambda event: self.counts.update([f"malformed {event}"]))

    async def setup_hook(self) -> None:
        """Start what runs beside the gateway: watching the store, and registering commands where this process may."""
        if not self.serving:
            return
        self._spawn(self.desk.watch(self.settings.reload_s))
        if self.settings.shard_ids is None or 0 in self.settings.shard_ids:
            self._spawn(self.register())

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def register(self, *, force: bool = False) -> bool:
        """Send the commands to Discord if they differ from those sent last; True when they were sent."""
        mark = self.settings.data_dir / f"commands-{self.application_id}.sha256"
        digest = tree_digest(self.tree)
        if not force and await asyncio.to_thread(_read, mark) == digest:
            return False
        try:
            await self.tree.sync()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            if force:
                raise
            logger.warning("commands not registered %s", fields(error=repr(error)[:300]))
            return False
        await asyncio.to_thread(_write, mark, digest)
        logger.info("commands registered %s", fields(digest=digest[:12]))
        return True

    async def on_ready(self) -> None:
        """Say once that the bot serves."""
        logger.info(
            "ready %s", fields(shards=len(self.shards), guilds=len(self.guilds), content=self.desk.version[:12])
        )

    async def close(self) -> None:
        """Stop what runs beside, then leave the gateway."""
        for task in tuple(self._tasks):
            task.cancel()
        await super().close()


def _shards(settings: Settings) -> dict[str, Any]:
    """The sharding arguments; what is not given is left to Discord."""
    given: dict[str, Any] = {}
    if settings.shard_count is not None:
        given["shard_count"] = settings.shard_count
    if settings.shard_ids is not None:
        given["shard_ids"] = list(settings.shard_ids)
    return given


def make_tree(client: App, desk: Desk) -> Tree:
    """The tree with every command, usable in servers, direct messages and by people who installed the app."""
    tree = Tree(
        client,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )
    for module in commands.modules():
        tree.add_command(module.build(desk))
    return tree


def tree_payload(tree: Tree) -> list[dict[str, Any]]:
    """What `tree.sync` would send."""
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user)
    return [dict(command.to_dict(tree)) for kind in kinds for command in tree.get_commands(type=kind)]


def tree_digest(tree: Tree) -> str:
    """A hash over all that Discord is told of the commands."""
    return hashlib.sha256(json.dumps(tree_payload(tree), sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", "ascii")
