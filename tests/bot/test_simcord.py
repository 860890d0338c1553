"""Every command in SimCord's simulated Discord: options checked as Discord does, buttons pressed as people do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord

from bot import commands
from bot.app import App
from bot.desk import Desk
from bot.settings import Settings
from bot.standin import TOKEN

EXAMPLES = [(module.NAME, options) for module in commands.modules() for options in module.EXAMPLES]


@pytest.fixture(scope="module")
def desk(store_url: str) -> Desk:
    """One desk for the module: reading the store is not what is tested here."""
    return Desk.open(store_url)


@pytest.fixture
async def env(desk: Desk, tmp_path: Any) -> AsyncIterator[simcord.Env]:
    """A simulated Discord with the bot in it."""
    app = App(Settings.from_env({"DISCORD_TOKEN": TOKEN, "RUNLOCALAI_DATA": str(tmp_path)}), desk, serving=False)
    running = simcord.Env(app, strict_sync=False, shard_count=1, settle_timeout=60)
    await running.start()
    running.create_guild().create_text_channel("local-ai")
    yield running
    await running.shutdown()


def _asker(env: simcord.Env) -> tuple[Any, Any]:
    return env.guild.add_member(env.create_user("ada")), env.guild.channels["local-ai"]


@pytest.mark.parametrize(("name", "options"), EXAMPLES)
async def test_examples_are_answered_privately(env: simcord.Env, name: str, options: dict[str, Any]) -> None:
    ada, channel = _asker(env)
    result = await ada.slash(channel, name, **options)
    assert result.ephemeral
    assert result.response is not None
    assert result.response.embeds
    assert "broke" not in str(result.response.embeds[0].title)


async def test_share_makes_it_public_once(env: simcord.Env) -> None:
    ada, channel = _asker(env)
    asked = await ada.slash(channel, "help")
    pressed = await ada.click(asked.response, label="Share to channel")
    (shared,) = pressed.followups
    assert not shared.ephemeral
    assert shared.embeds[0].title == asked.response.embeds[0].title
    assert shared.content == "-# shared by ada"
    buttons = [item for row in asked.response.components for item in row["components"]]
    assert [(item["label"], item["disabled"]) for item in buttons] == [("Shared", True)]


async def test_share_works_after_a_restart(env: simcord.Env, desk: Desk, tmp_path: Any) -> None:
    ada, channel = _asker(env)
    asked = await ada.slash(channel, "help")
    settings = Settings.from_env({"DISCORD_TOKEN": TOKEN, "RUNLOCALAI_DATA": str(tmp_path)})
    await env.restart_bot(App(settings, desk, serving=False))
    pressed = await ada.click(asked.response, label="Share to channel")
    assert len(pressed.followups) == 1


async def test_a_fault_of_ours_is_a_card_with_a_number(
    env: simcord.Env, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_snapshot", None)
    ada, channel = _asker(env)
    result = await ada.slash(channel, "fit", model="qwen3-8b", hardware="RTX 3060 12GB")
    assert result.response.embeds[0].title == "Something broke"
    assert await ada.autocomplete(channel, "fit", "model", "q") == []
