"""The slash commands as Markdown for the documentation, made from the commands themselves. No file, no network."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from discord import AppCommandOptionType, app_commands
from discord.app_commands import Parameter

from bot import commands
from bot.desk import Desk

_KINDS = {
    AppCommandOptionType.string: "text",
    AppCommandOptionType.integer: "whole number",
    AppCommandOptionType.number: "number",
    AppCommandOptionType.boolean: "yes or no",
    AppCommandOptionType.attachment: "file",
}


def slash_commands() -> str:
    """A section for docs/commands.md: every command with its options, their types, ranges and choices."""
    desk = Desk.without_content()
    parts = ["## Slash commands", ""]
    for module in commands.modules():
        parts += _described(module, module.build(desk))
    return "\n".join(parts)


def _described(module: ModuleType, made: Any) -> Iterator[str]:  # noqa: ANN401 -- a command, a group or a menu
    if isinstance(made, app_commands.ContextMenu):
        yield from (f"### {module.NAME}", "", f"{module.DESCRIPTION}.", "")
        return
    found = made.walk_commands() if isinstance(made, app_commands.Group) else [made]
    for command in (one for one in found if isinstance(one, app_commands.Command)):
        yield from (f"### `/{command.qualified_name}`", "", f"{command.description}.", "")
        options = [_option(parameter) for parameter in command.parameters]
        yield from [*options, ""] if options else []


def _option(parameter: Parameter) -> str:
    notes = [_KINDS.get(parameter.type, parameter.type.name), "required" if parameter.required else "optional"]
    if parameter.autocomplete:
        notes.append("completes as you type")
    if parameter.choices:
        notes.append("one of " + ", ".join(f"`{choice.name}`" for choice in parameter.choices))
    elif parameter.type is AppCommandOptionType.string and parameter.max_value is not None:
        notes.append(f"at most {parameter.max_value:,} characters")
    elif parameter.max_value is not None:
        notes.append(f"{parameter.min_value:,} to {parameter.max_value:,}")
    return f"- `{parameter.name}` {parameter.description} ({', '.join(notes)})"
