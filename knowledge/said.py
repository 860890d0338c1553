"""Sentences the core makes, with their key and figures kept, so that a face may say them in another language.

A `Said` is its English text, and goes wherever text goes; the bot looks its key up in the reader's language and fills
the same figures in. Nothing is translated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce


class Said(str):
    """English text that remembers its `key` and the `values` in it, which may be sentences themselves."""

    __slots__ = ("key", "values")

    key: str
    values: Mapping[str, str]


def worded(key: str, template: str, /, **values: str) -> str:
    """The sentence of a key: `worded("short_by", "{n} are missing", n="2 GiB")`. Key and template are literals."""
    made = Said(template.format_map(values) if values else template)
    made.key, made.values = key, values
    return made


def joined(texts: Iterable[str]) -> str:
    """Sentences one after another, each once, every one of them with its own key and figures."""
    each = [text for text in dict.fromkeys(texts) if text]
    return reduce(_after, each) if each else ""


def said_of(message: str, hint: str) -> str:
    """What is wrong and what to do about it, as one text of two sentences."""
    return joined((message, hint))


def _after(first: str, second: str) -> str:
    return worded("one_after_another", "{first} {second}", first=first, second=second)
