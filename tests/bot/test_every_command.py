"""Every command and every press over the wire with the real process: a row each, and a test that none is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.components import walk
from bot.presses import OPS
from bot.standin import StandIn
from bot.standin.exchange import Exchange
from bot.standin.payloads import USER_ID, Json
from knowledge.store.bot_store import BotStore
from knowledge.store.db import engine, reading
from knowledge.store.request_store import RequestStore
from knowledge.store.tables.shared import maintainer_request
from tests.bot.process import PATIENT, BotProcess
from tests.bot.reading import said, title

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAINTAINER, MANAGER = 77, USER_ID + 1
MONTH = "2026-10"
OOM = "cudaMalloc failed: out of memory\nggml_backend_cuda_buffer_type_alloc_buffer: allocating 5120.00 MiB on device 0"
FIT = {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}
TWO = {"model": "qwen3-8b", "first": "RTX 3090", "second": "RTX 4090"}
COMMANDS: dict[str, tuple[dict[str, Any], str]] = {
    "ask": ({"question": "will qwen3 8b run on a 3060 12gb?"}, "tok/s"),
    "best": ({"hardware": "RTX 3090", "use": "code"}, "Best for code"),
    "compare": (TWO, "side by side"),
    "cost": ({"model": "qwen3-30b-a3b", "hardware": "RTX 3090"}, "tokens a month"),
    "define": ({"term": "gguf"}, "GGUF"),
    "error": ({"text": OOM}, "Fix 1"),
    "fit": ({**FIT, "quant": "Q8_0", "context": 16384, "ram": 32.0, "kv": "q8_0", "engine": "ollama"}, "Q8_0"),
    "hardware": ({"name": "RTX 3090"}, "bandwidth"),
    "help": ({}, "/fit"),
    "model": ({"name": "qwen3-8b"}, "Size of the file"),
    "privacy": ({}, "/rig forget"),
    "pulse": ({"hardware": "RTX 3090"}, "New models"),
    "report": ({**FIT, "speed": 40.5, "quant": "Q4_K_M", "note": "two sticks"}, "40.5 tok/s"),
    "rig set": ({"hardware": "RTX 3090", "ram": 64.0, "engine": "ollama"}, "GeForce RTX 3090"),
    "rig show": ({}, "GeForce RTX 3090"),
    "rig forget": ({}, "saved rigs 1"),
    "settings": ({"answers": "private", "language": "fr"}, "Français"),
    "subscribe": ({}, "/subscribe"),
    "suggest": ({"about": "qwen3-8b", "correction": "It has 36 layers.", "source": "its config.json"}, "suggestion"),
    "tool": ({"name": "llama.cpp"}, "Run one model"),
    "guide": ({"topic": "is an npu useful"}, "NPU"),
}
DIGEST: dict[str, dict[str, Any]] = {
    "status": {},
    "collect": {},
    "preview": {"month": MONTH, "hardware": "RTX 3090"},
    "edit": {"month": MONTH, "change": "move", "target": "model:qwen3-8b", "place": 1},
    "approve": {"month": MONTH},
    "send-test": {"month": MONTH},
    "send": {"month": MONTH},
    "schedule": {},
}
KB = {"suggestions": "Suggestions", "reload": "version"}
MENUS = {"Explain this error": (OOM, "out of memory"), "Will this run?": ("qwen3 8b on a 3060 12gb?", "Qwen3")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StandIn]:
    """A stand-in with the bot connected; at the end nothing it sent was refused, late or parsed for mentions."""
    folder: Path = tmp_path_factory.mktemp("bot")
    given = {"BOT_MAINTAINERS": str(MAINTAINER), "DIGEST_PUBLIC_URL": "https://digest.example"}
    async with StandIn(rules=PATIENT) as fake, await BotProcess.start(fake, folder, store_url, **given) as bot:
        await fake.until_ready()
        await fake.until_commands()
        await bot.until_logged("content loaded", 60)
        yield fake
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log, bot.log
        for exchange in fake.exchanges.values():
            assert exchange.refused == []
            assert all("<@" not in one for one in [exchange.text])


@pytest.fixture(scope="module")
def store(store_url: str) -> Iterator[sa.Engine]:
    made = engine(store_url)
    yield made
    made.dispose()


def leaves(commands: list[Json], path: str = "") -> Iterator[tuple[str, int]]:
    """Every command by its whole name, with its kind: 1 is a slash command, 3 a menu on messages."""
    for one in commands:
        name, kind = f"{path} {one['name']}".strip(), 1 if path else one.get("type", 1)
        subs = [sub for sub in one.get("options") or [] if sub["type"] in {1, 2}]
        yield from leaves(subs, name) if subs else [(name, kind)]


async def test_each_command_has_a_row(discord: StandIn) -> None:
    tried = {*COMMANDS, *(f"digest {kind}" for kind in DIGEST), *(f"kb {kind}" for kind in KB)}
    assert {name for name, kind in leaves(discord.commands) if kind == 1} == tried
    assert {name for name, kind in leaves(discord.commands) if kind != 1} == set(MENUS)


@pytest.mark.parametrize("name", COMMANDS)
async def test_command(discord: StandIn, name: str) -> None:
    options, expected = COMMANDS[name]
    asked = await discord.slash(name, options, user_id=MANAGER)
    await asked.until(lambda: asked.settled, 10)
    assert expected in f"{said(asked)}\n{asked.text}"
    assert asked.ephemeral


@pytest.mark.parametrize("name", MENUS)
async def test_menu(discord: StandIn, name: str) -> None:
    text, expected = MENUS[name]
    assert expected in said(await discord.use_on_message(name, discord.say(text)))


@pytest.mark.parametrize("kind", DIGEST)
async def test_digest_command(discord: StandIn, store: sa.Engine, kind: str) -> None:
    """A maintainer's request is served by a digest process, here by hand, and its result posted."""
    asked = await discord.slash(f"digest {kind}", DIGEST[kind], user_id=MAINTAINER)
    assert asked.ephemeral
    assert f"`{kind}`" in said(asked)
    now, requests = datetime.now(UTC), RequestStore(store)
    job = await asyncio.to_thread(requests.claim, "tester", now=now, lease=timedelta(minutes=1))
    assert job is not None
    assert (job.kind, job.month, job.asked_by) == (kind, DIGEST[kind].get("month", ""), str(MAINTAINER))
    expected = {
        "preview": {"rig": "RTX 3090"},
        "edit": {"kind": "move", "target": "model:qwen3-8b", "text": "", "place": 1},
    }
    assert job.args == expected.get(kind, {})
    result = {"text": f"Served: {kind}.", "sources": 178}
    await asyncio.to_thread(requests.finish, job.id, "tester", ok=kind != "send", result=result, now=now)
    await asked.until(lambda: bool(asked.edits), 15)
    assert f"Served: {kind}." in said(asked)
    assert ("failed" if kind == "send" else "done") in title(asked)
    log = [(row.actor_id, row.action, row.result) for row in BotStore(store).audited(limit=4)]
    assert (MAINTAINER, f"digest {kind}", f"request {job.id}") in log


