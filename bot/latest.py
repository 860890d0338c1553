"""Which press of a card came last: presses at the same moment add up, and an older answer never covers a newer one.

Discord sends a press with the card as its presser saw it, answers overtake each other on their way, and a picture
comes late. Kept for cards pressed lately, in this process: all of a server's interactions come to one shard. No answer
is made here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from bot.state import Asked

MOST: Final = 1024
"""So many cards are kept; of those pressed before, a press counts as the first."""


@dataclass(frozen=True, slots=True)
class _Last:
    """A card's newest press, the question it was pressed on and the one it asked."""

    press_id: int
    base: Asked | None
    asked: Asked | None


class Latest:
    """Cards by the id of the interaction that made them."""

    def __init__(self) -> None:
        self._last: dict[int, _Last] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def change(self, card: int, press_id: int, base: Asked, changed: Callable[[Asked], Asked]) -> Asked:
        """The question a press asks: what it changes, on top of what others changed on the same card just before."""
        last = self._last.get(card)
        start = last.asked if last is not None and last.base == base and last.asked is not None else base
        asked = changed(start)
        self._keep(card, _Last(press_id, base, asked))
        return asked

    def note(self, card: int, press_id: int) -> None:
        """A press of a card, unless `change` noted it or a newer one."""
        last = self._last.get(card)
        if last is None or last.press_id < press_id:
            self._keep(card, _Last(press_id, None, None))

    def is_newest(self, card: int, press_id: int) -> bool:
        """Whether nobody has pressed since."""
        last = self._last.get(card)
        return last is None or last.press_id == press_id

    def pressed(self, card: int) -> bool:
        """Whether a card was pressed since it was made."""
        return card in self._last

    def forget(self, card: int) -> None:
        """A card's answer did not get there: it stands as it stood."""
        self._last.pop(card, None)

    def turn(self, card: int) -> asyncio.Lock:
        """Held while a card is changed, so that changes get there in order."""
        return self._turns.setdefault(card, asyncio.Lock())

    def _keep(self, card: int, last: _Last) -> None:
        self._last.pop(card, None)
        self._last[card] = last
        if len(self._last) > MOST:
            del self._last[next(iter(self._last))]
