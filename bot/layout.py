"""What a card is, before Discord: title, text, fields, colour, footer; and the function that keeps all limits.

Pure data. What stands on which card is cards.py; turning a card into Discord's objects is respond.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.text import cut, units

TITLE, DESCRIPTION, FIELD_NAME, FIELD_VALUE, FOOTER = 256, 4096, 256, 1024, 2048
FIELDS, CARDS, TOTAL = 25, 10, 6000

GREEN, AMBER, RED, VIOLET, BLUE, ORANGE, GREY = 0x3BA55D, 0xF0B132, 0xED4245, 0x8B5CF6, 0x5865F2, 0xE67E22, 0x80848E


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A named part of a card; `inline` ones stand beside each other."""

    name: str
    value: str
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card. Texts are Discord Markdown already made safe (bot.text). Fields stand in order of importance."""

    title: str
    description: str = ""
    color: int = GREY
    fields: tuple[Field, ...] = ()
    footer: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a command answers. `shareable` offers the asker to post it; `failed` marks the answer "no"."""

    cards: tuple[Card, ...]
    shareable: bool = True
    failed: bool = False


def size(card: Card) -> int:
    """Characters of a card that count towards the total of a message."""
    texts = [card.title, card.description, card.footer, card.author]
    texts += [text for field in card.fields for text in (field.name, field.value)]
    return sum(units(text) for text in texts)


def within_limits(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The same cards, every text within its limit and the total within 6,000.

    What gives way, in this order: the last card's last field, the last card itself, the end of the description.
    """
    kept = [_trimmed(card) for card in cards[:CARDS]]
    while (excess := sum(size(card) for card in kept) - TOTAL) > 0:
        last = kept[-1]
        if last.fields:
            kept[-1] = _shortened(last, excess)
        elif len(kept) > 1:
            kept.pop()
        else:  # one card without fields: its title, author and footer come to 2,560 at most
            kept[-1] = replace(last, description=cut(last.description, units(last.description) - excess))
    return tuple(kept)


def _trimmed(card: Card) -> Card:
    fields = tuple(
        Field(name=cut(field.name.strip() or "—", FIELD_NAME), value=cut(field.value, FIELD_VALUE), inline=field.inline)
        for field in card.fields
        if field.value.strip()
    )
    return replace(
        card,
        title=cut(card.title, TITLE),
        description=cut(card.description, DESCRIPTION),
        footer=cut(card.footer, FOOTER),
        author=cut(card.author, TITLE),
        fields=fields[:FIELDS],
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
