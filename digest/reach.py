"""How many readers' machines run each of the month's releases: for maintainers, thousands of machines at once. Pure.

Verdicts come from the estimator's ranking of compiled cells and follow the rule files are chosen by (`fits.pick_file`):
comfortable where a file that is not coarse is, trade-offs where any file runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from digest.context import Offer
from digest.fits import BETTER, COARSE, QUANT, QUANTS, SMALLER, Fits, Rig
from knowledge.errors import KnowledgeError
from knowledge.estimator.cells import Cells
from knowledge.estimator.cells_rank import COMFORTABLE, NO, OPEN, TRADE_OFFS, rank_cells
from knowledge.estimator.cells_rigs import rank_rigs
from knowledge.store.subscriber_rows import SavedRig

Verdicts = npt.NDArray[np.int8]
"""Machines × models, codes of `cells_rank`: NO, TRADE_OFFS, COMFORTABLE, below 0 where not known."""

_FINE: Final = tuple(QUANTS.index(quant) for quant in (QUANT, *SMALLER))
_ANY: Final = tuple(QUANTS.index(quant) for quant in (QUANT, *SMALLER, *COARSE))
AT_ONCE: Final = 1024
"""Machines ranked together: a block's tiers take some megabytes."""

assert set(BETTER) < set(QUANTS)  # noqa: S101 - the cells of fits hold all that is advised


def verdicts(cells: Cells, rigs: Sequence[Rig]) -> Verdicts:
    """Return what each machine makes of each model of cells compiled for `fits.QUANTS` at one context."""
    out = np.full((len(rigs), len(cells.models)), -1, dtype=np.int8)
    for first in range(0, len(rigs), AT_ONCE):
        some = rigs[first : first + AT_ONCE]
        tiers = rank_rigs(cells, [(rig.devices, rig.ram_bytes) for rig in some])[:, :, :, 0]
        for place in np.unique(np.nonzero(tiers == OPEN)[0]):
            tiers[place] = _closed(cells, some[place], tiers[place])
        fine = tiers[:, :, _FINE].max(axis=2)
        best = tiers[:, :, _ANY].max(axis=2)
        known = np.where(fine == COMFORTABLE, COMFORTABLE, np.where(best > NO, TRADE_OFFS, best))
        out[first : first + AT_ONCE] = known
    return out


def _closed(cells: Cells, rig: Rig, tiers: Verdicts) -> Verdicts:
    """Return a machine's tiers with those asked singly that only a single answer can tell."""
    figures = rank_cells(cells, rig.devices, rig.ram_bytes)
    codes = {"no": NO, "trade-offs": TRADE_OFFS, "comfortable": COMFORTABLE, None: -1}
    closed = tiers.copy()
    for model, quant in np.argwhere(tiers == OPEN):
        closed[model, quant] = codes[figures.figure(int(model), int(quant), 0).fit_tier]
    return closed


def reach(offers: Sequence[Offer], fits: Fits, readers: Mapping[SavedRig, int]) -> list[tuple[Offer, int, int]]:
    """Return (offer, readers whose machine runs it, readers it is known of), for fits compiled of the offers."""
    known: list[tuple[Rig, int]] = []
    for saved, count in readers.items():
        try:
            rig = fits.own_rig(saved.name, saved.ram_gib)
        except KnowledgeError:
            continue
        known.append((rig, count))
    if not known or fits.cells is None:
        return []
    table = verdicts(fits.cells, [rig for rig, _ in known])
    weight = np.array([count for _, count in known])
    found = []
    for offer in offers:
        places = [fits.place[model.id] for model in offer.models if model.id in fits.place]
        if places:
            best = table[:, places].max(axis=1)
            found.append((offer, int(weight[best > NO].sum()), int(weight[best >= NO].sum())))
    return found
