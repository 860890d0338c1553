"""The release sources: what one is, and reading and checking the YAML files that list them.

Adding a source is one entry in `digest/sources/*.yaml`. This module fetches nothing and knows nothing of fetch state.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
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
_OPTIONAL: Final = ("cadence", "measured", "notes", "entries", "keep", "links", "headings")
CADENCES: Final = {
    "hourly": 1,
    "many a day": 1,
    "daily": 1,
    "weekdays": 3,
    "daily to weekly": 7,
    "weekly": 7,
    "monthly": 31,
    "quarterly": 92,
    "dormant": None,
    "unknown": None,
}
"""Days between announcements by the words of `cadence`; besides these, rates: `13.1/day`, `2-4/month`, `6-8/year`."""
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)(?:-\d+(?:\.\d+)?)?/(day|week|month|year)")
_DAYS: Final = {"day": 1, "week": 7, "month": 30.4, "year": 365}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": KINDS,
    "category": CATEGORIES,
    "role": ROLES,
    "cadence": tuple(CADENCES),
    "entries": ("varies",),
    "headings": ("dated",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place that announces releases. `evidence` says where its address was seen to be right.

    `cadence` is how often it announces (`CADENCES`), `measured` what that rests on. Reading rules, all optional:
    `entries: varies` (an empty or short document is no alarm); `keep`, a pattern of which a title or summary must
    hold something, else the entry is passed over; for pages `links`, the path a link must begin with, and
    `headings: dated` (headings are the entries, with the dates in them).
    """

    id: str
    kind: str
    name: str
    url: str
    category: str
    role: str
    evidence: str
    cadence: str = "unknown"
    measured: str = ""
    notes: str = ""
    entries: str = ""
    keep: str = ""
    links: str = ""
    headings: str = ""

    @property
    def varies(self) -> bool:
        """Whether its number of entries says nothing."""
        return self.entries == "varies"

    @property
    def dormant(self) -> bool:
        """Whether nothing is expected of it."""
        return self.cadence == "dormant"

    @property
    def usual_gap(self) -> timedelta | None:
        """The time between announcements that its cadence stands for, None where that is unknown."""
        return _gap_of(self.cadence)


def _gap_of(cadence: str) -> timedelta | None:
    """Return what a cadence means. Raises KeyError where it means nothing."""
    if rate := _RATE.fullmatch(cadence):
        times = float(rate.group(1))
        return timedelta(days=_DAYS[rate.group(2)] / times) if times else None
    days = CADENCES[cadence]
    return None if days is None else timedelta(days=days)


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
    for name, valid in _CHOICES.items():
        if name in raw and raw[name] not in valid and not (name == "cadence" and _RATE.fullmatch(raw[name])):
            raise SourceError(
                f"'{raw[name]}' is no {name}.", subject=f"{where}: {name}", hint=_nearest(raw[name], valid)
            )
    _check_rules(raw, where)
    parts = urlsplit(raw["url"])
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise SourceError(f"'{raw['url']}' is no http(s) address.", subject=f"{where}: url")
    return Source(**raw)


def _check_rules(raw: dict[str, str], where: str) -> None:
    try:
        re.compile(raw.get("keep", ""))
    except re.error as error:
        raise SourceError(f"'{raw['keep']}' is no pattern: {error}.", subject=f"{where}: keep") from error
    for name in ("links", "headings"):
        if name in raw and raw["kind"] != "html":
            raise SourceError(
                f"'{name}' is a rule for pages.", subject=f"{where}: {name}", hint="Its kind is not html."
            )
    if not raw.get("links", "/").startswith("/"):
        raise SourceError("A path begins with '/'.", subject=f"{where}: links")


def _nearest(value: str, valid: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(value, valid, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Valid: {', '.join(valid)}."
