"""Takes the README's pictures from the sandbox: `python docs/pictures.py [--out docs/pictures]`.

It starts `python -m bot sandbox` (the store must be synced), uses it in headless Chromium as a person would, and
writes small PNGs. It draws nothing itself: what is in the pictures is what the bot answered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright

DOCS = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
COLOURS = 128
"""A picture's palette: text and flat colours need no more, and the file is a quarter the size."""

CALLS = {
    "fit": ("/fit model:qwen3-8b hardware:RTX 3060 12GB context:16384", "light"),
    "fit-no": ("/fit model:llama-3.3-70b-instruct hardware:RTX 3060 12GB", "dark"),
    "best": ("/best hardware:RTX 4070", "light"),
    "define": ("/define term:kv cache", "dark"),
}
"""Pictures of one answer: the call, and the theme it is shown in."""


@contextlib.asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """The sandbox in a process of its own; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", cwd=DOCS.parent, stdout=asyncio.subprocess.PIPE
    )
    try:
        line = (await process.stdout.readline()).decode() if process.stdout is not None else ""
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        if found is None:
            raise SystemExit("The sandbox did not start; python -m bot sandbox says why.")
        yield found[0]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def call(page: Page, text: str) -> None:
    """Send a call and wait for its whole answer, pictures included."""
    seen = await page.locator(".message").count()
    await page.get_by_label("Message", exact=True).fill(f"{text} ")
    await page.keyboard.press("Enter")
    await page.locator(".message").nth(seen).wait_for(timeout=20_000)
    await page.locator(".message .thinking").wait_for(state="detached", timeout=20_000)
    if text.startswith("/fit"):  # its picture comes a moment after the answer
        await page.locator(".message").last.locator(".gallery img").wait_for(timeout=20_000)
    await page.evaluate("Promise.all([...document.images].map(one => one.decode()))")
    await page.mouse.move(0, 0)


async def pictures(page: Page, url: str) -> AsyncIterator[tuple[str, bytes]]:
    """Every picture: its name and its PNG."""
    await page.goto(url)
    await page.locator(".message").first.wait_for()
    field = page.get_by_label("Message", exact=True)
    await field.fill("/")
    await page.locator("ul[role=listbox] > li").first.wait_for()
    yield "commands", await page.screenshot()
    await field.fill("/fit ")
    await page.keyboard.press("Enter")
    model = page.get_by_role("combobox", name="model")
    await model.press_sequentially("qwen3 8", delay=30)
    await page.locator("ul[role=listbox] > li").first.wait_for()
    yield "autocomplete", await page.screenshot()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Leave the command").click()
    await page.set_viewport_size({"width": 700, "height": 1600})  # an answer whole, beside no channels
    for name, (text, theme) in CALLS.items():
        await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        await call(page, text)
        yield name, await page.locator(".message").last.screenshot()
    await page.set_viewport_size({"width": 390, "height": 800})
    await call(page, CALLS["fit"][0])
    await page.locator(".message").last.evaluate("one => one.scrollIntoView({block: 'start'})")
    yield "phone", await page.screenshot()


def small(png: bytes) -> bytes:
    """The same picture with a palette."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


async def take(out: Path) -> list[Path]:
    """Take all pictures into `out`; their paths."""
    taken: list[Path] = []
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    async with sandbox() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1000, "height": 720}, device_scale_factor=1.5)
        async for name, png in pictures(page, url):
            path = out / f"{name}.png"
            await asyncio.to_thread(path.write_bytes, small(png))
            taken.append(path)
        await browser.close()
    return taken


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures and say how large they are."""
    parser = argparse.ArgumentParser(description="Take the README's pictures from the sandbox.")
    parser.add_argument("--out", type=Path, default=DOCS / "pictures")
    for path in asyncio.run(take(parser.parse_args(argv).out)):
        sys.stdout.write(f"{path} {path.stat().st_size / 1024:.0f} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
