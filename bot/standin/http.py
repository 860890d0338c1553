"""Requests and responses as the REST API has them: JSON, refusals, rate limits, injected faults. No routes here."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import orjson
from aiohttp import web

from bot.standin.payloads import Json
from bot.standin.problems import Problem, invalid_form
from bot.standin.rules import Rules
from bot.standin.world import File

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

JSON_TYPE = {"Content-Type": "application/json"}
VIA = {"Via": "1.1 stand-in"}
"""Without `Via`, discord.py takes a 429 for a ban at the edge."""


def reply(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> web.Response:  # noqa: ANN401
    """A response whose Content-Type is exactly `application/json`: discord.py reads anything else as text."""
    content = b"" if body is None else orjson.dumps(body)
    return web.Response(status=status, body=content, headers={**JSON_TYPE, **headers} if headers else JSON_TYPE)


def nothing() -> web.Response:
    """204."""
    return web.Response(status=204)


def refusal(status: int, code: int, message: str) -> web.Response:
    """An error as the API words it."""
    return reply(status, {"code": code, "message": message})


def invalid(problems: Iterable[Problem]) -> web.Response:
    """400 with every problem under its path."""
    return reply(400, invalid_form(problems))


class BadRequest(Exception):
    """A body that cannot be read; `response` says so."""

    def __init__(self, message: str, code: int = 50109, status: int = 400) -> None:
        super().__init__(message)
        self.response = refusal(status, code, message)


async def read(request: web.Request, most_bytes: int) -> tuple[Any, dict[str, File]]:
    """The JSON of a request and the files that came with it, by their key. Raises BadRequest."""
    files: dict[str, File] = {}
    raw: str | bytes = b""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        for key, part in form.items():
            if isinstance(part, web.FileField):
                files[key] = File(part.filename, part.file.read(), part.content_type)
            elif key == "payload_json":
                raw = part.encode() if isinstance(part, str) else bytes(part)
        if any(len(file.content) > most_bytes for file in files.values()):
            raise BadRequest("Request entity too large", 40005, 413)
        if any(re.fullmatch(r"files\[\d+\]", key) is None for key in files) or len(files) > 10:
            raise BadRequest("Files are named files[n], ten at most.", 50035)
    else:
        raw = await request.read()
    try:
        return orjson.loads(raw or b"{}"), files
    except ValueError:
        raise BadRequest("The request body contains invalid JSON.") from None


class Limiter:
    """Rate limits: windows by bucket, one for all, and the edge that bans who will not heed."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.invalid: deque[float] = deque()
        self.hits: list[str] = []
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, bucket: str, most: int, per_s: float) -> tuple[dict[str, str], float]:
        """Count one request: the headers to send, and the seconds to wait (0: it may pass)."""
        now = time.monotonic()
        ends, used = self._windows.get(bucket, (0.0, 0))
        if now >= ends:
            ends, used = now + per_s, 0
            self._sweep(now)
        self._windows[bucket] = (ends, used + 1)
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(most - used - 1, 0)),
            "X-RateLimit-Reset": f"{time.time() + ends - now:.3f}",
            "X-RateLimit-Reset-After": f"{ends - now:.3f}",
            "X-RateLimit-Bucket": f"{hash(bucket.partition(':')[0]) & 0xFFFFFFFF:08x}",
        }
        return headers, 0.0 if used < most else ends - now

    def _sweep(self, now: float) -> None:
        if len(self._windows) > 5_000:
            self._windows = {key: value for key, value in self._windows.items() if value[0] > now}

    def banned(self) -> bool:
        """Whether too many requests of the last ten minutes were invalid."""
        while self.invalid and time.monotonic() - self.invalid[0] > 600:
            self.invalid.popleft()
        return len(self.invalid) >= self.rules.invalid_most

    def count_invalid(self) -> None:
        """Count a 401, 403 or 429."""
        self.invalid.append(time.monotonic())

    def too_many(self, bucket: str, wait_s: float, headers: Mapping[str, str] | None = None) -> web.Response:
        """A 429; `bucket` "global" means all requests wait."""
        self.hits.append(bucket)
        self.count_invalid()
        everywhere = bucket == "global"
        body = {"message": "You are being rate limited.", "retry_after": round(wait_s, 3), "global": everywhere}
        extra = {"X-RateLimit-Global": "true"} if everywhere else {}
        scope = {"X-RateLimit-Scope": "global" if everywhere else "user", "Retry-After": f"{wait_s:.3f}"}
        return reply(429, body, {**VIA, **(headers or {}), **extra, **scope})


class Faults:
    """What the next requests of a route meet.

    `reset` (connection cut, nothing taken), `reset-after` (taken, but the receipt is lost), `429`, `429-global`,
    `500`, `502` (an HTML page of the edge), `204`, `garbage` (a receipt that is no JSON), `slow:SECONDS`.
    """

    def __init__(self) -> None:
        self.by_route: defaultdict[str, deque[str]] = defaultdict(deque)

    def next(self, route: str) -> str:
        """The fault of this request; empty for none."""
        waiting = self.by_route.get(route)
        return waiting.popleft() if waiting else ""

    async def before(self, fault: str, request: web.Request, limiter: Limiter) -> web.Response | None:
        """Play a fault that comes before the request is taken."""
        if fault.startswith("slow:"):
            await asyncio.sleep(float(fault.removeprefix("slow:")))
            return None
        if fault == "reset":
            return cut(request)
        if fault in {"429", "429-global"}:
            return limiter.too_many("global" if fault.endswith("global") else "injected", 0.2)
        if fault == "502":
            return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html", headers=VIA)
        return {"204": nothing(), "500": refusal(500, 0, "500: Internal Server Error")}.get(fault)

    def after(self, fault: str, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Play a fault that comes after."""
        if fault == "reset-after":
            return cut(request)
        return web.Response(body=b'{"broken', headers=JSON_TYPE) if fault == "garbage" else response


def cut(request: web.Request) -> web.Response:
    """Reset the connection under the client's feet."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def known_names(message: Json | None) -> tuple[str, ...]:
    """The names of the files a message has."""
    return tuple(one["filename"] for one in (message or {}).get("attachments", ()))
