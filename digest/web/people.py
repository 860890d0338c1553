"""Pages by which an address comes and goes: subscribe, confirm, unsubscribe. Only a POST changes anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from digest.addresses import Address, read_address
from digest.errors import TokenError
from digest.subscribers import Letter
from digest.tokens import Purpose
from digest.web.deliverable import check_domain
from digest.web.forms import read_body, read_form
from digest.web.pages import answer, language_of
from digest.web.site import Busy, Site
from knowledge.errors import BadInput
from knowledge.store.subscriber_rows import Subscriber

_ADDRESS_MAX_CHARS: Final = 2000


class People:
    """The pages around one address."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def subscribe(self, request: Request) -> Response:
        """Show the form; on POST, mail the address a link, whatever is known of it."""
        if request.method != "POST":
            return answer(request, self._site.pages.public("subscribe.html", language_of(request)))
        ask = partial(self._site.subscriptions.ask, language=language_of(request))
        return await self._asked(request, "subscribe", ask)

    async def sent(self, request: Request) -> Response:
        """Tell everybody the same: look into your mailbox."""
        return answer(
            request, self._site.pages.public("sent.html", language_of(request), asked="link" in request.url.path)
        )

    async def ask_link(self, request: Request) -> Response:
        """Show the form; on POST, mail a link to the preferences where the address is known."""
        if request.method != "POST":
            return answer(request, self._site.pages.public("link.html", language_of(request)))
        return await self._asked(request, "link", self._site.subscriptions.ask_link)

    async def _asked(self, request: Request, what: str, ask: Callable[[Address], Letter | None]) -> Response:
        """Take an address from a form. The answer and its time are the same whether or not it is known."""
        site, began = self._site, asyncio.get_running_loop().time()
        site.limit(site.limits.asks, request)
        form = await read_form(request)
        try:
            address = read_address(form.text("address", _ADDRESS_MAX_CHARS))
            if site.settings.web.check_dns:
                await site.run(check_domain, address.domain)
        except BadInput as error:
            return site.pages.private(f"{what}.html", language_of(request), status=422, error=error)
        if site.post.full or site.limits.letters.wait_s("") > 0:
            raise Busy("Very many people ask just now.", subject="letters", hint="Please try again in an hour.")
        robot = form.text("website")  # hidden from people
        if not robot and site.limits.address.wait_s(address.key) == 0:
            site.post.put(await site.run(ask, address))
        await asyncio.sleep(began + site.answer_after_s - asyncio.get_running_loop().time())
        return site.pages.to(f"/{what}/sent")

    async def confirm(self, request: Request) -> Response:
        """Show a button; on POST, confirm and go on to the preferences."""
        site, token = self._site, request.path_params["token"]
        if request.method != "POST":
            holder = await self.holder(request, "confirm")
            if holder is None or holder.state not in {"pending", "confirmed"}:
                raise TokenError("void", "This link is not in use any more.", hint="Subscribe again to get a new one.")
            return site.pages.private(
                "confirm.html", holder.language, address=masked(holder.address), state=holder.state
            )
        await read_body(request)
        try:
            confirmed, letter = await site.run(site.subscriptions.confirm, token)
        except TokenError as error:
            raise self._missed(request, error) from error
        site.post.put(letter)
        link = site.links.to("preferences", confirmed.id, confirmed.token_version)
        return site.pages.to(f"{link.removeprefix(site.pages.public_url)}?new=1")

    async def unsubscribe(self, request: Request) -> Response:
        """Show a button; on POST, end the subscription.

        Mail programs post here by themselves (RFC 8058): without cookies, from anywhere, never led elsewhere. The
        link alone says who it is.
        """
        site, token = self._site, request.path_params["token"]
        if request.method != "POST":
            holder = await self.holder(request, "unsubscribe")
            running = holder is not None and holder.state in {"pending", "confirmed"}
            address = masked(holder.address) if holder else ""
            language = holder.language if holder else language_of(request)
            return site.pages.private("unsubscribe.html", language, address=address, running=running)
        body = await read_body(request)
        reason = "one-click" if b"One-Click" in body else "page"
        try:
            await site.run(site.subscriptions.unsubscribe, token, reason=reason)
        except TokenError as error:
            raise self._missed(request, error) from error
        left = await self.holder(request, "unsubscribe") if reason == "page" else None  # a mail program reads no page
        return site.pages.private("unsubscribed.html", left.language if left else language_of(request))

    async def holder(self, request: Request, purpose: Purpose) -> Subscriber | None:
        """Whose link it is. Raises TokenError, or TooMany for a visitor who tries links out."""
        try:
            return await self._site.run(self._site.subscriptions.holder, purpose, request.path_params["token"])
        except TokenError as error:
            raise self._missed(request, error) from error

    def _missed(self, request: Request, error: TokenError) -> TokenError:
        """Count a link that was not good. Valid ones are never limited: mail programs post from few addresses."""
        if error.reason == "forged":
            self._site.limit(self._site.limits.misses, request)
        return error


def masked(address: str) -> str:
    """Return an address that its owner knows again and nobody else learns."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{'•' * 4}{local[-1:] if len(local) > 3 else ''}@{domain}"
