"""The rendered mail in a real browser: it fits a phone and a desktop window, in light and dark."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from digest.compose import compose
from digest.render import render
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.answers import Answers
from knowledge.content_loader import load_knowledge
from tests.conftest import skip_or_fail

pytestmark = pytest.mark.chromium

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
WRAPPER = """<!doctype html><body style="margin:0">
<iframe id="f" style="width:{width}px;height:900px;border:0" srcdoc="{doc}"></iframe><script>f.onload = () => {{
const inner = f.contentDocument, root = inner.documentElement, said = document.body.dataset;
const tables = [...inner.querySelectorAll("table.figures")].map(table => table.getBoundingClientRect().right);
said.wide = root.scrollWidth; said.tall = root.scrollHeight; said.table = Math.max(...tables); }}</script></body>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """Give Chromium's program, or skip where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        skip_or_fail("Chromium is not installed")
    return str(found)


@pytest.fixture(scope="module")
def mail() -> str:
    """Give the HTML of a real month with a rig."""
    sources = {item.id: item for item in load_sources(SOURCES_DIR)}
    answers = Answers(load_knowledge())
    return render(
        compose("2026-04", answers=answers, sources=sources, rig_name="RTX 3060 12GB"), Settings.from_env({})
    ).html


@pytest.mark.parametrize("width", [380, 800])
def test_nothing_is_wider_than_the_window(width: int, browser: str, mail: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(WRAPPER.format(width=width, doc=html.escape(mail, quote=True)), encoding="utf-8")
    command = [
        browser,
        *FLAGS,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=3000",
        "--dump-dom",
        page.as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
    figures = {name: float(value) for name, value in re.findall(r'data-(wide|tall|table)="([\d.]+)"', dom)}
    assert figures["wide"] == width
    assert figures["table"] <= width
    assert figures["tall"] > 2000
