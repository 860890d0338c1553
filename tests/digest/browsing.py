"""Opens a page in the installed Chromium for tests: nothing of it reaches the network."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import skip_or_fail

ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Give the installed Chromium; skip where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        skip_or_fail("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page_at(url: str, *, width: int, scheme: str = "light", browser: Browser | None = None) -> Iterator[Page]:
    """Give the page at an address of this machine, in a window of a width, of a browser of its own unless given."""
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    with contextlib.nullcontext(browser) if browser else chromium() as used:
        context = used.new_context(viewport={"width": width, "height": 900}, color_scheme=colours)
        page = context.new_page()
        page.goto(url)
        yield page
        context.close()
