"""The records of loading content: what was read, where it stands, what is wrong with it. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.catalog import Alias, Device, ErrorClass, Model, Page, QuantType, Term, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in the content: `file` (within the content folder), `entry` (its id), `field`, and the cure."""

    file: str
    message: str
    entry: str = ""
    field: str = ""
    hint: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [place, *(part for part in (self.entry, self.field) if part), self.message]
        return f"{': '.join(parts)}. {self.hint}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry stands: file (relative to the content folder) and line."""

    file: str
    line: int = 0

    def problem(self, entry: str, field_name: str, message: str, hint: str = "") -> Problem:
        """Report something wrong with this entry."""
        return Problem(file=self.file, line=self.line, entry=entry, field=field_name, message=message, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything read from a content folder, in the order of its files. `places` is keyed by kind and id (or text)."""

    models: tuple[Model, ...] = ()
    devices: tuple[Device, ...] = ()
    quants: tuple[QuantType, ...] = ()
    aliases: tuple[Alias, ...] = ()
    terms: tuple[Term, ...] = ()
    errors: tuple[ErrorClass, ...] = ()
    tools: tuple[Tool, ...] = ()
    pages: tuple[Page, ...] = ()
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)

    def place(self, kind: str, key: str) -> Place:
        """Where an entry stands; the kind alone where the content was not read from files."""
        return self.places.get((kind, key), Place(file=kind))
