"""A bounded memory in two shelves: what was asked once gives way before what was asked again.

With one shelf, a flood of questions nobody repeats would push out those that everybody asks. No clock; any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Kept = TypeVar("Kept")

AGAIN: Final = 0.75
"""Of all places, so large a share is for what was asked again."""


class Remembered(Generic[Kept]):
    """Up to `most` things by key; the oldest use goes first, on the shelf of things asked once before the other."""

    def __init__(self, most: int) -> None:
        self._most, self._most_again = most, int(most * AGAIN)
        self._once: dict[Hashable, Kept] = {}
        self._again: dict[Hashable, Kept] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What is kept under the key, else what `make` makes, which is kept from now on; its errors pass through."""
        with self._lock:
            for shelf in (self._again, self._once):
                if key in shelf:
                    found = shelf.pop(key)
                    self._keep_again(key, found)
                    return found
        found = make()
        with self._lock:
            self._once[key] = found
            if len(self) > self._most:
                _drop_oldest(self._once)
        return found

    def _keep_again(self, key: Hashable, found: Kept) -> None:
        self._again[key] = found
        if len(self._again) > self._most_again:
            oldest, put_back = _drop_oldest(self._again)
            self._once[oldest] = put_back

    def __len__(self) -> int:
        return len(self._once) + len(self._again)


def _drop_oldest(shelf: dict[Hashable, Kept]) -> tuple[Hashable, Kept]:
    oldest = next(iter(shelf))
    return oldest, shelf.pop(oldest)
