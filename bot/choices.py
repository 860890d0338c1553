"""Autocomplete choices: (id, label) pairs cut to what Discord takes. Pure; which names match is decided by the core."""

from __future__ import annotations

from collections.abc import Iterable

from bot.text import inert, label, units

MOST = 25
LONGEST = 100


def choices(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """At most 25 distinct (value, name) pairs of 1 to 100 characters; a value that is too long is left out, not cut."""
    kept: dict[str, str] = {}
    for value, name in pairs:
        shown = label(name or value, LONGEST)
        if value and shown and units(value) <= LONGEST and value not in kept:
            kept[value] = shown
        if len(kept) == MOST:
            break
    return list(kept.items())


def typed(text: str) -> str:
    """What a person has typed, as the index should see it: one line, no invisible characters, 100 at most."""
    return " ".join(inert(text[: 4 * LONGEST]).split())[:LONGEST]
