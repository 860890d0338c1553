"""A loopback server that plays Hugging Face's and Ollama's public addresses: JSON, and files by byte ranges.

It serves what it is given and counts bytes; it makes no models.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class HubServer:
    """`documents` by path: a JSON value or a file's bytes. `pad` appends so many zero bytes to every file, unsent."""

    def __init__(self, documents: dict[str, Any], *, ranges: bool = True, pad: int = 0) -> None:
        self.documents = documents
        self.ranges = ranges
        self.pad = pad
        self.requests: list[str] = []
        self.bytes_sent = 0
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.requests.append(request.path)
        found = self.documents.get(request.path)
        if found is None:
            return web.Response(status=404)
        if isinstance(found, web.Response):
            return found
        if not isinstance(found, bytes):
            return web.Response(body=json.dumps(found).encode(), content_type="application/json")
        total = len(found) + self.pad
        asked = request.headers.get("Range", "")
        if not self.ranges or not asked.startswith("bytes="):
            self.bytes_sent += total
            return web.Response(body=found + bytes(self.pad))
        start, _, end = asked.removeprefix("bytes=").partition("-")
        first, last = int(start), min(int(end), total - 1)
        if first >= total:
            return web.Response(status=416)
        body = (found[first : last + 1] + bytes(max(0, last + 1 - max(first, len(found)))))[: last + 1 - first]
        self.bytes_sent += len(body)
        return web.Response(status=206, body=body, headers={"Content-Range": f"bytes {first}-{last}/{total}"})


@asynccontextmanager
async def hub_server(documents: dict[str, Any], *, ranges: bool = True, pad: int = 0) -> AsyncIterator[HubServer]:
    """Run a HubServer on a free loopback port."""
    server = HubServer(documents, ranges=ranges, pad=pad)
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
