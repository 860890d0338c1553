"""Autocomplete for any option that names something of the catalogue. Which names match is decided by the core."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from discord import app_commands

from bot.choices import choices, typed
from bot.desk import Desk
from bot.log import fields
from bot.own import MINE, rig_text
from bot.respond import Interaction
from knowledge.answers import ChoiceKind

logger = logging.getLogger(__name__)

Kind = ChoiceKind | Literal["tool", "page", "entry"]
LEAST_FUZZY = 3
MOST_ALIKE = 5

Completer = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def completer(desk: Desk, kind: Kind, *, own: bool = True) -> Completer:
    """The autocomplete callback for names of `kind`. A fault gives an empty list, is logged and counted.

    Hardware begins with the asker's saved rig, unless `own` is False. "entry" is whatever has a page of its own.
    """

    async def complete(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            pairs = names(desk, kind, typed(current))
            if kind == "hardware" and own:
                pairs = [*await _rig(interaction, desk, current), *pairs]
        except Exception:
            interaction.client.counts["failed completions"] += 1
            logger.exception("autocomplete failed %s", fields(kind=kind))
            return []
        return [app_commands.Choice(name=name, value=value) for value, name in choices(pairs)]

    return complete


def names(desk: Desk, kind: Kind, text: str) -> list[tuple[str, str]]:
    """(value, name) pairs for what was typed, best first; where no word begins so, the titles spelt most alike."""
    if kind == "entry":
        kinds: tuple[Kind, ...] = ("model", "hardware", "term", "error")
        return [pair for one in kinds for pair in names(desk, one, text)[:6]]
    if kind == "tool" or kind == "page":
        found = (desk.tools if kind == "tool" else desk.page_titles).complete(text, 25)
    else:
        found = desk.answers.complete(kind, text)
    return list(found) if found or len(text) < LEAST_FUZZY else _alike(desk, kind, text)


def _alike(desk: Desk, kind: Kind, text: str) -> list[tuple[str, str]]:
    titles = {name.casefold(): (id_, name) for id_, name in _all(desk, kind)}
    return [titles[one] for one in difflib.get_close_matches(text.casefold(), titles, MOST_ALIKE, 0.5)]


def _all(desk: Desk, kind: Kind) -> list[tuple[str, str]]:
    knowledge = desk.answers.knowledge
    if kind == "term":
        return [(term.id, term.term) for term in knowledge.terms.values()]
    if kind == "error":
        return [(error.id, error.title) for error in knowledge.errors.values()]
    if kind == "page":
        return [(page.id, page.title) for page in knowledge.pages.values()]
    return [(tool.id, tool.name) for tool in knowledge.tools.values()] if kind == "tool" else []


async def _rig(interaction: Interaction, desk: Desk, current: str) -> list[tuple[str, str]]:
    rig = await interaction.client.people.rig(interaction.user.id)
    if rig is None:
        return []
    said = rig_text(desk, rig)
    text = current.strip().casefold()
    if text and text not in f"{MINE} {said}".casefold():
        return []
    return [(MINE, f"⭐ {said}")]
