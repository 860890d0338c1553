"""What the bot says, by language: one TOML file a locale in bot/locales, English the one that must be complete.

A key missing in a language is said in English; a test holds that none is. Placeholders are `{name}`. What the core
says of an answer (knowledge.said) has keys under `core.` in every language but English, whose text it is already.
Glossary, errors and notes of the catalogue are written in English alone. Pure but for reading the files once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from knowledge.said import Said

FOLDER: Final = Path(__file__).parent / "locales"
ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt-BR": "Português (Brasil)",
    "ja": "日本語",
    "zh-CN": "简体中文",
}
"""Discord's locale codes with the languages' own names; English stands for en-US and en-GB."""


class Say:
    """The messages of one locale: `say("fit.given")`, `say("press.shared_by", name=…)`. Hashed by its locale."""

    __slots__ = ("_texts", "locale")

    def __init__(self, locale: str, texts: Mapping[str, str]) -> None:
        self.locale = locale
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The message of a key with its placeholders filled. Raises KeyError for a key that does not exist."""
        text = self._texts[key]
        return text.format_map(values) if values else text

    def core(self, text: str) -> str:
        """A sentence of the core in this language; text that is none, or is English here, as it is."""
        template = self._texts.get(f"core.{text.key}") if isinstance(text, Said) else None
        if template is None or not isinstance(text, Said):
            return str(text)
        return template.format_map({name: self.core(value) for name, value in text.values.items()})

    def get(self, key: str) -> str | None:
        """The message of a key as written; None where there is none in any language."""
        return self._texts.get(key)

    def __hash__(self) -> int:
        return hash(self.locale)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Say) and other.locale == self.locale


def locale_of(code: str) -> str:
    """The locale of ours nearest to one of Discord's (`es-419` → `es`, `zh-TW` → `zh-CN`), English where none is."""
    if code in LANGUAGES:
        return code
    language = code.partition("-")[0]
    return next((one for one in LANGUAGES if one.partition("-")[0] == language), ENGLISH)


@lru_cache(maxsize=64)
def say_in(code: str) -> Say:
    """The messages for one of Discord's locale codes."""
    locale = locale_of(code)
    return Say(locale, read(ENGLISH) | read(locale))


@lru_cache(maxsize=len(LANGUAGES))
def read(locale: str) -> dict[str, str]:
    """A locale's own messages by dotted key."""
    found: dict[str, str] = {}
    _flatten("", tomllib.loads((FOLDER / f"{locale}.toml").read_text("utf-8")), found)
    return found


def _flatten(prefix: str, table: Mapping[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[f"{prefix}{key}"] = str(value)
