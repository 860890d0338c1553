"""The month's releases: catalogue models of that month and stored entries, folded and ranked. Pure.

The catalogue is the release history that ships with the product; entries come on top once sources were collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from digest.cluster import Told
from digest.names import TUNED
from digest.rank import Ranked, rank
from digest.sources import Source, organisations
from digest.text import url_key
from digest.wording import display_name
from knowledge.catalog import Model
from knowledge.store.digest_rows import EntryRow

_HUGGING_FACE: Final = "https://huggingface.co/"
_OLLAMA_LIBRARY: Final = "ollama.com/library/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One ranked release with the catalogue's models in it, the most downloaded first (none for tools and stories)."""

    ranked: Ranked
    models: tuple[Model, ...] = ()

    @property
    def title(self) -> str:
        """The release's name."""
        return display_name(self.ranked.item.title) if self.ranked.item.kind == "model" else self.ranked.item.title

    @property
    def url(self) -> str | None:
        """Where the release itself is."""
        return next((row.url for row in self.ranked.item.entries() if row.url), None)


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
    by_repo = {repo.lower(): model for model in reversed(known) for repo in model.repos}
    return tuple(
        Release(ranked=item, models=_models_in(item, by_repo))
        for item in rank(told, makers=makers, packagers=packagers)
    )


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


def _models_in(item: Ranked, by_repo: Mapping[str, Model]) -> tuple[Model, ...]:
    found: dict[str, Model] = {}
    for row in item.item.lead:
        model = by_repo.get(row.title.lower())
        if model is not None and not (model.kind == "base" or TUNED.search(model.name)):
            found.setdefault(model.id, model)
    return tuple(sorted(found.values(), key=lambda model: (-model.downloads, model.id)))


def models_of(releases: Sequence[Release]) -> tuple[Release, ...]:
    """Return the model releases among them."""
    return tuple(release for release in releases if release.ranked.item.kind == "model")
