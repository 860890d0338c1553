"""/guide: buyer guides, quick answers and prompting kits, with every figure computed for this day's catalogue."""

from __future__ import annotations

import re
from typing import Any

from discord import app_commands

from bot import cards, controls
from bot.complete import completer, names
from bot.components import button, option, rows_of, select
from bot.desk import Desk
from bot.layout import Component, Reply
from bot.respond import Interaction, answer
from bot.say import Say
from bot.text import label
from knowledge.catalog import Page
from knowledge.errors import KnowledgeError, UnknownName
from knowledge.question.buying import read_budget

_AMOUNT = re.compile(r"\d[\d,]*")

NAME = "guide"
DESCRIPTION = "Which card, laptop, Mac or quant to take; short answers; prompts with their settings"
EXAMPLES: tuple[dict[str, Any], ...] = ({"topic": "best-gpu-for-local-ai"}, {"topic": "is an npu useful"})


def reply(desk: Desk, say: Say, *, topic: str, part: int = 0) -> Reply:
    """One part of the page on a topic, or the card that asks which was meant."""
    try:
        page = named(desk, topic)
    except KnowledgeError as error:
        given = {"topic": topic}
        meant = controls.choices_for(
            desk, error, given, lambda other: controls.named(desk.signer, controls.PAGE, other["topic"])
        )
        return cards.problem_reply(error, say, desk.name_of, meant)
    return page_reply(desk, say, page, part)


def page_reply(desk: Desk, say: Say, page: Page, part: int = 0) -> Reply:
    """The card of a part with a select for the other parts and a button for each related page."""
    found = desk.guides.render(page, "text")
    parts = cards.parts_of(found.body)
    part = part if 0 <= part < len(parts) else 0
    rows: list[Component] = []
    if len(parts) > 1 and (custom_id := controls.named(desk.signer, controls.PARTS, page.id)):
        options = [
            option(label(heading or page.title, 90), str(number), chosen=number == part)
            for number, (heading, _) in enumerate(parts[:25])
        ]
        rows.append(select(custom_id, say("page.pick"), options))
    pages = desk.answers.knowledge.pages
    made = [(pages[id_], controls.named(desk.signer, controls.PAGE, id_)) for id_ in page.related if id_ in pages]
    rows += rows_of(button(label(other.title, 75), custom_id) for other, custom_id in made[:4] if custom_id)
    return Reply(cards=(cards.page_card(found, part, say),), controls=tuple(rows), about=("guide", page.id))


def part_for(desk: Desk, page: Page, question: str) -> int:
    """The part of a page for the money a question names; the first where it names none, or no part is about it."""
    budget = read_budget(question)
    if budget is None:
        return 0
    for number, (heading, _) in enumerate(cards.parts_of(desk.guides.render(page, "text").body)):
        if "dollars" not in heading:
            continue
        bounds = [float(one.replace(",", "")) for one in _AMOUNT.findall(heading)]
        low, high = (bounds[0], bounds[1]) if len(bounds) > 1 else (0.0, bounds[0]) if bounds else (0.0, 0.0)
        if heading.startswith(("Above", "Over", "More")):
            low, high = high, float("inf")
        if low < budget <= high:
            return number
    return 0


def named(desk: Desk, topic: str) -> Page:
    """The page of an id, a title or a question. Raises UnknownName with the nearest ones."""
    pages = desk.answers.knowledge.pages
    wanted = topic.strip().casefold()
    for page in pages.values():
        if wanted in {page.id, page.title.casefold()}:
            return page
    try:
        return desk.guides.named(topic)
    except UnknownName as error:
        near = tuple(id_ for id_, _ in names(desk, "page", topic)[:5])
        raise UnknownName("page", topic, choices=near or error.choices) from error


def build(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """The command with its option."""

    @app_commands.command(name=NAME, description=DESCRIPTION)
    @app_commands.describe(topic="What it is about, or a question: type a few letters")
    @app_commands.autocomplete(topic=completer(desk, "page"))
    async def guide(interaction: Interaction, topic: app_commands.Range[str, 1, 200]) -> None:
        await answer(interaction, lambda say: desk.once(reply, say=say, topic=topic))

    return guide
