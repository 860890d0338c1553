"""What sections are built from: the month's releases, the fits, the rigs spoken of. Pure; no text is made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from digest.fits import Fit, Fits, Rig
from digest.issue import Link
from digest.releases import Release
from digest.sources import Source
from digest.told import Told
from knowledge.catalog import Knowledge, Model
from knowledge.store.digest_rows import EntryRow

MODELS_SHOWN: Final = 8
GIANTS_SHOWN: Final = 6
ALSO_SHOWN: Final = 14
WORTH: Final = 2.0
"""Score from which a model release gets a card of its own: a known maker plus some sign that people use it."""

HISTORY: Final = 150
"""Models of earlier months that a reader's machine is compared with: the most downloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model release as a reader's own part needs it: no more than is stored with the issue."""

    key: str
    title: str
    url: str
    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An entry of a hardware or driver source, with the source."""

    source: Source
    entry: EntryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One issue's material. `rigs` are the reference machines, smallest first; `rig` is the reader's own.

    `diagnoses` counts the errors diagnosed this month, `corrections` are (what was wrong, what is right), `explained`
    the glossary terms of the last issues, `pinned` the keys a maintainer wants among the cards, in that order.
    """

    month: str
    knowledge: Knowledge
    releases: tuple[Release, ...]
    fits: Fits
    rigs: tuple[Rig, ...]
    workstation: Rig
    rig: Rig | None = None
    history: tuple[Model, ...] = ()
    news: tuple[News, ...] = ()
    diagnoses: Mapping[str, int] = field(default_factory=dict)
    corrections: tuple[tuple[str, str], ...] = ()
    explained: AbstractSet[str] = frozenset()
    pinned: Sequence[str] = ()
    featured: tuple[Release, ...] = field(default=())
    giants: tuple[Release, ...] = field(default=())
    also: tuple[Release, ...] = field(default=())

    def smallest_fit(self, release: Release) -> Fit | None:
        """Return the fit on the smallest reference machine that runs the release comfortably, else with trade-offs."""
        for wanted in ("comfortable", "trade-offs"):
            for rig in self.rigs:
                fit = self.fits.best_of(release.models, rig)
                if fit is not None and fit.tier == wanted and fit.usable:
                    return fit
        return None

    def tools(self) -> list[Release]:
        """The releases of programs."""
        return [release for release in self.releases if release.ranked.item.kind == "tool"]

    def offers(self) -> tuple[Offer, ...]:
        """The model releases shown to everybody, as a reader's own part takes them up."""
        shown = (*self.featured, *self.also, *self.giants)
        return tuple(
            Offer(key=release.key, title=release.title, url=release.url or "", models=release.models)
            for release in sorted(shown, key=lambda release: -release.ranked.score)
            if any(model.writes_text for model in release.models)
        )


def sort_releases(context: Context) -> Context:
    """Return the context with its model releases dealt to featured, giants and also-released."""
    featured: list[Release] = []
    giants: list[Release] = []
    also: list[Release] = []
    place = {key: number for number, key in enumerate(context.pinned)}
    for release in sorted(context.releases, key=lambda found: place.get(found.key, len(place))):
        if release.ranked.item.kind != "model" or not release.models:
            continue
        fits = [context.fits.best_of(release.models, rig) for rig in context.rigs]
        runs = any(fit.usable for fit in fits if fit is not None)
        known = all(fit is not None and fit.tier is not None for fit in fits)
        side = not any(model.writes_text for model in release.models)
        worth = release.ranked.score >= WORTH and not side and runs
        if (worth and len(featured) < MODELS_SHOWN) or release.key in place:
            featured.append(release)
        elif known and not runs and len(giants) < GIANTS_SHOWN:
            giants.append(release)
        elif len(also) < ALSO_SHOWN:
            also.append(release)
    return replace(context, featured=tuple(featured), giants=tuple(giants), also=tuple(also))


def history_before(month: str, models: Iterable[Model]) -> tuple[Model, ...]:
    """Return the most downloaded models of earlier months: what a machine could run until now."""
    earlier = [
        model
        for model in models
        if model.shape is not None
        and model.release_date
        and model.release_date[:7] < month
        and model.kind in {"chat", "vlm", "code", "reasoning"}
    ]
    return tuple(sorted(earlier, key=lambda model: (-model.downloads, model.id))[:HISTORY])


def links_of(release: Release, chosen: Model | None = None) -> tuple[Link, ...]:
    """Return where a release was read: its page, a file of the model chosen from it, then others who told of it."""
    links: dict[str, Link] = {}
    own = model_url(chosen) if chosen is not None else ""
    if own:
        links[own] = Link(text="Hugging Face", url=own)
    if (row := release.page) is not None and not (own and row.kind == "model_listing"):
        links[row.url] = Link(text=source_name(row), url=row.url)
    for model in (chosen, *release.models):
        if model is not None and model.gguf_repo:
            url = f"https://huggingface.co/{model.gguf_repo}"
            links[url] = Link(text=f"GGUF files by {model.gguf_repo.partition('/')[0]}", url=url)
            break
    item = release.ranked.item
    for row in [*item.library[:1], *item.press[:1], *sorted(item.talk, key=lambda told: -(told.votes or 0))[:1]]:
        links.setdefault(row.url, Link(text=source_name(row), url=row.url))
    return tuple(link for url, link in links.items() if url)


def model_url(model: Model, otherwise: str = "") -> str:
    """Return the page of a model itself, not of the release it belongs to."""
    if not model.repos:
        return otherwise
    based = "base" in model.name.lower()
    repo = min(model.repos, key=lambda name: (("base" in name.lower()) != based, model.repos.index(name)))
    return f"https://huggingface.co/{repo}"


def source_name(row: Told) -> str:
    """Return a source's name as readers know it."""
    if row.source.startswith("huggingface:"):
        return "Hugging Face"
    return {"ollama library": "Ollama library"}.get(row.source, row.source)
