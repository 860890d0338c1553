"""The release sources: what one is, and reading and checking the YAML files that list them.

Adding a source is one entry in `digest/sources/*.yaml`. This module fetches nothing and knows nothing of fetch state.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import yaml

from digest.errors import SourceError

KINDS: Final = ("github_atom", "json_api", "rss", "atom", "html")
CATEGORIES: Final = ("model", "tool", "hardware", "driver", "research")
ROLES: Final = ("maker", "packager", "press", "community", "registry")
"""Who speaks: the maker itself, someone re-packaging others' models, the press, a forum, or an index of all of them."""

_REQUIRED: Final = ("id", "kind", "name", "url", "category", "role", "evidence")
_OPTIONAL: Final = ("cadence", "notes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place that announces releases. `evidence` says where its address was seen to be right."""

    id: str
    kind: str
    name: str
    url: str
    category: str
    role: str
    evidence: str
    cadence: str = ""
    notes: str = ""

    @property
    def host(self) -> str:
        """The host politeness is counted by."""
        return (urlsplit(self.url).hostname or "").lower()


def load_sources(folder: Path) -> tuple[Source, ...]:
    """All sources of the folder's YAML files, in file order. Raises SourceError for the first thing wrong."""
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        raise SourceError(f"No source files in {folder}.", subject=str(folder), hint="Give a folder with *.yaml files.")
    sources: dict[str, Source] = {}
    for file in files:
        for raw in _read(file):
            source = source_from(raw, file.name)
            if source.id in sources:
                raise SourceError(f"The id '{source.id}' is used twice.", subject=f"{file.name}: {source.id}: id")
            sources[source.id] = source
    return tuple(sources.values())


def organisations(sources: Iterable[Source]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the model makers and the packagers among the Hugging Face sources, as lower-case organisation names."""
    makers: set[str] = set()
    packagers: set[str] = set()
    for source in sources:
        query = parse_qs(urlsplit(source.url).query)
        for org in query.get("author", []):
            (packagers if source.role == "packager" else makers).add(org.lower())
    return frozenset(makers), frozenset(packagers)


def _read(file: Path) -> list[Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{file.name} is not YAML: {' '.join(str(error).split())}", subject=file.name) from error
    if not isinstance(content, list):
        raise SourceError(f"{file.name} is not a list of sources.", subject=file.name)
    return content


def source_from(raw: object, file: str) -> Source:
    """One checked source. Raises SourceError naming file, entry, field and the nearest valid value."""
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise SourceError(f"An entry of {file} is not a mapping of text fields.", subject=file)
    where = f"{file}: {raw.get('id', '?')}"
    for name in raw:
        if name not in _REQUIRED + _OPTIONAL:
            raise SourceError(
                f"Unknown field '{name}'.", subject=f"{where}: {name}", hint=_nearest(name, _REQUIRED + _OPTIONAL)
            )
    for name in _REQUIRED:
        if not raw.get(name):
            raise SourceError(f"The field '{name}' is missing.", subject=f"{where}: {name}")
    for name, valid in (("kind", KINDS), ("category", CATEGORIES), ("role", ROLES)):
        if raw[name] not in valid:
            raise SourceError(
                f"'{raw[name]}' is no {name}.", subject=f"{where}: {name}", hint=_nearest(raw[name], valid)
            )
    parts = urlsplit(raw["url"])
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise SourceError(f"'{raw['url']}' is no http(s) address.", subject=f"{where}: url")
    return Source(**raw)


def _nearest(value: str, valid: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(value, valid, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Valid: {', '.join(valid)}."
