"""The REST routes outside of interactions: the application, its commands, the gateway's address, channels, guilds.

Only what a bot of slash commands needs; anything else is 404 and remembered in `unknown`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot.standin import http, limits_message, payloads
from bot.standin.gateway import Gateway
from bot.standin.http import Faults, Limiter, invalid, nothing, refusal, reply
from bot.standin.limits_commands import command_problems
from bot.standin.messages import change_message, new_message
from bot.standin.payloads import APP_ID, COMPONENTS_V2, Json
from bot.standin.rules import Rules
from bot.standin.world import File, Posted, World


class Rest:
    """The handlers. `commands` are those registered last, for all guilds (None) or for one."""

    def __init__(self, world: World, rules: Rules, limiter: Limiter, faults: Faults, gateway: Gateway) -> None:
        self.world, self.rules, self.limiter, self.faults, self.gateway = world, rules, limiter, faults, gateway
        self.commands: dict[int | None, list[Json]] = {}
        self.command_writes = 0
        self.calls: list[str] = []
        self.unknown: list[str] = []
        self.registered: list[Callable[[], None]] = []
        self.origin = ""
        self._nonces: dict[tuple[int, str], tuple[float, Json]] = {}

    # the application

    async def me(self, _: web.Request) -> web.Response:
        """GET /users/@me."""
        return reply(200, payloads.user(APP_ID, "runlocalai", bot=True))

    async def user(self, request: web.Request) -> web.Response:
        """GET /users/{id}."""
        known = self.world.people.get(int(request.match_info["user"]))
        return reply(200, known.user) if known else refusal(404, 10013, "Unknown User")

    async def application(self, _: web.Request) -> web.Response:
        """GET /oauth2/applications/@me and /applications/@me."""
        return reply(200, payloads.application())

    async def gateway_url(self, _: web.Request) -> web.Response:
        """GET /gateway."""
        return reply(200, {"url": self.gateway.resume_url()})

    async def gateway_bot(self, _: web.Request) -> web.Response:
        """GET /gateway/bot."""
        limit = {
            "total": self.rules.session_starts,
            "remaining": max(self.gateway.remaining, 0),
            "reset_after": 14_400_000,
            "max_concurrency": self.rules.max_concurrency,
        }
        body = {"url": self.gateway.resume_url(), "shards": self.rules.shards, "session_start_limit": limit}
        return reply(200, body)

    # commands

    async def put_commands(self, request: web.Request) -> web.Response:
        """PUT: all commands at once, for everybody or for a guild."""
        commands, _ = await http.read(request, 0)
        if not isinstance(commands, list) or not all(isinstance(one, dict) for one in commands):
            return refusal(400, 50035, "Invalid Form Body")
        problems = command_problems(commands)
        if problems:
            return invalid(problems)
        guild = _guild(request)
        before = {(one["name"], one.get("type", 1)): one["id"] for one in self.commands.get(guild, [])}
        self.commands[guild] = [self._registered(one, guild, before) for one in commands]
        self.command_writes += 1
        for listener in self.registered:
            listener()
        return reply(200, self.commands[guild])

    def _registered(self, command: Json, guild: int | None, ids: Mapping[tuple[str, int], str]) -> Json:
        """A command with what Discord adds; one of the same name keeps its id."""
        known = ids.get((command["name"], command.get("type", 1)))
        made = {"type": 1, "description": "", "default_member_permissions": None, "nsfw": False, **command}
        made |= {
            "id": known or str(self.world.new_id()),
            "application_id": str(APP_ID),
            "version": str(self.world.new_id()),
        }
        return made if guild is None else {**made, "guild_id": str(guild)}

    async def get_commands(self, request: web.Request) -> web.Response:
        """GET all commands."""
        return reply(200, self.commands.get(_guild(request), []))

    async def get_command(self, request: web.Request) -> web.Response:
        """GET one command."""
        wanted = request.match_info["command"]
        found = next((one for one in self.commands.get(_guild(request), []) if one["id"] == wanted), None)
        return reply(200, found) if found else refusal(404, 10063, "Unknown application command")

    async def post_command(self, request: web.Request) -> web.Response:
        """POST: one command, new or in place of one with its name."""
        command, _ = await http.read(request, 0)
        guild = _guild(request)
        others = [one for one in self.commands.get(guild, []) if one["name"] != command.get("name")]
        problems = command_problems([*others, command])
        if problems:
            return invalid(problems)
        made = self._registered(
            command, guild, {(one["name"], one["type"]): one["id"] for one in self.commands.get(guild, [])}
        )
        self.commands[guild] = [*others, made]
        self.command_writes += 1
        for listener in self.registered:
            listener()
        return reply(201, made)

    async def delete_command(self, request: web.Request) -> web.Response:
        """DELETE one command."""
        guild, wanted = _guild(request), request.match_info["command"]
        kept = [one for one in self.commands.get(guild, []) if one["id"] != wanted]
        if len(kept) == len(self.commands.get(guild, [])):
            return refusal(404, 10063, "Unknown application command")
        self.commands[guild] = kept
        return nothing()

    async def emojis(self, _: web.Request) -> web.Response:
        """GET the application's own emojis: none."""
        return reply(200, {"items": []})

    # channels and guilds

    async def channel(self, request: web.Request) -> web.Response:
        """GET /channels/{id}."""
        place = self.world.places.get(int(request.match_info["channel"]))
        if place is None:
            return refusal(404, 10003, "Unknown Channel")
        if place.id in self.world.closed:
            self.limiter.count_invalid()
            return refusal(403, 50001, "Missing Access")
        extra = {} if place.guild_id is None else {"guild_id": str(place.guild_id), "permission_overwrites": []}
        return reply(200, {**place.channel, **extra})

    async def open_direct(self, request: web.Request) -> web.Response:
        """POST /users/@me/channels: the direct messages with somebody."""
        body, _ = await http.read(request, 0)
        return reply(200, self.world.place(None, int(body["recipient_id"])).channel)

    async def guild(self, request: web.Request) -> web.Response:
        """GET /guilds/{id}."""
        guild_id = int(request.match_info["guild"])
        known = guild_id in self.world.guild_ids
        return reply(200, self.world.guild(guild_id)) if known else refusal(404, 10004, "Unknown Guild")

    async def guild_channels(self, request: web.Request) -> web.Response:
        """GET /guilds/{id}/channels."""
        return reply(200, self.world.guild(int(request.match_info["guild"]))["channels"])

    async def guild_member(self, request: web.Request) -> web.Response:
        """GET /guilds/{id}/members/{user}."""
        person = self.world.people.get(int(request.match_info["user"]))
        if person is None:
            return refusal(404, 10007, "Unknown Member")
        return reply(200, payloads.member(person.user, person.permissions))

    async def post_message(self, request: web.Request) -> web.StreamResponse:
        """POST /channels/{id}/messages."""
        channel_id = int(request.match_info["channel"])
        if channel_id not in self.world.places:
            return refusal(404, 10003, "Unknown Channel")
        if channel_id in self.world.closed:
            self.limiter.count_invalid()
            return refusal(403, 50013, "Missing Permissions")
        body, files = await http.read(request, self.rules.attachment_limit)  # before "slow": who asks may die meanwhile
        fault = self.faults.next("message")
        met = await self.faults.before(fault, request, self.limiter)
        if met is not None:
            return met
        problems = limits_message.message_problems(body)
        if problems:
            return invalid(problems)
        return self.faults.after(fault, request, reply(200, self._new(body, files, channel_id)))

    def _new(self, body: Json, files: Mapping[str, File], channel_id: int) -> Json:
        """The message posted; with `enforce_nonce`, the one posted before with that nonce."""
        nonce = str(body.get("nonce") or "") if body.get("enforce_nonce") else ""
        known = self._nonces.get((channel_id, nonce))
        if nonce and known is not None and time.monotonic() - known[0] < self.rules.nonce_s:
            return known[1]
        message = new_message(self.world, body, files, origin=self.origin, channel_id=channel_id)
        self.world.post(message, channel_id)
        if nonce:
            self._nonces[channel_id, nonce] = time.monotonic(), message
        return message

    async def get_messages(self, request: web.Request) -> web.Response:
        """GET /channels/{id}/messages, newest first; none where the bot may not read earlier ones."""
        channel_id, most = int(request.match_info["channel"]), int(request.query.get("limit", "50"))
        after = int(request.query.get("after", "0"))
        if channel_id not in self.world.places:
            return refusal(404, 10003, "Unknown Channel")
        found = [
            one.json
            for one in self.world.messages.values()
            if one.channel_id == channel_id
            and one.only_for is None
            and one.id > after
            and channel_id not in self.world.unread
        ]
        return reply(200, found[: -most - 1 : -1])

    async def get_message(self, request: web.Request) -> web.Response:
        """GET one message."""
        posted = self._posted(request)
        return refusal(404, 10008, "Unknown Message") if posted is None else reply(200, posted.json)

    async def edit_message(self, request: web.Request) -> web.Response:
        """PATCH one message of the bot's own."""
        posted = self._posted(request)
        if posted is None:
            return refusal(404, 10008, "Unknown Message")
        if posted.json["author"]["id"] != str(APP_ID):
            return refusal(403, 50005, "Cannot edit a message authored by another user")
        body, files = await http.read(request, self.rules.attachment_limit)
        v2 = bool(posted.json["flags"] & COMPONENTS_V2)
        problems = limits_message.message_problems(body, edit=True, known=http.known_names(posted.json), v2=v2)
        if problems:
            return invalid(problems)
        change_message(self.world, posted.json, body, files, origin=self.origin)
        self.world.tell("edited", posted)
        return reply(200, posted.json)

    async def delete_message(self, request: web.Request) -> web.Response:
        """DELETE one message."""
        posted = self._posted(request)
        return nothing() if posted and self.world.delete(posted.id) else refusal(404, 10008, "Unknown Message")

    async def crosspost(self, request: web.Request) -> web.Response:
        """POST …/crosspost: publish an announcement."""
        posted = self._posted(request)
        if posted is None:
            return refusal(404, 10008, "Unknown Message")
        if self.world.places[posted.channel_id].channel["type"] != 5:
            return refusal(400, 50024, "Cannot execute action on this channel type")
        posted.json["flags"] |= 1
        return reply(200, posted.json)

    def _posted(self, request: web.Request) -> Posted | None:
        posted = self.world.messages.get(int(request.match_info["message"]))
        right = (
            posted is not None and posted.channel_id == int(request.match_info["channel"]) and posted.only_for is None
        )
        return posted if right else None

    # files and the rest

    async def file(self, request: web.Request) -> web.StreamResponse:
        """GET a file, as the CDN has it; uploads are never run by who opens them."""
        fault = self.faults.next("file")
        met = await self.faults.before(fault, request, self.limiter)
        if met is not None:
            return met
        file = self.world.files.get(int(request.match_info["file"]))
        if file is None:
            return web.Response(status=404, text="This content is no longer available.")
        safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
        headers = {"Content-Type": file.content_type or "application/octet-stream", **safe}
        return self.faults.after(fault, request, web.Response(body=file.content, headers=headers))

    async def nowhere(self, request: web.Request) -> web.Response:
        """What the stand-in does not have; a test that meets it must fail."""
        self.unknown.append(f"{request.method} {request.path}")
        return refusal(404, 0, "404: Not Found")


def _guild(request: web.Request) -> int | None:
    guild: Any = request.match_info.get("guild")
    return None if guild is None else int(guild)
