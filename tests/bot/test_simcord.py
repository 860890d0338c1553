"""Every command in SimCord's simulated Discord: options checked as Discord does, buttons pressed as people do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord

from bot import commands
from bot.app import App
from bot.components import TEXT, walk
from bot.desk import Desk
from bot.settings import Settings
from bot.standin import TOKEN
from knowledge.store.db import upgrade

EXAMPLES = [(module.NAME, options) for module in commands.modules() for options in module.EXAMPLES]


@pytest.fixture(scope="module")
def desk(store_url: str) -> Desk:
    """One desk for the module: reading the store is not what is tested here."""
    return Desk.open(store_url)


def _app(desk: Desk, folder: Any) -> App:
    url = f"sqlite:///{folder / 'own.db'}"
    upgrade(url)
    given = {"DISCORD_TOKEN": TOKEN, "RUNLOCALAI_DATA": str(folder), "DATABASE_URL": url}
    return App(Settings.from_env(given), desk, serving=False)


def texts(components: Any) -> list[str]:
    """Every text of a message as SimCord keeps it."""
    return [part["content"] for part in walk(components) if part["type"] == TEXT]


@pytest.fixture
async def env(desk: Desk, tmp_path: Any) -> AsyncIterator[simcord.Env]:
    """A simulated Discord with the bot in it."""
    app = _app(desk, tmp_path)
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
    assert texts(result.response.components)
    assert not any("broke" in one for one in texts(result.response.components))


async def test_share_posts_it_for_all(env: simcord.Env) -> None:
    ada, channel = _asker(env)
    asked = await ada.slash(channel, "help")
    pressed = await ada.click(asked.response, label="Share")
    assert not pressed.ephemeral
    shared = texts(pressed.response.components)
    assert shared == ["-# shared by ada", *texts(asked.response.components)]


async def test_share_works_after_a_restart(env: simcord.Env, desk: Desk, tmp_path: Any) -> None:
    ada, channel = _asker(env)
    asked = await ada.slash(channel, "help")
    await env.restart_bot(_app(desk, tmp_path))
    pressed = await ada.click(asked.response, label="Share")
    assert not pressed.ephemeral


async def test_a_fault_of_ours_is_a_card_with_a_number(
    env: simcord.Env, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_snapshot", None)
    ada, channel = _asker(env)
    result = await ada.slash(channel, "fit", model="qwen3-8b", hardware="RTX 3060 12GB")
    assert any("Something broke" in one for one in texts(result.response.components))
    assert await ada.autocomplete(channel, "fit", "model", "q") == []
