"""The card that announces an issue of the digest: what came out, what runs it, where to read it. Pure.

It reads the issue as stored (`IssueRecord.content`), and passes over what has another shape. The issue's own words are
English; the words of the card are the reader's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.cards.common import BRAND
from bot.components import link_button, row
from bot.layout import VIOLET, Card, Component, Field, Reply
from bot.say import Say
from bot.text import link, plain

ITEMS: Final = 5
SPOTS: Final = 4
UNBROKEN: Final = "\u00a0"
"""A blank at which no line ends: what belongs to one machine stays together."""

TONES: Final = {"good": "🟢", "fair": "🟡", "bad": "🔴"}


def issue_reply(subject: str, preheader: str, content: Mapping[str, Any], address: str, say: Say) -> Reply:
    """An issue's card. `address` is its page in the archive, empty where there is none."""
    items = list(_items(content))[:ITEMS]
    card = Card(
        title=title(subject),
        description=plain(preheader, 400),
        color=VIOLET,
        fields=tuple(Field(name="", value=_item(item)) for item in items),
        footer=f"{say('issue.legend')} · {BRAND}",
    )
    controls: tuple[Component, ...] = (row(link_button(say("button.read"), address)),) if address else ()
    return Reply(cards=(card,), controls=controls, shareable=False)


def title(subject: str) -> str:
    """The card's title: by it a message is known again."""
    return f"🗞️ {plain(subject, 200)}"


def _items(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The items worth a line: those that say what they make of several machines first, then other news with a link."""
    found = [
        item
        for section in _list(content.get("sections"))
        for item in _list(section.get("items"))
        if isinstance(item.get("title"), str) and item.get("url")
    ]
    yield from (item for item in found if _list(item.get("spots")))
    yield from (item for item in found if not _list(item.get("spots")))


def _item(item: Mapping[str, Any]) -> str:
    """`**[Name](url)** · who and when`, then what each machine makes of it, or what it is."""
    kicker = plain(str(item.get("kicker") or ""), 80)
    lines = [f"**{link(str(item['title']), str(item['url']))}**" + (f" · {kicker}" if kicker else "")]
    spots = [_spot(spot) for spot in _list(item.get("spots"))[:SPOTS]]
    if spots:
        lines.append(" · ".join(spots))
    elif item.get("text"):
        lines.append(f"-# {plain(str(item['text']), 160)}")
    return "\n".join(lines)


def _spot(spot: Mapping[str, Any]) -> str:
    """One machine: how well, its short name, the file to take, the speed; where it does not run, no more than that."""
    tone = str(spot.get("tone"))
    mark, name = TONES.get(tone, "▫️"), f"**{plain(str(spot.get('head') or ''), 20)}**"
    said = [] if tone == "bad" else [str(spot.get(part) or "") for part in ("text", "note")]
    words = [mark, name, *(plain(part, 40) for part in said if part)]
    return UNBROKEN.join(words).replace(" ", UNBROKEN)


def _list(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
