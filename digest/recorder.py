"""Commits outcomes in small groups: whoever waits gets its commit with everybody who came meanwhile. No SMTP here.

A line sends its next mail only after `record` returned, so that a killed worker leaves at most one accepted mail a line
unrecorded. Where the store is gone it waits for it to come back: an outcome is never thrown away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from knowledge.errors import StoreError
from knowledge.store.delivery_rows import Settled

log = logging.getLogger(__name__)

RETRY_S: Final = 0.5
RETRY_MAX_S: Final = 10.0


class Recorder:
    """Groups outcomes into transactions. `settle` writes one group; `trouble` is told when the store cannot."""

    def __init__(
        self, settle: Callable[[list[Settled]], Awaitable[int]], trouble: Callable[[StoreError], None]
    ) -> None:
        self._settle = settle
        self._trouble = trouble
        self._waiting: list[tuple[Settled, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self.giving_up = False
        self.n_not_ours = 0

    async def record(self, result: Settled) -> None:
        """Return when the outcome is committed. Raises StoreError only when giving up."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((result, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            error: Exception | None
            try:
                error = await self._written([result for result, _ in group])
            except Exception as unexpected:  # noqa: BLE001 - told to every one who waits, or they would wait for ever
                error = unexpected
            for _, done in group:
                if done.cancelled():
                    continue
                done.set_exception(error) if error else done.set_result(None)

    async def _written(self, results: list[Settled]) -> StoreError | None:
        wait_s = RETRY_S
        while True:
            try:
                kept = await self._settle(results)
            except StoreError as error:
                self._trouble(error)
                if self.giving_up:
                    return error
            else:
                self.n_not_ours += len(results) - kept
                return None
            await asyncio.sleep(wait_s)
            wait_s = min(RETRY_MAX_S, 2 * wait_s)
