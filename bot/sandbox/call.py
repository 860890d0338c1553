"""Slash calls as people type them, `/fit model:qwen3-8b hardware:RTX 3060`, as a name and options. Pure.

What commands there are comes from what the bot registered; nothing of them is known here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.standin import interact
from bot.standin.payloads import Json, Value
from knowledge.errors import BadInput, UnknownName

_OPTION = re.compile(r"(?:^|\s)([\w-]{1,32}):")
_WHOLE, _YES, _NUMBER, _FILE = 4, 5, 10, 11


@dataclass(frozen=True, slots=True)
class Call:
    """A command's name (such as `rig set`) and the options given to it."""

    name: str
    options: Mapping[str, Value]

    @property
    def text(self) -> str:
        """The call as one types it."""
        return " ".join([f"/{self.name}", *(f"{name}:{value}" for name, value in self.options.items())])


def read_call(text: str, commands: Sequence[Json]) -> Call:
    """A call from its text. Raises UnknownName for the command, BadInput for an option that is missing or wrong."""
    name, leaf, rest = _command(text.strip().removeprefix("/"), commands)
    specs = {one["name"]: one for one in leaf.get("options") or [] if one["type"] != _FILE}
    given = {key: _value(specs[key], value) for key, value in _options(rest, specs).items()}
    problems = interact.option_problems({**leaf, "options": list(specs.values())}, given)
    if problems:
        wanted = next((key for key in specs if key not in given), "name")
        raise BadInput(f"/{name}: {' '.join(problems)}", subject=name, hint=f"Write /{name} {wanted}:…")
    return Call(name, given)


def _command(text: str, commands: Sequence[Json]) -> tuple[str, Mapping[str, Any], str]:
    """The command named at the start, subcommands included, and the text after it."""
    word, _, rest = text.partition(" ")
    at: Mapping[str, Any] | None = next((c for c in commands if c["name"] == word and c.get("type", 1) == 1), None)
    if at is None:
        names = [command["name"] for command in commands if command.get("type", 1) == 1]
        raise UnknownName(
            "command", word, choices=tuple(difflib.get_close_matches(word, names, 3, 0.4)) or tuple(names)
        )
    name = word
    while subs := {one["name"]: one for one in at.get("options") or [] if one["type"] in {1, 2}}:
        word, _, after = rest.strip().partition(" ")
        if word not in subs:
            raise UnknownName("command", f"{name} {word}".strip(), choices=tuple(f"{name} {sub}" for sub in subs))
        name, at, rest = f"{name} {word}", subs[word], after
    return name, at, rest


def _options(text: str, specs: Mapping[str, Any]) -> dict[str, str]:
    """`name:value` pairs; a value runs to the next known name. Text before any name belongs to the first option."""
    marks = [found for found in _OPTION.finditer(text) if found[1] in specs]
    ends = [found.start() for found in marks[1:]] + [len(text)]
    given = {found[1]: text[found.end() : end].strip() for found, end in zip(marks, ends[: len(marks)], strict=True)}
    loose = text[: marks[0].start() if marks else len(text)].strip()
    if loose:
        first = next((key for key in specs if key not in given), None)
        if first is None:
            raise BadInput(f"'{loose[:60]}' belongs to no option.", subject="call", hint="Write name:value.")
        given[first] = loose
    return given


def _value(spec: Mapping[str, Any], text: str) -> Value:
    """An option's value from its text; a choice may be named as it is shown."""
    for choice in spec.get("choices") or []:
        if text.casefold() in {str(choice["value"]).casefold(), choice["name"].casefold()}:
            chosen: Value = choice["value"]
            return chosen
    kind = spec["type"]
    try:
        if kind == _YES:
            return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
        return int(text) if kind == _WHOLE else float(text) if kind == _NUMBER else text
    except (ValueError, KeyError):
        raise BadInput(f"{spec['name']} cannot be '{text[:40]}'.", subject=spec["name"], hint="Give another.") from None
