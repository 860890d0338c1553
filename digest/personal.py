"""Makes an issue's part about one reader's machine: the same section, styles and words as in a preview for it.

The month's material is gathered once; a machine then costs its estimates and one small rendering.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from digest.context import Context
from digest.fits import RAM_GIB, Fits
from digest.issue import Issue, Section
from digest.placeholders import RIG_HTML
from digest.render import render
from digest.sections.rig import build
from digest.settings import Settings
from knowledge.store.subscriber_rows import SavedRig

_END_HTML: Final = '<div class="method"'
_END_TEXT: Final = "HOW TO READ THE FIGURES"


class RigParts:
    """Makes the parts of one issue; call it with a machine. Raises UnknownName where the answers do not know it."""

    def __init__(self, context: Context, settings: Settings) -> None:
        self._context = context
        self._settings = settings

    def __call__(self, rig: SavedRig) -> tuple[str, str]:
        """Return (HTML, text), both empty where there is nothing to say."""
        fits = Fits(self._context.fits.answers)  # of its own: fits of a thousand machines need not be kept
        mine = fits.rig(rig.name, ram_gib=RAM_GIB if rig.ram_gib is None else rig.ram_gib)
        section = build(replace(self._context, rig=mine, fits=fits))
        return self._cut(section) if section is not None else ("", "")

    def _cut(self, section: Section) -> tuple[str, str]:
        """Render an issue of this section alone and take the section out of it."""
        alone = Issue(month=self._context.month, month_name="", subject="", preheader="", intro=(), sections=(section,))
        rendered = render(alone, self._settings)
        html = rendered.html.partition(RIG_HTML)[2].partition(_END_HTML)[0]
        title = section.title.upper()
        text = title + rendered.text.partition(f"\n{title}")[2].partition(_END_TEXT)[0]
        return html.strip() + "\n", text.strip() + "\n"
