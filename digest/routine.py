"""What the digest's own process does by itself: the table of jobs, and the work of each in a few lines.

    collect    every source at its own pace            requests  what maintainers ask for
    draft      the month before, on the 1st            remind    that a draft waits for a decision
    errands    those of them that wait for servers     returned   bounces and complaints
    send       approved issues, and no other           tidy      old requests, addresses nobody confirmed

Nothing here approves: a month nobody approved has no rows in the outbox, and there is nothing to send.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from digest.collect import CollectReport
from digest.desk import Desk
from digest.drafts import keep, make_draft
from digest.errors import DigestError
from digest.mailer import Mailer
from digest.months import month_before
from digest.requests import LONG, SHORT, serve_one
from digest.schedule import Job
from digest.send import Sender
from digest.settings import Settings
from digest.sources import Source
from digest.subscribers import PENDING_KEPT
from knowledge.store.stores import Stores

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 600.0
"""How often it looks which sources are due."""

REQUESTS_EVERY_S: Final = 2.0
SEND_EVERY_S: Final = 60.0
RETURNED_EVERY_S: Final = 300.0
SEND_SEATS: Final = 32
"""Processes that may send at once."""

SEND_GRACE_S: Final = 30.0
"""For mails on their way when the process is asked to stop: cut short, they might come twice."""

REMIND_AFTER: Final = timedelta(hours=20)
KEEP_REQUESTS: Final = timedelta(days=60)
WAITING: Final = "waiting"
"""Kind of the alarm that a draft waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """What the jobs work on. `collect`, `collect_now` and `propose` reach the network.

    `collect` asks the sources whose time has come, `collect_now` all. `mailer` makes the way out for test mails.
    `sender` and `read_returned` are None where that is not set up.
    """

    stores: Stores
    settings: Settings
    sources: Mapping[str, Source]
    worker: str
    now: Callable[[], datetime]
    stop: asyncio.Event
    collect: Callable[[], Awaitable[None]]
    propose: Callable[[str], Awaitable[object]]
    sender: Sender | None = None
    read_returned: Callable[[], Awaitable[None]] | None = None
    collect_now: Callable[[], Coroutine[Any, Any, CollectReport]] | None = None
    mailer: Callable[[], Mailer] | None = None

    def jobs(self) -> tuple[Job, ...]:
        """Return the table: one row a job."""
        start = self.settings.collect_at_start
        return (
            Job(name="collect", every_s=LOOK_EVERY_S, work=self.collect, at_start=start),
            Job(name="requests", every_s=REQUESTS_EVERY_S, work=self.serve, everywhere=True),
            Job(name="errands", every_s=REQUESTS_EVERY_S, work=self.serve_long, everywhere=True),
            Job(name="draft", at={"day": 1, "hour": 6}, work=self.draft),
            Job(name="remind", at={"hour": 9}, work=self.remind),
            Job(
                name="send",
                every_s=SEND_EVERY_S,
                work=self.send,
                at_start=self.sender is not None,
                seats=SEND_SEATS,
                needed=self.sending,
                grace_s=SEND_GRACE_S,
            ),
            Job(name="tidy", at={"hour": 4}, work=self.tidy),
            *self._returned(),
        )

    def _returned(self) -> tuple[Job, ...]:
        """A Maildir is this machine's own; a mailbox on a server is read by one process for all."""
        if self.read_returned is None:
            return ()
        own = self.settings.returned.imap is None
        return (Job(name="returned", every_s=RETURNED_EVERY_S, work=self.read_returned, everywhere=own),)

    async def serve(self) -> None:
        """Serve the requests that wait, one after the other: an approval asked before a hold comes before it."""
        await self._serve(SHORT)

    async def serve_long(self) -> None:
        """Serve those that wait for others' servers, beside the rest: nobody's preview waits for all sources."""
        await self._serve(LONG)

    async def _serve(self, kinds: tuple[str, ...]) -> None:
        loop, now_all = asyncio.get_running_loop(), self.collect_now
        desk = Desk(
            stores=self.stores,
            settings=self.settings,
            sources=self.sources,
            worker=self.worker,
            now=self.now,
            jobs=self.jobs(),
            collect=(lambda: asyncio.run_coroutine_threadsafe(now_all(), loop).result()) if now_all else None,
            mailer=self.mailer,
        )
        while not self.stop.is_set() and await asyncio.to_thread(serve_one, desk, kinds) is not None:
            pass

    async def draft(self) -> None:
        """Compose the month before and keep it as a draft; its new models are looked up first."""
        month = month_before(self.now())
        try:
            await self.propose(month)
        except Exception:
            log.exception("The new models of %s could not be looked up; the draft is made without.", month)
        try:
            made = await asyncio.to_thread(make_draft, self.stores, self.settings, month, sources=self.sources)
        except DigestError as error:
            self.stores.runs.raise_alarm("draft", month, str(error), now=self.now())
            return
        if await asyncio.to_thread(keep, self.stores, made, now=self.now()):
            await self.remind()

    async def remind(self) -> None:
        """Tell maintainers of drafts that wait; the alarm closes when somebody decides."""
        await asyncio.to_thread(self._remind)

    def _remind(self) -> None:
        now, issues, runs = self.now(), self.stores.issues, self.stores.runs
        for alarm in runs.open_alarms():
            decided = issues.get(alarm.subject)
            if alarm.kind == WAITING and (decided is None or decided.status != "draft"):
                runs.clear_alarms(alarm.subject, now=now)
        for draft in issues.waiting(not_reminded_since=now - REMIND_AFTER):
            words = (
                f"The draft of {draft.month} (revision {draft.revision}) waits: preview it, then approve or hold it."
            )
            runs.raise_alarm(WAITING, draft.month, words, now=now)
            issues.reminded(draft.month, now=now)
            log.warning("%s", words)

    async def sending(self) -> bool:
        """Whether a run is to be sent."""
        return self.sender is not None and bool(await asyncio.to_thread(self.stores.runs.running))

    async def send(self) -> None:
        """Send what is approved: the runs that somebody's approval made."""
        if self.sender is None:
            return
        for run in await asyncio.to_thread(self.stores.runs.running):
            await self.sender.run(run.month, self.stop)

    async def tidy(self) -> None:
        """Forget requests that were answered long ago, and addresses that nobody confirmed."""
        await asyncio.to_thread(self.stores.requests.forget_before, self.now() - KEEP_REQUESTS)
        await asyncio.to_thread(self.stores.subscribers.prune_pending, before=self.now() - PENDING_KEPT)
