"""Buttons, selects, forms and people's own commands over the wire: what they change, and who may."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.standin import StandIn
from bot.standin.payloads import USER_ID
from bot.state import Signer
from knowledge.store.bot_store import BotStore
from knowledge.store.db import engine
from knowledge.store.issue_rows import IssueFile
from knowledge.store.request_store import RequestStore
from knowledge.store.tables.bot import feedback
from tests.bot.process import PATIENT, BotProcess
from tests.bot.reading import buttons, pictures, said, selects, texts, title

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAINTAINER, OTHER = 77, 78
FIT = {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StandIn]:
    """A stand-in with the bot connected; at the end nothing it sent was refused."""
    folder: Path = tmp_path_factory.mktemp("bot")
    given = {"BOT_MAINTAINERS": str(MAINTAINER), "DIGEST_PUBLIC_URL": "https://digest.example", "BOT_SECRET": "x" * 32}
    async with StandIn(rules=PATIENT) as fake:
        async with await BotProcess.start(fake, folder, store_url, **given) as bot:
            await fake.until_ready()
            await bot.until_logged("commands registered")
            await bot.until_logged("content loaded", 60)
            yield fake
            assert await bot.stop() == 0
            assert "Traceback" not in bot.log, bot.log
        assert [exchange.refused for exchange in fake.exchanges.values() if exchange.refused] == []


@pytest.fixture(scope="module")
def store(store_url: str) -> Iterator[sa.Engine]:
    made = engine(store_url)
    yield made
    made.dispose()


async def _fit(discord: StandIn, **more: Any) -> Any:
    """A fit card with its picture in it, unless too many were asked for lately."""
    exchange = await discord.slash("fit", {**FIT, **more})
    with contextlib.suppress(TimeoutError):
        await exchange.until(lambda: bool(exchange.edits), 0.8)
    assert exchange.refused == []
    return exchange


async def test_selects_recompute_in_place(discord: StandIn) -> None:
    for name, value, shown in (("Quantisation", "Q8_0", "`Q8_0`"), ("Context", "32768", "32k context")):
        asked = await _fit(discord)
        chosen = await discord.choose(selects(asked)[name]["custom_id"], discord.posted(asked), value)
        assert chosen.callback is not None
        assert chosen.callback["type"] == 7
        assert shown in said(chosen)
        default = [one["value"] for one in selects(chosen)[name]["options"] if one["default"]]
        assert default == [value]


async def test_presses_at_the_same_moment_add_up_and_the_last_one_stays(discord: StandIn) -> None:
    asked = await _fit(discord)
    card, found = discord.posted(asked), selects(asked)
    first, second, third = await asyncio.gather(
        discord.choose(found["Quantisation"]["custom_id"], card, "Q8_0"),
        discord.press(buttons(asked)["Chart"], card) if "Chart" in buttons(asked) else _more(discord, asked),
        discord.choose(found["Context"]["custom_id"], card, "16384"),
    )
    assert third.callback is not None
    assert third.callback["type"] == 7
    assert {one.callback["type"] for one in (first, second) if one.callback} <= {6, 7}
    shown = "\n".join(texts(card))
    assert "`Q8_0`" in shown
    assert "16k context" in shown


async def _more(discord: StandIn, asked: Any) -> Any:
    return await discord.press(buttons(asked)["More settings"], discord.posted(asked))


async def test_ram_that_was_not_said_is_asked_for(discord: StandIn) -> None:
    big = {"model": "llama-3.3-70b-instruct", "hardware": "RTX 3060 12GB"}
    asked = await _fit(discord, **big)
    assert "how much RAM there is was not said" in said(asked)
    custom_id = selects(asked)["How much RAM does the machine have?"]["custom_id"]
    chosen = await discord.choose(custom_id, discord.posted(asked), "64")
    assert "Runs with trade-offs" in said(chosen)
    assert "How much RAM does the machine have?" not in selects(chosen), "it was said now"
    told = await _fit(discord, **big, ram=16.0)
    assert "How much RAM does the machine have?" not in selects(told)


async def test_a_no_leads_to_what_runs_there(discord: StandIn) -> None:
    asked = await _fit(discord, model="llama-3.3-70b-instruct", ram=16.0)
    assert "Will not run" in said(asked)
    listed = await discord.press(buttons(asked)["What runs here"], discord.posted(asked))
    assert "Best for chat on GeForce RTX 3060 12 GB" in said(listed)
    assert "What runs here" not in buttons(await _fit(discord))


async def test_further_settings_open_and_recompute(discord: StandIn) -> None:
    for name, value, shown in (
        ("Type of the KV cache", "q8_0", "KV `q8_0`"),
        ("Engine", "ollama", "ollama"),
        ("How many of the device", "2", "2× GeForce RTX 3060 12 GB"),
        ("Engine", "vllm", "vllm"),
    ):
        asked = await _fit(discord)
        more = await discord.press(buttons(asked)["More settings"], discord.posted(asked))
        assert {"Type of the KV cache", "Engine", "How many of the device"} <= set(selects(more))
        chosen = await discord.choose(selects(more)[name]["custom_id"], discord.posted(asked), value)
        assert shown in said(chosen), name
        assert "Fewer settings" in buttons(chosen)


async def test_the_working_and_the_picture(discord: StandIn) -> None:
    asked = await _fit(discord, context=4096)
    working = await discord.press(buttons(asked)["Show the working"], discord.posted(asked))
    assert "The working" in title(working)
    assert "n_layer 36" in said(working)
    for _ in range(5):  # a picture comes by itself where few ask, and the tests before this one may have asked much
        with contextlib.suppress(TimeoutError):
            await asked.until(lambda at=asked: bool(at.edits), 3)
            break
        asked = await _fit(discord, context=4096)
    assert pictures(asked.message) != []
    assert "█" not in "\n".join(texts(asked.message)), "the picture shows the memory, the card does not again"


async def test_a_burst_gets_a_button_instead_of_pictures(discord: StandIn) -> None:
    many = await asyncio.gather(*(_fit(discord, context=5000 + n) for n in range(24)))
    plain = next(one for one in reversed(many) if "Chart" in buttons(one))
    drawn = await discord.press(buttons(plain)["Chart"], discord.posted(plain))
    assert len(pictures(drawn.message)) == 1
    assert "Chart" not in buttons(drawn)


async def test_shared_answers_are_recomputed_for_the_presser_alone(discord: StandIn) -> None:
    asked = await _fit(discord)
    shared = await discord.press(buttons(asked)["Share"], discord.posted(asked))
    assert not shared.ephemeral
    assert texts(shared.message)[0].startswith("-# shared by")
    assert buttons(shared) == {}
    assert selects(shared) == {}


@pytest.mark.parametrize("label", ["This helped", "Report my speed"])
async def test_what_is_somebody_elses_is_refused(discord: StandIn, store: sa.Engine, label: str) -> None:
    asked = await _fit(discord)
    before = _feedback(store)
    for user_id, custom_id in (
        (OTHER, buttons(asked)[label]),
        (USER_ID, Signer(b"another key").sign("y", "define:kv-cache", USER_ID)),
    ):
        message = _with_button(discord.posted(asked), custom_id)
        pressed = await discord.press(custom_id, message, user_id=user_id)
        assert "not yours" in title(pressed)
    assert _feedback(store) == before


def _with_button(message: Any, custom_id: str) -> Any:
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": custom_id}]}
    return {**message, "components": [*message["components"], row]}


def _feedback(store: sa.Engine) -> list[Any]:
    with store.connect() as conn:
        columns = (
            feedback.c.user_id,
            feedback.c.kind,
            feedback.c.subject,
            feedback.c.helpful,
            feedback.c.measured_tok_s,
        )
        return [tuple(row) for row in conn.execute(sa.select(*columns).order_by(feedback.c.id))]


async def test_rating_and_reporting_are_kept(discord: StandIn, store: sa.Engine) -> None:
    asked = await _fit(discord)
    pressed = await discord.press(buttons(asked)["It did not"], discord.posted(asked))
    assert "Thank you" in said(pressed)
    form = await discord.press(buttons(asked)["Report my speed"], discord.posted(asked))
    assert form.modal is not None
    sent = await discord.submit(form, {"speed": "51,5 tok/s", "note": "token hf_abcdefghijklmnopqrstuvwx"})
    assert "51.5 tok/s" in said(sent)
    bad = await discord.submit(form, {"speed": "fast"})
    assert "42.5" in said(bad)
    rows = _feedback(store)
    subject = "qwen3-8b Q4_K_M on 1x nvidia-geforce-rtx-3060-12-gb n_ctx=8192 kv=f16 llama.cpp"
    assert (USER_ID, "fit", subject, False, None) in rows
    assert (USER_ID, "fit", subject, None, 51.5) in rows
    with store.connect() as conn:
        assert "hf_" not in str(conn.execute(sa.select(feedback.c.comment)).all())


async def test_a_rig_is_saved_used_completed_and_forgotten(discord: StandIn) -> None:
    nobody = await discord.slash("fit", {"model": "qwen3-8b"}, user_id=OTHER)
    assert "/rig set" in said(nobody)
    saved = await discord.slash("rig set", {"hardware": "2x RTX 3090", "ram": 64.0}, user_id=OTHER)
    assert "2× GeForce RTX 3090" in said(saved)
    assert "2× GeForce RTX 3090" in said(await discord.slash("fit", {"model": "qwen3-8b"}, user_id=OTHER))
    typed = await discord.autocomplete("fit", "hardware", "", user_id=OTHER)
    assert typed.choices[0]["value"] == "my rig"
    assert "RTX 3090" in typed.choices[0]["name"]
    ranked = await discord.slash("best", {}, user_id=OTHER)
    await ranked.until(lambda: ranked.settled)
    assert "2× GeForce RTX 3090" in title(ranked)
    pressed = await discord.press(buttons(saved)["Forget all of it"], discord.posted(saved), user_id=OTHER)
    assert "saved rigs 1" in said(pressed)
    assert "No rig saved" in said(await discord.slash("rig show", {}, user_id=OTHER))
    assert "saved rigs 0" in said(await discord.slash("rig forget", {}, user_id=OTHER))


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("model", {"name": "qwen3-8b"}, "Size of the file"),
        ("hardware", {"name": "RTX 3090"}, "bandwidth"),
        ("tool", {"name": "llama.cpp"}, "Run one model"),
        ("cost", {"model": "qwen3-30b-a3b", "hardware": "RTX 3090"}, "tokens a month"),
        ("pulse", {"hardware": "RTX 3090"}, "New models"),
        ("suggest", {"about": "qwen3-8b", "correction": "It has 36 layers."}, "suggestion"),
        ("report", {**FIT, "speed": 40.5}, "40.5 tok/s"),
        ("subscribe", {}, "never through Discord"),
        ("privacy", {}, "/rig forget"),
        ("compare", {"model": "qwen3-8b", "first": "RTX 3090", "second": "RTX 4090"}, "side by side"),
    ],
)
async def test_every_other_command(discord: StandIn, command: str, options: dict[str, Any], expected: str) -> None:
    exchange = await discord.slash(command, options)
    await exchange.until(lambda: exchange.settled)
    assert expected in said(exchange)
    assert exchange.ephemeral


async def test_a_guide_is_read_part_by_part(discord: StandIn) -> None:
    completed = await discord.autocomplete("guide", "topic", "best gpu")
    assert completed.choices[0]["value"] == "best-gpu-for-local-ai"
    asked = await discord.slash("guide", {"topic": "best-gpu-for-local-ai"})
    (select,) = selects(asked).values()
    turned = await discord.choose(select["custom_id"], discord.posted(asked), "1")
    assert "Up to 300 dollars" in said(turned)
    (related, custom_id), *_ = buttons(turned).items()
    assert related in title(await discord.press(custom_id, discord.posted(asked)))


async def test_a_question_that_a_page_answers_gets_the_page(discord: StandIn) -> None:
    exchange = await discord.slash("ask", {"question": "is an npu useful for local models?"})
    await exchange.until(lambda: exchange.settled)
    assert "NPU" in title(exchange)


@pytest.mark.parametrize(("option", "text"), [("name", "lama.cp"), ("name", "koboltcpp")])
async def test_a_tool_spelt_wrong_is_completed_and_offered(discord: StandIn, option: str, text: str) -> None:
    assert (await discord.autocomplete("tool", option, text)).choices
    asked = await discord.slash("tool", {option: text})
    (label, custom_id), *_ = buttons(asked).items()
    assert label in title(await discord.press(custom_id, discord.posted(asked)))


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("de", "Läuft gut"),
        ("fr", "Tourne"),
        ("es-ES", "Funciona"),
        ("pt-BR", "Roda"),
        ("ja", "快適"),
        ("zh-CN", "流畅"),
    ],
)
async def test_the_readers_language_is_spoken(discord: StandIn, locale: str, expected: str) -> None:
    assert expected in said(await discord.slash("fit", FIT, locale=locale))


async def test_menus_on_messages(discord: StandIn) -> None:
    oom = discord.say("cudaMalloc failed: out of memory\nggml_backend_cuda_buffer_type_alloc_buffer: allocating 5 MiB")
    explained = await discord.use_on_message("Explain this error", oom)
    assert "out of memory" in title(explained)
    runs = await discord.use_on_message("Will this run?", discord.say("qwen3 8b on a 3060 12gb?"))
    assert "Qwen3" in title(runs)


async def test_settings_are_for_those_who_manage_the_server(discord: StandIn) -> None:
    assert "inside one" in said(await discord.slash("settings", {"answers": "public"}, guild_id=None))


async def test_maintainers_alone_ask_the_digest_and_it_is_written_down(discord: StandIn, store: sa.Engine) -> None:
    refused = await discord.slash("digest preview", {"month": "2026-10"}, user_id=OTHER)
    assert "Only maintainers" in said(refused)
    asked = await discord.slash("digest preview", {"month": "2026-10"}, user_id=MAINTAINER)
    now = datetime.now(UTC)
    requests = RequestStore(store)
    job = await asyncio.to_thread(requests.claim, "tester", now=now, lease=timedelta(minutes=1))
    assert job is not None
    assert (job.kind, job.month, job.asked_by) == ("preview", "2026-10", str(MAINTAINER))
    files = [
        IssueFile(name="issue.html", media_type="text/html", body=b"<p>x</p>"),
        IssueFile(name="issue.png", media_type="image/png", body=b"PNG"),
    ]
    result = {"text": "Six models.", "revision": "abc123"}
    await asyncio.to_thread(requests.finish, job.id, "tester", ok=True, result=result, files=files, now=now)
    await asked.until(lambda: bool(asked.edits), 15)
    assert "Six models." in said(asked)
    assert set(asked.files) >= {"issue.html", "issue.png"}
    approve = buttons(asked)["Approve"]
    other = await discord.press(approve, discord.posted(asked), user_id=OTHER)
    assert "not yours" in title(other)
    await discord.press(approve, discord.posted(asked), user_id=MAINTAINER)
    job = await asyncio.to_thread(requests.claim, "tester", now=now, lease=timedelta(minutes=1))
    assert job is not None
    assert (job.kind, job.month, job.args) == ("approve", "2026-10", {"revision": "abc123"})
    await asyncio.to_thread(requests.finish, job.id, "tester", ok=False, result={"text": "Not yet."}, now=now)
    log = [(row.actor_id, row.action, row.result) for row in BotStore(store).audited()]
    assert (OTHER, "digest preview", "refused") in log
    assert (MAINTAINER, "digest approve", f"request {job.id}") in log


async def test_suggestions_are_decided_by_maintainers(discord: StandIn, store: sa.Engine) -> None:
    await discord.slash("suggest", {"about": "kv cache", "correction": "@everyone [x](https://evil.example)"})
    assert "Only maintainers" in said(await discord.slash("kb suggestions", {}, user_id=OTHER))
    listed = await discord.slash("kb suggestions", {}, user_id=MAINTAINER)
    assert "](https://evil" not in said(listed)
    assert "@everyone" not in said(listed)
    label = next(one for one in buttons(listed) if one.startswith("Take"))
    taken = await discord.press(buttons(listed)[label], discord.posted(listed), user_id=MAINTAINER)
    assert "taken" in said(taken)
    assert BotStore(store).suggestions("taken")
    again = await discord.press(buttons(listed)[label], discord.posted(listed), user_id=MAINTAINER)
    assert "already" in said(again)
    reloaded = await discord.slash("kb reload", {}, user_id=MAINTAINER)
    await reloaded.until(lambda: reloaded.settled)
    assert "version" in said(reloaded)
