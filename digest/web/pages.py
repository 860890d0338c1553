"""Answers of the site: pages from templates/web with the headers each kind needs, and a shelf for what all may see.

It decides nothing about content.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.languages import wanted
from digest.render import environment

STATIC_DIR: Final = Path(__file__).parent / "static"
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
STATIC: Final = {path.name: path.read_bytes() for path in STATIC_DIR.iterdir() if path.suffix in MEDIA_TYPES}
VERSION: Final = hashlib.sha256(b"".join(STATIC[name] for name in sorted(STATIC))).hexdigest()[:12]

PRIVATE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
PUBLIC: Final = {"Cache-Control": "public, max-age=300"}
_GZIP_FROM_BYTES: Final = 1000
SHELF_PAGES: Final = 64
SHELF_S: Final = 20.0
_POLICY: Final = (
    "default-src 'none'; style-src 'self'{styles}; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'{scripts}"
)


def policy(*, scripts: bool = False, style_hashes: tuple[str, ...] = ()) -> str:
    """Return a content security policy. With `style_hashes`, for a mail's page: its style attributes are allowed, too.

    `scripts` allows our own and what they ask of our server.
    """
    styles = "".join(f" '{found}'" for found in style_hashes) + "; style-src-attr 'unsafe-inline'"
    allowed = "; script-src 'self'; connect-src 'self'" if scripts else ""
    return _POLICY.format(styles=styles if style_hashes else "", scripts=allowed)


class Pages:
    """Makes the site's pages. `base` is what all its paths begin with, empty at a host's root."""

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url
        self.base = urlsplit(public_url).path.rstrip("/")

    def fill(self, name: str, language: str, **values: object) -> str:
        """Return a template of templates/web filled in, in a language of ours."""
        shared = {"base": self.base, "public_url": self.public_url, "v": VERSION}
        return environment(language=language).get_template(f"web/{name}").render({**shared, **values})

    def private(
        self, name: str, language: str, *, status: int = 200, scripts: bool = False, **values: object
    ) -> Response:
        """Return a page that is one person's own: never kept by anybody on its way."""
        headers = PRIVATE | {"Content-Language": language}
        headers |= {"Content-Security-Policy": policy(scripts=True)} if scripts else {}
        return Response(self.fill(name, language, **values), status, headers, "text/html")

    def public(self, name: str, language: str, **values: object) -> Made:
        """Return a page anybody may read and keep for a while; whose browser wants another language gets another."""
        body = self.fill(name, language, **values).encode()
        return made(body, "text/html; charset=utf-8", headers=by_language(language))

    def to(self, path: str) -> Response:
        """Lead on to another page of ours, by GET."""
        return RedirectResponse(f"{self.base}{path}", 303, PRIVATE)

    def moved(self, path: str) -> Response:
        """Lead on to where a page is for good."""
        return RedirectResponse(f"{self.base}{path}", 301, PUBLIC)


def language_of(request: Request) -> str:
    """Return the language a browser asks for, of those we have."""
    return wanted(request.headers.get("accept-language", ""))


def by_language(language: str) -> dict[str, str]:
    """Return the headers of what comes in several languages."""
    return {"Content-Language": language, "Vary": "Accept-Encoding, Accept-Language"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A body that is the same for everybody, packed and tagged once."""

    body: bytes
    packed: bytes
    tag: str
    media_type: str
    headers: Mapping[str, str]


def made(body: bytes, media_type: str, *, headers: Mapping[str, str] | None = None, for_ever: bool = False) -> Made:
    """Return a body ready to be sent to many. `for_ever`: its address changes when it does."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    keep = {"Cache-Control": "public, max-age=31536000, immutable"} if for_ever else PUBLIC
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= _GZIP_FROM_BYTES else b""
    sent = {**keep, "ETag": tag, "Vary": "Accept-Encoding", **(headers or {})}
    return Made(body=body, packed=packed, tag=tag, media_type=media_type, headers=sent)


def answer(request: Request, page: Made) -> Response:
    """Return it as the client takes it: packed, or 304 where it has it already."""
    if page.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=page.headers)
    if page.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(page.packed, 200, {**page.headers, "Content-Encoding": "gzip"}, page.media_type)
    return Response(page.body, 200, page.headers, page.media_type)


class Shelf:
    """What was made for everybody, kept for some seconds: when an issue is mailed, many open the same pages at once.

    Who asks while it is being made waits for it. `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float], *, keep_s: float, most: int = SHELF_PAGES) -> None:
        self._clock = clock
        self._keep_s = keep_s
        self._most = most
        self._kept: OrderedDict[str, tuple[float, asyncio.Task[Made]]] = OrderedDict()

    async def get(self, key: str, make: Callable[[], Coroutine[None, None, Made]]) -> Made:
        """Return what is kept under a key, made anew where it is too old. What fails is not kept."""
        until_s, task = self._kept.get(key, (0.0, None))
        if task is None or self._clock() >= until_s:
            task = asyncio.create_task(make())
            self._kept[key] = (self._clock() + self._keep_s, task)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            if self._kept.get(key, (0.0, None))[1] is task:
                del self._kept[key]
            raise
