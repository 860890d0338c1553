"""The page in Chromium, used as a person uses it: by keyboard and pointer, wide and narrow, light and dark."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from bot.standin import StandIn
from tests.bot.sandbox.browser import findings, paged
from tests.bot.showcase import showing
from tests.fakes.chromium import chromium

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.chromium]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[tuple[StandIn, str, Browser]]:
    async with StandIn() as discord, showing(discord), paged(discord) as (url, _), chromium() as browser:
        discord.say("CUDA error: **out of memory**")
        yield discord, url, browser
        assert discord.unknown == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(served: tuple[StandIn, str, Browser]) -> AsyncIterator[Page]:
    """A fresh page on the first channel; no error may have been logged in it."""
    _, url, browser = served
    made = await browser.new_page(viewport={"width": 1100, "height": 800}, accept_downloads=True)
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    made.set_default_timeout(8000)
    await made.goto(url)
    await made.locator(".message").first.wait_for()
    yield made
    assert wrong == []
    await made.close()


@pytest.fixture
def discord(served: tuple[StandIn, str, Browser]) -> StandIn:
    return served[0]


def entries(page: Page) -> Locator:
    """What the open list under an input offers."""
    return page.locator("ul[role=listbox] > [role=option]")


async def call(page: Page, text: str) -> None:
    """Write a whole call and send it; the space at its end is for the list of commands to close."""
    await page.get_by_label("Message", exact=True).fill(f"{text} ")
    await expect(entries(page)).to_have_count(0)
    await page.keyboard.press("Enter")


async def test_picker_form_and_autocomplete_by_keyboard(page: Page) -> None:
    await page.get_by_label("Message", exact=True).press_sequentially("/sa")
    await expect(entries(page).first).to_contain_text("/say")
    await page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="text")
    await expect(field).to_be_focused()
    await page.keyboard.type("ab")
    await expect(entries(page)).to_have_text(["AB0", "AB1", "AB2"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("AB1")
    await page.get_by_role("button", name="+ times").click()
    await page.keyboard.type("2")
    await page.get_by_role("button", name="+ loud").click()
    await page.get_by_label("loud", exact=True).select_option("True")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".message").last).to_contain_text("AB1AB1")
    await expect(page.locator(".message").last).to_contain_text("Ada used /say")
    await page.get_by_role("button", name="Dismiss message").last.click()
    await expect(page.get_by_text("AB1AB1")).to_have_count(0)


async def test_keystrokes_are_gathered_before_the_bot_is_asked(page: Page, discord: StandIn) -> None:
    await call(page, "/say")
    field = page.get_by_role("combobox", name="text")
    await field.wait_for()
    before = discord.world.serial
    await field.press_sequentially("abcdefgh", delay=20)
    await expect(entries(page).first).to_have_text("ABCDEFGH0")
    assert discord.world.serial - before <= 2


async def test_what_discord_would_not_send_is_said(page: Page) -> None:
    await call(page, "/say text:a times:77")
    await expect(page.get_by_role("alert")).to_contain_text("give 1 to 9")
    await page.keyboard.press("Escape")
    await call(page, "/nonsense")
    await expect(page.get_by_role("alert").last).to_contain_text("no command /nonsense")


async def test_layout_with_pictures_files_buttons_and_selects(page: Page) -> None:
    await call(page, "/show")
    message = page.locator(".message").filter(has_text="Runs comfortably").last
    await expect(message.get_by_role("heading", name="Runs comfortably")).to_be_visible()
    picture = message.get_by_alt_text("memory by part")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.naturalWidth") == 320
    async with page.expect_download() as download:
        await message.get_by_role("link", name=re.compile("a.txt")).click()
    taken = await (await download.value).path()
    assert await asyncio.to_thread(taken.read_bytes) == b"hello"
    await message.get_by_role("button", name="Pressed 0").click()
    await expect(message.get_by_role("button", name="Pressed 1")).to_be_focused()
    await message.get_by_label("Quantisation").select_option("Q8_0")
    await expect(page.locator(".message").last).to_contain_text("chosen: Q8_0")
    await message.get_by_text("Several").click()
    for box in ("a", "c"):
        await message.get_by_role("checkbox", name=box, exact=True).check()
    await message.get_by_role("button", name="Apply").click()
    await expect(page.locator(".message").last).to_contain_text("chosen: a, c")
    link = message.get_by_role("link", name=re.compile("Source"))
    assert await link.get_attribute("rel") == "noopener noreferrer nofollow"


async def test_modal_is_filled_in_and_refused_where_something_is_missing(page: Page) -> None:
    await call(page, "/form")
    dialog = page.get_by_role("dialog", name="Describe your rig")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_label(re.compile("^Name")).fill("desk")
    await dialog.get_by_label("Notes").fill("two lines")
    await dialog.get_by_label(re.compile("^GPU")).select_option("two")
    await dialog.get_by_label("vllm").check()
    await dialog.get_by_label("code").check()
    assert await findings(page) == []
    await dialog.get_by_role("button", name="Submit").click()
    await expect(page.locator(".message").last).to_contain_text("desk | two lines | two | vllm | code")
    await expect(dialog).to_have_count(0)


async def test_files_go_up_by_option_by_modal_and_by_message(page: Page) -> None:
    file: FilePayload = {"name": "my log.txt", "mimeType": "text/plain", "buffer": b"abc"}
    await call(page, "/upload")
    await page.get_by_label("log", exact=True).set_input_files(files=[file])
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".message").last).to_contain_text("my log.txt: 3")
    await expect(page.locator(".message").last.locator("a.file")).to_contain_text("back-my")
    await call(page, "/form file:true")
    await page.get_by_role("dialog").get_by_label(re.compile("^Log")).set_input_files(files=[file])
    await page.get_by_role("dialog").get_by_label("I am sure").check()
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator(".message").last).to_contain_text("my log.txt: 3 bytes, sure: True")
    await page.locator("#compose input[type=file]").set_input_files(files=[file])
    await expect(page.locator(".message").last.locator("a.file")).to_contain_text("my log.txt")


async def test_menus_on_a_message_and_on_who_wrote_it(page: Page) -> None:
    message = page.locator(".message").filter(has_text="CUDA error").first
    await message.hover()
    await message.get_by_text("Apps ›").click()
    await message.get_by_role("button", name="Explain this").click()
    await expect(page.locator(".message").last).to_contain_text("you mean: CUDA error")
    await message.hover()
    await message.get_by_text("Apps ›").click()
    await message.get_by_role("button", name="Greet on Ada").click()
    await expect(page.locator(".message").last).to_contain_text("hello Ada")


async def test_two_people_see_what_is_theirs(page: Page) -> None:
    await call(page, "/say text:onlyada")
    await expect(page.get_by_text("onlyada")).to_be_visible()
    await page.get_by_label("Message", exact=True).fill("/hid")
    await expect(entries(page)).to_have_count(0)
    await page.get_by_role("button", name="Grace maintainer").click()
    await expect(page.get_by_role("button", name="Grace maintainer")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_text("onlyada")).to_have_count(0)
    await call(page, "/hidden")
    await expect(page.locator(".message").last).to_contain_text("secret")
    await page.get_by_role("button", name="Ada member").click()


@pytest.mark.parametrize(
    ("place", "said"),
    [("@ RUNLOCALAI", "dm_channel=True"), ("Ada & Grace", "private_channel=True"), ("# announcements", "guild=True")],
)
async def test_places(page: Page, place: str, said: str) -> None:
    await page.get_by_role("button", name=place).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(place)
    await call(page, "/where")
    await expect(page.locator(".message").last).to_contain_text(said)


async def test_no_answer_is_said_after_the_deadline(page: Page) -> None:
    await call(page, "/never")
    await expect(page.get_by_role("alert")).to_contain_text("did not respond", timeout=6000)


async def test_nothing_written_becomes_markup(page: Page) -> None:
    await call(page, "/card")
    await expect(page.locator(".message").last).to_contain_text("<script>alert(1)</script>")
    await call(page, '<img src=x onerror="window.hit=1"> [a](javascript:window.hit=1) <https://example.org/"x>')
    await expect(page.locator(".message").last).to_contain_text("<img src=x")
    assert await page.evaluate("window.hit") is None
    links = await page.locator(".message a").evaluate_all("all => all.map(one => one.protocol)")
    assert set(links) <= {"http:", "https:"}


MARKDOWN = [
    ("**b** *i* _j_ __u__ ~~s~~", "strong, em, em, u, s"),
    ("`c` ``d``", "code, code"),
    ("# one\n### three\n-# small", ".h1, .h3, .small"),
    ("- a\n- b\n1. c", "ul li, ul li, ol li"),
    ("> quoted", "blockquote"),
    ("||hidden||", "button.spoiler"),
    ("<t:1700000000:R> <@500000000000000001>", "time, .mention"),
    (r"\*not\* 2*3*4 snake_case_name", ""),
    ("```sh\nls *.gguf\n```", "pre code"),
    ("https://example.org/a and <https://example.org/b>", "a, a"),
]


@pytest.mark.parametrize(("text", "shown"), MARKDOWN)
async def test_markdown(page: Page, discord: StandIn, text: str, shown: str) -> None:
    said = discord.say(text)
    body = page.locator(f'.message[data-id="{said["id"]}"] .text').first
    await body.wait_for()
    wanted = [one for one in shown.split(", ") if one]
    for selector in set(wanted):
        assert await body.locator(selector).count() == wanted.count(selector), selector
    if not wanted:
        assert await body.locator("strong, u, s").count() == 0
        await expect(body).to_contain_text("*not*")
        await expect(body).to_contain_text("snake_case_name")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
async def test_axe_finds_nothing_and_nothing_is_cut_off(page: Page, theme: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 740})
    await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for command in ("/show", "/card", "/pick"):
        await call(page, command)
        await page.locator(".message").last.locator(".container, .embed, details").first.wait_for()
    await page.get_by_label("Message", exact=True).fill("/say")
    await entries(page).first.wait_for()
    assert await findings(page) == []
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="text").wait_for()
    assert await findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    wide = await page.evaluate(
        "[...document.querySelectorAll('#log > *')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert wide == 0


async def test_narrow_pages_have_their_channels_in_a_drawer(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await page.get_by_role("button", name="Channels").click()
    await page.get_by_role("button", name="# announcements").click()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await expect(page.get_by_role("heading", level=1)).to_have_text("# announcements")


async def test_themes_are_chosen(page: Page) -> None:
    await page.get_by_label("Theme").select_option("dark")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(27, 28, 33)"
    await page.reload()
    await page.locator(".message").first.wait_for()
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
