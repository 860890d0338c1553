"""One interaction and all that the bot answered to it, as the stand-in keeps it. No sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.standin.payloads import CHANNEL_ID, LOADING, USER_ID, Json


@dataclass(eq=False)
class Exchange:
    """One interaction and all that the bot answered to it. Times are `time.monotonic()` seconds.

    `callback`, `followups` and `edits` are bodies as the bot sent them; `original` is the message they made, as it
    stands now, and `posts` the messages of the follow-ups. `source` is the message a component sits on. `refused`
    holds what was sent and not taken, in words; `repeated` counts answers after the
    first, `attempts` all that came; `expired` is True where an answer came after the deadline.
    """

    id: int
    token: str
    kind: int
    user_id: int = USER_ID
    guild_id: int | None = None
    channel_id: int = CHANNEL_ID
    user_install: bool = False
    label: str = ""
    source: Json | None = None
    ephemeral: bool = False
    sent_s: float = 0.0
    acked_s: float | None = None
    expired: bool = False
    attempts: int = 0
    repeated: int = 0
    refused: list[str] = field(default_factory=list)
    callback: Json | None = None
    original: Json | None = None
    followups: list[Json] = field(default_factory=list)
    edits: list[Json] = field(default_factory=list)
    posts: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = field(default_factory=list)

    def tell(self) -> None:
        """Wake those in `until` whose condition now holds."""
        for happened, waiter in self._waiting:
            if not waiter.done() and happened():
                waiter.set_result(None)

    async def until(self, happened: Callable[[], bool], timeout_s: float = 5) -> None:
        """Wait until `happened()` after some request of the bot."""
        if happened():
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append((happened, waiter))
        try:
            await asyncio.wait_for(waiter, timeout_s)
        finally:
            self._waiting.remove((happened, waiter))

    @property
    def latency_s(self) -> float:
        """Seconds from the event leaving to the answer arriving; infinite while there is none."""
        return float("inf") if self.acked_s is None else self.acked_s - self.sent_s

    @property
    def settled(self) -> bool:
        """Whether it was answered, and the answer is no "thinking…" any more."""
        return self.callback is not None and not (self.original and self.original["flags"] & LOADING)

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
    def components(self) -> list[Json]:
        """The components the asker sees."""
        return list(self.message.get("components") or [])

    @property
    def choices(self) -> list[Json]:
        """The autocomplete choices."""
        return list(self.data.get("choices") or [])

    @property
    def modal(self) -> Json | None:
        """The modal that was opened, if one was."""
        return self.data if self.callback is not None and self.callback.get("type") == 9 else None

    @property
    def text(self) -> str:
        """All the text of the answer, for assertions about what is said."""
        return json.dumps(self.message, ensure_ascii=False)
