"""A stand-in for Discord on loopback: the REST calls and the gateway that an unmodified discord.py process needs.

    async with FakeDiscord() as discord:
        … start a bot with RUNLOCALAI_DISCORD_API=discord.api and RUNLOCALAI_DISCORD_GATEWAY=discord.gateway_url …
        await discord.until_ready()
        exchange = await discord.slash("define", {"term": "kv cache"})
        exchange.embeds[0]["title"]

It refuses what Discord refuses (bodies beyond the limits, answers after 3 s, a second answer) and can be told to fail
(`faults`). It keeps no messages beyond what an exchange needs, has no permissions and no rate limits of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from aiohttp import web

from tests.fakes import discord_limits as limits
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_exchange import Exchange
from tests.fakes.discord_gateway import Gateway, Session
from tests.fakes.discord_payloads import APP_ID, GUILD_ID, USER_ID, Json

TOKEN = "ODAwMDAwMDAwMDAwMDAwMDAx.GfAkE0.loopback-stand-in-token-0123456789ab"
DEADLINE_S = 3.0


def reply(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> web.Response:
    """A response whose Content-Type is exactly `application/json`: discord.py reads anything else as text."""
    content = b"" if body is None else json.dumps(body).encode()
    return web.Response(status=status, body=content, headers={"Content-Type": "application/json", **(headers or {})})


def refusal(status: int, code: int, message: str) -> web.Response:
    """An error as the API words it."""
    return reply(status, {"code": code, "message": message})


class FakeDiscord:
    """The server. Use it as an asynchronous context manager; all methods run on its event loop."""

    def __init__(self, *, token: str = TOKEN, guild_ids: tuple[int, ...] = (GUILD_ID,), shards: int = 1) -> None:
        self.token = token
        self.shards = shards
        self.gateway = Gateway(token, guild_ids, lambda: self.gateway_url)
        self.commands: list[Json] = []
        self.command_writes = 0
        self.registered = asyncio.Event()
        self.calls: list[str] = []
        self.exchanges: dict[str, Exchange] = {}
        self.faults: deque[str] = deque()
        """What the next callbacks meet: `reset`, `reset-after` (taken, but the answer is lost), `429`, `500`, `204`."""
        self.files: dict[str, bytes] = {}
        self._serial = 0
        self._port = 0
        self._runner: web.AppRunner | None = None

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

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        api = "/api/v10"
        app.add_routes(
            [
                web.get("/gateway", self.gateway.serve),
                web.get("/files/{name}", self._file),
                web.get(f"{api}/users/@me", self._me),
                web.get(f"{api}/oauth2/applications/@me", self._application),
                web.get(f"{api}/gateway", self._gateway_bot),
                web.get(f"{api}/gateway/bot", self._gateway_bot),
                web.put(f"{api}/applications/{APP_ID}/commands", self._put_commands),
                web.get(f"{api}/applications/{APP_ID}/commands", self._get_commands),
                web.post(f"{api}/interactions/{{id}}/{{token}}/callback", self._callback),
                web.post(f"{api}/webhooks/{APP_ID}/{{token}}", self._followup),
                web.get(f"{api}/webhooks/{APP_ID}/{{token}}/messages/@original", self._original),
                web.patch(f"{api}/webhooks/{APP_ID}/{{token}}/messages/@original", self._edit),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        for session in self.gateway.sessions.values():
            if session.link is not None:
                with contextlib.suppress(ConnectionError):
                    await session.link.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # what a test does

    async def until_ready(self, *, shards: int = 1, timeout_s: float = 15) -> None:
        """Wait until `shards` sessions have identified."""
        await self.gateway.until(lambda: len(self.gateway.sessions) >= shards, timeout_s)

    async def until_commands(self, timeout_s: float = 15) -> None:
        """Wait until the bot has registered its commands."""
        async with asyncio.timeout(timeout_s):
            await self.registered.wait()

    async def slash(self, name: str, options: Mapping[str, Any] | None = None, **where: Any) -> Exchange:
        """Use a slash command and wait for its first answer. Keywords: guild_id, user_id, timeout_s."""
        self._known(name)
        return await self._send(2, payloads.command_data(name, options or {}), **where)

    async def autocomplete(
        self, name: str, typing: str, text: str, others: Mapping[str, Any] | None = None, **where: Any
    ) -> Exchange:
        """Type `text` into the option `typing` and wait for the choices."""
        self._known(name)
        data = payloads.command_data(name, {**(others or {}), typing: text}, focused=typing)
        return await self._send(4, data, **where)

    async def press(self, custom_id: str, message: Json, **where: Any) -> Exchange:
        """Press a button of `message` (see `posted`)."""
        return await self._send(3, payloads.component_data(custom_id), message=message, **where)

    def attach(self, filename: str, content: bytes, *, size: int | None = None) -> Json:
        """Upload a file, to be given as the value of an attachment option. `size` may lie."""
        self.files[filename] = content
        self._serial += 1
        url = f"{self.origin}/files/{filename}"
        return payloads.attachment(APP_ID + self._serial, filename, len(content) if size is None else size, url)

    def posted(self, exchange: Exchange) -> Json:
        """The message an exchange left, as Discord hands it back with a component interaction."""
        if exchange.original is None:
            raise LookupError("this exchange posted no message")
        return exchange.original

    async def dispatch(self, event: str, data: Any, *, guild_id: int | None = GUILD_ID) -> None:
        """Send any gateway event, well-formed or not."""
        await self.gateway.session_of(guild_id).dispatch(event, data)

    async def until_resumed(self, session: Session, times: int = 1, timeout_s: float = 10) -> None:
        """Wait until a session has been resumed `times` times."""
        await self.gateway.until(lambda: session.resumes >= times, timeout_s)

    def start(
        self, kind: int, *, user_id: int = USER_ID, guild_id: int | None = GUILD_ID, data: Json
    ) -> tuple[Exchange, Json]:
        """A new exchange and the payload that begins it, not yet sent."""
        self._serial += 1
        interaction_id = payloads.snowflake(time.time(), self._serial)
        token = f"interaction-token-{self._serial}-{interaction_id}"
        exchange = Exchange(interaction_id, token, kind, sent_s=time.monotonic())
        self.exchanges[exchange.token] = exchange
        body = payloads.interaction(interaction_id, exchange.token, kind, data, guild_id=guild_id, user_id=user_id)
        return exchange, body

    async def _send(
        self, kind: int, data: Json, *, message: Json | None = None, timeout_s: float = 10, **who: Any
    ) -> Exchange:
        exchange, body = self.start(kind, data=data, **who)
        if message is not None:
            body["message"] = message
        exchange.sent_s = time.monotonic()
        await self.dispatch("INTERACTION_CREATE", body, guild_id=who.get("guild_id", GUILD_ID))
        async with asyncio.timeout(timeout_s):
            await exchange.acked.wait()
        return exchange

    def _known(self, name: str) -> None:
        if self.commands and name not in {command["name"] for command in self.commands}:
            raise LookupError(f"the bot has registered no command /{name}")

    # what Discord does

    async def _me(self, request: web.Request) -> web.Response:
        self.calls.append("GET /users/@me")
        if request.headers.get("Authorization") != f"Bot {self.token}":
            return refusal(401, 0, "401: Unauthorized")
        return reply(200, payloads.user(APP_ID, "runlocalai", bot=True))

    async def _application(self, _: web.Request) -> web.Response:
        self.calls.append("GET /oauth2/applications/@me")
        return reply(200, payloads.application())

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        self.calls.append("GET /gateway/bot")
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return reply(200, {"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit})

    async def _put_commands(self, request: web.Request) -> web.Response:
        self.calls.append("PUT /commands")
        commands: list[Json] = json.loads(await request.read())
        problems = limits.command_problems(commands)
        if problems:
            return reply(400, {"code": 50035, "message": "Invalid Form Body", "errors": {}, "problems": problems})
        self.command_writes += 1
        self.commands = commands
        self.registered.set()
        return reply(200, self._listed())

    async def _get_commands(self, _: web.Request) -> web.Response:
        return reply(200, self._listed())

    def _listed(self) -> list[Json]:
        extra = {"application_id": str(APP_ID), "version": "1", "default_member_permissions": None}
        return [{"id": str(APP_ID + 100 + n), **extra, **command} for n, command in enumerate(self.commands)]

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]], content_type="text/plain")

    async def _callback(self, request: web.Request) -> web.Response:
        arrived_s = time.monotonic()
        exchange = self.exchanges.get(request.match_info["token"])
        body: Json = await _body(request)
        if exchange is None:
            return refusal(404, 10062, "Unknown interaction")
        exchange.attempts += 1
        await exchange.tell()
        fault = self.faults.popleft() if self.faults else ""
        if fault == "reset":
            return _abort(request)
        if fault in {"429", "500", "204"}:
            return _fault(fault)
        refused = self._take(exchange, body, arrived_s)
        if refused is not None:
            return refused
        if fault == "reset-after":
            return _abort(request)
        wanted = request.query.get("with_response") in {"1", "true"}
        return reply(200, self._receipt(exchange)) if wanted else web.Response(status=204)

    def _take(self, exchange: Exchange, body: Json, arrived_s: float) -> web.Response | None:
        """Accept a first answer, or say why not."""
        if exchange.callback is not None:
            return refusal(400, 40060, "Interaction has already been acknowledged.")
        if arrived_s - exchange.sent_s > DEADLINE_S:
            exchange.refused.append("late")
            return refusal(404, 10062, "Unknown interaction")
        problems = limits.callback_problems(body)
        if problems:
            exchange.refused += problems
            return reply(400, {"code": 50035, "message": "Invalid Form Body", "problems": problems})
        exchange.callback, exchange.acked_s = body, arrived_s
        exchange.ephemeral = bool(int((body.get("data") or {}).get("flags") or 0) & payloads.EPHEMERAL)
        if body["type"] == 4:
            exchange.original = self._post(body["data"])
            exchange.answered.set()
        exchange.acked.set()
        return None

    def _receipt(self, exchange: Exchange) -> Json:
        assert exchange.callback is not None
        kind = exchange.callback["type"]
        receipt: Json = {"interaction": {"id": str(exchange.id), "type": exchange.kind}}
        if kind in {4, 5, 7}:
            posted = exchange.original or self._post(exchange.data)
            receipt["interaction"]["response_message_id"] = posted["id"]
            receipt["interaction"]["response_message_ephemeral"] = exchange.ephemeral
            receipt["resource"] = {"type": kind, "message": posted}
        return receipt

    def _post(self, body: Mapping[str, Any], *, ephemeral: bool = False) -> Json:
        self._serial += 1
        identity = payloads.snowflake(time.time(), self._serial)
        return payloads.message(identity, body, created=datetime.now(UTC).isoformat(), ephemeral=ephemeral)

    async def _followup(self, request: web.Request) -> web.Response:
        return await self._after(request, lambda exchange, body: exchange.followups.append(body))

    async def _edit(self, request: web.Request) -> web.Response:
        return await self._after(request, lambda exchange, body: exchange.edits.append(body))

    async def _after(self, request: web.Request, keep: Callable[[Exchange, Json], None]) -> web.Response:
        exchange = self.exchanges.get(request.match_info["token"])
        body = await _body(request)
        if exchange is None or exchange.callback is None:
            return refusal(404, 10015, "Unknown Webhook")
        problems = limits.message_problems(body)
        if problems:
            exchange.refused += problems
            return reply(400, {"code": 50035, "message": "Invalid Form Body", "problems": problems})
        keep(exchange, body)
        posted = self._post(body)
        if exchange.original is None:
            exchange.original = posted
        exchange.answered.set()
        await exchange.tell()
        return reply(200, posted)

    async def _original(self, request: web.Request) -> web.Response:
        exchange = self.exchanges.get(request.match_info["token"])
        if exchange is None or exchange.original is None:
            return refusal(404, 10008, "Unknown Message")
        return reply(200, exchange.original)


async def _body(request: web.Request) -> Json:
    """The JSON of a request, also where it comes with files."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        return dict(json.loads(str(form["payload_json"])))
    return dict(json.loads(await request.read()))


def _abort(request: web.Request) -> web.Response:
    """Reset the connection under the client's feet."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _fault(name: str) -> web.Response:
    """The response of an injected fault."""
    if name == "429":  # without `Via`, discord.py takes it for a ban at the edge
        return reply(
            429, {"message": "You are being rate limited.", "retry_after": 0.2, "global": False}, {"Via": "1.1 fake"}
        )
    if name == "204":
        return web.Response(status=204)
    return refusal(500, 0, "500: Internal Server Error")
