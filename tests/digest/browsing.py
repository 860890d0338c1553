"""Opens a page in the installed Chromium for tests: nothing of it reaches the network."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Literal

from playwright.sync_api import Page, sync_playwright

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
def page_at(url: str, *, width: int, scheme: str = "light") -> Iterator[Page]:
    """Give the page at an address of this machine, in a window of a width; skip where there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        skip_or_fail("Chromium is not installed")
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours)
            page = context.new_page()
            page.goto(url)
            yield page
        finally:
            browser.close()
