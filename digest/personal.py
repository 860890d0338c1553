"""Makes an issue's part about one reader's machine: the same section, styles and words as in a preview for it.

It is made of what is stored with the issue (`offers_of`), so that entries collected after approval change nothing. The
month's models are compiled once; a machine then costs a look into the cells, some estimates and one small rendering.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from digest.context import Context, Offer
from digest.fits import Fits
from digest.issue import Issue, Section
from digest.placeholders import RIG_HTML
from digest.render import render
from digest.sections.rig import rig_section
from digest.settings import Settings
from knowledge.answers import Answers
from knowledge.catalog import Model
from knowledge.store.subscriber_rows import SavedRig

_END_HTML: Final = '<div class="method"'
_END_TEXT: Final = "HOW TO READ THE FIGURES"


def stored_offers(context: Context) -> list[dict[str, Any]]:
    """Return what is stored with an issue for readers' own parts."""
    offers = [
        {"key": offer.key, "title": offer.title, "url": offer.url, "models": [model.id for model in offer.models]}
        for offer in context.offers()
    ]
    return [*offers, {"history": [model.id for model in context.history]}]


def offers_of(
    stored: Iterable[Mapping[str, Any]], models: Mapping[str, Model]
) -> tuple[tuple[Offer, ...], tuple[Model, ...]]:
    """Return (offers, history) of a stored issue; models the catalogue no longer has are passed over."""
    offers: list[Offer] = []
    history: tuple[Model, ...] = ()
    for row in stored:
        if "history" in row:
            history = tuple(models[id_] for id_ in row["history"] if id_ in models)
            continue
        found = tuple(models[id_] for id_ in row["models"] if id_ in models)
        if found:
            offers.append(Offer(key=row["key"], title=row["title"], url=row["url"], models=found))
    return tuple(offers), history


class RigParts:
    """Makes the parts of one issue; call it with a machine. Raises UnknownName where the answers do not know it."""

    def __init__(
        self, month: str, offers: Sequence[Offer], history: Sequence[Model], answers: Answers, settings: Settings
    ) -> None:
        self._month = month
        self._offers, self._history = offers, history
        self._fits = Fits(answers).compiled([*(model for offer in offers for model in offer.models), *history])
        self._settings = settings

    def __call__(self, rig: SavedRig) -> tuple[str, str]:
        """Return (HTML, text)."""
        fits = self._fits.afresh()  # fits of a thousand machines need not be kept
        mine = fits.own_rig(rig.name, rig.ram_gib)
        return self._cut(rig_section(self._offers, self._history, fits, mine))

    def _cut(self, section: Section) -> tuple[str, str]:
        """Render an issue of this section alone and take the section out of it."""
        alone = Issue(month=self._month, month_name="", subject="", preheader="", intro=(), sections=(section,))
        rendered = render(alone, self._settings)
        html = rendered.html.partition(RIG_HTML)[2].partition(_END_HTML)[0]
        title = section.title.upper()
        text = title + rendered.text.partition(f"\n{title}")[2].partition(_END_TEXT)[0]
        return html.strip() + "\n", text.strip() + "\n"
