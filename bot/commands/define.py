"""/define: what a word of local AI means, with numbers from the estimator."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot import cards, controls
from bot.complete import completer
from bot.components import button, rows_of
from bot.desk import Desk
from bot.layout import Component, Reply
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.catalog import Term

NAME = "define"
DESCRIPTION = "What does it mean? A word of local AI, explained with real numbers and commands"
EXAMPLES: tuple[dict[str, Any], ...] = ({"term": "kv cache"},)


def reply(desk: Desk, say: Say, *, term: str) -> Reply:
    """The card of the term, or of each of two or three that are asked about together."""
    known = desk.answers.knowledge.terms.get(term)
    found = (known,) if known is not None else tuple(desk.answers.define(term))
    shown = [desk.numbers.term(one) for one in found[:3]]
    return cards.terms_reply(term, shown, say, desk.name_of, related(desk, shown))


def related(desk: Desk, shown: list[Term]) -> tuple[Component, ...]:
    """A button for each related word of the first one."""
    terms = desk.answers.knowledge.terms
    ids = [id_ for id_ in shown[0].related if id_ in terms][:5] if shown else []
    made = [(id_, controls.named(desk.signer, controls.TERM, id_)) for id_ in ids]
    return tuple(rows_of(button(terms[id_].term, custom_id) for id_, custom_id in made if custom_id))


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(term="A word, an abbreviation, or “X vs Y”")
    @app_commands.autocomplete(term=completer(desk, "term"))
    async def define(interaction: Interaction, term: app_commands.Range[str, 1, 200]) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say, term=term))

    return define
