"""What all pages share: stores behind threads, the post, limits, the clock. Made once, closed at the end; no pages."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, ParamSpec, TypeVar

from starlette.requests import Request

from digest.letters import Post
from digest.settings import Settings
from digest.subscribers import Subscriptions
from digest.tokens import Links
from digest.web.client import client_address, within
from digest.web.limits import Buckets, Rate, client_key
from digest.web.metrics import Metrics
from digest.web.pages import SHELF_S, Pages, Shelf
from knowledge.answers import Answers
from knowledge.errors import KnowledgeError
from knowledge.store.archive_store import ArchiveStore
from knowledge.store.stores import Stores

log = logging.getLogger(__name__)

THREADS: Final = 8
ANSWER_AFTER_S: Final = 0.4
"""Forms that could tell whether an address is known are answered this long after they came, whatever was to be done."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class TooMany(KnowledgeError):
    """Somebody asks too often; `wait_s` says when again."""

    code = "too_many"

    def __init__(self, wait_s: float) -> None:
        super().__init__("That was a little too often.", subject="rate", hint="Wait a moment and try again.")
        self.wait_s = wait_s


class Busy(KnowledgeError):
    """Too much is going on to take another request."""

    code = "busy"


@dataclass(frozen=True, slots=True)
class Limits:
    """Who may do how much. Per visitor unless said otherwise."""

    reads: Buckets
    asks: Buckets
    misses: Buckets
    machines: Buckets
    address: Buckets
    letters: Buckets

    @classmethod
    def of(cls, letters_per_hour: int, clock: Callable[[], float] = time.monotonic) -> Limits:
        """Return the usual limits. `address` is per address, `letters` for everybody together."""
        return cls(
            reads=Buckets(Rate(240, 0.25), clock),
            asks=Buckets(Rate(10, 60.0), clock),
            misses=Buckets(Rate(30, 20.0), clock),
            machines=Buckets(Rate(120, 0.2), clock),
            address=Buckets(Rate(3, 600.0), clock),
            letters=Buckets(Rate(max(20, letters_per_hour // 10), 3600 / letters_per_hour), clock),
        )


@dataclass(slots=True, kw_only=True)
class Site:
    """Everything a page needs. `answers` is None until the catalogue is read."""

    settings: Settings
    stores: Stores
    subscriptions: Subscriptions
    links: Links
    post: Post
    now: Callable[[], datetime]
    limits: Limits
    load_answers: Callable[[], Answers]
    answers: Answers | None = None
    answer_after_s: float = ANSWER_AFTER_S
    pages: Pages = field(init=False)
    archive: ArchiveStore = field(init=False)
    metrics: Metrics = field(init=False)
    shelf: Shelf = field(init=False)
    _threads: ThreadPoolExecutor = field(init=False)
    _loading: asyncio.Task[None] | None = field(init=False, default=None)
    _warned: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.pages = Pages(self.settings.public_url)
        self.archive = ArchiveStore(self.stores.engine)
        self.metrics = Metrics()
        self.shelf = Shelf(time.monotonic, keep_s=SHELF_S)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    async def open(self) -> None:
        """Start the post and read the catalogue in the background."""
        self.post.start()
        if self.answers is None:
            self._loading = asyncio.create_task(self._load())

    async def close(self) -> None:
        """Let letters leave, and close."""
        if self._loading is not None:
            self._loading.cancel()
        await self.post.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do something that waits for the store, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **kwargs))

    def visitor(self, request: Request) -> str:
        """Return the visitor's address, behind trusted proxies."""
        if not self._warned and self.is_forwarded_by_stranger(request):
            self._warned = True
            log.warning("Requests come through a proxy that DIGEST_WEB_PROXIES does not name: all share its limits.")
        return client_address(request, self.settings.web.proxies)

    def is_forwarded_by_stranger(self, request: Request) -> bool:
        """Whether somebody forwarded a request who is none of our proxies, so that its address is not the visitor's."""
        peer = request.client.host if request.client else ""
        return "x-forwarded-for" in request.headers and not within(peer, self.settings.web.proxies)

    def limit(self, buckets: Buckets, request: Request) -> None:
        """Count a visitor's request. Raises TooMany."""
        wait_s = buckets.wait_s(client_key(self.visitor(request)))
        if wait_s > 0:
            raise TooMany(wait_s)

    async def _load(self) -> None:
        try:
            self.answers = await self.run(self._prepared)
        except KnowledgeError as error:
            log.warning("The catalogue cannot be read, so machines cannot be looked up: %s", error)

    def _prepared(self) -> Answers:
        answers = self.load_answers()
        answers.complete("hardware", "rtx")
        return answers
