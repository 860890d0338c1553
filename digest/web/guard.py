"""What stands around every page: headers that keep browsers strict, caps, figures, errors as pages. No page here."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.errors import TokenError
from digest.web.client import is_own_form
from digest.web.forms import BODY_MAX_BYTES, TooBig
from digest.web.pages import language_of, policy
from digest.web.site import Busy, Site, TooMany
from knowledge.errors import BadInput, KnowledgeError

log = logging.getLogger(__name__)

FREE_POSTS: Final = "/unsubscribe/"
"""Mail programs post here from anywhere (RFC 8058); the link is the only proof and the only authority."""

_HEADERS: Final = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONLY_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}

_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    403: ("This form came from another site.", "Open the page here and send it again."),
    404: ("There is nothing here.", "The archive has everything that is."),
    405: ("That cannot be done here.", "Go back and use the page's own button."),
    500: ("Something broke on our side.", "It has been noted. Nothing of yours was changed halfway."),
    503: ("We cannot get at our records just now.", "Nothing was changed. Please try again in a few minutes."),
}


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        https = site.settings.public_url.startswith("https://")
        self._headers = {**_HEADERS, **(_ONLY_HTTPS if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP goes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_strictly(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope, receive)
        refused = self._refused(request)
        try:
            await (refused or self._app)(scope, receive, send_strictly)
        finally:
            page = getattr(scope.get("endpoint"), "__qualname__", "other")
            self._site.metrics.note(page, request.method, status, time.perf_counter() - began)

    def _refused(self, request: Request) -> Response | None:
        """Return the answer to a request no page should see."""
        site, path = self._site, request.url.path.removeprefix(self._site.pages.base)
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_MAX_BYTES:
            return error_page(site, request, 413, TooBig("That is more than any form here takes.", hint="Send less."))
        if request.method == "POST" and not path.startswith(FREE_POSTS):
            if not is_own_form(request, site.settings.public_url):
                return error_page(site, request, 403)
        elif request.method in {"GET", "HEAD"}:
            try:
                site.limit(site.limits.reads, request)
            except TooMany as error:
                return error_page(site, request, 429, error)
        return None


def error_page(site: Site, request: Request, status: int, error: KnowledgeError | None = None) -> Response:
    """Return a page that says what is wrong and what to do."""
    message, hint = (error.message, error.hint) if error else _WORDS.get(status, _WORDS[500])
    response = site.pages.private(
        "error.html", language_of(request), status=status, message=message, hint=hint, code=status
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(max(1, round(error.wait_s)))
    elif status == 503:
        response.headers["Retry-After"] = "60"
    return response


def status_of(error: KnowledgeError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, TokenError):
        return 404 if error.reason == "forged" else 410
    for kind, status in ((TooMany, 429), (Busy, 503), (TooBig, 413), (BadInput, 400)):
        if isinstance(error, kind):
            return status
    return 503 if error.code == "store" else 500


class Errors:
    """Turns what pages raise into pages."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def known(self, request: Request, error: Exception) -> Response:
        """Answer an error that says itself what is wrong."""
        if not isinstance(error, KnowledgeError):
            return await self.unknown(request, error)
        status = status_of(error)
        if status == 503 and not isinstance(error, Busy):
            log.error("A page could not be made: %s", error)
            return error_page(self._site, request, 503)
        if isinstance(error, TokenError):
            return self._site.pages.private("void.html", language_of(request), status=status, error=error)
        return error_page(self._site, request, status, error)

    async def http(self, request: Request, error: Exception) -> Response:
        """Answer a page that is not there, or not to be used so."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        response = error_page(self._site, request, status)
        if isinstance(error, HTTPException):
            response.headers.update(error.headers or {})
        return response

    async def unknown(self, request: Request, error: Exception) -> Response:
        """Answer a fault of ours; the server logs it."""
        del error
        return error_page(self._site, request, 500)
