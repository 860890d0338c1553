"""The Discord client: how it connects, which commands it has, when they are registered, how it ends.

It asks for no intents, parses no mentions and keeps no messages. Nothing waits for guilds that are not needed, which
takes discord.py 2 s; the connector is bounded, because an unbounded one loses bursts to the 3 s deadline. No answer
is made here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot import commands, presses, respond, wire
from bot.announce import Announcer
from bot.commands import fit
from bot.desk import Desk
from bot.intake import Intake, Payload, shed_payload
from bot.latest import Latest
from bot.layout import Reply
from bot.limits import Bucket, Verdict
from bot.log import fields
from bot.metrics import Metrics
from bot.people import People
from bot.say import Say
from bot.settings import Settings
from bot.shards import Turns
from bot.state import Asked
from bot.translate import Translator
from knowledge import heap
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 128
"""At most so many callbacks are sent at once: with no bound, 85 % of a burst of 6,000 were measured to be late."""


PICTURES_PER_S = 2.0
PICTURES_AT_ONCE = 6
"""Pictures come by themselves while few are asked for: 2 a second are 5 % of a core. Beyond, a button draws them."""

DIAGNOSES_S = 30.0
GIVE_BACK_S = 30.0
SETTLED_S = 1.0
"""So long after the last that waited has had its turn, all answers have left."""

OPENING_S = 1.5
"""What comes before the store has been read waits so long for it, then is told that the bot is busy."""


BY_NAMES = frozenset({"fit", "compare", "help", "privacy"})
"""Commands that need the names of models and devices and no other index: they are answered as soon as those are there.
"""


class Tree(app_commands.CommandTree["App"]):
    """The command tree; its error handler is the last one, for what `respond.answer` never saw."""

    async def on_error(self, interaction: respond.Interaction, error: app_commands.AppCommandError, /) -> None:
        """Answer with a card where an answer is still possible; log in any case."""
        cause = getattr(error, "original", error)
        if wire.already_answered(cause):
            return
        if not isinstance(cause, KnowledgeError):
            self.client.counts["errors"] += 1
        await respond.say_problem(interaction, cause)


class App(discord.AutoShardedClient):
    """The bot. `desk` answers; `serving` is False where it only logs in to register commands.

    `people` are people's own rows, `latest` the newest presses of cards. `counts` counts what operators watch:
    malformed events, failed completions, errors; `diagnosed` errors explained since the digest was last told.
    """

    def __init__(self, settings: Settings, desk: Desk, *, metrics: Metrics | None = None, serving: bool = True) -> None:
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
        self.metrics = metrics or Metrics()
        self.counts = self.metrics.counts
        self.diagnosed: Counter[str] = Counter()
        self.people = People(settings.database_url)
        self.tree = make_tree(self, desk)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.latest = Latest()
        self._pictures = Bucket(PICTURES_PER_S, PICTURES_AT_ONCE)
        self.intake = Intake(self._serve, self._say, self.metrics)
        self.adapter = wire.CallbackAdapter(self.intake.answered, lambda: self.counts.update(["callback retried"]))
        self.metrics.in_hand.set_function(lambda: self.intake.in_hand)
        self.metrics.shards.set_function(lambda: sum(not shard.is_closed() for shard in self.shards.values()))
        self.turns = Turns(1, None)
        wire.take_interactions(self, self.intake.take)
        wire.guard_events(self, lambda _: self.counts.update(["malformed"]))

    async def setup_hook(self) -> None:
        """Start what runs beside the gateway: watching the store, and registering commands where this process may."""
        await self.tree.set_translator(Translator())
        if not self.serving:
            return
        if self.settings.shard_ids is not None:
            self.turns = Turns(await self._max_concurrency(), self._reserve)
        self.spawn(self.metrics.probe())
        self.spawn(self.desk.watch(self.settings.reload_s))
        self.spawn(self._tell_diagnoses())
        self.spawn(self._give_back())
        self.spawn(Announcer(self, self.settings.reload_s).run())
        if self.settings.shard_ids is None or 0 in self.settings.shard_ids:
            self.spawn(self.register())

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something beside the gateway; it ends with the client, and its fault is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("work beside the gateway failed %s", fields(error=repr(error)[:200]))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the shard's turn; discord.py would sleep five seconds before each but the first."""
        del initial
        await self.turns.wait(shard_id or 0)

    async def _max_concurrency(self) -> int:
        limits = await self.fetch_session_start_limits()
        return limits.max_concurrency

    async def _reserve(self, bucket: int, window_s: float) -> datetime:
        return await self.people.identify_turn(self.application_id or 0, bucket, window_s)

    async def _serve(self, data: Payload) -> None:
        if not self.desk.is_open:
            try:
                known = self.desk.until_named() if by_names(data) else self.desk.until_open()
                await asyncio.wait_for(known, OPENING_S)
            except TimeoutError:
                self.metrics.shed(Verdict.BUSY.value)
                await self._say(int(data["id"]), str(data["token"]), shed_payload(data, Verdict.BUSY))
                return
        press = await wire.serve_interaction(self, self.tree, data)
        if press is not None and press.type in {
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        }:
            await presses.handle(press)

    async def _say(self, interaction_id: int, token: str, payload: Payload) -> None:
        await self.adapter.say(interaction_id, token, wire.session_of(self), payload)

    def health(self) -> dict[str, Any]:
        """Whether every shard is connected, and what is served."""
        open_shards = [number for number, shard in self.shards.items() if not shard.is_closed()]
        expected = len(self.settings.shard_ids or ()) or self.shard_count
        return {
            "ok": self.desk.is_open and expected is not None and len(open_shards) == expected,
            "shards": sorted(open_shards),
            "shard_count": self.shard_count,
            "content": self.desk.version[:12],
            "in_hand": self.intake.in_hand,
            "worst_loop_lag_s": round(self.metrics.worst_lag_s, 4),
        }

    def draw_later(self, interaction: respond.Interaction, reply: Reply, how: respond.Manner) -> None:
        """Put a picture into an answer just sent, as long as few are asked for; else its button draws it."""
        if reply.chart is not None and self._pictures.take(time.monotonic()):
            self.spawn(self._draw(interaction, reply.chart, how))

    async def _draw(self, interaction: respond.Interaction, asked: Asked, how: respond.Manner) -> None:
        picture = await asyncio.to_thread(self.desk.chart, asked)
        reply = self.pictured(how.say, asked, picture)
        view = respond.Layout(respond.rendered(reply, self.desk.signer, how))
        async with self.latest.turn(interaction.id):
            if not self.latest.pressed(interaction.id):
                await interaction.edit_original_response(view=view, attachments=respond.files_of(reply.files))

    def pictured(self, say: Say, asked: Asked, picture: bytes | None) -> Reply:
        """The answer to a resolved question; with a picture it is not remembered, for the picture is (`Desk.chart`)."""
        if picture is not None:
            return fit.answered(self.desk, say, asked, picture)
        return self.desk.once(fit.answered, say=say, asked=asked)

    async def _give_back(self) -> None:
        """Give back what a burst took, soon after it and every half minute."""
        relieved = self.intake.relieved
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(relieved.wait(), GIVE_BACK_S)
                await asyncio.sleep(SETTLED_S)
            relieved.clear()
            await asyncio.to_thread(heap.give_back)
            await asyncio.to_thread(heap.let_go_of_code)

    async def _tell_diagnoses(self) -> None:
        """Add up what was diagnosed every half minute: a burst of questions is one write."""
        while True:
            await asyncio.sleep(DIAGNOSES_S)
            counted, self.diagnosed = self.diagnosed, Counter()
            if counted:
                await self.people.count_diagnoses(counted)

    async def register(self, *, force: bool = False) -> bool:
        """Send the commands to Discord if they differ from those sent last; True when they were sent.

        One process does: it holds the right to in the store.
        """
        if self.application_id is None:
            return False
        digest = tree_digest(await tree_payload(self.tree))
        sent: str | None = None
        try:
            if not await self.people.may_register(self.application_id, digest, force=force):
                return False
            try:
                await self.tree.sync()
                sent = digest
            finally:
                await self.people.registered(self.application_id, sent)
        except (discord.DiscordException, aiohttp.ClientError, OSError, KnowledgeError) as error:
            if force:
                raise
            logger.warning("commands not registered %s", fields(error=repr(error)[:300]))
            return False
        logger.info("commands registered %s", fields(digest=digest[:12]))
        return True

    async def on_ready(self) -> None:
        """Say that the bot serves."""
        logger.info("ready %s", fields(shards=len(self.shards), guilds=len(self.guilds), loaded=self.desk.is_open))

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Say that a shard goes on where it was, or where the process before this one was."""
        logger.info("ready again %s", fields(shard=shard_id, loaded=self.desk.is_open))

    async def close(self) -> None:
        """Stop what runs beside, then leave the gateway."""
        for task in tuple(self._tasks):
            task.cancel()
        await super().close()
        await self.people.close()


def by_names(data: Payload) -> bool:
    """Whether an interaction asks by names alone: a command, or the completion of one of its options."""
    return data["type"] in {2, 4} and data["data"].get("name") in BY_NAMES


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


async def tree_payload(tree: Tree) -> list[dict[str, Any]]:
    """What `tree.sync` would send, translations included."""
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user)
    found = [command for kind in kinds for command in tree.get_commands(type=kind)]
    translator = tree.translator or Translator()
    return [dict(await command.get_translated_payload(tree, translator)) for command in found]


def tree_digest(payload: list[dict[str, Any]]) -> str:
    """A hash over all that Discord is told of the commands."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
