"""How fast the digest's pages answer: `python -m bench.web [--readers N] [--seconds S] [--json]`.

One process serves pages over an embedded store with N readers and twelve issues; this one asks over kept connections.
The ceiling is a bare Starlette page in the same server, in the same run. Leaving is measured by one-click posts, each
for another reader and each kept in the store. It says nothing of a proxy or of TLS.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from digest.placeholders import PREFERENCES, RIG_HTML, UNSUBSCRIBE
from digest.settings import Settings
from digest.tokens import Links, Tokens
from digest.web.app import make_app
from digest.web.limits import Buckets, Rate
from digest.web.serve import config_of, make_site
from digest.web.site import Limits
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import open_stores
from knowledge.store.tables.digest import issue

SECRET = "a key for benches alone; 0123456789"  # noqa: S105
CONNECTIONS = 16
HTML = (
    "<html><head><style>p{margin:0}</style></head><body><h1>Month</h1>"
    + RIG_HTML
    + '<p class="text" style="margin:0;color:#171c23">A model and what it runs on.</p>' * 600
    + f'<td class="foot"><p><a href="{UNSUBSCRIBE}">Leave</a> <a href="{PREFERENCES}">Choose</a></p></body></html>'
)


def _settings() -> Settings:
    return Settings.from_env({"DIGEST_FROM": "digest@example.org", "DIGEST_SECRET": SECRET})


def fill(url: str, n_readers: int) -> None:
    """Make a store with so many confirmed readers and twelve issues."""
    stores, now = open_stores(url), datetime.now(UTC)
    for start in range(0, n_readers, 10_000):
        names = [f"reader{index}@example.org" for index in range(start, min(start + 10_000, n_readers))]
        rows = [{"address": name, "address_key": name, "domain": "example.org"} for name in names]
        stores.subscribers.add_many(rows, now=now)
    for month in range(1, 13):
        row = IssueRow(month=f"2026-{month:02}", status="draft", subject="Month", html=HTML, text="Month\n")
        stores.digest.save_issue(row, now=now)
    with stores.engine.begin() as conn:
        for status in ("approved", "sending", "sent"):
            conn.execute(sa.update(issue).values(status=status))
    stores.close()


def serve(url: str, folder: str, port: int) -> None:
    """Serve the pages and the bare one, without limits: they are not what is measured."""
    site = make_site(_settings(), open_stores(url), Path(folder))
    endless = Buckets(Rate(1_000_000_000, 1e-9), time.monotonic)
    site.limits = Limits(*([endless] * 6))
    config = config_of(site, "127.0.0.1", port)

    async def bare(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    config.app = Starlette(routes=[Route("/bare", bare), Mount("", app=make_app(site))])
    config.lifespan = "off"
    uvicorn.Server(config).run()


async def _asks(port: int, requests: Iterator[bytes], until_s: float, took: list[float]) -> None:
    """Ask one request after the other on one connection; note how long each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        if time.perf_counter() > until_s:
            break
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head[:100]
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
        took.append(time.perf_counter() - began)
    writer.close()


async def _measured(port: int, requests: Iterable[bytes], seconds: float) -> dict[str, float]:
    took: list[float] = []
    shared, began = iter(requests), time.perf_counter()
    await asyncio.gather(*(_asks(port, shared, began + seconds, took) for _ in range(CONNECTIONS)))
    whole = time.perf_counter() - began
    took.sort()
    return {
        "per_s": round(len(took) / whole, 1),
        "p50_ms": round(took[len(took) // 2] * 1000, 2),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 2),
        "n": len(took),
    }


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def _one_click(path: str) -> bytes:
    body = "List-Unsubscribe=One-Click"
    kind = "application/x-www-form-urlencoded"
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


async def _table(port: int, n_readers: int, seconds: float) -> dict[str, Any]:
    await _until_up(port)
    public_url = _settings().public_url
    links = Links(public_url, Tokens([SECRET]))
    leave = [links.to("unsubscribe", index, 1).removeprefix(public_url) for index in range(1, n_readers + 1)]
    asked: dict[str, Iterable[bytes]] = {
        "bare page": repeat(_get("/bare")),
        "archive": repeat(_get("/")),
        "issue": repeat(_get("/issues/2026-06")),
        "feed of twelve issues": repeat(_get("/feed.atom")),
        "page to unsubscribe": (_get(path) for path in leave),
        "one-click unsubscribe": (_one_click(path) for path in leave),
    }
    return {name: await _measured(port, requests, seconds) for name, requests in asked.items()}


async def _until_up(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError("the pages did not come up")


def measure(n_readers: int, seconds: float) -> dict[str, Any]:
    """Fill a store, serve it in a process of its own, and ask."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        fill(url, n_readers)
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(url, folder, port), daemon=True)
        server.start()
        try:
            table = asyncio.run(_table(port, n_readers, seconds))
            status = Path(f"/proc/{server.pid}/status")
            if status.exists():
                peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
                table["server's peak memory"] = {"mib": int(peak.split()[1]) // 1024}
        finally:
            server.terminate()
            server.join(20)
    return table


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    args = argparse.ArgumentParser(description="How fast the digest's pages answer.")
    args.add_argument("--readers", type=int, default=50_000)
    args.add_argument("--seconds", type=float, default=5.0, help="for each page")
    args.add_argument("--json", action="store_true")
    given = args.parse_args(argv)
    table = measure(given.readers, given.seconds)
    if given.json:
        print(json.dumps(table))
        return 0
    ceiling = table["bare page"]["per_s"]
    for name, row in table.items():
        figures = ", ".join(f"{value:,} {unit}" for unit, value in row.items())
        share = f" ({row['per_s'] / ceiling:.0%} of the bare page)" if "per_s" in row else ""
        print(f"{name:24} {figures}{share}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
