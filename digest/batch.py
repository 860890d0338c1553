"""A batch of claimed mails on their way: which one goes next, which wait, which were not tried. No I/O, no clock.

Lanes take turns; a lane with `at_once` has no more than that on its way, a resting lane none.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence

from knowledge.store.delivery_rows import Claimed, Lane


class Batch:
    """The mails of one claim. `why` says why it was halted, empty while it runs."""

    def __init__(self, mails: Sequence[Claimed], lanes: Sequence[Lane]) -> None:
        self._queues: dict[str, deque[Claimed]] = {}
        for mail in mails:
            self._queues.setdefault(mail.lane, deque()).append(mail)
        self._at_once = {lane.name: lane.at_once for lane in lanes if lane.at_once is not None}
        self._order = deque(self._queues)
        self._on_way: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self.resting: set[str] = set()
        self.why = ""
        self.counts: Counter[str] = Counter()

    async def take(self) -> Claimed | None:
        """Return the next mail to send, waiting where a lane is full; None when there is none left to take."""
        while not self.why:
            for _ in range(len(self._order)):
                lane = self._order[0]
                self._order.rotate(-1)
                if self._queues[lane] and lane not in self.resting and self._has_room(lane):
                    self._on_way[lane] += 1
                    return self._queues[lane].popleft()
            if not any(self._queues[lane] for lane in self._order if lane not in self.resting):
                return None
            self._changed.clear()
            await self._changed.wait()
        return None

    def _has_room(self, lane: str) -> bool:
        most = self._at_once.get(lane)
        return most is None or self._on_way[lane] < most

    def done(self, mail: Claimed, state: str) -> None:
        """Note that a mail came to an end."""
        self._on_way[mail.lane] -= 1
        self.counts[state] += 1
        self._changed.set()

    def put_back(self, mail: Claimed) -> None:
        """Note that a mail taken was not tried."""
        self._on_way[mail.lane] -= 1
        self._queues[mail.lane].appendleft(mail)
        self._changed.set()

    def rest(self, lane: str) -> None:
        """Take nothing more from a lane."""
        self.resting.add(lane)
        self._changed.set()

    def halt(self, why: str) -> None:
        """Take nothing more at all."""
        self.why = self.why or why
        self._changed.set()

    def untried(self) -> dict[str, list[int]]:
        """Return the subscribers whose mails were not tried, by lane."""
        return {lane: [mail.subscriber_id for mail in queue] for lane, queue in self._queues.items() if queue}
