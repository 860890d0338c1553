"""The desk where commands get their answers: the current snapshot's `Answers`, swapped whole when the content changes.

The store is read in a worker thread, at the start and when its content version has changed; the event loop only ever
sees the finished snapshot. No answer is computed here and nothing of Discord is known.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from sys import intern
from typing import Any

from bot import questions
from bot.components import drawn
from bot.layout import Reply
from bot.log import fields
from bot.remember import Remembered
from bot.shrink import Shrinker
from bot.state import Asked, Codes, Signer
from knowledge import heap, precompiled
from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Knowledge
from knowledge.cloud_prices import load_prices
from knowledge.errors import KnowledgeError, StoreError
from knowledge.estimator.rank import Ranked
from knowledge.estimator.request import FitAnswer
from knowledge.guides import Guides
from knowledge.numbers import Numbers
from knowledge.search.titles import TitleShelf
from knowledge.store.db import engine as open_engine
from knowledge.store.queries import content_version, load_knowledge

REMEMBERED_FITS = 64
"""So many answers of 10 kB: what a press of a card just made, or its picture, asks for again."""

REMEMBERED_REPLIES = 2_000
"""So many replies of a kilobyte (`shrink`) are kept a snapshot: most of what people ask was asked before."""

REMEMBERED_RANKINGS = 256
REMEMBERED_CHARTS = 64
"""So many pictures of 10 to 20 kB each."""

Hardware = str | tuple[HardwareAsk, ...]
"""Hardware as people name it, or resolved, as a saved rig is."""

_EMPTY_HINT = "Fill it: python -m knowledge sync"
NOTHING = Knowledge(models={}, devices={}, quants={}, aliases=(), terms={}, errors={}, tools={}, content_version="")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of the knowledge with its indexes built, and what was answered from it lately.

    `fit`, `best` and `chart` are `fit_of`, `best_of` and `chart_of`, remembered; `replies` holds whole replies by call.
    """

    answers: Answers
    numbers: Numbers
    version: str
    codes: Codes
    fit: Callable[..., FitAnswer]
    best: Callable[..., tuple[Ranked, ...]]
    chart: Callable[[Asked], bytes]
    tools: TitleShelf
    guides: Guides
    page_titles: TitleShelf
    replies: Remembered[Reply] = field(default_factory=lambda: Remembered(REMEMBERED_REPLIES))
    shrinker: Shrinker = field(default_factory=Shrinker)

    @classmethod
    def of(cls, knowledge: Knowledge) -> Snapshot:
        """Build what is asked by names (a sixth of a second: never on the event loop); `warm` builds the rest."""
        answers = Answers(knowledge, most_remembered=REMEMBERED_FITS)
        _ = answers.names
        return cls(
            answers=answers,
            numbers=Numbers(knowledge),
            version=knowledge.content_version,
            codes=Codes(knowledge),
            fit=lru_cache(REMEMBERED_FITS)(partial(fit_of, answers)),
            best=lru_cache(REMEMBERED_RANKINGS)(partial(best_of, answers)),
            chart=lru_cache(REMEMBERED_CHARTS)(partial(chart_of, answers)),
            tools=TitleShelf.of((tool.id, tool.name, tool.aliases) for tool in knowledge.tools.values()),
            guides=Guides(answers, load_prices()),
            page_titles=TitleShelf.of((page.id, page.title, page.asks) for page in knowledge.pages.values()),
        )

    def warm(self) -> None:
        """Build the indexes of terms, errors and pages (a fifth of a second, in a worker thread)."""
        self.answers.warm()

    def prepare(self) -> None:
        """Render the pages, compile every model (in a worker thread), then take all of it from the collector.

        What the first start on a machine compiles is kept in a file (seconds); where none can be written it is compiled
        in memory at every start.

        The collector is off meanwhile: one round over half a million new objects stalls the event loop for 0.2 s. Pages
        come first: what their tables shared is gone by then, and what is compiled takes its room.
        """
        gc.disable()
        try:
            self.guides.render_all("text")
            precompiled.make(self.answers.knowledge.models.values())
            self.answers.prepare()
            gc.freeze()
        finally:
            gc.enable()


def fit_of(
    answers: Answers,
    model: str,
    hardware: Hardware,
    *,
    quant: str = "",
    n_ctx: int | None = None,
    ram_gib: float | None = None,
    engine: str = "",
    type_kv: str = "",
    count: int = 1,
) -> FitAnswer:
    """Whether a model runs on some hardware, both as people name them. Raises errors of knowledge.errors only."""
    asks = answers.hardware_asks(hardware, count) if isinstance(hardware, str) else hardware
    request = answers.request(model=model, hardware=asks, quant=quant, ram_gib=ram_gib, engine=engine)
    given: dict[str, Any] = {} if n_ctx is None else {"n_ctx": n_ctx}
    if type_kv:
        given |= {"type_k": type_kv, "type_v": type_kv}
    return answers.estimate_for_card(replace(request, context=replace(request.context, **given)))