@pytest.mark.parametrize("name", [*(f"digest {kind}" for kind in DIGEST), *(f"kb {kind}" for kind in KB)])
async def test_maintainers_alone(discord: StandIn, store: sa.Engine, name: str) -> None:
    """Whatever Discord lets through: an administrator of a server is no maintainer of the bot."""
    with reading(store) as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(maintainer_request)).scalar()
    group, _, kind = name.partition(" ")
    refused = await discord.slash(name, DIGEST[kind] if group == "digest" else {}, user_id=MANAGER)
    assert "Only maintainers" in said(refused)
    assert refused.ephemeral
    with reading(store) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(maintainer_request)).scalar() == before
    newest = BotStore(store).audited(limit=1)[0]
    assert (newest.actor_id, newest.action, newest.result) == (MANAGER, name, "refused")


@pytest.mark.parametrize("kind", KB)
async def test_kb_command(discord: StandIn, kind: str) -> None:
    asked = await discord.slash(f"kb {kind}", {}, user_id=MAINTAINER)
    await asked.until(lambda: asked.settled, 10)
    assert KB[kind] in said(asked)


# ---- presses

Found = dict[str, tuple[str, Json, int, Mapping[str, Any]]]
"""By the letter of a press: its id, the message it stands in, whose it is, and the component."""


