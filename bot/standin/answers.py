"""The routes a bot answers interactions through: the callback, and the webhook of its token afterwards.

Holds an answer to Discord's rules of time and order: 3 s, once, a kind that fits, a token that lives. Which
interactions there are is the server's.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.standin import http, limits_message
from bot.standin.exchange import Exchange
from bot.standin.http import BadRequest, Faults, Limiter, invalid, nothing, refusal, reply
from bot.standin.limits_message import CHOICES, DEFER, DEFER_UPDATE, MESSAGE, UPDATE
from bot.standin.messages import change_message, new_message
from bot.standin.payloads import COMPONENTS_V2, EPHEMERAL, LOADING, Json
from bot.standin.problems import Problem
from bot.standin.rules import Rules
from bot.standin.world import File, World

NOT_A_KNOWN = (404, 10062, "Unknown interaction")


class Answers:
    """The handlers. `exchanges` are by token; `origin` is where files will lie."""

    def __init__(self, world: World, rules: Rules, limiter: Limiter, faults: Faults) -> None:
        self.world, self.rules, self.limiter, self.faults = world, rules, limiter, faults
        self.exchanges: dict[str, Exchange] = {}
        self.origin = ""
        self.late = 0
        self._callbacks = 0

    # the first answer

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """POST /interactions/{id}/{token}/callback."""
        arrived_s = time.monotonic()
        exchange = self.exchanges.get(request.match_info["token"])
        try:
            body, files = await http.read(request, self.rules.attachment_limit)
        except BadRequest as bad:
            return bad.response
        if exchange is None or str(exchange.id) != request.match_info["id"]:
            return refusal(*NOT_A_KNOWN)
        exchange.attempts += 1
        exchange.tell()
        fault = self.faults.next("callback")
        if fault:
            met = await self.faults.before(fault, request, self.limiter)
            if met is not None:
                return met
        refused = self._take(exchange, body, files, arrived_s)
        if refused is not None:
            return refused
        wanted = request.query.get("with_response") in {"1", "true"}
        return self.faults.after(fault, request, reply(200, self._receipt(exchange)) if wanted else nothing())

    def _take(
        self,
        exchange: Exchange,
        body: object,
        files: Mapping[str, File],
        arrived_s: float,
    ) -> web.Response | None:
        """Accept a first answer, or say why not."""
        if exchange.callback is not None:
            exchange.repeated += 1
            return refusal(400, 40060, "Interaction has already been acknowledged.")
        if arrived_s - exchange.sent_s > self.rules.deadline_s:
            self.late += 1
            exchange.expired = True
            exchange.refused.append("late")
            exchange.tell()
            return refusal(*NOT_A_KNOWN)
        if not isinstance(body, dict):
            return refusal(400, 50109, "The request body contains invalid JSON.")
        problems = self._callback_problems(exchange, body, files)
        if problems:
            exchange.refused += map(str, problems)
            exchange.tell()
            return invalid(problems)
        exchange.callback, exchange.acked_s = body, arrived_s
        exchange.files |= {file.name: file.content for file in files.values()}
        self._apply(exchange, body["type"], exchange.data, files)
        exchange.acked.set()
        exchange.tell()
        return None

    def _callback_problems(self, exchange: Exchange, body: Json, files: Mapping[str, File]) -> list[Problem]:
        source = exchange.source
        if body.get("type") in {UPDATE, DEFER_UPDATE} and source is None:
            return [Problem(("type",), "BASE_TYPE_CHOICES", "There is no message to update.")]
        self._callbacks += 1
        if self._callbacks % self.rules.judged_every:
            return []
        data = body.get("data")
        body = {**body, "data": _with_files(data, files)} if isinstance(data, dict) else body
        v2 = bool(source and source["flags"] & COMPONENTS_V2)
        return limits_message.callback_problems(body, exchange.kind, known=http.known_names(source), v2=v2)

    def _apply(self, exchange: Exchange, kind: int, data: Json, files: Mapping[str, File]) -> None:
        """Do what a callback of `kind` does."""
        exchange.ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL)
        if kind in {MESSAGE, DEFER}:
            extra = (EPHEMERAL if exchange.ephemeral else 0) | (LOADING if kind == DEFER else 0)
            exchange.original = self._post(exchange, data, files, flags=extra)
        elif kind in {UPDATE, DEFER_UPDATE}:
            exchange.original = exchange.source
            if kind == UPDATE and exchange.source is not None:
                self._change(exchange.source, data, files)
        if kind not in {DEFER, DEFER_UPDATE}:
            exchange.answered.set()

    def _receipt(self, exchange: Exchange) -> Json:
        kind = (exchange.callback or {}).get("type")
        said: Json = {"id": str(exchange.id), "type": exchange.kind}
        receipt: Json = {"interaction": said}
        if exchange.original is not None and kind != CHOICES:
            said["response_message_id"] = exchange.original["id"]
            said["response_message_loading"] = bool(exchange.original["flags"] & LOADING)
            said["response_message_ephemeral"] = exchange.ephemeral
            receipt["resource"] = {"type": kind, "message": exchange.original}
        return receipt

    def _post(self, exchange: Exchange, body: Mapping[str, Any], files: Mapping[str, File], *, flags: int) -> Json:
        """Put a message under an interaction's channel, for all or, if `flags` say so, for its person alone."""
        kind = {2: 20, 3: 23}.get(exchange.kind, 0) if exchange.original is None else 19
        message = new_message(
            self.world, body, files, origin=self.origin, channel_id=exchange.channel_id, kind=20 if kind == 23 else kind
        )
        person = self.world.person(exchange.user_id).user
        message["interaction_metadata"] = {
            "id": str(exchange.id),
            "type": exchange.kind,
            "user": person,
            "authorizing_integration_owners": {},
            "name": exchange.label,
        }
        message["flags"] |= flags
        return self.world.post(message, exchange.channel_id, exchange.user_id if flags & EPHEMERAL else None).json

    def _change(self, message: Json, body: Mapping[str, Any], files: Mapping[str, File]) -> None:
        change_message(self.world, message, body, files, origin=self.origin)
        if message["flags"] & LOADING:
            message["flags"] &= ~LOADING
            message["edited_timestamp"] = None  # filled, not edited
        posted = self.world.messages.get(int(message["id"]))
        if posted is not None:
            self.world.tell("edited", posted)

    # afterwards

    def _living(self, request: web.Request) -> Exchange | web.Response:
        exchange = self.exchanges.get(request.match_info["token"])
        if exchange is None or exchange.callback is None:
            return refusal(404, 10015, "Unknown Webhook")
        if time.monotonic() - exchange.sent_s > self.rules.token_life_s:
            exchange.refused.append("token expired")
            return refusal(401, 50027, "Invalid Webhook Token")
        return exchange

    async def followup(self, request: web.Request) -> web.StreamResponse:
        """POST /webhooks/{app}/{token}: the first one after a deferral fills the deferred message."""
        exchange = self._living(request)
        if not isinstance(exchange, Exchange):
            return exchange
        body, files = await http.read(request, self.rules.attachment_limit)
        if exchange.user_install and len(exchange.followups) >= self.rules.user_install_followups:
            return refusal(400, 40094, "This interaction has reached its maximum number of follow-up messages.")
        refused = self._checked(exchange, body, files, None)
        if refused is not None:
            return refused
        exchange.followups.append(body)
        waiting = exchange.original
        if waiting is not None and waiting["flags"] & LOADING:
            self._change(waiting, body, files)
            message = waiting
        else:
            message = self._post(exchange, body, files, flags=int(body.get("flags") or 0) & EPHEMERAL)
            exchange.posts.append(message)
        self._answered(exchange, files)
        return reply(200, message)

    async def edit(self, request: web.Request) -> web.StreamResponse:
        """PATCH /webhooks/{app}/{token}/messages/{id or @original}."""
        exchange = self._living(request)
        if not isinstance(exchange, Exchange):
            return exchange
        body, files = await http.read(request, self.rules.attachment_limit)
        message = self._message_of(exchange, request.match_info["message"])
        if message is None:
            return refusal(404, 10008, "Unknown Message")
        refused = self._checked(exchange, body, files, message)
        if refused is not None:
            return refused
        if message is exchange.original:
            exchange.edits.append(body)
        self._change(message, body, files)
        self._answered(exchange, files)
        return reply(200, message)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """GET the original or a follow-up."""
        exchange = self._living(request)
        if not isinstance(exchange, Exchange):
            return exchange
        message = self._message_of(exchange, request.match_info["message"])
        return refusal(404, 10008, "Unknown Message") if message is None else reply(200, message)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """DELETE the original or a follow-up."""
        exchange = self._living(request)
        if not isinstance(exchange, Exchange):
            return exchange
        message = self._message_of(exchange, request.match_info["message"])
        if message is None or not self.world.delete(int(message["id"])):
            return refusal(404, 10008, "Unknown Message")
        if message is exchange.original:
            exchange.original = None
        exchange.tell()
        return nothing()

    def _message_of(self, exchange: Exchange, which: str) -> Json | None:
        if which == "@original":
            return exchange.original
        own = [one for one in (exchange.original, *exchange.posts) if one is not None]
        return next((one for one in own if one["id"] == which), None)

    def _checked(
        self,
        exchange: Exchange,
        body: object,
        files: Mapping[str, File],
        message: Json | None,
    ) -> web.Response | None:
        if not isinstance(body, dict):
            return refusal(400, 50109, "The request body contains invalid JSON.")
        problems = limits_message.message_problems(
            _with_files(body, files),
            edit=message is not None,
            known=http.known_names(message),
            v2=bool(message and message["flags"] & COMPONENTS_V2),
        )
        if not problems:
            return None
        exchange.refused += map(str, problems)
        exchange.tell()
        return invalid(problems)

    def _answered(self, exchange: Exchange, files: Mapping[str, File]) -> None:
        exchange.files |= {file.name: file.content for file in files.values()}
        exchange.answered.set()
        exchange.tell()


def _with_files(body: Json, files: Mapping[str, File]) -> Json:
    """The body with those files named that came without being listed."""
    listed = {str(one.get("id")) for one in body.get("attachments") or [] if isinstance(one, dict)}
    extra = [{"id": key[6:-1], "filename": file.name} for key, file in files.items() if key[6:-1] not in listed]
    return {**body, "attachments": [*(body.get("attachments") or []), *extra]} if extra else body
