"""The sandbox: calls as people type them, cards as a page, and a page that a browser shows."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cards, commands
from bot.layout import Field, Reply
from bot.sandbox.call import read_call
from bot.sandbox.page import blocks, inline, page, plain_text, spans
from bot.sandbox.run import STYLE
from knowledge.errors import BadInput, UnknownName
from tests.bot.samples import ERROR, FIT, TERM
from tests.conftest import skip_or_fail

MODULES = {module.NAME: module for module in commands.modules()}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("/fit model:qwen3-8b hardware:RTX 3060 12GB", {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}),
        (
            "fit model:ollama:x hardware:a b context:8192 ram:31.5",
            {"model": "ollama:x", "hardware": "a b", "context": 8192, "ram": 31.5},
        ),
        ("/define kv cache", {"term": "kv cache"}),
        ("/error error: CUDA error: oom", {"text": "error: CUDA error: oom"}),
        ("/help", {}),
    ],
)
def test_calls(text: str, options: dict[str, object]) -> None:
    assert read_call(text, MODULES).options == options


@pytest.mark.parametrize("text", ["/fit", "/fit qwen3-8b", "/help x", "/fit model:a hardware:b context:many"])
def test_bad_calls_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_call(text, MODULES)


def test_unknown_command_gets_the_nearest() -> None:
    with pytest.raises(UnknownName) as refused:
        read_call("/defin kv", MODULES)
    assert refused.value.choices[0] == "define"


@given(st.text(max_size=200))
def test_any_call_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert read_call(f"/fit {text}", MODULES).module is MODULES["fit"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and *slanted*", "<b>bold</b> and <i>slanted</i>"),
        ("`a<b`", "<code>a&lt;b</code>"),
        (r"Qwen3\-8B \*", "Qwen3-8B *"),
        ("[name](https://github.com/a)", '<a href="https://github.com/a">name</a>'),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_inline(text: str, shown: str) -> None:
    assert inline(text) == shown


def test_blocks_and_plain_text() -> None:
    text = "see\n```sh\nnvidia-smi\n```\n-# small\n- one"
    assert blocks(text) == "see<pre>nvidia-smi</pre><small>small</small>\n• one"
    assert plain_text(text).split() == ["see", "nvidia-smi", "small", "-", "one"]


@given(st.text(alphabet="a<>&\"'`*[]()\\-# \n/:https", max_size=200))
def test_nothing_on_the_page_escapes_escaping(text: str) -> None:
    shown = blocks(text)
    for tag in ("<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "<pre>", "</pre>", "<small>", "</small>", "</a>"):
        shown = shown.replace(tag, "")
    assert "<" not in shown.replace('<a href="https://', "")


@pytest.mark.parametrize(
    ("inline_flags", "widths"), [("111", [4, 4, 4]), ("1101", [6, 6, 12, 12]), ("11111", [4, 4, 4, 6, 6]), ("", [])]
)
def test_spans(inline_flags: str, widths: list[int]) -> None:
    assert spans([Field(name="n", value="v", inline=flag == "1") for flag in inline_flags]) == widths


@pytest.mark.chromium
def test_a_browser_shows_the_page(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        skip_or_fail("chromium is not installed")
        return
    replies = [
        ("/fit", Reply(cards=(cards.fit_card(FIT),))),
        ("/define", cards.terms_reply("kv", [TERM])),
        ("/error", cards.errors_reply([(ERROR, 0.9)])),
    ]
    where = tmp_path / "page.html"
    where.write_text(page(replies, STYLE.read_text("utf-8")), "utf-8")
    picture = tmp_path / "page.png"
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    flags += [
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=800,1600",
    ]
    subprocess.run(
        [chromium, *flags, f"--screenshot={picture}", where.as_uri()], check=True, capture_output=True, timeout=60
    )
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 20_000
