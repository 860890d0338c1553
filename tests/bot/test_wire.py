"""The real bot process over the wire: every command, every fault, against the loopback Discord with the real content.

One process serves the whole module, so that whatever a test does to it must leave it able to answer the next one.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot import commands
from bot.standin import StandIn
from bot.standin.exchange import Exchange
from bot.standin.limits_message import callback_problems
from bot.standin.payloads import USER_ID, command_data, component_data
from tests.bot.process import PATIENT, BotProcess
from tests.bot.reading import buttons, said, selects, texts, title

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC_GUILD = 1 << 40
"""A server that wants answers for everybody."""

OOM = "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 5120.00 MiB on device 0: cudaMalloc failed: out of memory"
HOSTILE = "@everyone <@500> [safe](https://evil.example) ``` \u202e\u200b <#1> https://evil.example/x"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[StandIn, BotProcess]]:
    """A stand-in with the bot connected; at the end every body that was sent is held against the rules."""
    data_dir: Path = tmp_path_factory.mktemp("bot")
    async with StandIn(rules=PATIENT) as discord:
        bot = await BotProcess.start(discord, data_dir, store_url)
        try:
            await discord.until_ready()
            await bot.until_logged("commands registered")
            await bot.until_logged("content loaded", 60)
            yield discord, bot
        finally:
            code = await bot.stop()
        assert code == 0, bot.log
        for exchange in discord.exchanges.values():
            _held_to_the_rules(exchange)
        assert discord.token not in bot.log
        assert not [token for token in discord.exchanges if token in bot.log]


@pytest.fixture
def discord(served: tuple[StandIn, BotProcess]) -> StandIn:
    return served[0]


@pytest.fixture
def bot(served: tuple[StandIn, BotProcess]) -> BotProcess:
    return served[1]


def _held_to_the_rules(exchange: Exchange) -> None:
    """No body beyond a limit, no mention ever parsed, an answer private unless it was shared."""
    assert exchange.refused == []
    bodies = [body for body in (exchange.data, *exchange.followups, *exchange.edits) if body and "choices" not in body]
    for body in bodies:
        if body.get("components"):
            assert body["allowed_mentions"] == {"parse": []}, body
    if exchange.kind == 2 and exchange.callback is not None and exchange.guild_id != PUBLIC_GUILD:
        assert exchange.ephemeral


async def test_registers_every_command_and_asks_for_no_intents(discord: StandIn) -> None:
    assert {command["name"] for command in discord.commands} == {module.NAME for module in commands.modules()}
    assert all(
        command["contexts"] == [0, 1, 2] and command["integration_types"] == [0, 1]
        for command in discord.commands
        if command["name"] != "settings"
    )
    assert [identify["intents"] for identify in discord.gateway.identifies] == [0]


async def test_fit_answers_with_a_real_card(discord: StandIn) -> None:
    exchange = await discord.slash(
        "fit", {"model": "qwen3-8b", "hardware": "RTX 3060 12GB", "quant": "Q4_K_M", "context": 8192}
    )
    text = "\n".join(texts(exchange.data))
    assert exchange.data["flags"] & (1 << 15)
    for part in ("Qwen3", "3060", "Runs comfortably", "weights", "GiB", "KV cache", "tok/s", "llama-server"):
        assert part in text
    assert re.search(r"\n-# [^\n]+ \((M|M~|C|~|E)\) · RUNLOCALAI", text)
    assert {
        "Share",
        "This helped",
        "It did not",
        "Report my speed",
        "More settings",
        "Show the working",
    } <= set(buttons(exchange))
    assert set(selects(exchange)) == {"Quantisation", "Context"}


async def test_fit_says_no_and_what_would_change_it(discord: StandIn) -> None:
    exchange = await discord.slash("fit", {"model": "llama-3.3-70b-instruct", "hardware": "RTX 3060 12GB", "ram": 8.0})
    text = "\n".join(texts(exchange.data))
    assert "Will not run" in text
    assert "llama-server" not in text
    assert "**What would change it**\n- " in text


async def test_define_answers_with_numbers_rendered(discord: StandIn) -> None:
    exchange = await discord.slash("define", {"term": "wtf is kv cache"})
    assert "KV cache" in title(exchange)
    assert "GiB" in exchange.text
    assert "{{" not in exchange.text


async def test_error_answers_with_ranked_fixes(discord: StandIn) -> None:
    exchange = await discord.slash("error", {"text": OOM})
    assert "out of memory" in title(exchange)
    assert "**Fix 1**" in said(exchange)


async def test_ask_routes_and_help_lists(discord: StandIn) -> None:
    fit = await discord.slash("ask", {"question": "will qwen3 8b q4_k_m run on a 3060 12gb at 16k?"})
    assert "16k" in said(fit)
    other = await discord.slash("ask", {"question": "what shall I cook tonight"})
    assert len(other.components) == 1
    ranked = await discord.slash("ask", {"question": "what is the best model I can run on an rtx 3060 12gb?"})
    assert [one.callback["type"] for one in (fit, other, ranked) if one.callback] == [4, 4, 5]  # 5: "thinking…"
    await ranked.until(lambda: ranked.settled, 10)
    assert "3060" in said(ranked)
    listed = said(await discord.slash("help"))
    for module in commands.modules():
        named = f"**{'/' if module.NAME.islower() else ''}{module.NAME}**"
        assert (named in listed) is not getattr(module, "MAINTAINERS", False)


@pytest.mark.parametrize(
    ("command", "typing", "text", "expected"),
    [
        ("fit", "model", "qwen3 8", "Qwen3"),
        ("fit", "hardware", "3060", "3060"),
        ("fit", "quant", "q4_k", "Q4_K"),
        ("define", "term", "kv", "KV"),
        ("error", "text", "cuda out", "CUDA"),
    ],
)
async def test_autocomplete(discord: StandIn, command: str, typing: str, text: str, expected: str) -> None:
    exchange = await discord.autocomplete(command, typing, text)
    assert 1 <= len(exchange.choices) <= 25
    assert any(expected in choice["name"] for choice in exchange.choices)
    others = {"model": "qwen3-8b", "hardware": "rtx 3060 12gb"} if command == "fit" else {}
    picked = await discord.slash(command, {**others, typing: exchange.choices[0]["value"]})
    assert "can't answer" not in picked.text


@pytest.mark.parametrize("text", ["", " ", "\u202e", "x" * 100, "%", "'; drop table", HOSTILE[:100]])
async def test_autocomplete_of_anything(discord: StandIn, text: str) -> None:
    exchange = await discord.autocomplete("fit", "model", text)
    assert len(exchange.choices) <= 25


async def test_unknown_model_gets_nearest_names(discord: StandIn) -> None:
    exchange = await discord.slash("fit", {"model": "qwenn3-8bb", "hardware": "RTX 3060 12GB"})
    assert "qwenn3" in exchange.text
    meant = buttons(exchange)
    assert "Qwen3-8B" in meant
    pressed = await discord.press(meant["Qwen3-8B"], discord.posted(exchange))
    assert pressed.callback is not None
    assert pressed.callback["type"] == 7
    assert "Runs comfortably" in said(pressed)


async def test_ambiguous_device_is_asked_not_guessed(discord: StandIn) -> None:
    exchange = await discord.slash("fit", {"model": "qwen3-8b", "hardware": "rtx 3060"})
    assert "Which one" in title(exchange)
    assert {"GeForce RTX 3060 12 GB", "GeForce RTX 3060 8 GB"} <= set(buttons(exchange))


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("fit", {"model": HOSTILE, "hardware": "RTX 3060 12GB"}),
        ("fit", {"model": "qwen3-8b", "hardware": HOSTILE}),
        ("fit", {"model": "qwen3-8b", "hardware": "RTX 3060 12GB", "quant": HOSTILE[:40]}),
        ("define", {"term": HOSTILE}),
        ("error", {"text": HOSTILE}),
        ("ask", {"question": HOSTILE * 10}),
        ("error", {"text": "\x00" * 6000}),
        ("ask", {"question": "\u202e" * 2000}),
    ],
)
async def test_hostile_text_comes_back_inert(discord: StandIn, command: str, options: dict[str, Any]) -> None:
    exchange = await discord.slash(command, options)
    text = re.sub(r"```.*?```|`[^`]*`", "", said(exchange), flags=re.DOTALL)
    assert text
    assert "](https://evil" not in text
    assert "@everyone" not in text
    assert "<@500>" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "options",
    [
        {"model": "qwen3-8b", "hardware": "RTX 3060 12GB", "context": 16_000_000},
        {"model": "qwen3-8b", "hardware": "RTX 3060 12GB", "quant": "Q99_Z"},
        {"model": "qwen3-8b", "hardware": "40x RTX 3060 12GB"},
    ],
)
async def test_impossible_wishes_get_a_hint(discord: StandIn, options: dict[str, Any]) -> None:
    exchange = await discord.slash("fit", options)
    assert "broke" not in exchange.text
    assert said(exchange)


MUTANTS: list[Any] = [
    {},
    None,
    [],
    "text",
    {"id": "1"},
    {"id": "x", "type": 2, "token": "t", "version": 1, "application_id": "1"},
]


@pytest.mark.parametrize(
    "without", ["attachment_size_limit", "token", "id", "data", "channel", "member", "type", "application_id"]
)
async def test_interaction_that_lacks_a_key_does_not_end_the_process(
    discord: StandIn, bot: BotProcess, without: str
) -> None:
    _, body = discord.start(2, data=command_data("help", {}))
    del body[without]
    await discord.dispatch("INTERACTION_CREATE", body)
    assert said(await discord.slash("help"))
    assert bot.process.returncode is None


@pytest.mark.parametrize("mutant", MUTANTS)
@pytest.mark.parametrize("event", ["INTERACTION_CREATE", "GUILD_CREATE", "MESSAGE_CREATE", "NO_SUCH_EVENT"])
async def test_malformed_events_are_dropped(discord: StandIn, event: str, mutant: Any) -> None:
    await discord.dispatch(event, mutant)
    assert said(await discord.slash("help"))
    assert len(discord.gateway.identifies) == 1


def _mutated(value: Any, dice: random.Random) -> Any:
    """A payload with one thing in it dropped or turned into something else."""
    odd: list[Any] = [None, "", "x" * 5000, -1, 2**70, [], {}, True, "\x00", 1.5]
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(sorted(value))
        rest = {name: part for name, part in value.items() if name != key}
        return rest if dice.random() < 0.3 else {**rest, key: _mutated(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.8:
        return [_mutated(value[0], dice), *value[1:]]
    return dice.choice(odd)


async def test_mutated_interactions_never_end_the_process(discord: StandIn, bot: BotProcess) -> None:
    dice = random.Random(20261123)  # noqa: S311 -- the same mutants every time
    datas = [
        command_data("fit", {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}),
        command_data("fit", {"model": "qw"}, focused="model"),
        component_data("s.AAAAAAAA"),
    ]
    for number in range(600):
        kind = (2, 4, 3)[number % 3]
        exchange, body = discord.start(kind, data=datas[number % 3])
        del discord.exchanges[exchange.token]  # what it answers, if anything, is no answer to judge
        await discord.dispatch("INTERACTION_CREATE", _mutated(body, dice))
    assert said(await discord.slash("help"))
    assert bot.process.returncode is None
    assert len(discord.gateway.identifies) == 1


async def test_wrong_shapes_inside_a_command(discord: StandIn) -> None:
    for data in (
        {"name": "nope", "id": "1", "type": 1},
        {"name": "fit", "id": "1", "type": 1, "options": [{"name": "zzz", "type": 3}]},
        {},
    ):
        _, body = discord.start(2, data=data)
        await discord.dispatch("INTERACTION_CREATE", body)
    assert said(await discord.slash("help"))


@pytest.mark.parametrize(("fault", "attempts"), [("reset", 2), ("429", 2), ("500", 2)])
async def test_failed_callback_is_sent_again(discord: StandIn, fault: str, attempts: int) -> None:
    discord.faults.append(fault)
    exchange = await discord.slash("define", {"term": "kv cache"})
    assert exchange.attempts == attempts
    assert said(exchange)


async def test_receipt_that_was_lost_gives_no_second_answer(discord: StandIn) -> None:
    discord.faults.append("reset-after")
    exchange = await discord.slash("define", {"term": "kv cache"})
    await exchange.until(lambda: exchange.attempts == 2)
    assert exchange.followups == []
    assert said(await discord.slash("help"))


async def test_burst_of_300_is_answered(discord: StandIn) -> None:
    """Three hundred at once, sixty different questions, none asked before; bench.bot_wire asks only new ones."""
    models = ("qwen3-8b", "llama-3.1-8b-instruct", "gemma-3-27b-it", "gpt-oss-20b", "qwen3-30b-a3b")
    asked = [{"model": models[n % 5], "hardware": "RTX 3060 12GB", "context": 1000 + 7 * (n % 60)} for n in range(300)]
    exchanges = await asyncio.gather(
        *(discord.slash("fit", options, user_id=USER_ID + number, timeout_s=20) for number, options in enumerate(asked))
    )
    assert all(said(exchange) and "broke" not in exchange.text for exchange in exchanges)


async def test_share_posts_the_card_for_all_and_keeps_no_state(discord: StandIn) -> None:
    asked = await discord.slash("define", {"term": "kv cache"})
    pressed = await discord.press(buttons(asked)["Share"], discord.posted(asked))
    assert pressed.callback is not None
    assert pressed.callback["type"] == 4
    assert not int(pressed.data.get("flags") or 0) & 64
    assert texts(pressed.data)[0].startswith("-# shared by ")
    assert title(asked) in said(pressed)
    assert buttons(pressed) == {}
    assert pressed.data["allowed_mentions"] == {"parse": []}


async def test_log_file_is_read(discord: StandIn) -> None:
    log = "load_tensors: offloading 33 layers\n" * 200 + OOM + "\n"
    exchange = await discord.slash("error", {"log": discord.attach("server.log", log.encode())})
    await asyncio.wait_for(exchange.answered.wait(), 10)
    assert exchange.callback is not None
    assert exchange.callback["type"] == 5
    assert "out of memory" in title(exchange)


@pytest.mark.parametrize(
    ("name", "content", "size", "kind"),
    [
        ("big.log", b"x", 25 * 1024 * 1024, "text/plain"),
        ("a.zip", b"PK", 2, "application/zip"),
        ("a.png", b"PNG", 3, "image/png"),
    ],
)
async def test_files_that_are_not_read(discord: StandIn, name: str, content: bytes, size: int, kind: str) -> None:
    attachment = {**discord.attach(name, content, size=size), "content_type": kind}
    exchange = await discord.slash("error", {"log": attachment})
    assert "can't read that file" in exchange.text
    assert exchange.callback is not None
    assert exchange.callback["type"] == 4


async def test_file_from_elsewhere_is_not_fetched(discord: StandIn) -> None:
    attachment = {**discord.attach("a.log", b"x"), "url": "https://evil.example/a.log"}
    exchange = await discord.slash("error", {"log": attachment})
    assert "does not lie with Discord" in exchange.text


async def test_binary_log_is_survived(discord: StandIn) -> None:
    exchange = await discord.slash("error", {"log": discord.attach("b.log", bytes(range(256)) * 500)})
    await asyncio.wait_for(exchange.answered.wait(), 10)
    assert said(exchange)
    assert "broke" not in exchange.text


async def test_nothing_to_read_says_so(discord: StandIn) -> None:
    assert "nothing to read" in (await discord.slash("error")).text


async def test_direct_message(discord: StandIn) -> None:
    exchange = await discord.slash("define", {"term": "kv cache"}, guild_id=None)
    assert said(exchange)


@pytest.mark.parametrize("how", ["op7", "cut"])
async def test_lost_gateway_is_resumed_and_nothing_is_lost(discord: StandIn, how: str) -> None:
    session = discord.gateway.session_of(None)
    before = session.resumes
    assert session.link is not None
    if how == "cut":
        session.link.abort()
    else:
        await discord.gateway.send_op(session, 7)
    exchanges = await asyncio.gather(*(discord.slash("help", timeout_s=8) for _ in range(20)))
    assert session.resumes == before + 1
    assert all(said(exchange) for exchange in exchanges)


async def test_answers_quickly_after_all_that(discord: StandIn) -> None:
    began = time.monotonic()
    for _ in range(20):
        exchange = await discord.slash("define", {"term": "kv cache"})
        assert exchange.callback is not None
        assert callback_problems(exchange.callback) == []
    assert time.monotonic() - began < 5
