"""Answers of the site: pages from templates/web, with the headers each kind of page needs. It decides nothing else."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

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

    def fill(self, name: str, **values: object) -> str:
        """Return a template of templates/web filled in."""
        shared = {"base": self.base, "public_url": self.public_url, "v": VERSION}
        return environment().get_template(f"web/{name}").render({**shared, **values})

    def private(self, name: str, *, status: int = 200, scripts: bool = False, **values: object) -> Response:
        """Return a page that is one person's own: never kept by anybody on its way."""
        headers = PRIVATE | ({"Content-Security-Policy": policy(scripts=True)} if scripts else {})
        return Response(self.fill(name, **values), status, headers, "text/html")

    def public(self, request: Request, name: str, **values: object) -> Response:
        """Return a page anybody may read and keep for a while."""
        return cached(request, self.fill(name, **values).encode(), "text/html; charset=utf-8")

    def to(self, path: str) -> Response:
        """Lead on to another page of ours, by GET."""
        return RedirectResponse(f"{self.base}{path}", 303, PRIVATE)

    def moved(self, path: str) -> Response:
        """Lead on to where a page is for good."""
        return RedirectResponse(f"{self.base}{path}", 301, PUBLIC)


def cached(
    request: Request, body: bytes, media_type: str, *, headers: dict[str, str] | None = None, for_ever: bool = False
) -> Response:
    """Return a body that may be kept, packed where the client takes that, or 304 where it has it already."""
    packed = len(body) >= _GZIP_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", "")
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    keep = {"Cache-Control": "public, max-age=31536000, immutable"} if for_ever else PUBLIC
    sent = {**keep, "ETag": tag, "Vary": "Accept-Encoding", **(headers or {})}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=sent)
    if packed:
        return Response(gzip.compress(body, 6, mtime=0), 200, {**sent, "Content-Encoding": "gzip"}, media_type)
    return Response(body, 200, sent, media_type)
