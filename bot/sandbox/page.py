"""The sandbox's page on loopback: static files, uploads, and one WebSocket a page.

Only pages of this very server may speak to it: a request whose Host or Origin is another is refused, so that no web
site a person happens to visit can. What a page may ask is visit.py's.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.sandbox.visit import Visit
from bot.standin import StandIn
from bot.standin.http import reply

STATIC = Path(__file__).with_name("static")
MOST_UPLOAD_BYTES = 25 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Page:
    """The server's handlers. `bot_state` tells how the bot's process is."""

    def __init__(self, discord: StandIn, bot_state: Callable[[], str]) -> None:
        self.discord = discord
        self.bot_state = bot_state
        self.visits: set[Visit] = set()
        self._files = {path.name: path for path in STATIC.iterdir() if path.is_file()}

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application(middlewares=[_own_pages_only], client_max_size=MOST_UPLOAD_BYTES)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/live", self._live),
                web.post("/upload/{name}", self._upload),
                web.get("/attachments/{channel}/{file}/{name}", self.discord.rest.file),
                web.get("/{name}", self._static),
            ]
        )
        return app

    def tell(self) -> None:
        """Have every page look anew: the bot's state or its commands changed."""
        for visit in self.visits:
            visit.push({"push": "scene", **visit.scene()})

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return _file(self._files["index.html"])

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = self._files.get(request.match_info["name"])
        return web.Response(status=404, text="There is no such page.") if path is None else _file(path)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=256 * 1024, heartbeat=30)
        await socket.prepare(request)
        visit = Visit(self.discord, socket, self.bot_state)
        self.visits.add(visit)
        try:
            await visit.serve()
        finally:
            self.visits.discard(visit)
        return socket

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        if len(content) > self.discord.rules.attachment_limit:
            return reply(413, {"error": "Files may have 10 MiB at most."})
        name = Path(request.match_info["name"]).name[:100] or "file"
        kind = request.headers.get("Content-Type") or mimetypes.guess_type(name)[0] or "application/octet-stream"
        file_id = self.discord.world.upload(name, content, kind)
        return reply(200, {"file": str(file_id), "name": name, "size": len(content)})


def _file(path: Path) -> web.Response:
    kind = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}[path.suffix]
    return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8")


@web.middleware
async def _own_pages_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse other hosts (a rebound name) and other origins (another site's page); give every answer its headers."""
    host = request.host.rpartition(":")[0] or request.host
    origin = request.headers.get("Origin")
    if host not in {"127.0.0.1", "localhost"} or (origin is not None and origin != f"http://{request.host}"):
        return web.Response(status=403, text="This page is for the browser on this machine.")
    if request.method == "POST" and origin is None:
        return web.Response(status=403, text="This page is for the browser on this machine.")
    response = await handler(request)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
