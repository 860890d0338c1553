"""The stand-in itself: the routes on a loopback socket, and what a person does in front of Discord.

    async with StandIn() as discord:            # then start the bot against discord.api and discord.gateway_url
        await discord.until_ready()
        exchange = await discord.slash("fit", {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"})

How an answer is judged is answers.py's, what the gateway does gateway.py's; here they are put together.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypedDict, Unpack
from urllib.parse import quote

from aiohttp import web

from bot.standin import interact, payloads
from bot.standin.answers import Answers
from bot.standin.exchange import Exchange
from bot.standin.gateway import Gateway, Session
from bot.standin.http import Faults, Limiter
from bot.standin.messages import new_message
from bot.standin.payloads import GUILD_ID, USER_ID, Json
from bot.standin.rest import Rest
from bot.standin.routes import add_routes
from bot.standin.rules import Rules
from bot.standin.world import Place, World

TOKEN = "ODAwMDAwMDAwMDAwMDAwMDAx.GfAkE0.loopback-stand-in-token-0123456789ab"  # noqa: S105 -- opens nothing
"""The token it takes unless told another; it opens nothing anywhere."""


class Where(TypedDict, total=False):
    """Who acts, and where. Without any: the first person, in the guild's first channel.

    `guild_id` None is direct messages, with `private` those of a group the bot is not in; `channel_id` names a channel
    outright. `user_install`: the app is the person's, not the guild's. `timeout_s`: how long an answer is waited for.
    """

    user_id: int
    guild_id: int | None
    channel_id: int
    private: bool
    locale: str
    user_install: bool
    timeout_s: float


class StandIn:
    """The server. Use it as an asynchronous context manager; all methods run on its event loop."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        guild_ids: Sequence[int] = (GUILD_ID,),
        shards: int | None = None,
        rules: Rules | None = None,
    ) -> None:
        rules = rules or Rules(shards=shards or 1)
        self.token = token
        self.rules = rules
        self.world = World.of(guild_ids)
        self.limiter = Limiter(rules)
        self.by_route = Faults()
        self.gateway = Gateway(token, self.world, rules, lambda: self.gateway_url)
        self.rest = Rest(self.world, rules, self.limiter, self.by_route, self.gateway)
        self.answers = Answers(self.world, rules, self.limiter, self.by_route)
        self.registered = asyncio.Event()
        self.rest.registered.append(self.registered.set)
        self._port = 0
        self._runner: web.AppRunner | None = None

    # what it is and has seen

    @property
    def origin(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api(self) -> str:
        """The REST base."""
        return f"{self.origin}/api/v10"

    @property
    def gateway_url(self) -> str:
        """The WebSocket address."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def commands(self) -> list[Json]:
        """The global commands the bot registered last."""
        return self.rest.commands.get(None, [])

    @property
    def command_writes(self) -> int:
        """How often commands were registered."""
        return self.rest.command_writes

    @property
    def calls(self) -> list[str]:
        """The REST calls outside of interactions, as `GET /users/@me`, ids left out."""
        return self.rest.calls

    @property
    def unknown(self) -> list[str]:
        """Calls to routes that there are not: a test that meets one must fail."""
        return self.rest.unknown

    @property
    def exchanges(self) -> dict[str, Exchange]:
        """All interactions by their token."""
        return self.answers.exchanges

    @property
    def faults(self) -> deque[str]:
        """What the next callbacks meet; see http.Faults. For other routes: `by_route.by_route[name]`."""
        return self.by_route.by_route["callback"]

    # life

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        add_routes(app, self.rest, self.answers, self.gateway, self.token)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=8192)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.rest.origin = self.answers.origin = self.origin
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def until_ready(self, *, shards: int = 1, timeout_s: float = 15) -> None:
        """Wait until `shards` sessions have identified."""
        await self.gateway.until(lambda: len(self.gateway.sessions) >= shards, timeout_s)

    async def until_commands(self, timeout_s: float = 15) -> None:
        """Wait until the bot has registered its commands."""
        async with asyncio.timeout(timeout_s):
            await self.registered.wait()

    async def until_resumed(self, session: Session, times: int = 1, timeout_s: float = 10) -> None:
        """Wait until a session has been resumed `times` times."""
        await self.gateway.until(lambda: session.resumes >= times, timeout_s)

    def forget(self) -> None:
        """Drop all interactions, messages and files, for the next round of a load test."""
        self.exchanges.clear()
        self.world.messages.clear()
        self.world.files.clear()

    # what a person does: each waits for the bot's first answer

    async def slash(self, name: str, options: Mapping[str, Any] | None = None, **where: Unpack[Where]) -> Exchange:
        """Use a slash command; a subcommand as `rig set`."""
        return await self._send(2, interact.slash_data(self.world, self.commands, name, options or {}), **where)

    async def autocomplete(
        self, name: str, typing: str, text: str, others: Mapping[str, Any] | None = None, **where: Unpack[Where]
    ) -> Exchange:
        """Type `text` into the option `typing`."""
        options = {**(others or {}), typing: text}
        return await self._send(4, interact.slash_data(self.world, self.commands, name, options, typing), **where)

    async def use_on_message(self, name: str, message: Json, **where: Unpack[Where]) -> Exchange:
        """Use a context menu on a message."""
        return await self._send(2, interact.menu_data(self.world, self.commands, name, message), **where)

    async def use_on_user(self, name: str, target_id: int, **where: Unpack[Where]) -> Exchange:
        """Use a context menu on a person."""
        target = self.world.person(target_id).user
        return await self._send(2, interact.menu_data(self.world, self.commands, name, target, on_user=True), **where)

    async def press(self, custom_id: str, message: Json, **where: Unpack[Where]) -> Exchange:
        """Press a button of `message` (see `posted`)."""
        return await self._send(3, payloads.component_data(custom_id), message=message, **where)

    async def choose(self, custom_id: str, message: Json, *values: str, **where: Unpack[Where]) -> Exchange:
        """Choose in a select of `message`."""
        kind = interact.component(message, custom_id)["type"]
        return await self._send(3, interact.select_data(self.world, custom_id, kind, values), message=message, **where)

    async def submit(
        self, opened: Exchange, values: Mapping[str, Any] | None = None, **where: Unpack[Where]
    ) -> Exchange:
        """Submit the modal an exchange opened; `values` by custom id."""
        if opened.modal is None:
            raise LookupError("this exchange opened no modal")
        here: Where = {"user_id": opened.user_id, "guild_id": opened.guild_id, "channel_id": opened.channel_id}
        here.update(where)
        data = interact.modal_data(self.world, opened.modal, values or {})
        return await self._send(5, data, message=opened.source, **here)

    def say(
        self, text: str, *, user_id: int = USER_ID, channel_id: int | None = None, files: Sequence[Json] = ()
    ) -> Json:
        """Write an ordinary message; returns it."""
        place = self.world.places[channel_id] if channel_id else self.world.place(GUILD_ID, user_id)
        author = self.world.person(user_id).user
        body = {"content": text}
        message = new_message(self.world, body, {}, origin=self.origin, channel_id=place.id, author=author)
        message["attachments"] = list(files)
        return self.world.post(message, place.id).json

    def attach(
        self, filename: str, content: bytes, *, size: int | None = None, content_type: str = "text/plain"
    ) -> Json:
        """Upload a file, to be given as the value of an attachment option. `size` may lie."""
        file_id = self.world.upload(filename, content, content_type)
        return self.attachment(file_id, size)

    def attachment(self, file_id: int, size: int | None = None) -> Json:
        """An uploaded file, to be given as the value of an attachment option. Raises LookupError when it is gone."""
        file = self.world.files[file_id]
        url = f"{self.origin}/attachments/{payloads.CHANNEL_ID}/{file_id}/{quote(file.name)}"
        size = len(file.content) if size is None else size
        return payloads.attachment(file_id, file.name, size, url, file.content_type)

    def posted(self, exchange: Exchange) -> Json:
        """The message an exchange left, as Discord hands it back with a component interaction."""
        if exchange.original is None:
            raise LookupError("this exchange posted no message")
        return exchange.original

    # how

    async def dispatch(self, event: str, data: Any, *, guild_id: int | None = GUILD_ID) -> None:  # noqa: ANN401
        """Send any gateway event, well-formed or not."""
        await self.gateway.dispatch(event, data, guild_id)

    def start(self, kind: int, *, data: Json, **where: Unpack[Where]) -> tuple[Exchange, Json]:
        """A new exchange and the payload that begins it, not yet sent."""
        person = self.world.person(where.get("user_id", USER_ID))
        place = self._place(person.id, where)
        user_install = where.get("user_install", False)
        identity = self.world.new_id()
        exchange = Exchange(
            identity, f"interaction-token-{self.world.serial}-{identity}", kind, sent_s=time.monotonic()
        )
        exchange.user_id, exchange.guild_id, exchange.channel_id = person.id, place.guild_id, place.id
        exchange.user_install, exchange.label = user_install, str(data.get("name") or "")
        self.exchanges[exchange.token] = exchange
        body = payloads.interaction(
            identity,
            exchange.token,
            kind,
            data,
            guild_id=place.guild_id,
            user_id=person.id,
            person=person.user,
            place=place.channel,
            context=place.context,
            locale=where.get("locale", "en-US"),
            permissions=person.permissions,
            user_install=user_install or place.context == payloads.IN_PRIVATE,
            attachment_limit=self.rules.attachment_limit,
        )
        return exchange, body

    def _place(self, user_id: int, where: Where) -> Place:
        named = self.world.places.get(where.get("channel_id", 0))
        return named or self.world.place(where.get("guild_id", GUILD_ID), user_id, private=where.get("private", False))

    async def _send(self, kind: int, data: Json, *, message: Json | None = None, **where: Unpack[Where]) -> Exchange:
        exchange, body = self.start(kind, data=data, **where)
        if message is not None:
            body["message"] = exchange.source = message
        exchange.sent_s = time.monotonic()
        await self.dispatch("INTERACTION_CREATE", body, guild_id=exchange.guild_id)
        async with asyncio.timeout(where.get("timeout_s", 10)):
            await exchange.acked.wait()
        return exchange
