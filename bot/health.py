"""/healthz and /metrics on loopback, where a port is set (BOT_HEALTH_PORT). Nothing else is served, nothing changed.

/healthz is 200 while every shard is connected and the event loop is awake, 503 otherwise; its JSON says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.metrics import Metrics
from knowledge.errors import BadInput

HOST = "127.0.0.1"

State = Callable[[], Mapping[str, Any]]
"""What /healthz tells; `ok` decides the status."""


class Health:
    """The server. Use `start` and `stop` on the event loop."""

    def __init__(self, port: int, metrics: Metrics, state: State) -> None:
        self._port, self._metrics, self._state = port, metrics, state
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on loopback. Raises BadInput where the port is taken."""
        app = web.Application()
        app.add_routes([web.get("/healthz", self._healthz), web.get("/metrics", self._metrics_text)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except OSError as error:
            await self.stop()
            raise BadInput(
                f"BOT_HEALTH_PORT {self._port} cannot be listened on.",
                subject="BOT_HEALTH_PORT",
                hint="Give another port; each bot process needs its own.",
            ) from error

    async def stop(self) -> None:
        """Close it."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _healthz(self, _: web.Request) -> web.Response:
        state = self._state()
        return web.json_response(dict(state), status=200 if state["ok"] else 503)

    async def _metrics_text(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
