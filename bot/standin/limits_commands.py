"""Discord's rules for application commands: counts, names, options, choices, translations. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.standin.problems import Path, Problem, items, one_of, text, unique, units, whole

MOST = {1: 100, 2: 15, 3: 15}
"""Global commands of a type: slash, on users, on messages."""

MOST_CHARACTERS = 8000
SUB_COMMAND, SUB_GROUP = 1, 2
LOCALES = frozenset(
    {
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
    }
    | {"fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"}
)
_NAME = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")


def command_problems(commands: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """What Discord would refuse in a bulk overwrite of application commands."""
    found: list[Problem] = []
    for kind, n in Counter(command.get("type", 1) for command in commands).items():
        if kind not in MOST:
            found += one_of(("type",), kind, MOST)
        elif n > MOST[kind]:
            found.append(Problem((), "APPLICATION_COMMANDS_MAX", f"{n} commands of type {kind}, at most {MOST[kind]}."))
    found += unique((), [f"{one.get('name')} (type {one.get('type', 1)})" for one in commands], "Name")
    for number, command in enumerate(commands):
        found += _command(number, command)
    return found


def _command(number: int, command: Mapping[str, Any]) -> list[Problem]:
    path: Path = (number,)
    slash = command.get("type", 1) == 1
    found = [*_named(path, command, slash=slash)]
    if not slash and (command.get("description") or command.get("options")):
        found.append(Problem(path, "BASE_TYPE_CHOICES", "A context menu has neither description nor options."))
    for key, allowed in (("contexts", {0, 1, 2}), ("integration_types", {0, 1})):
        for value in command.get(key) or []:
            found += one_of((*path, key), value, allowed)
    found += _options(path, command, depth=0)
    characters = _characters(command)
    if characters > MOST_CHARACTERS:
        found.append(
            Problem(path, "APPLICATION_COMMAND_TOO_LARGE", f"{characters} characters, at most {MOST_CHARACTERS}.")
        )
    return found


def _named(path: Path, thing: Mapping[str, Any], *, slash: bool = True) -> Iterator[Problem]:
    """Name and description, and their translations."""
    names = {"": thing.get("name"), **(thing.get("name_localizations") or {})}
    for locale, name in names.items():
        where = (*path, "name_localizations", locale) if locale else (*path, "name")
        yield from text(where, name, 1, 32)
        if slash and isinstance(name, str) and (not _NAME.fullmatch(name) or name != name.lower()):
            yield Problem(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    descriptions = {"": thing.get("description"), **(thing.get("description_localizations") or {})}
    for locale, said in descriptions.items():
        if slash:
            yield from text(
                (*path, "description_localizations", locale) if locale else (*path, "description"), said, 1, 100
            )
    for locale in {*names, *descriptions} - {""} - LOCALES:
        yield Problem((*path, "name_localizations"), "DICT_TYPE_INVALID_KEY", f"{locale!r} is no locale.")


def _options(path: Path, holder: Mapping[str, Any], depth: int) -> list[Problem]:
    found: list[Problem] = []
    path = (*path, "options")
    given = items(path, holder.get("options"), 0, 25, found)
    found += unique(path, [one.get("name") for one in given], "Name")
    for number, one in enumerate(given):
        where = (*path, number)
        found += _named(where, one)
        found += one_of((*where, "type"), one.get("type"), range(1, 12))
        if one.get("type") in {SUB_COMMAND, SUB_GROUP}:
            if depth + 2 - (one.get("type") == SUB_COMMAND) > 2:
                found.append(Problem(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deeply."))
            found += _options(where, one, depth + 1)
        else:
            found += _choices(where, one)
            found += whole((*where, "min_length"), one.get("min_length"), 0, 6000)
            found += whole((*where, "max_length"), one.get("max_length"), 1, 6000)
    nested = {one.get("type") in {SUB_COMMAND, SUB_GROUP} for one in given}
    if len(nested) > 1:
        found.append(Problem(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Subcommands and options do not mix."))
    required = [bool(one.get("required")) for one in given]
    if required != sorted(required, reverse=True):
        found.append(Problem(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come first."))
    return found


def _choices(path: Path, one: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    choices = items((*path, "choices"), one.get("choices"), 0, 25, found)
    if choices and one.get("autocomplete"):
        found.append(
            Problem((*path, "choices"), "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", "Choices or autocomplete.")
        )
    for number, choice in enumerate(choices):
        found += text((*path, "choices", number, "name"), choice.get("name"), 1, 100)
        for locale, name in (choice.get("name_localizations") or {}).items():
            found += text((*path, "choices", number, "name_localizations", locale), name, 1, 100)
        if isinstance(choice.get("value"), str):
            found += text((*path, "choices", number, "value"), choice["value"], 1, 100)
    found += unique((*path, "choices"), [choice.get("name") for choice in choices], "Name")
    return found


def _characters(thing: Mapping[str, Any]) -> int:
    """Characters that count: of each text its longest translation, over the command and all in it."""
    total = 0
    for key in ("name", "description"):
        texts = [thing.get(key), *(thing.get(f"{key}_localizations") or {}).values()]
        total += max((units(one) for one in texts if isinstance(one, str)), default=0)
    if isinstance(thing.get("value"), str):
        total += units(thing["value"])
    return total + sum(_characters(one) for key in ("options", "choices") for one in thing.get(key) or [])
