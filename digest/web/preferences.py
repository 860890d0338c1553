"""A subscriber's own page behind a signed link: choices, export, delete. Only a POST changes anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest.errors import TokenError
from digest.languages import LANGUAGES
from digest.subscribers import PAUSES_MONTHS, Choices
from digest.web.forms import Form, read_body, read_fields, read_form
from digest.web.machines import NAME_MAX_CHARS, Machine, saved_rig, shown_name, suggestions
from digest.web.pages import PRIVATE, language_of
from digest.web.parts import CHOOSABLE
from digest.web.people import masked
from digest.web.site import Site
from knowledge.errors import BadInput
from knowledge.store.subscriber_rows import SavedRig, Subscriber

KEEP_PAUSE: Final = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stands in the form: what is kept, or what was typed and not yet kept."""

    machine: Machine
    language: str
    sections: tuple[str, ...]
    pause: str = KEEP_PAUSE


class Preferences:
    """The pages behind a preferences link."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def page(self, request: Request) -> Response:
        """Show the choices; on POST, keep them. With `find` in its query it shows machines to choose from."""
        owner = await self._owner(request)
        if request.method == "POST":
            return await self._save(request, owner)
        query = read_fields(request.url.query)
        kept = self._kept(owner)
        if not query.text("find"):
            return self._page(owner, kept, saved=bool(query.text("saved")), new=bool(query.text("new")))
        shown = replace(_typed(query), pause=query.text("pause", 10) or KEEP_PAUSE)
        found = await self._suggested(shown.machine.name)
        return self._page(owner, shown, found=found, looked=True)

    async def _save(self, request: Request, owner: Subscriber) -> Response:
        form = await read_form(request)
        shown = _typed(form)
        if owner.state not in {"pending", "confirmed"}:
            return self._page(owner, shown, status=409)
        try:
            choices = await self._choices(owner, shown)
        except BadInput as error:
            return self._page(owner, shown, status=422, error=error, found=error.choices)
        token = request.path_params["token"]
        await self._site.run(self._site.subscriptions.choose, token, choices)
        return self._site.pages.to(f"/preferences/{token}?saved=1")

    async def export(self, request: Request) -> Response:
        """Return everything kept about the subscriber as a JSON file."""
        found = await self._site.run(self._site.subscriptions.export, request.path_params["token"])
        body = json.dumps(found, ensure_ascii=False, indent=2).encode()
        headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="runlocalai-digest-data.json"'}
        return Response(body, 200, headers, "application/json")

    async def delete(self, request: Request) -> Response:
        """Ask once more; on POST, delete everything."""
        token = request.path_params["token"]
        if request.method != "POST":
            owner = await self._owner(request)
            return self._site.pages.private("delete.html", owner.language, address=masked(owner.address), token=token)
        await read_body(request)
        holder = await self._site.run(self._site.subscriptions.holder, "preferences", token)
        language = holder.language if holder else language_of(request)
        gone = await self._site.run(self._site.subscriptions.delete, token)
        return self._site.pages.private("deleted.html", language, gone=gone)

    async def machines(self, request: Request) -> Response:
        """Return names that complete `q`, for the script beside the form; the form works without."""
        self._site.limit(self._site.limits.machines, request)
        typed = read_fields(request.url.query).text("q", NAME_MAX_CHARS)
        return JSONResponse(list(await self._suggested(typed)), headers={"Cache-Control": "public, max-age=3600"})

    async def _owner(self, request: Request) -> Subscriber:
        site = self._site
        try:
            return await site.run(site.subscriptions.owner, request.path_params["token"])
        except TokenError as error:
            if error.reason == "forged":
                site.limit(site.limits.misses, request)
            raise

    async def _suggested(self, typed: str) -> tuple[str, ...]:
        answers = self._site.answers
        return await self._site.run(suggestions, answers, typed) if answers and typed else ()

    async def _choices(self, owner: Subscriber, shown: Shown) -> Choices:
        """Return what to keep. Raises BadInput for what cannot be."""
        if shown.language not in LANGUAGES:
            raise BadInput("We know no such language.", subject="language")
        if not set(shown.sections) <= set(CHOOSABLE):
            raise BadInput("There is no such part of the digest.", subject="sections")
        if not shown.sections:
            raise BadInput(
                "Without any part there is nothing to send.", subject="sections", hint="Choose one, or pause."
            )
        everything = set(shown.sections) == set(CHOOSABLE)
        return Choices(
            language=shown.language,
            sections=None if everything else tuple(slug for slug in CHOOSABLE if slug in shown.sections),
            rig=await self._rig(owner, shown.machine),
            paused_until=self._pause(owner, shown.pause),
        )

    async def _rig(self, owner: Subscriber, machine: Machine) -> SavedRig | None:
        """Return the machine to keep. One left as it was stays, also where the catalogue knows it no more."""
        if owner.rig is not None and machine == self._kept(owner).machine:
            return owner.rig
        if self._site.answers is not None:
            return await self._site.run(saved_rig, self._site.answers, machine)
        if not machine.name:
            return None
        raise BadInput(
            "Machines cannot be looked up just now.",
            subject="rig",
            hint="Everything else works; try the machine again in a minute.",
        )

    def _pause(self, owner: Subscriber, pause: str) -> datetime | None:
        if pause == KEEP_PAUSE:
            return owner.paused_until
        months = int(pause) if pause in {"0", *map(str, PAUSES_MONTHS)} else -1
        if months < 0:
            raise BadInput("That is no pause we offer.", subject="pause")
        return self._site.subscriptions.paused_until(months)

    def _kept(self, owner: Subscriber) -> Shown:
        name = shown_name(self._site.answers, owner.rig) if owner.rig else ""
        return Shown(
            machine=_machine_of(owner, name),
            language=owner.language,
            sections=tuple(CHOOSABLE) if owner.sections is None else owner.sections,
        )

    def _page(
        self,
        owner: Subscriber,
        shown: Shown,
        *,
        status: int = 200,
        error: BadInput | None = None,
        found: tuple[str, ...] = (),
        looked: bool = False,
        saved: bool = False,
        new: bool = False,
    ) -> Response:
        paused = owner.paused_until if owner.paused_until and owner.paused_until > self._site.now() else None
        token = self._site.links.to("preferences", owner.id, owner.token_version).rpartition("/")[2]
        values: Mapping[str, object] = {
            "owner": owner,
            "address": masked(owner.address),
            "shown": shown,
            "error": error,
            "found": found,
            "looked": looked,
            "saved": saved,
            "new": new,
            "paused": paused,
            "token": token,
            "languages": LANGUAGES,
            "sections": CHOOSABLE,
            "pauses": PAUSES_MONTHS,
            "keep": KEEP_PAUSE,
        }
        return self._site.pages.private("preferences.html", owner.language, status=status, scripts=True, **values)


def _machine_of(owner: Subscriber, name: str) -> Machine:
    """Return a kept rig as the form has it, under the name it is shown by."""
    ram = owner.rig.ram_gib if owner.rig else None
    return Machine(name=name, ram="" if ram is None else f"{ram:g}")


def _typed(form: Form) -> Shown:
    return Shown(
        machine=Machine.of(form),
        language=form.text("language", 10) or "en",
        sections=tuple(dict.fromkeys(value for value in form.all("sections") if len(value) <= 40)),
        pause=form.text("pause", 10) or KEEP_PAUSE,
    )
