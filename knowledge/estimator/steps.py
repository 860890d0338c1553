"""Searches along a scale on which a finding, once it holds, goes on to hold: the ends are asked first, then halves.

For questions such as the longest context or the least RAM, where each look is a whole placement. It knows no models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Step = TypeVar("Step")


def largest_that(holds: Callable[[int], bool], high: int) -> int:
    """The largest of 1…`high` for which `holds` is true, 0 where it is for none; what holds for one does for less."""
    if high < 1 or not holds(1):
        return 0
    if high == 1 or holds(high):
        return high
    low, high = 1, high - 1
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
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
