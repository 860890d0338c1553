"""/tool: a program that runs models: what it is, what it runs on, how to run one model with it."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards, controls
from bot.complete import completer, names
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.catalog import Tool
from knowledge.errors import KnowledgeError, UnknownName

NAME = "tool"
DESCRIPTION = "A program that runs models: platforms, formats, and the command to run one"
EXAMPLES: tuple[dict[str, Any], ...] = ({"name": "llama.cpp"},)


def reply(desk: Desk, say: Say, *, name: str) -> Reply:
    """The card of a tool, or the one that asks which was meant."""
    try:
        return cards.tool_reply(named(desk, name), say)
    except KnowledgeError as error:
        meant = controls.choices_for(
            desk, error, {"name": name}, lambda other: controls.named(desk.signer, controls.TOOL, other["name"])
        )
        return cards.problem_reply(error, say, desk.name_of, meant)


def named(desk: Desk, text: str) -> Tool:
    """The tool a name means. Raises UnknownName with the nearest ones."""
    tools = desk.answers.knowledge.tools
    wanted = text.strip().casefold()
    for tool in tools.values():
        if wanted in {tool.id.casefold(), tool.name.casefold(), *(alias.casefold() for alias in tool.aliases)}:
            return tool
    raise UnknownName("tool", text, choices=tuple(id_ for id_, _ in names(desk, "tool", wanted)[:5]))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(name="Which program: type a few letters")
    @app_commands.autocomplete(name=completer(desk, "tool"))
    async def tool(interaction: Interaction, name: app_commands.Range[str, 1, 100]) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say, name=name))

    return tool
