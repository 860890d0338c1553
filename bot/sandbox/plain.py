"""A message of the bot as plain text on a terminal: embeds, and layouts of components. Pure but for `show`.

It understands the part of Discord's Markdown that messages use; pictures and buttons are named in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

WIDTH = 96
_INLINE = re.compile(
    r"\\(?P<escaped>[^A-Za-z0-9\s])|`(?P<code>[^`\n]+)`|\*\*(?P<bold>.+?)\*\*|(?<!\w)[*_](?P<italic>[^*_\n]+)[*_](?!\w)"
    r"|\[(?P<name>(?:\\.|[^\]\\\n])+)\]\(<?(?P<url>https://[^)\s>]+)>?\)"
)
_FENCE = re.compile(r"```(?:[a-z]+\n|\n)?(.*?)\n?```", re.DOTALL)
_START = re.compile(r"(?m)^(?:-# |#{1,3} )")


def plain_text(text: str) -> str:
    """Discord Markdown with its marks taken off."""
    said = _FENCE.sub(lambda found: "\n" + found[1], text)
    return _INLINE.sub(_plain_span, _START.sub("", said)).strip("\n")


def _plain_span(found: re.Match[str]) -> str:
    if found.lastgroup == "url":
        return f"{plain_text(found['name'])} <{found['url']}>"
    inner = found["escaped"] or found["code"] or found["bold"] or found["italic"] or ""
    return plain_text(inner) if found.lastgroup in {"bold", "italic"} else inner


def blocks(message: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None]]:
    """The parts of a message, each a title, a text and a colour; parts that stand in no frame have no colour."""
    if message.get("content"):
        yield "", plain_text(message["content"]), None
    for embed in message.get("embeds") or []:
        yield plain_text(embed.get("title") or ""), _embed_text(embed), embed.get("color") or 0x80848E
    for part in message.get("components") or []:
        yield "", "\n".join(_lines(part)), (part.get("accent_color") or 0x80848E) if part["type"] == 17 else None
    for file in message.get("attachments") or []:
        yield "", f"[{file['filename']}, {file['size']} bytes]", None


def _embed_text(embed: Mapping[str, Any]) -> str:
    parts = [plain_text(embed.get("description") or "")]
    parts += [f"\n{plain_text(one['name'])}\n{plain_text(one['value'])}" for one in embed.get("fields") or []]
    parts.append("\n" + (embed.get("footer") or {}).get("text", ""))
    return "\n".join(parts).strip("\n")


def _lines(part: Mapping[str, Any]) -> Iterator[str]:
    """A component and what is in it, line by line."""
    kind = part["type"]
    inside: Sequence[Mapping[str, Any]] = part.get("components") or []
    if kind == 1:
        yield " ".join(line for child in inside for line in _lines(child))
    elif kind == 2:
        label = part.get("label") or (part.get("emoji") or {}).get("name") or ""
        yield f"[{label}]" if not part.get("url") else f"[{label}] <{part['url']}>"
    elif kind in {3, 5, 6, 7, 8}:
        chosen = [one["label"] for one in part.get("options") or [] if one.get("default")]
        yield f"[{', '.join(chosen) or part.get('placeholder') or 'Select'} ▾]"
    elif kind == 10:
        yield plain_text(part["content"])
    elif kind == 12:
        yield from (f"[picture: {one.get('description') or one['media'].get('filename', '')}]" for one in part["items"])
    elif kind == 14:
        yield "─" * 24 if part.get("divider", True) else ""
    else:
        for child in inside:
            yield from _lines(child)
        if (part.get("accessory") or {}).get("type") == 2:
            yield from _lines(part["accessory"])


def show(call: str, messages: Sequence[Mapping[str, Any]]) -> None:
    """Set the messages on the terminal."""
    console = Console(width=min(WIDTH, Console().width))
    console.print(Text(call, style="bold bright_blue"))
    for message in messages:
        for title, text, color in blocks(message):
            if color is None:
                console.print(Text(text))
            else:
                console.print(Panel(Group(Text(text)), title=Text(title), border_style=f"#{color:06x}", padding=(1, 2)))