def best_of(answers: Answers, hardware: Hardware, use: str, ram_gib: float | None, n_ctx: int) -> tuple[Ranked, ...]:
    """The models that run best on hardware as people name it."""
    asks = answers.hardware_asks(hardware) if isinstance(hardware, str) else hardware
    return tuple(answers.best(asks, use=use, ram_gib=ram_gib, n_ctx=n_ctx))


def chart_of(answers: Answers, asked: Asked) -> bytes:
    """The picture of a fit answer. Slow (tens of milliseconds): for a worker thread."""
    from bot import charts  # Pillow is loaded when the first picture is drawn, not when the bot starts

    return charts.draw(questions.chart_data(answers, questions.answer_to(answers, asked)))


async def aside(work: Callable[[], object]) -> None:
    """Run something long in a thread that nobody waits for when the process is told to end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error = None
        try:
            work()
        except Exception as caught:  # noqa: BLE001 -- handed to whoever awaits it
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="aside", daemon=True).start()
    await done


async def prepared(snapshot: Snapshot) -> None:
    """Prepare a snapshot, then give back what that took and what only starting needed."""
    await aside(snapshot.prepare)
    await asyncio.to_thread(heap.give_back)
    await asyncio.to_thread(heap.let_go_of_code)


class Lull:
    """Whether few ask: about how many answers were given in the last second. Times are monotonic seconds."""

    MOST = 8.0

    def __init__(self) -> None:
        self._lately, self._at_s = 0.0, 0.0

    def note(self, now_s: float) -> None:
        """One more answer was given."""
        self._lately, self._at_s = self._faded(now_s) + 1, now_s

    def few(self, now_s: float) -> bool:
        """Whether there is time for what is not asked for."""
        return self._faded(now_s) <= self.MOST

    def _faded(self, now_s: float) -> float:
        return self._lately * math.exp(self._at_s - now_s)


class Desk:
    """Holds the snapshot. `load` reads it, or the newer one; `version` asks the store which is current."""

    def __init__(
        self, snapshot: Snapshot, load: Callable[[], Snapshot], version: Callable[[], str], secret: bytes = b""
    ) -> None:
        self.signer = Signer(secret)
        self.lull = Lull()
        self._snapshot = snapshot
        self._load = load
        self._version = version
        self._named: Future[None] = Future()
        self._opened: Future[None] = Future()

    @classmethod
    def open(cls, database_url: str, secret: bytes = b"") -> Desk:
        """Read the store (blocking); `secret` signs what stands in buttons.

        Raises StoreError where the store is absent, empty, too old or unreachable.
        """
        desk = cls.opening(database_url, secret)
        desk._opened.result()
        return desk

    @classmethod
    def opening(cls, database_url: str, secret: bytes = b"") -> Desk:
        """A desk that knows nothing yet and reads the store in a thread: see `until_open`.

        Raises StoreError at once where there is no store to read; what else is wrong with it `until_open` raises.
        """
        path = Path(database_url.removeprefix("sqlite:///"))
        if database_url.startswith("sqlite:///") and not path.exists():
            raise StoreError(
                f"There is no store at {path}.", subject="DATABASE_URL", hint="Make it: python -m knowledge sync"
            )
        engine = open_engine(database_url)
        if content_version(engine) is None:
            raise StoreError("The store has no content yet.", subject="store", hint=_EMPTY_HINT)

        def load() -> Snapshot:
            knowledge = load_knowledge(engine)
            engine.dispose()  # nothing is kept open for a question asked twice a minute
            if not knowledge.models:
                raise StoreError("The store is empty.", subject="store", hint=_EMPTY_HINT)
            return Snapshot.of(knowledge)

        desk = cls(Snapshot.of(NOTHING), load, lambda: str(content_version(engine)), secret)
        threading.Thread(target=desk._open, name="opening", daemon=True).start()
        return desk

    def _open(self) -> None:
        """Load; the collector is off meanwhile, for one round over all that is new would stall everything else."""
        gc.disable()
        try:
            self._snapshot = self._load()
            self._named.set_result(None)
            self._snapshot.warm()
            gc.freeze()
        except Exception as error:  # noqa: BLE001 -- handed to whoever waits
            for waited in (self._named, self._opened):
                if not waited.done():
                    waited.set_exception(error)
        else:
            self._opened.set_result(None)
        finally:
            gc.enable()

    @property
    def is_open(self) -> bool:
        """Whether the store has been read."""
        return self._opened.done()

    async def until_open(self) -> None:
        """Wait until the store has been read. Raises StoreError where it cannot be."""
        await asyncio.shield(asyncio.wrap_future(self._opened))

    async def until_named(self) -> None:
        """Wait until models and devices are known by their names, which is sooner. Raises StoreError likewise."""
        await asyncio.shield(asyncio.wrap_future(self._named))

    @classmethod
    def without_content(cls) -> Desk:
        """A desk that knows nothing, for describing the commands."""
        snapshot = Snapshot.of(NOTHING)
        desk = cls(snapshot, lambda: snapshot, lambda: "")
        desk._named.set_result(None)
        desk._opened.set_result(None)
        return desk

    @property
    def answers(self) -> Answers:
        """The answers of the current snapshot."""
        return self._snapshot.answers

    def once(self, reply: Callable[..., Reply], **options: Any) -> Reply:  # noqa: ANN401 -- as `reply` takes them
        """`reply(desk, **options)`, drawn, and remembered for this snapshot: replies depend on nothing else."""
        snapshot = self._snapshot
        small, whole = snapshot.shrinker.small, snapshot.shrinker.whole

        def made() -> Reply:
            found = drawn(reply(self, **options))
            return replace(found, drawn=small(found.drawn))

        kept = snapshot.replies.get((reply, intern(" ".join(options)), *options.values()), made)
        return replace(kept, drawn=whole(kept.drawn))

    def fit(self, model: str, hardware: Hardware, **given: Any) -> FitAnswer:  # noqa: ANN401 -- as fit_of takes them
        """`fit_of`, remembered for this snapshot."""
        return self._snapshot.fit(model, hardware, **given)

    def best(self, hardware: Hardware, *, use: str, ram_gib: float | None, n_ctx: int) -> tuple[Ranked, ...]:
        """`best_of`, remembered for this snapshot."""
        return self._snapshot.best(hardware, use, ram_gib, n_ctx)

    def chart(self, asked: Asked) -> bytes:
        """`chart_of`, remembered for this snapshot; for a worker thread."""
        return self._snapshot.chart(asked)

    @property
    def tools(self) -> TitleShelf:
        """Names of programs, for autocomplete."""
        return self._snapshot.tools

    @property
    def guides(self) -> Guides:
        """Renders guides, quick answers and kits from the current snapshot; what it rendered is remembered."""
        return self._snapshot.guides

    @property
    def page_titles(self) -> TitleShelf:
        """Titles of pages and the ways people ask for them, for autocomplete."""
        return self._snapshot.page_titles

    @property
    def codes(self) -> Codes:
        """Packs questions into `custom_id`s and reads them again."""
        return self._snapshot.codes

    @property
    def numbers(self) -> Numbers:
        """Renders the numbers of glossary entries from the current snapshot."""
        return self._snapshot.numbers

    def name_of(self, id_: str) -> str:
        """The name people know an entry of the catalogue or the knowledge by; the id itself where there is none."""
        knowledge = self.answers.knowledge
        if id_ in knowledge.pages:
            return knowledge.pages[id_].title
        named = knowledge.models.get(id_) or knowledge.devices.get(id_) or knowledge.tools.get(id_)
        if named is not None:
            return named.name
        if id_ in knowledge.terms:
            return knowledge.terms[id_].term
        return knowledge.errors[id_].title if id_ in knowledge.errors else id_

    @property
    def version(self) -> str:
        """The content version being served."""
        return self._snapshot.version

    async def refresh(self) -> bool:
        """Take the newer snapshot where there is one; True when it was swapped."""
        if await asyncio.to_thread(self._version) == self.version:
            return False
        snapshot = await asyncio.to_thread(self._load)
        await asyncio.to_thread(snapshot.warm)
        await prepared(snapshot)
        self._snapshot = snapshot
        logger.info("content reloaded %s", fields(version=self.version))
        return True

    async def watch(self, every_s: float) -> None:
        """Refresh for ever; a store that is away is logged, and the answers go on from the snapshot in hand.

        What a first question about a model would wait for is compiled once the bot already answers.
        """
        await self.until_open()
        logger.info("content loaded %s", fields(version=self.version[:12]))
        try:
            await prepared(self._snapshot)
            logger.info("models compiled %s", fields(models=len(self.answers.knowledge.models)))
        except Exception:
            logger.exception("models not compiled: each is when it is first asked about")
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.refresh()
            except KnowledgeError as error:
                logger.warning("store away %s", fields(error=str(error)))
            except Exception:
                logger.exception("content reload failed")
