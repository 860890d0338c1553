"""One interaction and all that the bot answered to it, as the stand-in Discord keeps it for a test. No sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.discord_payloads import Json


@dataclass
class Exchange:
    """One interaction and all that the bot answered to it. Times are `time.monotonic()` seconds."""

    id: int
    token: str
    kind: int
    ephemeral: bool = False
    sent_s: float = 0.0
    acked_s: float | None = None
    attempts: int = 0
    refused: list[str] = field(default_factory=list)
    callback: Json | None = None
    original: Json | None = None
    followups: list[Json] = field(default_factory=list)
    edits: list[Json] = field(default_factory=list)
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def tell(self) -> None:
        """Wake those who wait in `until`."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, happened: Callable[[], bool], timeout_s: float = 5) -> None:
        """Wait until `happened()` after some request of the bot."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(happened)

    @property
    def latency_s(self) -> float:
        """Seconds from the event leaving to the answer arriving; infinite while there is none."""
        return float("inf") if self.acked_s is None else self.acked_s - self.sent_s

    @property
    def data(self) -> Json:
        """The `data` of the callback."""
        return dict((self.callback or {}).get("data") or {})

    @property
    def message(self) -> Json:
        """What the asker reads in the end: the edited original, else the first answer."""
        return self.edits[-1] if self.edits else self.data

    @property
    def embeds(self) -> list[Json]:
        """The embeds the asker reads."""
        return list(self.message.get("embeds") or [])

    @property
    def choices(self) -> list[Json]:
        """The autocomplete choices."""
        return list(self.data.get("choices") or [])

    @property
    def text(self) -> str:
        """All the text of the answer, for assertions about what is said."""
        return json.dumps(self.message, ensure_ascii=False)
