"""Cards as an HTML page that looks like Discord's dark theme, and as plain text. Pure: strings in, strings out.

It understands the part of Discord's Markdown that cards use. It is for looking; what Discord gets is made in
respond.py.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from bot.layout import Card, Field, Reply, within_limits

_INLINE = re.compile(
    r"\\(?P<escaped>[^A-Za-z0-9\s])|`(?P<code>[^`\n]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*\n]+)\*"
    r"|\[(?P<name>(?:\\.|[^\]\\\n])+)\]\((?P<url>https://[^)\s]+)\)"
)
_FENCE = re.compile(r"```(?:[a-z]+\n|\n)?(.*?)\n?```", re.DOTALL)


def page(answered: Iterable[tuple[str, Reply]], style: str) -> str:
    """The whole page: one message for each (call, reply), set by the style sheet."""
    messages = "\n".join(_message(call, reply) for call, reply in answered)
    head = f'<meta charset="utf-8"><title>RUNLOCALAI sandbox</title><style>{style}</style>'
    said = "What the bot answers, without Discord. Made by <code>python -m bot sandbox</code>."
    body = f"<main><h1># local-ai</h1><p>{said}</p>\n{messages}\n</main>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>{body}</body></html>\n'


def _message(call: str, reply: Reply) -> str:
    embeds = "".join(_embed(card) for card in within_limits(reply.cards))
    button = '<div class="button">📣 Share to channel</div>' if reply.shareable else ""
    used = f'<div class="call">you used <b>{html.escape(call)}</b></div>'
    who = '<div class="who">RUNLOCALAI <span>APP</span></div>'
    private = '<div class="private">👁 Only you can see this</div>'
    said = f'<div class="avatar">R</div><div>{who}{embeds}{button}{private}</div>'
    return f'<section class="message">{used}{said}</section>'


def _embed(card: Card) -> str:
    fields = "".join(_field(field, span) for field, span in zip(card.fields, spans(card.fields), strict=True))
    parts = [f'<div class="title">{inline(card.title)}</div>'] if card.title else []
    if card.description:
        parts.append(f'<div class="text">{blocks(card.description)}</div>')
    if fields:
        parts.append(f'<div class="fields">{fields}</div>')
    if card.footer:
        parts.append(f'<div class="footer">{html.escape(card.footer)}</div>')
    return f'<div class="embed" style="border-left-color:#{card.color:06x}">{"".join(parts)}</div>'


def spans(fields: Sequence[Field]) -> list[int]:
    """Columns (of 12) each field takes: inline ones share a row, three at most, as in Discord."""
    widths: list[int] = []
    run = 0
    for number, field in enumerate(fields):
        run = run + 1 if field.inline else 0
        last = number + 1 == len(fields) or not fields[number + 1].inline
        if not field.inline:
            widths.append(12)
        elif last or run == 3:
            widths += [12 // run] * run
            run = 0
    return widths


def _field(field: Field, span: int) -> str:
    name = f'<div class="name">{inline(field.name)}</div>'
    return f'<div style="grid-column:span {span}">{name}<div class="text">{blocks(field.value)}</div></div>'


def blocks(text: str) -> str:
    """Discord Markdown with code blocks, lists and subtext as HTML."""
    out: list[str] = []
    at = 0
    for found in _FENCE.finditer(text):
        out += [_lines(text[at : found.start()].rstrip("\n")), f"<pre>{html.escape(found[1])}</pre>"]
        at = found.end() + text.startswith("\n", found.end())
    out.append(_lines(text[at:]))
    return "".join(out)


def _lines(text: str) -> str:
    shown: list[str] = []
    for line in text.split("\n"):
        if line.startswith("-# "):
            shown.append(f"<small>{inline(line[3:])}</small>")
        elif line.startswith("- "):
            shown.append(f"• {inline(line[2:])}")
        else:
            shown.append(inline(line))
    return "\n".join(shown)


def inline(text: str) -> str:
    """One line of Discord Markdown as HTML; everything else is escaped."""
    out: list[str] = []
    at = 0
    for found in _INLINE.finditer(text):
        out += [html.escape(text[at : found.start()]), _span(found)]
        at = found.end()
    out.append(html.escape(text[at:]))
    return "".join(out)


def _span(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "escaped":
        return html.escape(found["escaped"])
    if kind == "code":
        return f"<code>{html.escape(found['code'])}</code>"
    if kind in {"bold", "italic"}:
        tag = "b" if kind == "bold" else "i"
        return f"<{tag}>{inline(found[kind])}</{tag}>"
    return f'<a href="{html.escape(found["url"])}">{inline(found["name"])}</a>'


def plain_text(text: str) -> str:
    """Discord Markdown with its marks taken off, for the terminal."""
    said = _FENCE.sub(lambda found: "\n" + found[1], text)
    return _INLINE.sub(_plain_span, said.replace("-# ", "")).strip("\n")


def _plain_span(found: re.Match[str]) -> str:
    if found.lastgroup == "url":
        return f"{plain_text(found['name'])} <{found['url']}>"
    inner = found["escaped"] or found["code"] or found["bold"] or found["italic"] or ""
    return plain_text(inner) if found.lastgroup in {"bold", "italic"} else inner
