"""Every message in every language: no key missing, none too many, the same placeholders, commands and options too."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot import commands
from bot.app import make_tree, tree_payload
from bot.desk import Desk
from bot.say import ENGLISH, LANGUAGES, locale_of, read, say_in
from bot.standin.limits_commands import command_problems
from bot.translate import slug

OTHERS = [locale for locale in LANGUAGES if locale != ENGLISH]
TOLD = {"de", "fr", "es-ES", "es-419", "pt-BR", "ja", "zh-CN"}
"""Discord's own codes."""

COMMANDS = ("command.", "option.")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _places() -> Iterator[tuple[tuple[str, ...], str]]:
    """(keys that may translate it, English) of all that Discord shows of the commands."""
    desk = Desk.without_content()
    for module in commands.modules():
        made: Any = module.build(desk)
        if isinstance(made, app_commands.ContextMenu):
            yield (f"command.{slug(made.qualified_name)}.name",), made.name
            continue
        for one in [made, *made.walk_commands()] if isinstance(made, app_commands.Group) else [made]:
            key = f"command.{slug(one.qualified_name)}"
            yield (f"{key}.description",), one.description
            for parameter in getattr(one, "parameters", ()):
                yield (f"{key}.option.{parameter.name}", f"option.{parameter.name}"), str(parameter.description)


PLACES = list(_places())


@pytest.mark.parametrize("locale", OTHERS)
def test_a_language_says_all_that_english_says_and_no_more(locale: str) -> None:
    english, texts = read(ENGLISH), read(locale)
    own = {key: text for key, text in texts.items() if not key.startswith((*COMMANDS, "core."))}
    assert set(own) == set(english)
    for key, text in own.items():
        assert text.strip(), key
        assert _placeholders(text) == _placeholders(english[key]), key


@pytest.mark.parametrize("locale", OTHERS)
def test_a_language_describes_every_command_and_option(locale: str) -> None:
    texts = read(locale)
    assert [keys for keys, _ in PLACES if not any(key in texts for key in keys)] == []
    useful = {key for keys, _ in PLACES for key in keys}
    own = {key: text for key, text in texts.items() if key.startswith(COMMANDS)}
    assert set(own) - useful == set()
    for key, text in own.items():
        assert 1 <= len(text) <= (32 if key.endswith(".name") else 100), key


async def test_what_discord_is_told_is_translated_and_taken() -> None:
    client: Any = discord.Client(intents=discord.Intents.none())
    payload = await tree_payload(make_tree(client, Desk.without_content()))
    assert [name for command in payload for name in _untranslated(command)] == []
    assert command_problems(payload) == []


def _untranslated(part: dict[str, Any]) -> list[str]:
    key = "description" if part.get("description") else "name"
    told = set(part.get(f"{key}_localizations") or {})
    missing = [] if told >= TOLD else [part["name"]]
    return missing + [name for one in part.get("options") or [] for name in _untranslated(one)]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_labels_fit_where_they_stand(locale: str) -> None:
    say = say_in(locale)
    for key in read(ENGLISH):
        if key.startswith("button."):
            assert len(say(key)) <= 40, key
    assert len(say("report.title")) <= 45
    assert len(say("report.speed")) <= 45
    assert len(say("report.note")) <= 45


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("en-GB", "en"),
        ("de", "de"),
        ("es-419", "es"),
        ("es-ES", "es"),
        ("zh-TW", "zh-CN"),
        ("pt-BR", "pt-BR"),
        ("uk", "en"),
        ("", "en"),
    ],
)
def test_discords_locales_find_ours(code: str, ours: str) -> None:
    assert locale_of(code) == ours


def test_every_key_used_in_the_code_exists() -> None:
    known = read(ENGLISH)
    used = set()
    for path in Path(commands.__path__[0]).parent.rglob("*.py"):
        used |= set(re.findall(r"""say\(\s*["']([a-z_]+\.[a-z_]+)["']""", path.read_text("utf-8")))
    assert len(used) > 100
    assert used - set(known) == set()
