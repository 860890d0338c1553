"""Replies as Discord's components ("v2"), in its own JSON: containers of text, pictures, buttons and selects. Pure.

Made once a reply and sent as they are: discord.py's item classes would be built and serialised again for each answer.
What the texts say is bot.cards, what a press does bot.presses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from bot.layout import Card, Component, File, Reply, heading, paragraph, small, within_limits
from bot.text import label

ROW, BUTTON, SELECT, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 3, 9, 10, 12, 13, 14, 17
PRIMARY, SECONDARY, SUCCESS, DANGER, LINK = 1, 2, 3, 4, 5
MOST: Final = 40
OWN: Final = 5
"""The asker's own row (bot.respond) is so many components: itself and four buttons."""

PICTURES: Final = (".png", ".jpg", ".webp")


def text(content: str) -> Component:
    """A text."""
    return {"type": TEXT, "content": content}


def row(*parts: Component) -> Component:
    """A row of up to five buttons, or of one select."""
    return {"type": ROW, "components": list(parts)}


def button(name: str, custom_id: str, *, emoji: str = "", style: int = SECONDARY, disabled: bool = False) -> Component:
    """A button."""
    made: dict[str, Any] = {"type": BUTTON, "style": style, "label": label(name, 80), "custom_id": custom_id}
    if emoji:
        made["emoji"] = {"name": emoji}
    return {**made, "disabled": True} if disabled else made


def link_button(name: str, url: str) -> Component:
    """A button that opens an address."""
    return {"type": BUTTON, "style": LINK, "label": label(name, 80), "url": url}


def option(name: str, value: str, *, chosen: bool = False, note: str = "", emoji: str = "") -> Component:
    """One line of a select."""
    made: dict[str, Any] = {"label": label(name, 100), "value": value, "default": chosen}
    if note:
        made["description"] = label(note, 100)
    return {**made, "emoji": {"name": emoji}} if emoji else made


def select(custom_id: str, placeholder: str, options: Sequence[Component]) -> Component:
    """A row with a select of one value."""
    return row(
        {
            "type": SELECT,
            "custom_id": custom_id,
            "placeholder": label(placeholder, 150),
            "options": list(options[:25]),
            "min_values": 1,
            "max_values": 1,
        }
    )


def rows_of(buttons: Iterable[Component]) -> Iterator[Component]:
    """Buttons in rows of five."""
    waiting = list(buttons)
    for start in range(0, len(waiting), 5):
        yield row(*waiting[start : start + 5])


def pictures(files: Sequence[File]) -> Component | None:
    """The gallery of the pictures among the files; None where there is none."""
    items = [
        {"media": {"url": f"attachment://{file.name}"}, "description": label(file.alt or file.name, 1000)}
        for file in files
        if file.name.endswith(PICTURES)
    ]
    return {"type": GALLERY, "items": items[:10]} if items else None


def text_of(reply: Reply) -> bytes:
    """A reply's components as JSON text; below them is room for the asker's own row, where there will be one."""
    own = OWN if reply.shareable or reply.about else 0
    return reply.drawn or orjson.dumps(layout(reply, reserve=own))


def drawn(reply: Reply) -> Reply:
    """The same reply with its text alone: a tenth of the memory, and nothing left to do when it is sent again.

    The text is copied: orjson leaves three times the room in it that it takes.
    """
    return reply if reply.drawn else replace(reply, cards=(), controls=(), drawn=memoryview(text_of(reply)).tobytes())


def with_row(parts: bytes, last: Component) -> bytes:
    """Components as JSON text with one more row in the last container."""
    return b"%b,%b]}]" % (parts.removesuffix(b"]}]"), orjson.dumps(last))


def layout(reply: Reply, *, reserve: int = 0) -> list[Component]:
    """A whole message: each card in a container, pictures in the first, controls in the last one.

    `reserve` leaves room for so many components more. Controls give way, the last row first.
    """
    cards = within_limits(reply.cards)
    rows = list(reply.controls)
    while True:
        made = list(_containers(cards, reply.files, rows))
        if count(made) + reserve <= MOST or not rows:
            return made
        rows.pop()


def _containers(cards: Sequence[Card], files: Sequence[File], rows: Sequence[Component]) -> Iterator[Component]:
    for number, card in enumerate(cards):
        inside = [*_card(card, pictures(files) if number == 0 else None)]
        if number == 0:
            inside += [_file(file) for file in files if not file.name.endswith(PICTURES)]
        if number == len(cards) - 1:
            inside += rows
        yield {"type": CONTAINER, "accent_color": card.color, "components": inside}


def _file(file: File) -> Component:
    return {"type": FILE, "file": {"url": f"attachment://{file.name}"}}


def _card(card: Card, gallery: Component | None) -> Iterator[Component]:
    yield text(heading(card) or "—")
    if gallery is not None:
        yield gallery
    for field in card.fields:
        yield text(paragraph(field))
    if card.footer:
        yield {"type": SEPARATOR, "divider": True, "spacing": 1}
        yield text(small(card.footer))


def count(components: Sequence[Component]) -> int:
    """Components in all, nested ones included."""
    return len(components) + sum(count(part["components"]) for part in components if "components" in part)


def walk(components: Sequence[Component]) -> Iterator[Component]:
    """Every component, outer ones first."""
    for part in components:
        yield part
        yield from walk(part.get("components") or ())


def without_controls(components: Sequence[Component]) -> list[Component]:
    """A message as it may be posted for all: no buttons, no selects, no pictures that only its asker's message has."""
    kept = []
    for part in components:
        if part["type"] in {ROW, GALLERY, FILE}:
            continue
        if "components" in part:
            part = {key: value for key, value in part.items() if key != "id"}  # noqa: PLW2901
            part["components"] = without_controls(part["components"])
        kept.append(part)
    return kept
