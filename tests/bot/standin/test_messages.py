"""Messages as made from bodies, the data of interactions, and what a client would not send."""

from __future__ import annotations

from typing import Any

import pytest

from bot.standin import interact
from bot.standin.messages import new_message, pinged
from bot.standin.payloads import GUILD_ID, USER_ID, snowflake
from bot.standin.world import MOST_FILES, MOST_MESSAGES, File, World, picture_size
from tests.bot.showcase import png

COMMANDS: list[dict[str, Any]] = [
    {
        "id": "5",
        "name": "rig",
        "type": 1,
        "options": [{"name": "set", "type": 1, "options": [{"name": "count", "type": 10}, {"name": "who", "type": 6}]}],
    },
    {"id": "6", "name": "Explain", "type": 3},
]


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        ({"content": "hi @everyone <@5> <@&6>"}, ["@everyone", "<@5>", "<@&6>"]),
        ({"content": "hi @everyone <@5>", "allowed_mentions": {"parse": []}}, []),
        ({"content": "hi @here <@5>", "allowed_mentions": {"parse": ["users"]}}, ["<@5>"]),
        ({"content": "<@5> <@7>", "allowed_mentions": {"parse": [], "users": ["7"]}}, ["<@7>"]),
        ({"embeds": [{"description": "@everyone"}]}, []),
        ({"components": [{"type": 17, "components": [{"type": 10, "content": "@here"}]}]}, ["@here"]),
    ],
)
def test_whom_a_body_would_reach(body: dict[str, Any], reached: list[str]) -> None:
    assert pinged(body) == reached


def test_components_get_ids_and_files_their_address() -> None:
    world = World.of((GUILD_ID,))
    body = {
        "flags": 1 << 15,
        "components": [
            {"type": 17, "components": [{"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}]},
            {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 2, "style": 1}},
        ],
    }
    files = {"files[0]": File("a.png", png(7, 3), "image/png")}
    message = new_message(world, body, files, origin="http://127.0.0.1:1", channel_id=5)
    media = message["components"][0]["components"][0]["items"][0]["media"]
    assert media["url"].startswith("http://127.0.0.1:1/attachments/5/")
    assert (media["width"], media["height"]) == (7, 3)
    assert [part["id"] for part in interact.walk(message["components"])] == [1, 2, 3, 4, 5]
    assert "id" not in body["components"][0]  # type: ignore[index]


def test_pictures_are_measured_and_nothing_else() -> None:
    assert picture_size(png(640, 480)) == (640, 480)
    assert picture_size(b"\x89PNG\r\n\x1a\n") is None
    assert picture_size(b"GIF89a" + bytes(40)) is None


def test_the_oldest_is_forgotten() -> None:
    world = World.of((GUILD_ID,))
    for n in range(MOST_MESSAGES + 5):
        world.post({"id": str(n)}, 1)
    assert len(world.messages) == MOST_MESSAGES
    first = world.upload("a", b"", "")
    for _ in range(MOST_FILES):
        world.upload("b", b"", "")
    assert first not in world.files


def test_subcommands_and_people_in_options() -> None:
    world = World.of((GUILD_ID,))
    data = interact.slash_data(world, COMMANDS, "rig set", {"count": 2, "who": str(USER_ID)})
    (sub,) = data["options"]
    assert [(one["name"], one["type"]) for one in sub["options"]] == [("count", 10), ("who", 6)]
    assert data["resolved"]["users"][str(USER_ID)]["username"] == "ada"
    assert data["id"] == "5"
    menu = interact.menu_data(world, COMMANDS, "Explain", {"id": "77"})
    assert menu["resolved"]["messages"] == {"77": {"id": "77"}}


@pytest.mark.parametrize(("name", "kind"), [("nope", 1), ("rig nope", 1), ("Explain", 1), ("rig", 3)])
def test_commands_that_are_not_there(name: str, kind: int) -> None:
    with pytest.raises(LookupError):
        interact.find(COMMANDS, name, kind)


SPEC = {
    "options": [
        {"name": "model", "type": 3, "required": True, "min_length": 2, "max_length": 5},
        {"name": "n", "type": 4, "min_value": 1, "max_value": 9},
        {"name": "kv", "type": 3, "choices": [{"name": "F16", "value": "f16"}]},
    ]
}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "abc"}, ""),
        ({"model": "abc", "n": 9, "kv": "f16"}, ""),
        ({}, "model: this option is needed."),
        ({"model": "a"}, "model: give 2 to 5 characters."),
        ({"model": "abc", "n": 10}, "n: give 1 to 9."),
        ({"model": "abc", "n": "x"}, "n: give a whole number."),
        ({"model": "abc", "n": True}, "n: give a whole number."),
        ({"model": "abc", "kv": "q8"}, "kv: choose one of the list."),
        ({"model": "abc", "zzz": 1}, "zzz: there is no such option."),
    ],
)
def test_what_a_client_would_not_send(options: dict[str, Any], said: str) -> None:
    assert " ".join(interact.option_problems(SPEC, options)) == said


def test_disabled_and_missing_components_cannot_be_pressed() -> None:
    message = {"components": [{"type": 1, "components": [{"type": 2, "custom_id": "a", "disabled": True}]}]}
    for custom_id in ("a", "b"):
        with pytest.raises(LookupError):
            interact.component(message, custom_id)


def test_ids_grow_with_time() -> None:
    assert snowflake(1_700_000_000, 1) < snowflake(1_700_000_001, 0)
