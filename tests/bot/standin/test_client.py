"""The stand-in against discord.py as it comes: every kind of interaction, and the faults a client meets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
import pytest_asyncio
from discord.http import Route

from bot.standin import TOKEN, Rules, StandIn
from bot.standin.payloads import COMPONENTS_V2, EPHEMERAL, USER_ID
from tests.bot.showcase import Showcase, png, showing

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fake() -> AsyncIterator[StandIn]:
    """The stand-in with the showcase logged in; no call of discord.py may have met a route that is not there."""
    async with StandIn() as server, showing(server):
        yield server
        assert server.unknown == []


async def test_start_registers_identifies_and_answers(fake: StandIn) -> None:
    assert {"say", "rig", "Explain this"} <= {command["name"] for command in fake.commands}
    assert fake.gateway.identifies[0]["intents"] == 0
    said = await fake.slash("say", {"text": "ab", "times": 2})
    assert said.data["content"] == "abab"
    assert said.ephemeral
    assert said.data["allowed_mentions"] == {"parse": []}
    typed = await fake.autocomplete("say", "text", "x")
    assert typed.choices[0] == {"name": "X0", "value": "x0"}
    assert (await fake.slash("rig set", {"name": "desk"})).data["content"] == "rig: desk"


async def test_direct_messages_and_followups(fake: StandIn) -> None:
    exchange = await fake.slash("later", guild_id=None)
    await asyncio.wait_for(exchange.answered.wait(), 5)
    assert exchange.message["content"] == "done"
    await exchange.until(lambda: bool(exchange.followups))
    assert exchange.followups[0]["content"] == "more"
    assert exchange.posts[0]["flags"] & EPHEMERAL
    assert exchange.settled


async def test_layout_with_files_buttons_and_selects(fake: StandIn) -> None:
    shown = await fake.slash("show")
    message = fake.posted(shown)
    assert message["flags"] & COMPONENTS_V2
    (box,) = message["components"]
    gallery = next(part for part in box["components"] if part["type"] == 12)
    assert gallery["items"][0]["media"]["width"] == 320
    assert shown.files["a.png"] == png()
    pressed = await fake.press("count:0", message)
    assert pressed.callback is not None
    assert pressed.callback["type"] == 7
    assert "count:1" in str(message["components"])
    assert len(message["attachments"]) == 2
    assert (await fake.choose("quant", message, "Q8_0")).data["content"] == "chosen: Q8_0"
    assert (await fake.choose("many", message, "a", "c")).data["content"] == "chosen: a, c"


async def test_select_over_people_is_resolved(fake: StandIn) -> None:
    asked = await fake.slash("pick")
    chosen = await fake.choose("people", fake.posted(asked), str(USER_ID + 1))
    assert chosen.data["content"] == f"chosen: {USER_ID + 1}"


async def test_modal_from_a_button_and_all_its_inputs(fake: StandIn) -> None:
    shown = await fake.slash("show")
    opened = await fake.press("form", fake.posted(shown))
    assert opened.modal is not None
    ids = [part["component"]["custom_id"] for part in opened.modal["components"] if part["type"] == 18]
    values = dict(zip(ids, ["desk", "two\nlines", ["two"], "vllm", ["chat", "code"]], strict=True))
    done = await fake.submit(opened, values)
    assert done.data["content"] == "desk | two\nlines | two | vllm | chat | code"


async def test_modal_with_a_file(fake: StandIn) -> None:
    opened = await fake.slash("form", {"file": True})
    assert opened.modal is not None
    log, sure = (part["component"]["custom_id"] for part in opened.modal["components"] if part["type"] == 18)
    done = await fake.submit(opened, {log: [fake.attach("a.log", b"12345")], sure: True})
    assert done.data["content"] == "a.log: 5 bytes, sure: True"


async def test_files_up_and_down(fake: StandIn) -> None:
    done = await fake.slash("upload", {"log": fake.attach("a b.log", b"abc")})
    assert done.data["content"] == "a b.log: 3"
    (back,) = fake.posted(done)["attachments"]
    assert fake.world.files[int(back["id"])].content == b"cba"


async def test_menus_on_messages_and_people(fake: StandIn) -> None:
    said = fake.say("CUDA error: out of memory")
    assert "you mean: CUDA error" in (await fake.use_on_message("Explain this", said)).data["content"]
    assert (await fake.use_on_user("Greet", USER_ID + 1)).data["content"] == "hello Grace"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({}, "guild=True"),
        ({"guild_id": None}, "dm_channel=True"),
        ({"guild_id": None, "private": True, "user_install": True}, "private_channel=True"),
    ],
)
async def test_contexts_languages_and_people(fake: StandIn, place: dict[str, object], said: str) -> None:
    done = await fake.slash("where", {"user": str(USER_ID)}, locale="de", **place)  # type: ignore[arg-type]
    text = done.data["content"]
    assert said in text.replace(" ", "").replace("AppCommandContext", "") or said.split("=", maxsplit=1)[0] in text
    assert f" de {USER_ID} Ada" in text
    assert text.endswith(str("user_install" in place))


@pytest.mark.parametrize(("fault", "attempts"), [("429", 2), ("500", 2), ("slow:0.2", 1)])
async def test_faults_that_discord_py_survives(fake: StandIn, fault: str, attempts: int) -> None:
    fake.faults.append(fault)
    exchange = await fake.slash("say", {"text": "again"})
    assert exchange.attempts == attempts
    assert exchange.data["content"] == "again"


async def test_reset_loses_the_answer_of_plain_discord_py(fake: StandIn) -> None:
    """The reason for bot.wire.CallbackAdapter: without it one reset is one lost answer."""
    fake.faults.append("reset")
    with pytest.raises(TimeoutError):
        await fake.slash("say", {"text": "lost"}, timeout_s=0.7)


@pytest.mark.parametrize("how", ["op7", "cut", "op9 resumable"])
async def test_lost_connection_is_resumed_with_what_was_missed(fake: StandIn, how: str) -> None:
    session = fake.gateway.session_of(None)
    before = session.resumes
    assert session.link is not None
    assert session.link.compress == "zstd-stream"
    if how == "cut":
        session.link.abort()
    else:
        await fake.gateway.send_op(session, 7 if how == "op7" else 9, None if how == "op7" else True)
    exchange = await fake.slash("say", {"text": "still here"}, timeout_s=8)
    assert exchange.data["content"] == "still here"
    assert session.resumes == before + 1


async def test_wrong_token_is_refused() -> None:
    async with StandIn(token="another-token-that-is-the-right-one") as server:
        client = Showcase()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Route, "BASE", server.api)
            with pytest.raises(discord.LoginFailure):
                await client.login(TOKEN)
        await client.close()
        assert len(server.limiter.invalid) == 1


async def test_shards_each_get_their_guilds() -> None:
    guilds = (1 << 22, 2 << 22, 3 << 22, 4 << 22)
    rules = Rules(shards=2, max_concurrency=2)
    async with StandIn(guild_ids=guilds, rules=rules) as server, showing(server) as client:
        await server.until_ready(shards=2)
        assert client.shard_count == 2
        for guild in guilds:
            assert (await server.slash("say", {"text": "x"}, guild_id=guild)).data["content"] == "x"
        assert {session.shard for session in server.gateway.sessions.values()} == {(0, 2), (1, 2)}
