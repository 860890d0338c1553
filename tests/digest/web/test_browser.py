"""The pages in Chromium: a reader's whole way with script and without, phone and desk, light and dark; axe judges."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Page

from digest.languages import LANGUAGES
from digest.web.serve import config_of
from tests.conftest import skip_or_fail
from tests.digest.web.conftest import PUBLIC_URL, World, links_in
from tests.fakes.chromium import AXE, chromium

pytestmark = pytest.mark.chromium

OPTIONS: list[dict[str, Any]] = [
    {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "java_script_enabled": False},
    {"viewport": {"width": 1100, "height": 800}, "color_scheme": "light"},
]


@contextlib.asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """The site on a free port; its address."""
    config = config_of(world.site, "127.0.0.1", 0)
    config.lifespan = "off"  # the fixture opened the site
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


class Watched:
    """A page whose every request and complaint is noted."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.on("request", lambda request: self._note(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, url: str) -> None:
        if not url.startswith((self.base, "data:")):
            self.complaints.append(f"asked for {url}")

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def width(self) -> int:
        session = await self.page.context.new_cdp_session(self.page)
        found = await session.send("Page.getLayoutMetrics")
        await session.detach()
        return int(found["cssContentSize"]["width"])


async def _reads(world: World, watched: Watched) -> None:
    """Go a reader's whole way, by buttons and links alone."""
    page, viewport = watched.page, watched.page.viewport_size
    assert viewport is not None
    wide = viewport["width"]
    await watched.go("/")
    await page.get_by_label("Your mail address").fill("ann@example.org")
    await page.get_by_role("button", name="Subscribe").click()
    await page.get_by_role("heading", name="Look into your mailbox").wait_for()
    (mail,) = await world.letters()
    await watched.go(links_in(mail)["confirm"])
    await page.get_by_role("button", name="Yes, send it to me").click()
    await page.get_by_role("heading", name="You are in").wait_for()
    assert await watched.width() <= wide
    await page.get_by_label("Graphics card or computer").fill("rtx 3060")
    await page.get_by_role("button", name="Find my machine").click()
    await page.get_by_text("Which one is it?").wait_for()
    await page.get_by_label("GeForce RTX 3060 12 GB", exact=True).check()
    await page.get_by_label("RAM in GiB").fill("32")
    await page.get_by_label("Tools that shipped").uncheck()
    await page.get_by_role("button", name="Save").click()
    await page.get_by_text("Saved.").wait_for()
    assert await page.get_by_label("Graphics card or computer").input_value() == "GeForce RTX 3060 12 GB"
    assert not await page.get_by_label("Tools that shipped").is_checked()
    welcome = next(one for one in await world.letters() if "Welcome" in one["subject"])
    await watched.go(links_in(welcome)["unsubscribe"])
    assert await watched.width() <= wide
    assert world.stores.subscribers.counts() == {"confirmed": 1}
    await page.get_by_role("button", name="Unsubscribe").click()
    await page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert world.stores.subscribers.counts() == {"unsubscribed": 1}


@pytest.mark.parametrize("options", OPTIONS, ids=["phone-without-script", "desk"])
async def test_a_readers_whole_way(world: World, options: dict[str, Any]) -> None:
    world.publish()
    async with served(world) as base, chromium() as browser:
        page = await browser.new_page(**options)
        watched = Watched(page, base)
        await _reads(world, watched)
        assert watched.complaints == []


async def test_a_machines_name_is_completed_while_it_is_typed(world: World) -> None:
    person = world.person("confirmed")
    async with served(world) as base, chromium() as browser:
        watched = Watched(await browser.new_page(), base)
        await watched.go(world.link("preferences", person))
        async with watched.page.expect_response("**/machines?q=*"):
            await watched.page.get_by_label("Graphics card or computer").press_sequentially("3060")
        await watched.page.locator("#rig-names option[value='GeForce RTX 3060 12 GB']").wait_for(state="attached")
        assert watched.complaints == []


async def test_axe_finds_nothing_serious_and_no_page_is_too_wide(world: World) -> None:
    if not AXE.exists():
        skip_or_fail("axe-core is not installed: npm ci in tests/judges")
    world.publish()
    people = {state: world.person(state) for state in ("pending", "confirmed", "unsubscribed", "suppressed")}
    own = world.link("preferences", people["confirmed"])
    paths = [
        *(
            "/",
            "/subscribe",
            "/preferences",
            "/subscribe/sent",
            "/issues/2026-04",
            "/privacy",
            "/nothing",
            "/confirm/x",
        ),
        *(world.link("confirm", people[state]) for state in ("pending", "confirmed", "suppressed")),
        *(world.link("unsubscribe", people[state]) for state in ("confirmed", "suppressed")),
        *(world.link("preferences", person) for person in people.values()),
        *(f"{own}?find=1&rig=3060", f"{own}?find=1&rig=zzzz", f"{own}?saved=1", own.replace("preferences", "delete")),
    ]
    async with served(world) as base, chromium() as browser:
        for scheme, width, some in (("light", 1100, paths), ("dark", 360, paths[::2])):
            page = await browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 740})  # type: ignore[arg-type]
            watched = Watched(page, base)
            for path in some:
                await watched.go(path)
                assert await findings(page) == [], (path, scheme)
                assert await watched.width() <= width, path
            foreign = [one for one in watched.complaints if one.startswith("asked for")]
            assert foreign == []
    assert PUBLIC_URL not in base


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
async def test_other_languages_on_a_phone(world: World, language: str) -> None:
    """Longer words and other scripts: nothing is too wide, axe finds nothing serious, in light and dark."""
    if not AXE.exists():
        skip_or_fail("axe-core is not installed: npm ci in tests/judges")
    world.publish()
    store, person = world.stores.subscribers, world.person("confirmed")
    store.save_choices(
        person.id, language=language, sections=None, rig=None, paused_until=world.clock(), now=world.clock()
    )
    own = world.link("preferences", person)
    paths = ["/", "/subscribe", "/preferences", "/subscribe/sent", "/privacy", "/issues/2026-04", "/nothing", own]
    paths += [world.link("unsubscribe", person), f"{own}?find=1&rig=3060", own.replace("preferences", "delete")]
    async with served(world) as base, chromium() as browser:
        for scheme, some in (("light", paths), ("dark", paths[::3])):
            page = await browser.new_page(
                locale=language,
                color_scheme=scheme,  # type: ignore[arg-type]
                viewport={"width": 360, "height": 740},
            )
            watched = Watched(page, base)
            for path in some:
                await watched.go(path)
                assert await findings(page) == [], (path, scheme)
                assert await watched.width() <= 360, path
            assert [one for one in watched.complaints if one.startswith("asked for")] == []


async def findings(page: Page) -> list[str]:
    """What axe finds on the page as it stands, serious or critical."""
    session = await page.context.new_cdp_session(page)  # the page's own policy lets no foreign script in
    await session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    result: Any = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    await session.detach()
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in result["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
