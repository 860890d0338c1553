"""Fits the ranking's weights to judged months, so that each month can be judged by weights that never saw it.

Coordinate search over factors from the shipped weights: few numbers, few months, so a weight only moves where it helps
by more than a small cost. Pure. It changes nothing by itself; a maintainer puts fitted weights into `rank`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digest.cluster import cluster
from digest.evaluate import FIRST, WITHIN, Judged, is_row, own_words
from digest.rank import WEIGHTS, Ranked
from digest.signals import signals
from digest.told import Told

FACTORS: Final = (0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 3.0)
ROUNDS: Final = 4
COST: Final = 0.004
"""What moving a weight by a factor of two must bring, in the objective's units."""

_SOFT: Final = 4.0
_FAR: Final = 200

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One judged month: the signals of its items (rows), and which judged row each is."""

    month: str
    signals: _Floats
    tie: NDArray[np.int64]
    is_row: NDArray[np.bool_]
    matters: NDArray[np.bool_]

    def agreement(self, weights: _Floats) -> tuple[float, float, float]:
        """Return recall within the first items, precision of the very first, and a smooth likeness of the first."""
        order = np.lexsort((self.tie, -np.round(self.signals @ weights, 4)))
        found = self.is_row[:, order]
        wanted = found[self.matters]
        places = np.where(wanted.any(axis=1), wanted.argmax(axis=1), _FAR).clip(max=_FAR)
        recall = float((places < WITHIN).mean()) if len(places) else 1.0
        soft = float((1 / (1 + np.exp((places - WITHIN + 2) / _SOFT))).mean()) if len(places) else 1.0
        return recall, float(np.atleast_1d(found.any(axis=0))[:FIRST].mean()), soft


def month_of(
    month: str,
    told: Sequence[Told],
    judged: Sequence[Judged],
    *,
    makers: frozenset[str],
    packagers: frozenset[str],
    known: Mapping[str, str],
) -> Month:
    """Prepare a month: cluster once, and find which items are which rows."""
    rows = [row for row in judged if row.month == month]
    items = cluster(told, makers=makers, packagers=packagers)
    found = [signals(item, makers, known) for item in items]
    coined = own_words(rows)
    places = {title: place for place, title in enumerate(sorted(item.title for item in items))}
    return Month(
        month=month,
        signals=np.array([[values.get(name, 0.0) for name in WEIGHTS] for values in found]),
        tie=np.array([places[item.title] for item in items]),
        is_row=np.array(
            [[is_row(Ranked(item=item, score=0.0, why=""), row.title, coined) for item in items] for row in rows]
        ),
        matters=np.array([row.matters for row in rows]),
    )


def fitted(months: Sequence[Month]) -> dict[str, float]:
    """Return the weights that agree best with `months`, from a start that knows no month: each signal counts 1."""
    start = np.sign(np.array(list(WEIGHTS.values())))
    best, value = start, _value(start, start, months)
    for _ in range(ROUNDS if months else 0):
        before = value
        for index in range(len(start)):
            for factor in FACTORS:
                tried = best.copy()
                tried[index] *= factor
                if (found := _value(tried, start, months)) > value + 1e-9:
                    best, value = tried, found
        if value <= before:
            break
    return dict(zip(WEIGHTS, best.tolist(), strict=True))


def left_out(months: Sequence[Month]) -> dict[str, tuple[float, float]]:
    """Return recall and precision of each month under weights fitted to the others alone."""
    result = {}
    for month in months:
        weights = fitted([other for other in months if other is not month])
        recall, precision, _ = month.agreement(np.array(list(weights.values())))
        result[month.month] = (recall, precision)
    return result


def _value(weights: _Floats, start: _Floats, months: Sequence[Month]) -> float:
    if not months:
        return 0.0
    parts = [month.agreement(weights) for month in months]
    moved = float(np.abs(np.log2(weights / start)).sum())
    return sum(0.5 * recall + 0.3 * precision + soft for recall, precision, soft in parts) / len(parts) - COST * moved