async def gathered(discord: StandIn, store: sa.Engine) -> Found:
    """One of each button and select there is, from real answers."""
    found: Found = {}

    def look(exchange: Exchange, user_id: int = USER_ID) -> None:
        shown = exchange.data if "components" in exchange.data else exchange.message
        for part in walk(shown["components"]):
            if "custom_id" in part:
                found.setdefault(part["custom_id"][0], (part["custom_id"], shown, user_id, part))

    asks: list[tuple[str, dict[str, Any]]] = [
        ("fit", {**FIT, "context": 4000}),
        ("fit", {"model": "llama-3.3-70b-instruct", "hardware": "RTX 3060 12GB"}),
        ("fit", {"model": "qwenn3-8bb", "hardware": "RTX 3090"}),
        ("best", {"hardware": "rtx 3060"}), ("compare", {**TWO, "first": "rtx 3060"}),
        ("define", {"term": "kv cache"}), ("error", {"text": OOM}), ("model", {"name": "qwenn3-8bb"}),
        ("hardware", {"name": "rtx 3060"}), ("tool", {"name": "lama.cp"}),
        ("guide", {"topic": "best-gpu-for-local-ai"}), ("rig set", {"hardware": "RTX 3090"}),
    ]  # fmt: skip
    for name, options in asks:
        exchange = await discord.slash(name, options)
        await settled(exchange)
        look(exchange)
    custom_id, message, user_id, _ = found["m"]
    look(await discord.press(custom_id, posted(discord, message), user_id=user_id))
    for about in ("one", "two"):
        await discord.slash("suggest", {"about": about, "correction": "It is wrong."})
    look(await discord.slash("kb suggestions", {}, user_id=MAINTAINER), MAINTAINER)
    preview = await discord.slash("digest preview", {"month": MONTH}, user_id=MAINTAINER)
    await asyncio.to_thread(serve, store)
    await preview.until(lambda: bool(preview.edits), 15)
    for part in walk(preview.components):
        if part.get("custom_id", "").startswith("A"):
            found["A"] = (part["custom_id"], {"components": preview.components, "flags": 64}, MAINTAINER, part)
    return found


def serve(store: sa.Engine) -> None:
    """What a digest process does, for all that wait: done, with a revision that may be approved."""
    requests, now = RequestStore(store), datetime.now(UTC)
    while (job := requests.claim("tester", now=now, lease=timedelta(minutes=1))) is not None:
        requests.finish(job.id, "tester", ok=True, result={"revision": "abc"}, now=now)


async def settled(exchange: Exchange) -> None:
    """Wait for the answer after "thinking…"."""
    await exchange.until(lambda: exchange.settled, 10)


def posted(discord: StandIn, data: Json) -> Json:
    """A message with these components, as Discord hands it back with a press."""
    first = next(one for one in discord.exchanges.values() if one.original is not None)
    return {
        **discord.posted(first),
        "components": data["components"],
        "attachments": [],
        "flags": data.get("flags", 64),
    }


async def test_every_press_there_is(discord: StandIn, store: sa.Engine) -> None:
    found = await gathered(discord, store)
    pressed: dict[str, Exchange] = {}
    for op in sorted(found, key=lambda op: (op in "F", op)):
        custom_id, data, user_id, part = found[op]
        message = posted(discord, data)
        if part["type"] == 3:
            values = [one["value"] for one in part["options"] if not one.get("default")]
            done = await discord.choose(custom_id, message, values[0], user_id=user_id)
        else:
            done = await discord.press(custom_id, message, user_id=user_id)
        if done.modal is None:
            await settled(done)
        pressed[op] = done
        if done.modal is not None:
            sent = await discord.submit(done, {"speed": "41", "note": ""}, user_id=user_id)
            assert "41 tok/s" in said(sent)
            pressed[done.modal["custom_id"][0]] = sent
    assert set(pressed) == set(OPS)
    for op, exchange in pressed.items():
        if exchange.modal is None:
            assert said(exchange), op
            assert not [bad for bad in ("too old", "not yours", "broke", "can't answer") if bad in said(exchange)], op


async def test_every_press_that_changes_something_is_its_own_persons(discord: StandIn, store: sa.Engine) -> None:
    found = await gathered(discord, store)
    kept = BotStore(store).suggestions()
    for op in "yxrFATD":
        custom_id, data, _, _ = found[op]
        refused = await discord.press(custom_id, posted(discord, data), user_id=4711)
        assert "not yours" in title(refused), op
    assert BotStore(store).suggestions() == kept
