"""Cards as an HTML page that looks like Discord's dark theme, and as text for the terminal. Pure: strings in, strings out.

It understands the part of Discord's Markdown that cards use. It is for looking; what Discord gets is made in respond.py.
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

STYLE = """
:root { color-scheme: dark }
* { box-sizing: border-box }
body { margin: 0; padding: 28px 0 60px; background: #1a1a1e; color: #dfe0e2;
  font: 16px/1.375 "gg sans", "Noto Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif }
main { max-width: 760px; margin: 0 auto; padding: 0 20px }
h1 { font-size: 20px; color: #fff; margin: 0 0 4px } h1 + p { color: #97989d; margin: 0 0 24px; font-size: 14px }
.message { display: grid; grid-template-columns: 40px 1fr; gap: 0 16px; padding: 12px 0 18px }
.call { grid-column: 1 / 3; color: #97989d; font-size: 14px; margin: 0 0 6px 20px; padding-left: 36px; position: relative }
.call::before { content: ""; position: absolute; left: 0; top: 8px; width: 26px; height: 10px; border: 2px solid #3d3e45;
  border-width: 2px 0 0 2px; border-radius: 6px 0 0 0 }
.call b { color: #8ea1ff; font-weight: 500 }
.avatar { width: 40px; height: 40px; border-radius: 50%; background: linear-gradient(135deg, #8b5cf6, #5865f2); color: #fff;
  font-weight: 700; display: grid; place-items: center }
.who { color: #fff; font-weight: 500; margin-bottom: 4px }
.who span { background: #5865f2; border-radius: 4px; font-size: 10px; font-weight: 600; padding: 1px 5px; margin-left: 4px; vertical-align: 2px }
.embed { background: #242429; border: 1px solid #2e2f34; border-left: 4px solid; border-radius: 4px; padding: 10px 16px 16px 12px;
  max-width: 520px; margin-bottom: 6px }
.title { color: #fff; font-weight: 600; margin: 6px 0 4px; overflow-wrap: anywhere }
.text { font-size: 14px; line-height: 18px; white-space: pre-wrap; overflow-wrap: anywhere }
.fields { display: grid; grid-template-columns: repeat(12, 1fr); gap: 8px; margin-top: 8px }
.name { color: #fff; font-size: 14px; font-weight: 600; margin-bottom: 2px }
.footer { font-size: 12px; color: #b4b5ba; margin-top: 10px }
code, pre { background: #18181b; border: 1px solid #2e2f34; border-radius: 4px; font: 12.5px/1.3 "gg mono", "DejaVu Sans Mono", Consolas, monospace }
code { padding: 1px 3px } pre { padding: 7px; margin: 4px 0 0; white-space: pre-wrap; overflow-wrap: anywhere }
small { font-size: 12px; color: #97989d } a { color: #7cb7ff; text-decoration: none } ul { margin: 2px 0; padding-left: 20px }
.button { display: inline-block; background: #3d3e45; color: #fff; border-radius: 8px; padding: 6px 14px; font-size: 14px; font-weight: 500; margin-top: 2px }
.private { color: #97989d; font-size: 12px; margin-top: 6px }
"""


def page(answered: Iterable[tuple[str, Reply]]) -> str:
    """The whole page: one message for each (call, reply)."""
    messages = "\n".join(_message(call, reply) for call, reply in answered)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>RUNLOCALAI sandbox</title><style>{STYLE}</style></head>\n'
        "<body><main><h1># local-ai</h1><p>What the bot answers, without Discord. Made by <code>python -m bot sandbox</code>.</p>\n"
        f"{messages}\n</main></body></html>\n"
    )


def _message(call: str, reply: Reply) -> str:
    embeds = "".join(_embed(card) for card in within_limits(reply.cards))
    button = '<div class="button">📣 Share to channel</div>' if reply.shareable else ""
    return (
        f'<section class="message"><div class="call">you used <b>{html.escape(call)}</b></div><div class="avatar">R</div>'
        f'<div><div class="who">RUNLOCALAI <span>APP</span></div>{embeds}{button}'
        '<div class="private">👁 Only you can see this</div></div></section>'
    )


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
