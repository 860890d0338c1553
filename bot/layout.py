"""What a card is, before Discord: title, text, fields, colour, footer; a reply of cards; the limits kept.

Pure data. What stands on which card is bot.cards; components.py makes what Discord shows, respond.py sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.state import Asked
from bot.text import cut, units

TITLE, DESCRIPTION, FIELD_NAME, FIELD_VALUE, FOOTER = 256, 3000, 256, 2400, 600
CARDS, TOTAL = 4, 3900
MARKS = 12
"""So many characters of Markdown stand around a title, a footer or a field, at most."""

FIELDS = {0: 12, 1: 12, 2: 6, 3: 4, 4: 3}
"""So many fields a card, by the number of cards: a message shows 40 components at most."""

GREEN, AMBER, RED, VIOLET, BLUE, ORANGE, GREY = 0x3BA55D, 0xF0B132, 0xED4245, 0x8B5CF6, 0x5865F2, 0xE67E22, 0x80848E

Component = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A named part of a card."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card. Texts are Discord Markdown already made safe (bot.text). Fields stand in order of importance."""

    title: str
    description: str = ""
    color: int = GREY
    fields: tuple[Field, ...] = ()
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that goes with a reply; a picture is shown in it. `alt` says what is on the picture."""

    name: str
    body: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reply:
    """What a command answers. `shareable` offers the asker to post it; `failed` marks the answer "no".

    `controls` are rows of buttons and selects under it, their ids signed. `about` names the answer ("fit", packed
    question) where people may say whether it helped. `chart` is the question a picture can be drawn of (bot.charts).
    `drawn` is all of it as JSON text in the place of cards and controls: what is remembered (bot.components.drawn).
    """

    cards: tuple[Card, ...]
    controls: tuple[Component, ...] = ()
    shareable: bool = True
    failed: bool = False
    about: tuple[str, str] | None = None
    chart: Asked | None = None
    files: tuple[File, ...] = ()
    drawn: bytes = field(default=b"", repr=False)


def heading(card: Card) -> str:
    """A card's title and description as one text."""
    return f"### {card.title}\n{card.description}".rstrip() if card.title else card.description


def paragraph(field: Field) -> str:
    """A field as one text."""
    return f"**{field.name}**\n{field.value}" if field.name else field.value


def small(footer: str) -> str:
    """A footer as one text."""
    return f"-# {footer}" if footer else ""


def size(card: Card) -> int:
    """Characters of a card that count towards the total of a message."""
    return sum(map(units, (heading(card), small(card.footer), *map(paragraph, card.fields))))


def within_limits(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The same cards, every text within its limit and the total within what one message shows.

    What gives way, in this order: the last card's last field, the last card itself, the end of the description.
    """
    most = FIELDS[min(len(cards), CARDS)]
    if len(cards) <= CARDS and all(_is_small(card, most, TOTAL // len(cards)) for card in cards):
        return cards
    kept = [_trimmed(card, most) for card in cards[:CARDS]]
    while (excess := sum(size(card) for card in kept) - TOTAL) > 0:
        last = kept[-1]
        if last.fields:
            kept[-1] = _shortened(last, excess)
        elif len(kept) > 1:
            kept.pop()
        else:
            kept[-1] = replace(last, description=cut(last.description, units(last.description) - excess))
    return tuple(kept)


def _is_small(card: Card, most: int, total: int) -> bool:
    """Whether a card is within all limits by its characters alone, of which each is two units at most."""
    fields, length = card.fields, len(card.title) + len(card.description) + len(card.footer) + MARKS
    if (
        len(fields) > most
        or 2 * max(len(card.title), len(card.footer)) > TITLE
        or 2 * len(card.description) > DESCRIPTION
    ):
        return False
    for one in fields:
        name, value = one.name, one.value
        if 2 * len(name) > FIELD_NAME or 2 * len(value) > FIELD_VALUE or name.strip() != name or not value.strip():
            return False
        length += len(name) + len(value) + MARKS
    return 2 * length <= total


def _trimmed(card: Card, most: int) -> Card:
    fields = tuple(
        Field(name=cut(field.name.strip(), FIELD_NAME), value=cut(field.value, FIELD_VALUE))
        for field in card.fields
        if field.value.strip()
    )
    return replace(
        card,
        title=cut(card.title, TITLE),
        description=cut(card.description, DESCRIPTION),
        footer=cut(card.footer, FOOTER),
        fields=fields[:most],
    )


def _shortened(card: Card, excess: int) -> Card:
    """Take `excess` characters from the last field; drop the field when too little of it would remain."""
    *others, last = card.fields
    room = units(last.value) - excess - 8
    if room < 80:
        return replace(card, fields=tuple(others))
    return replace(card, fields=(*others, replace(last, value=cut(last.value, room))))


def bar(used: float, total: float, width: int = 20, *, fine: bool = False) -> str:
    """A bar of `width` cells, filled to used ÷ total, at most full. `fine`: in eighths, with nothing after it."""
    share = min(max(used / total, 0.0), 1.0) if total > 0 else 0.0
    if fine:
        full, rest = divmod(round(share * width * 8), 8)
        return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")
    full = round(share * width)
    return "█" * full + "░" * (width - full)
