"""/define: what a word of local AI means, with numbers from the estimator."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.complete import completer
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer

NAME = "define"
DESCRIPTION = "What does it mean? A word of local AI, explained with real numbers and commands"
EXAMPLES: tuple[dict[str, Any], ...] = ({"term": "kv cache"},)


def reply(desk: Desk, *, term: str) -> Reply:
    """The card of the term, or of each of two or three that are asked about together."""
    known = desk.answers.knowledge.terms.get(term)
    found = (known,) if known is not None else tuple(desk.answers.define(term))
    return cards.terms_reply(term, [desk.numbers.term(one) for one in found[:3]], desk.name_of)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(term="A word, an abbreviation, or “X vs Y”")
    @app_commands.autocomplete(term=completer(desk, "term"))
    async def define(interaction: Interaction, term: app_commands.Range[str, 1, 200]) -> None:
        await answer(interaction, lambda: desk.once(reply, term=term), desk.name_of)

    return define
