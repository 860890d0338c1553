"""Whatever people type, every command's reply is taken by Discord, in every language, and gives nothing back alive."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import commands
from bot.components import TEXT, walk
from bot.desk import Desk
from bot.respond import Manner, rendered, reply_of
from bot.say import LANGUAGES, say_in
from bot.standin.limits_message import message_problems
from knowledge.store.bot_store import GuildSettings
from knowledge.store.rigs import Rig, RigDevice

HOSTILE = [
    "@everyone",
    "<@500>",
    "[safe](https://evil.example)",
    "```",
    "`",
    "\u202e\u200b",
    "<#1>",
    "||x||",
    "# h",
    "\x00",
]
TYPED = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), min_size=1, max_size=8).map(" ".join)
Make = Callable[[str], dict[str, Any]]
CALLS: dict[str, list[Make]] = {
    "ask": [lambda text: {"question": text}],
    "best": [lambda text: {"hardware": text}, lambda text: {"hardware": "RTX 3090", "label": text}],
    "compare": [lambda text: {"model": text, "first": "RTX 3090", "second": text}],
    "cost": [
        lambda text: {"model": text, "hardware": "RTX 3090"},
        lambda text: {"model": "qwen3-8b", "hardware": text},
    ],
    "define": [lambda text: {"term": text}],
    "digest": [lambda _: {}],
    "error": [lambda text: {"text": text}],
    "Explain this error": [lambda text: {"text": f"{text}\ncudaMalloc failed: out of memory"}],
    "fit": [
        lambda text: {"model": text, "hardware": "RTX 3090"},
        lambda text: {"model": "qwen3-8b", "hardware": text},
        lambda text: {"model": "qwen3-8b", "hardware": "RTX 3090", "quant": text[:40], "engine": text[:20]},
    ],
    "guide": [
        lambda text: {"topic": text},
        lambda text: {"topic": "best-gpu-for-local-ai", "part": len(text)},
        lambda text: {"topic": "kit-json", "part": -len(text)},
    ],
    "hardware": [lambda text: {"name": text}],
    "help": [lambda _: {}],
    "kb": [lambda _: {}],
    "model": [lambda text: {"name": text}],
    "privacy": [lambda _: {}],
    "pulse": [lambda text: {"hardware": "RTX 3090", "label": text, "month": text}],
    "report": [lambda _: {"speed": 12.5}],
    "rig": [lambda text: {"rig": Rig(user_id=1, devices=(RigDevice(id=text),), engine=text), "user_id": 1}],
    "settings": [lambda text: {"settings": GuildSettings(guild_id=1, language=text, channel_id=5)}],
    "subscribe": [lambda _: {"site_url": "https://digest.example"}, lambda _: {}],
    "suggest": [lambda _: {"number": 7}],
    "tool": [lambda text: {"name": text}],
    "Will this run?": [lambda text: {"text": text}, lambda text: {"text": f"qwen3 8b {text}", "hardware": "RTX 3090"}],
}
MODULES = {module.NAME: module for module in commands.modules()}


@pytest.fixture(scope="module")
def desk(content_url: str) -> Desk:
    return Desk.open(content_url, b"a secret")


def test_every_command_is_tried() -> None:
    assert set(CALLS) == set(MODULES)


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, makes in CALLS.items() for n in range(len(makes))])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TYPED, locale=st.sampled_from(sorted(LANGUAGES)), private=st.booleans())
def test_whatever_is_typed(desk: Desk, name: str, number: int, text: str, locale: str, private: bool) -> None:
    options = CALLS[name][number](text)
    say = say_in(locale)
    reply = reply_of(lambda say: MODULES[name].reply(desk, say, **options), say, desk.name_of)
    parts = rendered(reply, desk.signer, Manner(say, private, 2**62))
    assert message_problems({"flags": 1 << 15, "components": parts}) == []
    assert say("broken.title") not in str(parts)
    shown = "\n".join(part["content"] for part in walk(parts) if part["type"] == TEXT)
    bare = re.sub(r"```.*?```|`[^`]*`", "", shown, flags=re.DOTALL)
    assert "](https://evil" not in bare
    assert "@everyone" not in bare
    assert "<@500>" not in bare
    assert "\u202e" not in shown
