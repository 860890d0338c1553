"""Letters: mails to one subscriber alone (confirmation, welcome, link). Rendered, signed and posted in the background.

Pages never wait for a mail server: a letter waits in a bounded line, is tried a few times, and then given up; whoever
misses it asks again. Nothing is kept beyond the process, and no address is ever logged. Issues leave by `send`.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from digest.errors import HeaderError, MailerError, RenderError
from digest.mailer import Envelope, Line, Mailer, Outcome
from digest.message import Identity, MailTemplate, Reader
from digest.render import render_letter
from digest.subscribers import Letter
from digest.tokens import Links

log = logging.getLogger(__name__)

WAITING_MAX: Final = 2000
WORKERS: Final = 2
RETRY_AFTER_S: Final = (5.0, 30.0, 120.0, 600.0)
_CLOSE_WITHIN_S: Final = 10.0


class LetterMaker:
    """Makes letters: template, links, headers, signature. Blocking, a few milliseconds each."""

    def __init__(self, identity: Identity, links: Links, public_url: str, bounces: str) -> None:
        self._identity = identity
        self._links = links
        self._public_url = public_url
        self._bounces = bounces

    def make(self, letter: Letter, *, now: datetime) -> tuple[Envelope, bytes]:
        """Return a letter ready to leave. Raises RenderError or HeaderError."""
        to = letter.to
        urls = {
            f"{purpose}_url": self._links.to(purpose, to.id, to.token_version)
            for purpose in ("confirm", "unsubscribe", "preferences")
        }
        values: dict[str, object] = {"to": to, "public_url": self._public_url, **urls}
        rendered = render_letter(letter.kind, values, language=to.language)
        template = MailTemplate(
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            identity=self._identity,
            listed=letter.kind == "welcome",
        )
        message_id = f"{letter.kind}.{secrets.token_hex(16)}@{self._identity.domain}"
        reader = Reader(
            address=to.address,
            message_id=message_id,
            unsubscribe_url=urls["unsubscribe_url"],
            preferences_url=urls["preferences_url"],
        )
        envelope = Envelope(sender=self._bounces, recipient=to.address, message_id=message_id)
        return envelope, template.compose(reader, now=now)


class Post:
    """The line letters wait in, and those who carry them. `counts` has what became of them, by kind and outcome."""

    def __init__(
        self,
        maker: LetterMaker,
        mailer: Mailer,
        *,
        now: Callable[[], datetime],
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
    ) -> None:
        self._maker = maker
        self._mailer = mailer
        self._now = now
        self._retry_after_s = retry_after_s
        self._waiting: asyncio.Queue[Letter] = asyncio.Queue(WAITING_MAX)
        self._carriers: list[asyncio.Task[None]] = []
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def n_waiting(self) -> int:
        """How many letters wait."""
        return self._waiting.qsize()

    @property
    def full(self) -> bool:
        """Whether no further letter can be taken."""
        return self._waiting.full()

    def put(self, letter: Letter | None) -> None:
        """Take a letter, if there is one. A full line drops it: ask `full` before."""
        if letter is None:
            return
        try:
            self._waiting.put_nowait(letter)
        except asyncio.QueueFull:
            self.counts[letter.kind, "dropped"] += 1
            log.exception("A letter was dropped: %d wait already.", WAITING_MAX)

    def start(self) -> None:
        """Start carrying."""
        self._carriers = [asyncio.create_task(self._carry()) for _ in range(WORKERS)]

    async def close(self) -> None:
        """Let what waits leave, for a short while, and stop."""
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await self._waiting.join()
        except TimeoutError:
            log.warning("%d letters had not left when the pages were stopped.", self.n_waiting)
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until nothing waits."""
        await self._waiting.join()

    async def _carry(self) -> None:
        while True:
            letter = await self._waiting.get()
            try:
                outcome = await self._deliver(letter)
                self.counts[letter.kind, outcome] += 1
            finally:
                self._waiting.task_done()

    async def _deliver(self, letter: Letter) -> str:
        """Try a letter until it is settled; returns accepted, refused, failed or unsendable."""
        try:
            envelope, mail = await asyncio.to_thread(self._maker.make, letter, now=self._now())
        except (RenderError, HeaderError):
            log.exception("A letter of the kind %s could not be made.", letter.kind)
            return "unsendable"
        for pause_s in (*self._retry_after_s, None):
            outcome = await self._once(envelope, mail)
            if outcome.kind in {"accepted", "refused", "unknown"}:
                return "accepted" if outcome.kind == "unknown" else outcome.kind
            log.warning("A letter could not leave: %d %s", outcome.code, outcome.text.replace(envelope.recipient, "…"))
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        return "failed"

    async def _once(self, envelope: Envelope, mail: bytes) -> Outcome:
        line: Line | None = None
        try:
            line = await self._mailer.open()
            return await line.send(envelope, mail)
        except MailerError as error:
            return Outcome(kind="later", stage="connect", text=str(error))
        finally:
            if line is not None:
                await line.close()
