"""Forms that open over a card, in Discord's JSON, and what comes back of them. Nothing is kept while one is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from discord import ui

from bot.layout import Component
from bot.say import Say
from bot.text import label

REPORT_FORM: Final = "R"
LABEL, INPUT, SHORT, LONG = 18, 4, 1, 2


class Form(ui.Modal):
    """A form that is JSON already. It is stopped at once, so that discord.py keeps nothing of it."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"], timeout=None)
        self._payload = payload
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        """The form as it is."""
        return self._payload


def report_form(custom_id: str, say: Say) -> Form:
    """The form that asks what somebody measures."""
    parts = [
        _input("speed", say("report.speed"), say("report.hint"), style=SHORT, most=20),
        _input("note", say("report.note"), "", style=LONG, most=500, required=False),
    ]
    return Form({"custom_id": custom_id, "title": label(say("report.title"), 45), "components": parts})


def _input(name: str, title: str, hint: str, *, style: int, most: int, required: bool = True) -> Component:
    field: dict[str, Any] = {"type": INPUT, "custom_id": name, "style": style, "max_length": most, "required": required}
    made: dict[str, Any] = {"type": LABEL, "label": label(title, 45), "component": field}
    return {**made, "description": label(hint, 100)} if hint else made


def values(data: Mapping[str, Any]) -> dict[str, str]:
    """What was entered, by the inputs' names."""
    found: dict[str, str] = {}
    for part in data.get("components") or ():
        inner = part.get("component") or {}
        if isinstance(inner.get("custom_id"), str) and isinstance(inner.get("value"), str):
            found[inner["custom_id"]] = inner["value"]
    return found
