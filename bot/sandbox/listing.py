"""What a person is offered: the commands of a place, in their language, that they may use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.standin.interact import ON_MESSAGE, ON_USER, SLASH
from bot.standin.payloads import ADMINISTRATOR, IN_GUILD, IN_PRIVATE, Json
from bot.standin.world import Person, Place

KINDS = {SLASH: "slash", ON_USER: "user", ON_MESSAGE: "message"}


def offered(commands: Iterable[Json], person: Person, place: Place, locale: str) -> list[Json]:
    """Every command there is here for this person, subcommands one by one, each as the page shows it."""
    return [entry for command in commands if usable(command, person, place) for entry in _entries(command, locale)]


def usable(command: Mapping[str, Any], person: Person, place: Place) -> bool:
    """Whether Discord would show the command: right context, right installation, enough permission."""
    contexts = command.get("contexts")
    if contexts and place.context not in contexts:
        return False
    installs = command.get("integration_types") or [0]
    if place.context == IN_PRIVATE and 1 not in installs:
        return False
    needed = command.get("default_member_permissions")
    if needed is None or place.context != IN_GUILD or person.permissions == ADMINISTRATOR:
        return True
    return int(needed) != 0 and person.permissions & int(needed) == int(needed)


def languages(commands: Iterable[Mapping[str, Any]]) -> list[str]:
    """The locales the commands are translated to, English first."""
    found = {key for one in commands for key in _translated(one)}
    return ["en-US", *sorted(found - {"en-US"})]


def _translated(command: Mapping[str, Any]) -> set[str]:
    return {*(command.get("name_localizations") or {}), *(command.get("description_localizations") or {})}


def _said(thing: Mapping[str, Any], key: str, locale: str) -> str:
    return str((thing.get(f"{key}_localizations") or {}).get(locale) or thing.get(key) or "")


def _entries(command: Json, locale: str) -> Iterator[Json]:
    base = {"kind": KINDS[command.get("type", 1)], "id": command["id"]}
    for path, label, leaf in _leaves(command, locale, (), ()):
        yield {
            **base,
            "name": " ".join(path),
            "label": " ".join(label),
            "description": _said(leaf, "description", locale),
            "options": [_option(one, locale) for one in leaf.get("options") or []],
        }


def _leaves(
    at: Json, locale: str, path: tuple[str, ...], label: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Json]]:
    path, label = (*path, at["name"]), (*label, _said(at, "name", locale))
    subs: Sequence[Json] = [one for one in at.get("options") or [] if one["type"] in {1, 2}]
    if not subs:
        yield path, label, at
    for sub in subs:
        yield from _leaves(sub, locale, path, label)


def _option(one: Json, locale: str) -> Json:
    kept = ("name", "type", "required", "autocomplete", "min_value", "max_value", "min_length", "max_length")
    choices = [{"name": _said(choice, "name", locale), "value": choice["value"]} for choice in one.get("choices") or []]
    said = {"label": _said(one, "name", locale), "description": _said(one, "description", locale), "choices": choices}
    return {**{key: one[key] for key in kept if one.get(key) is not None}, **said}
