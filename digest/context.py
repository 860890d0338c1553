"""What sections are built from: the month's releases, the fits, the rigs spoken of. Pure; no text is made here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from digest.fits import Fit, Fits, Rig
from digest.issue import Link
from digest.releases import Release
from digest.told import Told
from knowledge.catalog import FitTier, Model

MODELS_SHOWN: Final = 8
GIANTS_SHOWN: Final = 6
ALSO_SHOWN: Final = 14
WORTH: Final = 2.0
"""Score from which a model release gets a card of its own: a known maker plus some sign that people use it."""

RUNS: Final[frozenset[FitTier | None]] = frozenset({"comfortable", "trade-offs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One issue's material. `rigs` are the reference machines, smallest first; `rig` is the reader's own."""

    month: str
    releases: tuple[Release, ...]
    fits: Fits
    rigs: tuple[Rig, ...]
    workstation: Rig
    rig: Rig | None = None
    featured: tuple[Release, ...] = field(default=())
    giants: tuple[Release, ...] = field(default=())
    also: tuple[Release, ...] = field(default=())

    def smallest_fit(self, release: Release) -> Fit | None:
        """Return the fit on the smallest reference machine that runs the release comfortably, else with trade-offs."""
        for wanted in ("comfortable", "trade-offs"):
            for rig in self.rigs:
                fit = self.fits.best_of(release.models, rig)
                if fit is not None and fit.tier == wanted:
                    return fit
        return None


def sort_releases(context: Context) -> Context:
    """Return the context with its model releases dealt to featured, giants and also-released."""
    featured: list[Release] = []
    giants: list[Release] = []
    also: list[Release] = []
    for release in context.releases:
        if release.ranked.item.kind != "model" or not release.models:
            continue
        fits = [context.fits.best_of(release.models, rig) for rig in context.rigs]
        tiers = {fit.tier for fit in fits if fit is not None}
        side = all(model.kind == "embedding" for model in release.models)
        if tiers & RUNS and release.ranked.score >= WORTH and not side and len(featured) < MODELS_SHOWN:
            featured.append(release)
        elif tiers == {"no"} and len(giants) < GIANTS_SHOWN:
            giants.append(release)
        elif len(also) < ALSO_SHOWN:
            also.append(release)
    return replace(context, featured=tuple(featured), giants=tuple(giants), also=tuple(also))


def links_of(release: Release, chosen: Model | None = None) -> tuple[Link, ...]:
    """Return where a release was read: its page, a file of the model chosen from it, then others who told of it."""
    links: dict[str, Link] = {}
    for row in release.ranked.item.lead[:1]:
        links[row.url] = Link(text=source_name(row), url=row.url)
    for model in (chosen, *release.models):
        if model is not None and model.gguf_repo:
            url = f"https://huggingface.co/{model.gguf_repo}"
            links[url] = Link(text=f"GGUF files by {model.gguf_repo.partition('/')[0]}", url=url)
            break
    item = release.ranked.item
    for row in [*item.library[:1], *item.press[:1], *sorted(item.talk, key=lambda told: -(told.votes or 0))[:1]]:
        links.setdefault(row.url, Link(text=source_name(row), url=row.url))
    return tuple(links.values())


def source_name(row: Told) -> str:
    """Return a source's name as readers know it."""
    if row.source.startswith("huggingface:"):
        return "Hugging Face"
    return {"ollama library": "Ollama library"}.get(row.source, row.source)
