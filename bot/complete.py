"""Autocomplete for any option that names something of the catalogue. Which names match is decided by the core."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from discord import app_commands

from bot.choices import choices, typed
from bot.desk import Desk
from bot.log import fields
from bot.respond import Interaction
from knowledge.answers import ChoiceKind

logger = logging.getLogger(__name__)

Completer = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def completer(desk: Desk, kind: ChoiceKind) -> Completer:
    """The autocomplete callback for names of `kind`. A fault gives an empty list, is logged and counted."""

    async def complete(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            pairs = choices(desk.answers.complete(kind, typed(current)))
        except Exception:
            client: Any = interaction.client
            client.counts["failed completions"] += 1
            logger.exception("autocomplete failed %s", fields(kind=kind))
            return []
        return [app_commands.Choice(name=name, value=value) for value, name in pairs]

    return complete
