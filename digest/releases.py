"""The month's releases: catalogue models of that month and stored entries, folded and ranked. Pure.

The catalogue is the release history that ships with the product; entries come on top once sources were collected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

from digest.families import TUNED
from digest.names import read_name
from digest.rank import Ranked, first_dates, rank
from digest.sources import Source, organisations
from digest.text import url_key
from digest.told import Told
from digest.wording import display_name
from knowledge.catalog import Model
from knowledge.store.digest_rows import EntryRow

_HUGGING_FACE: Final = "https://huggingface.co/"
_OLLAMA_LIBRARY: Final = "ollama.com/library/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One ranked release with the catalogue's models in it, the most downloaded first (none for tools and stories).

    `namesake`: the month has another release of the same name, and only the sizes tell them apart.
    """

    ranked: Ranked
    models: tuple[Model, ...] = ()
    namesake: bool = False

    @property
    def title(self) -> str:
        """The release's name."""
        return display_name(self.ranked.item.title) if self.ranked.item.kind == "model" else self.ranked.item.title

    @property
    def key(self) -> str:
        """What maintainers call it by, the same in every draft of the month: `model:qwen3.6-27b`, `tool:owner/repo`."""
        item = self.ranked.item
        if item.kind != "model":
            return f"{item.kind}:{item.key}"
        name = re.sub(r"[(), ]+", " ", item.title).strip() if self.namesake else self.name
        return f"model:{name.lower().replace(' ', '-')}"

    @property
    def name(self) -> str:
        """The release's title without its sizes."""
        return self.ranked.item.title.partition(" (")[0]

    @property
    def url(self) -> str | None:
        """Where the release itself is."""
        return self.page.url if self.page is not None else None

    @property
    def page(self) -> Told | None:
        """The entry to lead readers to: of a model's repositories the plainest one, no base model or repacking."""
        item = self.ranked.item
        own = [row for row in item.lead if row.url and row.kind == "model_listing"]
        if own:
            return min(own, key=lambda row: ("base" in row.title.lower(), len(row.title), row.title))
        return next((row for row in item.entries() if row.url), None)


def releases_of(
    month: str, models: Iterable[Model], entries: Iterable[EntryRow], sources: Mapping[str, Source]
) -> tuple[Release, ...]:
    """Return what came out in `month`, best first."""
    known = list(models)
    told = [_told_of_model(model) for model in known if (model.release_date or "")[:7] == month and model.repos]
    seen = {url_key(row.url) for row in told}
    for row in entries:
        source = sources.get(row.source_id)
        item = _told_of_entry(row, source) if source is not None else None
        if item is not None and not (item.kind == "model_listing" and url_key(item.url) in seen):
            told.append(item)
    makers, packagers = organisations(sources.values())
    index = _Index.of(known)
    first = first_dates((model.name, model.release_date) for model in known)
    ranked = rank(told, makers=makers, packagers=packagers, known=first)
    releases = [Release(ranked=item, models=index.models_in(item, month)) for item in ranked]
    called = Counter(release.name.lower() for release in releases if release.ranked.item.kind == "model")
    return tuple(replace(release, namesake=called[release.name.lower()] > 1) for release in releases)


def _told_of_model(model: Model) -> Told:
    repo = model.repos[0]
    return Told(
        source=f"huggingface:{repo.partition('/')[0]}",
        kind="model_listing",
        url=_HUGGING_FACE + repo,
        title=repo,
        published=model.release_date or "",
        downloads=model.downloads or None,
    )


def _told_of_entry(row: EntryRow, source: Source) -> Told | None:
    """Return a stored entry as clustering sees it; None for what is no announcement (links of a page's menu)."""
    kind, name, title = "blog", source.name, row.title
    author = parse_qs(urlsplit(source.url).query).get("author")
    if source.kind == "github_atom":
        kind = "github_release"
    elif author:
        kind, name = "model_listing", f"huggingface:{author[0]}"
    elif _OLLAMA_LIBRARY in row.url:
        kind, name, title = "model_listing", "ollama library", row.url.partition(_OLLAMA_LIBRARY)[2].partition("/")[0]
    elif source.role == "community":
        kind = "discussion"
    elif source.kind == "html" or (source.category == "research" and source.role == "registry"):
        return None
    date = row.published_at or row.updated_at
    return Told(
        source=name,
        kind=kind,
        url=row.url,
        title=title,
        published=date.date().isoformat() if date else "",
        summary=row.summary,
        votes=row.votes,
    )


@dataclass(frozen=True, slots=True)
class _Index:
    """The catalogue by repository and by squashed name, without base models and fine-tunes."""

    by_repo: Mapping[str, Model]
    by_name: Mapping[str, tuple[Model, ...]]

    @classmethod
    def of(cls, models: Sequence[Model]) -> _Index:
        """Index the models one would recommend."""
        wanted = [model for model in models if model.kind != "base" and not TUNED.search(model.name)]
        by_name: dict[str, tuple[Model, ...]] = {}
        for model in wanted:
            key = read_name(model.name).full_key
            by_name[key] = (*by_name.get(key, ()), model)
        return cls({repo.lower(): model for model in reversed(wanted) for repo in model.repos}, by_name)

    def models_in(self, item: Ranked, month: str) -> tuple[Model, ...]:
        """Return the models of a release: by its repositories, else those of its name from about that month."""
        found = {model.id: model for row in item.item.lead if (model := self.by_repo.get(row.title.lower()))}
        if not found and item.item.kind == "model":
            named = (model for name in sorted(item.item.names) for model in self.by_name.get(name, ()))
            found = {model.id: model for model in named if _months_apart(model.release_date, month) <= 1}
        return tuple(sorted(found.values(), key=lambda model: (-model.downloads, model.id)))


def _months_apart(date: str | None, month: str) -> int:
    """Return how many months lie between a date and a month; many where the date is unknown."""
    if not date or len(date) < 7:
        return 999
    return abs((int(date[:4]) - int(month[:4])) * 12 + int(date[5:7]) - int(month[5:7]))
