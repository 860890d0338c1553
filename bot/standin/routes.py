"""The table of routes, each with who may call it and how often. The handlers are those of rest, answers and gateway."""

from __future__ import annotations

import re
from functools import partial

from aiohttp import web

from bot.standin.answers import Answers
from bot.standin.gateway import Gateway
from bot.standin.http import BadRequest, Handler, refusal
from bot.standin.payloads import APP_ID
from bot.standin.rest import Rest

API = "/api/v10"
_ID = re.compile(r"/\d{15,20}")

_MANY = (50, 1.0)
_MESSAGES = (5, 5.0)
_COMMANDS = (20, 60.0)
_WEBHOOK = (5, 2.0)


def add_routes(app: web.Application, rest: Rest, answers: Answers, gateway: Gateway, token: str) -> None:
    """Put every route into `app`."""
    app.router.add_get("/gateway", gateway.serve)
    app.router.add_get("/gateway/", gateway.serve)
    app.router.add_get("/attachments/{channel}/{file}/{name}", rest.file)
    app.router.add_post(f"{API}/interactions/{{id}}/{{token}}/callback", answers.callback)
    webhook = f"{API}/webhooks/{APP_ID}/{{token}}"
    hooks: list[tuple[str, str, Handler, str]] = [
        ("POST", webhook, answers.followup, "followup"),
        ("GET", f"{webhook}/messages/{{message}}", answers.get, "original"),
        ("PATCH", f"{webhook}/messages/{{message}}", answers.edit, "edit"),
        ("DELETE", f"{webhook}/messages/{{message}}", answers.delete, "delete"),
    ]
    for method, path, handler, name in hooks:
        app.router.add_route(method, path, partial(_webhook, answers, handler, name))
    for method, path, handler, limit in _bot_routes(rest):
        app.router.add_route(method, API + path, partial(_guarded, rest, token, handler, limit))
    app.router.add_route("*", "/{rest:.*}", rest.nowhere)


def _bot_routes(rest: Rest) -> list[tuple[str, str, Handler, tuple[int, float]]]:
    """What a bot calls with its token."""
    commands, one_message = f"/applications/{APP_ID}/commands", "/channels/{channel}/messages/{message}"
    in_guild = f"/applications/{APP_ID}/guilds/{{guild}}/commands"
    routes: list[tuple[str, str, Handler, tuple[int, float]]] = [
        ("GET", "/users/@me", rest.me, _MANY),
        ("GET", "/users/{user:\\d+}", rest.user, _MANY),
        ("POST", "/users/@me/channels", rest.open_direct, _MANY),
        ("GET", "/oauth2/applications/@me", rest.application, _MANY),
        ("GET", "/applications/@me", rest.application, _MANY),
        ("GET", f"/applications/{APP_ID}/emojis", rest.emojis, _MANY),
        ("GET", "/gateway", rest.gateway_url, _MANY),
        ("GET", "/gateway/bot", rest.gateway_bot, _MANY),
        ("GET", "/channels/{channel}", rest.channel, _MANY),
        ("POST", "/channels/{channel}/messages", rest.post_message, _MESSAGES),
        ("GET", "/channels/{channel}/messages", rest.get_messages, _MANY),
        ("GET", one_message, rest.get_message, _MANY),
        ("PATCH", one_message, rest.edit_message, _MESSAGES),
        ("DELETE", one_message, rest.delete_message, _MESSAGES),
        ("POST", f"{one_message}/crosspost", rest.crosspost, (10, 3600.0)),
        ("GET", "/guilds/{guild}", rest.guild, _MANY),
        ("GET", "/guilds/{guild}/channels", rest.guild_channels, _MANY),
        ("GET", "/guilds/{guild}/members/{user}", rest.guild_member, _MANY),
    ]
    for base in (commands, in_guild):
        routes += [
            ("PUT", base, rest.put_commands, _COMMANDS),
            ("GET", base, rest.get_commands, _MANY),
            ("POST", base, rest.post_command, _COMMANDS),
            ("GET", f"{base}/{{command}}", rest.get_command, _MANY),
            ("DELETE", f"{base}/{{command}}", rest.delete_command, _COMMANDS),
        ]
    return routes


async def _guarded(
    rest: Rest, token: str, handler: Handler, limit: tuple[int, float], request: web.Request
) -> web.StreamResponse:
    """A route of the bot's own: its token, the limits, then the handler."""
    call = f"{request.method} {_ID.sub('', request.path.removeprefix(API)).replace('/applications/', '/')}"
    rest.calls.append(
        call.replace("/oauth2/@me", "/oauth2/applications/@me").replace("GET /@me", "GET /applications/@me")
    )
    limiter = rest.limiter
    if limiter.banned():
        return web.Response(status=429, text="error code: 1015", content_type="text/html")
    if request.headers.get("Authorization") != f"Bot {token}":
        limiter.count_invalid()
        return refusal(401, 0, "401: Unauthorized")
    _, wait_s = limiter.take("global", rest.rules.global_per_s, 1.0)
    if wait_s:
        return limiter.too_many("global", wait_s)
    headers, wait_s = limiter.take(f"{request.method} {request.path}", *limit)
    if wait_s:
        return limiter.too_many(call, wait_s, headers)
    try:
        response = await handler(request)
    except BadRequest as bad:
        response = bad.response
    except ValueError:  # an id that is no number
        response = refusal(400, 50035, "Invalid Form Body")
    response.headers.update(headers)
    return response


async def _webhook(answers: Answers, handler: Handler, name: str, request: web.Request) -> web.StreamResponse:
    """A route of an interaction's webhook: no token but its own, outside of the global limit, with its own."""
    fault = answers.faults.next(name)
    met = await answers.faults.before(fault, request, answers.limiter) if fault else None
    if met is not None:
        return met
    headers, wait_s = answers.limiter.take(f"webhook:{request.match_info['token']}", *_WEBHOOK)
    if wait_s:
        return answers.limiter.too_many("webhook", wait_s, headers)
    try:
        response = answers.faults.after(fault, request, await handler(request))
    except BadRequest as bad:
        response = bad.response
    response.headers.update(headers)
    return response
