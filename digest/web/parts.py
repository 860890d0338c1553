"""The parts of an issue a reader may choose among, in words. Found like the sections themselves: one module each."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import digest.sections
from digest.placeholders import ALWAYS

_WORDS: Final = {
    "brief": "The month in a few lines",
    "models": "Models worth the download",
    "machines": "Which file for which machine",
    "tools": "Tools that shipped",
    "hardware": "Hardware and drivers",
    "talk": "What people talked about",
    "giants": "Models too big for most desks",
    "also": "Everything else released",
    "errors": "Errors of the month",
    "glossary": "A word explained",
}


def choosable() -> Mapping[str, str]:
    """Return the parts by slug with the words shown for them."""
    found = {module.name for module in pkgutil.iter_modules(digest.sections.__path__)} - ALWAYS
    order = [*(slug for slug in _WORDS if slug in found), *sorted(found - _WORDS.keys())]
    return MappingProxyType({slug: _WORDS.get(slug, slug.replace("_", " ").capitalize()) for slug in order})


CHOOSABLE: Final = choosable()
