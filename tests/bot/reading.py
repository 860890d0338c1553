"""What a person reads of a message made of components: its texts, its buttons, its selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.components import BUTTON, GALLERY, SELECT, TEXT, walk
from bot.standin.exchange import Exchange


def texts(message: Mapping[str, Any]) -> list[str]:
    """Every text, from the top."""
    return [part["content"] for part in walk(message.get("components") or []) if part["type"] == TEXT]


def said(exchange: Exchange) -> str:
    """All that the asker reads."""
    return "\n".join(texts(exchange.message))


def title(exchange: Exchange) -> str:
    """The first line."""
    return said(exchange).split("\n")[0]


def buttons(exchange: Exchange) -> dict[str, str]:
    """Ids by what stands on the buttons."""
    return {
        part["label"]: part["custom_id"]
        for part in walk(exchange.components)
        if part["type"] == BUTTON and "custom_id" in part
    }


def selects(exchange: Exchange) -> dict[str, Mapping[str, Any]]:
    """The selects by their placeholders."""
    return {part["placeholder"]: part for part in walk(exchange.components) if part["type"] == SELECT}


def pictures(message: Mapping[str, Any]) -> list[str]:
    """The addresses of the pictures shown."""
    return [item["media"]["url"] for part in walk(message.get("components") or []) if part["type"] == GALLERY
            for item in part["items"]]  # fmt: skip
