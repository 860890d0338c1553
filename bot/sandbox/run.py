"""Runs calls against the store and shows their cards: a page in a file, cards on the terminal, or JSON."""

from __future__ import annotations

import dataclasses
import json
import os.path
import sys
from pathlib import Path
from types import ModuleType

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from bot import commands
from bot.desk import Desk
from bot.layout import Card, Reply, within_limits
from bot.respond import reply_of
from bot.sandbox.call import Call, read_call
from bot.sandbox.page import page, plain_text
from bot.settings import Settings
from knowledge.errors import BadInput

WIDTH = 96
STYLE = Path(__file__).with_name("style.css")


def run_sandbox(settings: Settings, text: str, *, html: str, as_json: bool) -> int:
    """Answer one call, or the gallery; returns 0, or 1 where the one call's answer is "no"."""
    modules = {module.NAME: module for module in commands.modules()}
    calls = [read_call(text, modules)] if text.strip() else gallery(list(modules.values()))
    desk = Desk.open(settings.database_url)
    answered = [(call.text, reply_to(desk, call)) for call in calls]
    if as_json:
        print(json.dumps([_json(call, reply) for call, reply in answered], ensure_ascii=False, indent=2))  # noqa: T201
    else:
        show(answered)
    if html or not text.strip():
        where = Path(html) if html else settings.data_dir / "sandbox.html"
        _write(where, page(answered, STYLE.read_text("utf-8")))
        print(f"The same as a page: {os.path.relpath(where)}", file=sys.stderr)  # noqa: T201
    return 1 if text.strip() and answered[0][1].failed else 0


def gallery(modules: list[ModuleType]) -> list[Call]:
    """The example calls of every command."""
    return [Call(module, options) for module in modules for options in module.EXAMPLES]


def reply_to(desk: Desk, call: Call) -> Reply:
    """What the bot would answer, errors included."""
    return reply_of(lambda: call.module.reply(desk, **call.options), desk.name_of, where=call.module.NAME)


def show(answered: list[tuple[str, Reply]]) -> None:
    """Set the cards on the terminal."""
    wide = Console()
    console = Console(width=min(WIDTH, wide.width))
    for call, reply in answered:
        console.print(Text(call, style="bold bright_blue"))
        for card in within_limits(reply.cards):
            console.print(_panel(card))


def _panel(card: Card) -> Panel:
    body: list[RenderableType] = [Text(plain_text(card.description))] if card.description else []
    for field in card.fields:
        body += [Text(), Text(plain_text(field.name), style="bold"), Text(plain_text(field.value))]
    if card.footer:
        body += [Text(), Text(card.footer, style="dim")]
    return Panel(Group(*body), title=Text(plain_text(card.title)), border_style=f"#{card.color:06x}", padding=(1, 2))


def _json(call: str, reply: Reply) -> dict[str, object]:
    cards = [dataclasses.asdict(card) for card in within_limits(reply.cards)]
    return {"call": call, "ok": not reply.failed, "cards": cards}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadInput(
            f"The page cannot be written: {error.strerror}.", subject=str(path), hint="Give --html a file that can be."
        ) from error
