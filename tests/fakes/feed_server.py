"""A loopback web server that plays release sources: documents with ETag and Last-Modified, 304s, failures on demand.

It counts requests and body bytes, so that a test can say that nothing unchanged was downloaded. It makes no feeds.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

LAST_MODIFIED = "Mon, 04 May 2026 06:00:00 GMT"


@dataclass
class Page:
    """One document the server has. `status` other than 200 is answered as it is; `location` makes it a redirect."""

    body: bytes = b""
    content_type: str = "application/xml"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validators: bool = True
    fail_first: int = 0


class FeedServer:
    """Serves `pages` by path. `requests` lists (path, status); `bytes_sent` counts body bytes."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self.pages = pages
        self.requests: list[tuple[str, int]] = []
        self.seen_headers: list[Mapping[str, str]] = []
        self.bytes_sent = 0
        self.base_url = ""

    def statuses(self) -> dict[int, int]:
        """How many answers had which status."""
        counts: dict[int, int] = {}
        for _, status in self.requests:
            counts[status] = counts.get(status, 0) + 1
        return counts

    def forget(self) -> None:
        """Start counting anew."""
        self.requests.clear()
        self.seen_headers.clear()
        self.bytes_sent = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.seen_headers.append(dict(request.headers))
        response = self._answer(request)
        self.requests.append((request.path, response.status))
        self.bytes_sent += len(response.body) if isinstance(response.body, bytes) else 0
        return response

    def _answer(self, request: web.Request) -> web.Response:
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        if page.fail_first > 0:
            page.fail_first -= 1
            return web.Response(status=503)
        headers = dict(page.headers)
        if page.validators and page.status == 200:
            etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
            headers |= {"ETag": etag, "Last-Modified": LAST_MODIFIED}
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers=headers)
        return web.Response(body=page.body, status=page.status, content_type=page.content_type, headers=headers)


@asynccontextmanager
async def feed_server(pages: dict[str, Page]) -> AsyncIterator[FeedServer]:
    """Run a FeedServer on a free loopback port."""
    server = FeedServer(pages)
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base_url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
