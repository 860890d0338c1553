"""Pages for everybody: the archive, an issue, its pictures, the feeds, privacy, and the site's own files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from markupsafe import escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.subscribers import PENDING_KEPT
from digest.web.feeds import FEED_ISSUES, TITLE, atom, issue_url, json_feed
from digest.web.issue_page import issue_page
from digest.web.pages import MEDIA_TYPES, STATIC, VERSION, cached, policy
from digest.web.site import Site
from digest.wording import month_name

_MONTH: Final = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_FILE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.IGNORECASE)
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


class Archive:
    """The public pages of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def home(self, request: Request) -> Response:
        """All issues, newest first, and the form to subscribe."""
        lines = await self._site.run(self._site.archive.lines)
        issues = [{"line": line, "name": month_name(line.month)} for line in lines]
        return self._site.pages.public(request, "home.html", issues=issues)

    async def issue(self, request: Request) -> Response:
        """One issue, as it was mailed."""
        found = await self._site.run(self._site.archive.issue, _month(request))
        if found is None:
            raise HTTPException(404)
        pages = self._site.pages
        around = {
            "issue": found,
            "earlier": found.earlier and (found.earlier, month_name(found.earlier)),
            "later": found.later and (found.later, month_name(found.later)),
            "url": issue_url(pages.public_url, found.month),
            "site_title": TITLE,
        }
        page = issue_page(
            found.html,
            head=pages.fill("issue_head.html", **around),
            top=pages.fill("issue_top.html", **around),
            bottom=pages.fill("issue_bottom.html", **around),
            base=pages.base,
            public_url=pages.public_url,
        )
        headers = {"Content-Security-Policy": policy(style_hashes=page.style_hashes)}
        return cached(request, page.html.encode("utf-8", "replace"), "text/html; charset=utf-8", headers=headers)

    async def mailed(self, request: Request) -> Response:
        """Lead the address that mails carry to the issue's page."""
        return self._site.pages.moved(f"/issues/{_month(request)}")

    async def archive(self, request: Request) -> Response:
        """Lead the address that List-Archive carries to the archive."""
        del request
        return self._site.pages.moved("/")

    async def picture(self, request: Request) -> Response:
        """Show a picture of an issue."""
        name = request.path_params["name"]
        found = await self._site.run(self._site.archive.file, _month(request), name) if _FILE.fullmatch(name) else None
        if found is None or found.media_type not in _PICTURES:
            raise HTTPException(404)
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}  # webmail shows it, too
        return cached(request, found.body, found.media_type, headers=headers)

    async def atom(self, request: Request) -> Response:
        """Return the Atom feed."""
        issues = await self._site.run(self._site.archive.latest, FEED_ISSUES)
        body = await self._site.run(atom, issues, self._site.pages.public_url, now=self._site.now())
        return cached(request, body, "application/atom+xml; charset=utf-8")

    async def json(self, request: Request) -> Response:
        """Return the JSON feed."""
        issues = await self._site.run(self._site.archive.latest, FEED_ISSUES)
        body = await self._site.run(json_feed, issues, self._site.pages.public_url)
        return cached(request, body, "application/feed+json; charset=utf-8")

    async def privacy(self, request: Request) -> Response:
        """What is kept, for how long, and how we earn money."""
        contact = self._site.settings.mail.reply_to or self._site.settings.mail.from_address
        return self._site.pages.public(request, "privacy.html", contact=contact, kept_days=PENDING_KEPT.days)

    async def static(self, request: Request) -> Response:
        """Return a style sheet, script or picture of the site."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise HTTPException(404)
        media_type = MEDIA_TYPES[PurePosixPath(name).suffix]
        return cached(request, STATIC[name], media_type, for_ever=request.query_params.get("v") == VERSION)

    async def robots(self, request: Request) -> Response:
        """Ask robots to leave people's own links alone."""
        own = ("confirm", "unsubscribe", "preferences", "export", "delete", "machines")
        lines = ["User-agent: *", *(f"Disallow: {self._site.pages.base}/{name}" for name in own)]
        return cached(request, ("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8")


def _month(request: Request) -> str:
    """Return the month a path names. Raises HTTPException 404."""
    month: str = request.path_params["month"]
    if not _MONTH.fullmatch(month):
        raise HTTPException(404)
    return str(escape(month))
