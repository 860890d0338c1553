"""Slash calls as people type them, `/fit model:qwen3-8b hardware:RTX 3060`, as a command and its options. Pure."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from knowledge.errors import BadInput, UnknownName

_OPTION = re.compile(r"(?:^|\s)(\w{1,32}):")


@dataclass(frozen=True, slots=True)
class Call:
    """A command's module and the options given to it."""

    module: ModuleType
    options: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The call as one types it."""
        given = [f"{name}:{value}" for name, value in self.options.items()]
        return " ".join([f"/{self.module.NAME}", *given])


def read_call(text: str, modules: Mapping[str, ModuleType]) -> Call:
    """A call from its text. Raises UnknownName for the command, BadInput for an option missing or no number."""
    name, _, rest = text.strip().removeprefix("/").partition(" ")
    module = modules.get(name)
    if module is None:
        near = difflib.get_close_matches(name, modules, 3, 0.4)
        raise UnknownName("command", name, choices=tuple(near) or tuple(modules))
    wanted = {key: value for key, value in inspect.signature(module.reply).parameters.items() if key != "desk"}
    given = _options(rest, wanted)
    missing = [key for key, value in wanted.items() if value.default is inspect.Parameter.empty and key not in given]
    if missing:
        raise BadInput(f"/{name} needs {', '.join(missing)}.", subject=name, hint=f"Write /{name} {missing[0]}:…")
    return Call(module, {key: _value(key, value, str(wanted[key].annotation)) for key, value in given.items()})


def _options(text: str, wanted: Mapping[str, inspect.Parameter]) -> dict[str, str]:
    """`name:value` pairs; a value runs to the next known name. Text before any name belongs to the first option."""
    marks = [found for found in _OPTION.finditer(text) if found[1] in wanted]
    ends = [found.start() for found in marks[1:]] + [len(text)]
    given = {found[1]: text[found.end() : end].strip() for found, end in zip(marks, ends[: len(marks)], strict=True)}
    loose = text[: marks[0].start() if marks else len(text)].strip()
    if loose:
        first = next((key for key in wanted if key not in given), None)
        if first is None or not wanted:
            raise BadInput(f"'{loose[:60]}' belongs to no option.", subject="call", hint="Write name:value.")
        given[first] = loose
    return given


def _value(name: str, text: str, annotation: str) -> Any:  # noqa: ANN401 -- int, float or str, as the option says
    kind = int if annotation.startswith("int") else float if annotation.startswith("float") else str
    try:
        return kind(text)
    except ValueError:
        raise BadInput(f"{name} is a number, not '{text[:40]}'.", subject=name, hint=f"Write {name}:8192.") from None
