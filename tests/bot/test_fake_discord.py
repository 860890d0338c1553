"""The stand-in itself, against discord.py as it comes: what a client may rely on, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes import discord_limits as limits
from tests.fakes.discord_server import TOKEN, FakeDiscord


class PlainClient(discord.Client):
    """An ordinary discord.py client with a few commands."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents.none(), guild_ready_timeout=0, allowed_mentions=discord.AllowedMentions.none()
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(say)
        self.tree.add_command(later)

    async def setup_hook(self) -> None:
        await self.tree.sync()


@app_commands.command(description="Say it back")
async def say(interaction: discord.Interaction, text: str, times: int = 1) -> None:
    await interaction.response.send_message(text * times, ephemeral=True)


@say.autocomplete("text")
async def _(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=current.upper(), value=current)]


@app_commands.command(description="Answer later")
async def later(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.edit_original_response(content="done")
    await interaction.followup.send("more", ephemeral=True)


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    """The stand-in with a plain client logged in."""
    async with FakeDiscord() as server:
        monkeypatch.setattr(Route, "BASE", server.api)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        client = PlainClient()
        running = asyncio.create_task(client.start(TOKEN))
        await server.until_ready()
        yield server
        await client.close()
        await running


async def test_start_registers_identifies_and_answers(fake: FakeDiscord) -> None:
    assert [command["name"] for command in fake.commands] == ["say", "later"]
    assert fake.gateway.identifies[0]["intents"] == 0
    said = await fake.slash("say", {"text": "ab", "times": 2})
    assert said.data["content"] == "abab"
    assert said.ephemeral
    assert said.data["allowed_mentions"] == {"parse": []}
    typed = await fake.autocomplete("say", "text", "x")
    assert typed.choices == [{"name": "X", "value": "x"}]


async def test_direct_messages_and_followups(fake: FakeDiscord) -> None:
    exchange = await fake.slash("later", guild_id=None)
    await asyncio.wait_for(exchange.answered.wait(), 5)
    assert exchange.message["content"] == "done"
    await exchange.until(lambda: bool(exchange.followups))
    assert exchange.followups[0]["content"] == "more"


@pytest.mark.parametrize(("fault", "attempts"), [("429", 2), ("500", 2)])
async def test_faults_that_discord_py_retries(fake: FakeDiscord, fault: str, attempts: int) -> None:
    fake.faults.append(fault)
    exchange = await fake.slash("say", {"text": "again"})
    assert exchange.attempts == attempts
    assert exchange.data["content"] == "again"


async def test_reset_loses_the_answer_of_plain_discord_py(fake: FakeDiscord) -> None:
    """The reason for bot.wire.CallbackAdapter: without it one reset is one lost answer."""
    fake.faults.append("reset")
    with pytest.raises(TimeoutError):
        await fake.slash("say", {"text": "lost"}, timeout_s=0.7)


@pytest.mark.parametrize("how", ["op7", "cut", "op9 resumable"])
async def test_lost_connection_is_resumed_with_what_was_missed(fake: FakeDiscord, how: str) -> None:
    session = fake.gateway.session_of(None)
    assert session.link is not None
    if how == "cut":
        session.link.abort()
    else:
        await fake.gateway.send_op(session, 7 if how == "op7" else 9, None if how == "op7" else True)
    exchange = await fake.slash("say", {"text": "still here"}, timeout_s=8)
    assert exchange.data["content"] == "still here"
    assert session.resumes == 1


async def test_wrong_token_is_refused() -> None:
    async with FakeDiscord(token="another-token-that-is-the-right-one") as server:
        client = PlainClient()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Route, "BASE", server.api)
            with pytest.raises(discord.LoginFailure):
                await client.login(TOKEN)
        await client.close()


def _embed(**parts: Any) -> dict[str, Any]:
    return {"type": 4, "data": {"embeds": [parts]}}


@pytest.mark.parametrize(
    "body",
    [
        {"type": 3},
        {"type": 4, "data": {"content": ""}},
        {"type": 4, "data": {"content": "x" * 2001}},
        _embed(title="x" * 257),
        _embed(description="x" * 4097),
        _embed(title="𝕏" * 129),
        _embed(fields=[{"name": "a", "value": "x" * 1025}]),
        _embed(fields=[{"name": "", "value": "x"}]),
        _embed(fields=[{"name": "a", "value": "b"}] * 26),
        _embed(description="x" * 4000, footer={"text": "y" * 2001}),
        _embed(),
        {"type": 8, "data": {"choices": [{"name": "a", "value": "b"}] * 26}},
        {"type": 8, "data": {"choices": [{"name": "", "value": "b"}]}},
        {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "b"}]}},
        {"type": 4, "data": {"content": "x", "components": [{"type": 1, "components": []}]}},
    ],
)
def test_bodies_that_discord_refuses(body: dict[str, Any]) -> None:
    assert limits.callback_problems(body)


@pytest.mark.parametrize(
    "body",
    [
        {"type": 5, "data": {"flags": 64}},
        {"type": 7, "data": {"components": []}},
        _embed(title="x" * 256, description="y" * 4096),
        _embed(title="𝕏" * 128),
        {"type": 8, "data": {"choices": []}},
    ],
)
def test_bodies_that_discord_takes(body: dict[str, Any]) -> None:
    assert limits.callback_problems(body) == []
