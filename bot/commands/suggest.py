"""/suggest: a correction, which a maintainer checks against its source before the content changes."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer
from bot.say import Say
from bot.text import inert, redact

NAME = "suggest"
DESCRIPTION = "Something wrong or missing? Suggest a correction, with where one can check it"
EXAMPLES: tuple[dict[str, Any], ...] = ()


def reply(_desk: Desk, say: Say, *, number: int) -> Reply:
    """That it is noted, and under which number."""
    return cards.done_reply(say("suggest.done_title"), say("suggest.done", n=number))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its options."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(
        about="Which entry: a model, device, word or error",
        correction="What is wrong, and what is right",
        source="Where one can check it: a link or a document",
    )
    @app_commands.autocomplete(about=completer(desk, "entry"))
    async def suggest(
        interaction: Interaction,
        about: app_commands.Range[str, 1, 100],
        correction: app_commands.Range[str, 3, 1500],
        source: app_commands.Range[str, 3, 300] = "",
    ) -> None:
        number = await interaction.client.people.suggest(
            interaction.user.id, inert(about), redact(inert(correction)), redact(inert(source)), desk.version
        )
        await answer(interaction, lambda say: reply(desk, say, number=number), private=True)

    return suggest
