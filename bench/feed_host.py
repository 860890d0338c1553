"""Plays every host of the release sources for `bench.collect`: one process, a loopback address a host, a fixed latency.

It prints its port and serves until it is stopped. The documents are made up: thirty entries each, with validators.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta

from aiohttp import web

N_ENTRIES = 30


def document(path: str, now: datetime) -> tuple[bytes, str]:
    """Return what lies at a path: JSON, a page or a feed by the path's first part."""
    kind = path.split("/")[1]
    days = [now - timedelta(days=n) for n in range(N_ENTRIES)]
    if kind == "json_api":
        rows = [{"id": f"org{path}-{n}", "createdAt": day.isoformat(), "likes": n} for n, day in enumerate(days)]
        return json.dumps(rows).encode(), "application/json"
    if kind == "html":
        links = "".join(
            f"<a href='{under}{n}'>Release {n}</a><h2 id='r{n}'>{day:%Y-%m-%d} Release number {n}</h2>"
            for n, day in enumerate(days)
            for under in ("/library/", "/changelog/", "/blog/")
        )
        return f"<!doctype html><html><body>{links}</body></html>".encode(), "text/html"
    items = "".join(
        f"<item><title>Release {n} of {path}</title><link>https://example.org{path}/{n}</link>"
        f"<guid>{path}-{n}</guid><pubDate>{day:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>GPU words about release {n}</description></item>"
        for n, day in enumerate(days)
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode(), "application/rss+xml"


async def serve(latency_s: float, n_hosts: int) -> None:
    """Serve until cancelled."""
    made: dict[str, tuple[bytes, str, str]] = {}
    now = datetime.now(UTC)

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(latency_s)
        if request.path not in made:
            body, kind = document(request.path, now)
            made[request.path] = body, kind, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        body, kind, etag = made[request.path]
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, content_type=kind, headers={"ETag": etag})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    for number in range(2, n_hosts + 2):
        await web.TCPSite(runner, f"127.0.0.{number}", port).start()
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2])))
