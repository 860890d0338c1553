"""Searches along a scale on which a finding, once it holds, goes on to hold: the ends are asked first, then halves.

For questions such as the longest context or the least RAM, where each look is a whole placement. It knows no models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

Step = TypeVar("Step")


def largest_that(holds: Callable[[int], bool], high: int) -> int:
    """The largest of 1…`high` for which `holds` is true, 0 where it is for none; what holds for one does for less."""
    if high < 1 or not holds(1):
        return 0
    if high == 1 or holds(high):
        return high
    return _between(holds, 1, high - 1)


def largest_near(holds: Callable[[int], bool], guess: int, high: int) -> int:
    """`largest_that` where the answer is thought to lie near `guess`: looked for from there in growing steps."""
    if high < 1:
        return 0
    step, at = 1, min(max(guess, 1), high)
    if holds(at):
        while at < high and holds(min(at + step, high)):
            at, step = min(at + step, high), 2 * step
        return _between(holds, at, min(at + step, high) - 1)
    while at > 1 and not holds(max(at - step, 1)):
        at, step = max(at - step, 1), 2 * step
    return _between(holds, max(at - step, 1), at - 1) if at > 1 else 0


def _between(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The largest of `low`…`high` that holds, where `low` does."""
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def largest_within(value: Callable[[int], float], limit: float, high: int, start: int = 1) -> int:
    """The largest of 1…`high` whose value, which grows, is at most `limit`; 0 where none is. `start` is asked first.

    Where the value grows about evenly a line between the ends leads there in a few looks. An end that stays is drawn
    nearer to the limit (the Illinois rule), and from the third on every other look halves.
    """
    if high < 1:
        return 0
    low = min(max(start, 1), high)
    below = value(low) - limit
    if below > 0:
        if low == 1 or (first := value(1) - limit) > 0:
            return 0
        low, high, below, above = 1, low, first, below
    elif high == low or (above := value(high) - limit) <= 0:
        return high
    n_looks = moved = 0
    while high - low > 1:
        n_looks += 1
        at = (low + high) // 2
        if (n_looks < 3 or n_looks % 2 == 0) and math.isfinite(above):
            at = min(max(low + int((high - low) * below / (below - above)), low + 1), high - 1)
        found = value(at) - limit
        if found <= 0:
            low, below, above = at, found, above / 2 if moved < 0 else above
            moved = -1
        else:
            high, above, below = at, found, below / 2 if moved > 0 else below
            moved = 1
    return low


def first_that(holds: Callable[[Step], bool], steps: Sequence[Step]) -> Step | None:
    """The first of `steps` for which `holds` is true, None where it is for none; it is for all after that one."""
    if not steps or not holds(steps[-1]):
        return None
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if holds(steps[middle]):
            high = middle
        else:
            low = middle + 1
    return steps[low]
