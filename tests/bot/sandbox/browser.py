"""The sandbox's page in headless Chromium, and axe as the judge of its accessibility."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from playwright.async_api import Page

from bot.sandbox.page import Page as SandboxPage
from bot.standin import StandIn
from tests.conftest import skip_or_fail
from tests.fakes.chromium import AXE


@contextlib.asynccontextmanager
async def paged(discord: StandIn) -> AsyncIterator[tuple[str, SandboxPage]]:
    """The sandbox's page over a stand-in; its address."""
    page = SandboxPage(discord, lambda: "running")
    runner = web.AppRunner(page.app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", page
    finally:
        await runner.cleanup()


async def findings(page: Page) -> list[str]:
    """What axe finds on the page as it stands, serious or critical; empty when it is well."""
    if not AXE.exists():
        skip_or_fail("axe-core is not installed: npm ci in tests/judges")
    # through the debugger: the page's own policy lets no foreign script in
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    result: Any = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    await session.detach()
    return [
        f"{one['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in result["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
