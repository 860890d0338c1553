"""Puts the site together: which path is answered by which page. This table is the whole of it.

GET  /  /subscribe  /issues/MONTH  /feed.atom  /feed.json  /privacy        for everybody
GET  /confirm/T  /unsubscribe/T  /preferences/T  /export/T  /delete/T      a page about what the link may do
POST the same                                                             does it
GET  /healthz  /metrics                                                    for operators
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from digest.web.archive import Archive
from digest.web.client import within
from digest.web.guard import Errors, Guard
from digest.web.people import People
from digest.web.preferences import Preferences
from digest.web.site import Site
from knowledge.errors import KnowledgeError, StoreError

HEALTH_WITHIN_S: Final = 3.0
COUNTED_FOR_S: Final = 60.0
"""Counting millions of subscribers takes a second: no oftener than this."""


def make_app(site: Site) -> Guard:
    """Return the application over a site."""
    errors = Errors(site)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await site.open()
        try:
            yield
        finally:
            await site.close()

    found = routes(site)
    handlers: dict[Any, Any] = {
        KnowledgeError: errors.known,
        HTTPException: errors.http,
        Exception: errors.unknown,
    }
    app = Starlette(
        routes=[Mount(site.pages.base, routes=found)] if site.pages.base else found,
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would lead to whatever host the client named
    return Guard(app, site)


def routes(site: Site) -> list[BaseRoute]:
    """Return all routes."""
    archive, people, own, operators = Archive(site), People(site), Preferences(site), Operators(site)
    both = ["GET", "POST"]
    return [
        Route("/", archive.home),
        Route("/digest", archive.archive),
        Route("/digest/{month}", archive.mailed),
        Route("/digest/{month}/{name}", archive.picture),
        Route("/issues/{month}", archive.issue),
        Route("/issues/{month}/{name}", archive.picture),
        Route("/feed.atom", archive.atom),
        Route("/feed.json", archive.json),
        Route("/privacy", archive.privacy),
        Route("/static/{name}", archive.static),
        Route("/robots.txt", archive.robots),
        Route("/subscribe", people.subscribe, methods=both),
        Route("/preferences", people.ask_link, methods=both),
        Route("/subscribe/sent", people.sent),
        Route("/link/sent", people.sent),
        Route("/confirm/{token}", people.confirm, methods=both),
        Route("/unsubscribe/{token}", people.unsubscribe, methods=both),
        Route("/preferences/{token}", own.page, methods=both),
        Route("/export/{token}", own.export),
        Route("/delete/{token}", own.delete, methods=both),
        Route("/machines", own.machines),
        Route("/healthz", operators.health),
        Route("/metrics", operators.metrics),
    ]


class Operators:
    """Pages for those who run the site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._counts: dict[str, int] = {}
        self._counted_until = 0.0

    async def health(self, request: Request) -> Response:
        """Say whether the store answers; 503 where it does not."""
        del request
        try:
            async with asyncio.timeout(HEALTH_WITHIN_S):
                await self._site.run(self._site.stores.runs.open_alarms)
        except (StoreError, TimeoutError):
            return JSONResponse({"ok": False, "store": "unreachable"}, 503, {"Cache-Control": "no-store"})
        said = {"ok": True, "store": "ok", "catalogue": self._site.answers is not None}
        return JSONResponse(
            {**said, "letters_waiting": self._site.post.n_waiting}, headers={"Cache-Control": "no-store"}
        )

    async def metrics(self, request: Request) -> Response:
        """Return the figures, to those who may read them."""
        site = self._site
        if not within(site.visitor(request), site.settings.web.metrics_for) or site.is_forwarded_by_stranger(request):
            raise HTTPException(404)
        if asyncio.get_running_loop().time() >= self._counted_until:
            self._counts = await site.run(site.stores.subscribers.counts)
            self._counted_until = asyncio.get_running_loop().time() + COUNTED_FOR_S
        alarms = len(await site.run(site.stores.runs.open_alarms))
        text = site.metrics.text(
            letters=dict(site.post.counts), waiting=site.post.n_waiting, subscribers=self._counts, alarms=alarms
        )
        return Response(text, 200, {"Cache-Control": "no-store"}, "text/plain; version=0.0.4; charset=utf-8")
