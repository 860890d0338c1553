"""Calls as typed, commands as offered, messages as text: the sandbox's pure parts."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.call import read_call
from bot.sandbox.listing import languages, offered, usable
from bot.sandbox.plain import blocks, plain_text, show
from bot.standin.payloads import ADMINISTRATOR, GUILD_ID, USER_ID
from bot.standin.world import World
from knowledge.errors import BadInput, UnknownName

COMMANDS: list[dict[str, Any]] = [
    {
        "id": "1",
        "name": "fit",
        "type": 1,
        "description": "Will it run?",
        "description_localizations": {"de": "Läuft es?"},
        "options": [
            {"name": "model", "type": 3, "required": True, "description": "m", "name_localizations": {"de": "modell"}},
            {"name": "hardware", "type": 3, "required": True, "description": "h"},
            {"name": "context", "type": 4, "min_value": 1, "description": "c"},
            {"name": "ram", "type": 10, "description": "r"},
            {"name": "kv", "type": 3, "description": "k", "choices": [{"name": "F16", "value": "f16"}]},
            {"name": "exact", "type": 5, "description": "e"},
            {"name": "log", "type": 11, "description": "l"},
        ],
    },
    {"id": "2", "name": "rig", "type": 1, "description": "Your rig", "contexts": [0], "options": [
        {"name": "set", "type": 1, "description": "s", "options": [{"name": "name", "type": 3, "description": "n"}]},
        {"name": "show", "type": 1, "description": "s"},
    ]},
    {"id": "3", "name": "Explain", "type": 3, "description": "", "integration_types": [0, 1]},
    {"id": "4", "name": "digest", "type": 1, "description": "d", "default_member_permissions": "8"},
    {"id": "5", "name": "kb", "type": 1, "description": "d", "default_member_permissions": "0"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("/fit model:qwen3-8b hardware:RTX 3060 12GB", "fit", {"model": "qwen3-8b", "hardware": "RTX 3060 12GB"}),
        (
            "fit model:ollama:x hardware:a b context:8192 ram:31.5 kv:F16 exact:yes",
            "fit",
            {"model": "ollama:x", "hardware": "a b", "context": 8192, "ram": 31.5, "kv": "f16", "exact": True},
        ),
        ("/fit qwen3 8b hardware:x", "fit", {"model": "qwen3 8b", "hardware": "x"}),
        ("/rig set my desk", "rig set", {"name": "my desk"}),
        ("/rig show", "rig show", {}),
    ],
)
def test_calls(text: str, name: str, options: dict[str, object]) -> None:
    call = read_call(text, COMMANDS)
    assert (call.name, call.options) == (name, options)
    assert call.text.startswith(f"/{name}")


@pytest.mark.parametrize(
    "text",
    ["/fit", "/fit qwen3-8b", "/rig show x", "/fit model:a hardware:b context:many",
     "/fit model:a hardware:b context:0", "/fit model:a hardware:b kv:q3", "/fit model:a hardware:b exact:maybe"],
)  # fmt: skip
def test_bad_calls_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_call(text, COMMANDS)


@pytest.mark.parametrize(("text", "near"), [("/fitt x", "fit"), ("/rig", "rig set"), ("/rig sett", "rig set")])
def test_unknown_commands_get_the_nearest(text: str, near: str) -> None:
    with pytest.raises(UnknownName) as refused:
        read_call(text, COMMANDS)
    assert near in refused.value.choices


@given(st.text(max_size=200))
def test_any_call_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert read_call(f"/fit {text}", COMMANDS).name == "fit"


def test_what_is_offered_where_to_whom() -> None:
    world = World.of((GUILD_ID,))
    ada, grace = world.person(USER_ID), world.person(USER_ID + 1)
    assert grace.permissions == ADMINISTRATOR
    guild, direct = world.place(GUILD_ID, ada.id), world.place(None, ada.id)
    group = world.place(None, ada.id, private=True)
    names = {
        (person.user["username"], place.context): [one["name"] for one in offered(COMMANDS, person, place, "en-US")]
        for person in (ada, grace)
        for place in (guild, direct, group)
    }
    assert names["ada", 0] == ["fit", "rig set", "rig show", "Explain"]
    assert names["grace", 0] == ["fit", "rig set", "rig show", "Explain", "digest", "kb"]
    assert names["ada", 1] == ["fit", "Explain", "digest", "kb"]
    assert names["ada", 2] == ["Explain"]
    assert not usable(COMMANDS[3], ada, guild)


def test_what_is_offered_is_in_ones_language() -> None:
    world = World.of((GUILD_ID,))
    fit = offered(COMMANDS, world.person(USER_ID), world.place(GUILD_ID, USER_ID), "de")[0]
    assert fit["description"] == "Läuft es?"
    assert (fit["options"][0]["label"], fit["options"][0]["name"]) == ("modell", "model")
    assert languages(COMMANDS) == ["en-US", "de"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**bold** and *slanted*", "bold and slanted"),
        (r"Qwen3\-8B \*", "Qwen3-8B *"),
        ("[name](<https://github.com/a>)", "name <https://github.com/a>"),
        ("see\n```sh\nnvidia-smi\n```\n-# small\n## head", "see\n\nnvidia-smi\nsmall\nhead"),
        ("a_b_c 2*3*4", "a_b_c 2*3*4"),
    ],
)
def test_markdown_as_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_layouts_and_embeds_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    message = {
        "content": "said",
        "embeds": [{"title": "T", "fields": [{"name": "N", "value": "V"}], "footer": {"text": "F"}}],
        "components": [
            {"type": 17, "accent_color": 255, "components": [
                {"type": 9, "components": [{"type": 10, "content": "# Head"}],
                 "accessory": {"type": 2, "label": "More", "style": 5, "url": "https://example.org"}},
                {"type": 14},
                {"type": 12, "items": [{"media": {"url": "x"}, "description": "memory"}]},
                {"type": 1, "components": [{"type": 2, "label": "A"}, {"type": 2, "emoji": {"name": "👍"}}]},
                {"type": 1, "components": [{"type": 3, "options": [{"label": "Q8", "default": True}]}]},
            ]}
        ],
        "attachments": [{"filename": "a.txt", "size": 5}],
    }  # fmt: skip
    show("/fit", [message])
    out = capsys.readouterr().out
    for said in (
        "/fit",
        "said",
        "T",
        "N\n",
        "Head",
        "[More] <https://example.org>",
        "[picture: memory]",
        "[A] [👍]",
        "[Q8 ▾]",
    ):
        assert said.strip() in out
    assert "[a.txt, 5 bytes]" in [text for _, text, _ in blocks(message)]
