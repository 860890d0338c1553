"""Pages for everybody: the archive, an issue, its pictures, the feeds, privacy, and the site's own files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from markupsafe import escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.frame_subject import preheader_in, subject_in
from digest.languages import ENGLISH, words_in
from digest.subscribers import PENDING_KEPT
from digest.web.feeds import FEED_ISSUES, TITLE, atom, issue_url, json_feed
from digest.web.issue_page import issue_page
from digest.web.pages import MEDIA_TYPES, STATIC, VERSION, Made, answer, by_language, language_of, made, policy
from digest.web.site import Site

_MONTH: Final = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_FILE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.IGNORECASE)
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


class Archive:
    """The public pages of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._static = {
            (name, for_ever): made(body, MEDIA_TYPES[PurePosixPath(name).suffix], for_ever=for_ever)
            for name, body in STATIC.items()
            for for_ever in (True, False)
        }

    async def home(self, request: Request) -> Response:
        """All issues, newest first, and the form to subscribe."""
        return await self._shown(request, self._home, language_of(request))

    def _home(self, language: str) -> Made:
        words = words_in(language)
        issues = [
            {
                "month": line.month,
                "name": words.month(line.month),
                "subject": _said(line.subject, subject_in(line.subject, language), language),
                "preheader": _said(line.preheader, preheader_in(line.preheader, language), language),
            }
            for line in self._site.archive.lines()
        ]
        return self._site.pages.public("home.html", language, issues=issues)

    async def issue(self, request: Request) -> Response:
        """One issue, as it was mailed."""
        return await self._shown(request, self._issue, _month(request), language_of(request))

    def _issue(self, month: str, language: str) -> Made:
        found, pages = self._site.archive.issue(month), self._site.pages
        if found is None:
            raise HTTPException(404)
        around = {
            "issue": found,
            "earlier": found.earlier and (found.earlier, words_in(language).month(found.earlier)),
            "later": found.later and (found.later, words_in(language).month(found.later)),
            "url": issue_url(pages.public_url, found.month),
            "site_title": TITLE,
        }
        page = issue_page(
            found.html,
            head=pages.fill("issue_head.html", language, **around),
            top=pages.fill("issue_top.html", language, **around),
            bottom=pages.fill("issue_bottom.html", language, **around),
            base=pages.base,
            public_url=pages.public_url,
        )
        headers = by_language(language) | {"Content-Security-Policy": policy(style_hashes=page.style_hashes)}
        return made(page.html.encode("utf-8", "replace"), "text/html; charset=utf-8", headers=headers)

    async def mailed(self, request: Request) -> Response:
        """Lead the address that mails carry to the issue's page."""
        return self._site.pages.moved(f"/issues/{_month(request)}")

    async def archive(self, request: Request) -> Response:
        """Lead the address that List-Archive carries to the archive."""
        del request
        return self._site.pages.moved("/")

    async def picture(self, request: Request) -> Response:
        """Show a picture of an issue."""
        return await self._shown(request, self._picture, _month(request), request.path_params["name"])

    def _picture(self, month: str, name: str) -> Made:
        found = self._site.archive.file(month, name) if _FILE.fullmatch(name) else None
        if found is None or found.media_type not in _PICTURES:
            raise HTTPException(404)
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}  # webmail shows it, too
        return made(found.body, found.media_type, headers=headers)

    async def atom(self, request: Request) -> Response:
        """Return the Atom feed."""
        return await self._shown(request, self._atom)

    def _atom(self) -> Made:
        body = atom(self._site.archive.latest(FEED_ISSUES), self._site.pages.public_url, now=self._site.now())
        return made(body, "application/atom+xml; charset=utf-8")

    async def json(self, request: Request) -> Response:
        """Return the JSON feed."""
        return await self._shown(request, self._json)

    def _json(self) -> Made:
        body = json_feed(self._site.archive.latest(FEED_ISSUES), self._site.pages.public_url)
        return made(body, "application/feed+json; charset=utf-8")

    async def privacy(self, request: Request) -> Response:
        """What is kept, for how long, and how we earn money."""
        contact = self._site.settings.mail.reply_to or self._site.settings.mail.from_address
        return answer(
            request,
            self._site.pages.public("privacy.html", language_of(request), contact=contact, kept_days=PENDING_KEPT.days),
        )

    async def static(self, request: Request) -> Response:
        """Return a style sheet, script or picture of the site."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise HTTPException(404)
        return answer(request, self._static[name, request.query_params.get("v") == VERSION])

    async def robots(self, request: Request) -> Response:
        """Ask robots to leave people's own links alone."""
        own = ("confirm", "unsubscribe", "preferences", "export", "delete", "machines")
        lines = ["User-agent: *", *(f"Disallow: {self._site.pages.base}/{name}" for name in own)]
        return answer(request, made(("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8"))

    async def _shown(self, request: Request, make: Callable[..., Made], *of: str) -> Response:
        """Answer with what `make` makes in a thread, or made for somebody else a moment ago."""

        async def anew() -> Made:
            return await self._site.run(make, *of)

        return answer(request, await self._site.shelf.get("/".join((make.__name__, *of)), anew))


def _said(english: str, said: str, language: str) -> tuple[str, str]:
    """Return words and the language they are in: what a maintainer wrote stays English."""
    return said, ENGLISH if said == english else language


def _month(request: Request) -> str:
    """Return the month a path names. Raises HTTPException 404."""
    month: str = request.path_params["month"]
    if not _MONTH.fullmatch(month):
        raise HTTPException(404)
    return str(escape(month))
