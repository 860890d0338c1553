"""/ask: a question in one's own words, routed to fit, definition or diagnosis."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards
from bot.desk import Desk
from bot.layout import Reply
from bot.respond import Interaction, answer

NAME = "ask"
DESCRIPTION = "Ask in your own words: will it run, what does it mean, what went wrong"
EXAMPLES: tuple[dict[str, Any], ...] = ({"question": "will qwen3 8b q4 run on a 3060 12gb at 16k?"},)


def reply(desk: Desk, *, question: str) -> Reply:
    """The cards of the answer; one a candidate where the question leaves something open."""
    asked = desk.answers.ask(question)
    if asked.fits:
        return Reply(cards=tuple(cards.fit_card(found, short=len(asked.fits) > 1) for found in asked.fits[:3]))
    if asked.terms:
        return cards.terms_reply(question, [desk.numbers.term(term) for term in asked.terms[:3]], desk.name_of)
    if asked.errors or asked.route == "diagnose":
        return cards.errors_reply(asked.errors, desk.name_of)
    return cards.open_reply(asked.open_text)


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(question="For example: will qwen3 8b run on a 3060 12GB at 32k?")
    async def ask(interaction: Interaction, question: app_commands.Range[str, 1, 2000]) -> None:
        await answer(interaction, lambda: desk.once(reply, question=question), desk.name_of)

    return ask
