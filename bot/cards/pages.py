"""The card of a page: a buyer guide in parts, a quick answer, a prompting kit with its settings. Pure.

Pages come with every figure computed (knowledge.guides); nothing is looked up here.
"""

from __future__ import annotations

import re

from bot.cards.common import BRAND, sources_text
from bot.layout import VIOLET, Card, Field
from bot.say import Say
from bot.text import bullets, code, cut, link, markdown, plain
from knowledge.guides import RenderedPage

PART_CHARS = 2400
"""So much of a page stands on one card; the rest of a long part is left to the web page."""

_PART = re.compile(r"^## +(.+)$", re.MULTILINE)
_EMOJI = {"guide": "🧭", "answer": "💬", "kit": "🧩"}


def parts_of(body: str) -> list[tuple[str, str]]:
    """(heading, text) of a page's parts; the opening has no heading and takes the first part with it."""
    pieces = _PART.split(body)
    found = [(pieces[at], pieces[at + 1].strip()) for at in range(1, len(pieces) - 1, 2)]
    opening = pieces[0].strip()
    if not found:
        return [("", opening)]
    heading, first = found[0]
    return [("", f"{opening}\n\n**{heading}**\n{first}".strip()), *found[1:]]


def page_card(found: RenderedPage, part: int, say: Say) -> Card:
    """One part of a page; settings, sources and the disclosure of shop links stand under every part that needs them."""
    page, parts = found.page, parts_of(found.body)
    heading, text = parts[part] if 0 <= part < len(parts) else parts[0]
    title = f"{_EMOJI[page.kind]} {plain(page.title, 120)}"
    fields = [
        Field(name=say("page.settings"), value=bullets(_setting(*row) for row in _settings(found))),
        Field(name=say("page.shops"), value=bullets(plain(shop, 200) for shop in page.shops[:6])),
        Field(name=say("page.disclosure"), value=plain(found.disclosure, 300) if page.shops else ""),
        Field(name=say("fit.sources"), value=sources_text(page.sources[:3])),
    ]
    count = say("page.part", n=part + 1, of=len(parts)) + " · " if len(parts) > 1 else ""
    return Card(
        title=title,
        description=(f"**{plain(heading, 120)}**\n" if heading else "") + markdown(text, PART_CHARS),
        color=VIOLET,
        fields=tuple(field for field in fields if field.value),
        footer=f"{count}{say('term.reviewed', date=cut(page.reviewed, 60))} · {BRAND}",
    )


def _settings(found: RenderedPage) -> list[tuple[str, str, str]]:
    return [(one.model, one.values, one.source) for one in found.page.settings[:8]]


def _setting(model: str, values: str, source: str) -> str:
    return f"{link(model, source)}: {code(values, 160)}"
