"""/pulse: what came out lately, and what of it runs on the asker's rig."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from discord import app_commands

from bot import cards, questions
from bot.cards import Story
from bot.complete import completer
from bot.desk import Desk, Hardware
from bot.layout import Reply
from bot.own import NoRig, machine
from bot.respond import Interaction, answer
from bot.say import Say
from knowledge.catalog import Model
from knowledge.errors import KnowledgeError
from knowledge.estimator.request import FitAnswer

NAME = "pulse"
DESCRIPTION = "What came out lately, and what of it runs on your rig"
EXAMPLES: tuple[dict[str, Any], ...] = ({"hardware": "RTX 3060 12GB"},)
NEW_MODELS = 10
LATELY = timedelta(days=70)
"""Of what came out in the last so many days before the newest, the most downloaded are shown."""

STORIES = 6
KINDS = frozenset({"chat", "code", "reasoning", "vlm"})


def reply(
    desk: Desk,
    say: Say,
    *,
    hardware: Hardware = "",
    ram: float | None = None,
    label: str = "",
    stories: tuple[Story, ...] = (),
    month: str = "",
) -> Reply:
    """The card: the newest models, each on the hardware where one is given, and the last issue's first stories."""
    rows = [(model, _fit(desk, model, hardware, ram)) for model in newest(desk)]
    shown = label or (hardware if isinstance(hardware, str) else "")
    return cards.pulse_reply(rows, stories, month, shown, say)


def newest(desk: Desk) -> list[Model]:
    """The most downloaded of the models released lately whose shape is known, the newest first."""
    known = [m for m in desk.answers.knowledge.models.values() if m.release_date and m.shape and m.kind in KINDS]
    since = max((_day(model) for model in known), default=date.max) - LATELY
    lately = sorted((model for model in known if _day(model) >= since), key=lambda model: -model.downloads)
    return sorted(lately[:NEW_MODELS], key=lambda model: (model.release_date or "", model.downloads), reverse=True)


def _day(model: Model) -> date:
    return date.fromisoformat(model.release_date or "0001-01-01")


def _fit(desk: Desk, model: Model, hardware: Hardware, ram: float | None) -> FitAnswer | None:
    if not hardware:
        return None
    asks = desk.answers.hardware_asks(hardware) if isinstance(hardware, str) else hardware
    try:
        return desk.answers.estimate(desk.answers.request(model=model.id, hardware=asks, ram_gib=ram), detailed=False)
    except KnowledgeError:
        if isinstance(hardware, str):
            questions.check_hardware(desk.answers, hardware)
        return None


def stories_of(items: Sequence[Mapping[str, Any]]) -> tuple[Story, ...]:
    """The first stories of an issue, from its ranked items."""
    found = []
    for item in items:
        entries = item.get("entries") or item.get("urls") or ()
        first = entries[0] if entries else ""
        url = str(item.get("url") or (first.get("url", "") if isinstance(first, Mapping) else first))
        if item.get("title"):
            found.append(Story(str(item["title"])[:200], url, str(item.get("kind", ""))))
    return tuple(found[:STORIES])


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(hardware="On which hardware? Without: your saved rig")
    @app_commands.autocomplete(hardware=completer(desk, "hardware"))
    async def pulse(interaction: Interaction, hardware: app_commands.Range[str, 1, 200] = "") -> None:
        given: dict[str, Any] = {}
        try:
            own = await machine(interaction, hardware)
            given = {"hardware": own.hardware, "ram": own.ram, "label": own.label}
        except NoRig:
            if hardware:
                raise
        issue = await interaction.client.people.newest_issue()
        if issue is not None:
            given |= {"stories": stories_of(issue.ranked_items), "month": issue.month}
        await answer(interaction, lambda say: desk.once(reply, say=say, **given), slow=True)

    return pulse
