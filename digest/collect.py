"""Collects: fetch every source, decide what is new, store. A source's failure is that source's record, no more.

    load states → fetch (async, polite) → keeping (pure: state, rows, report) → one transaction a source
                                                     └─ a gap in a GitHub source → its API, page by page, where a
                                                        token is set → one more transaction

It renders nothing and sends nothing. The store is written in another thread, one source at a time: a process killed
at any moment leaves each source wholly before or wholly after its fetch, and the next collect goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from digest.dates import parse_iso
from digest.entry import Entry
from digest.errors import FeedError
from digest.feeds import parse_feed
from digest.fetch import Fetcher, FetchResult, Validators
from digest.keeping import Kept, Outcome, SourceReport, decide, keep_document, keep_untouched, rows, state_of
from digest.sources import Source
from digest.text import url_key
from knowledge.store.digest_rows import SourceRow
from knowledge.store.digest_store import DigestStore

__all__ = ["CatchUp", "CollectReport", "Outcome", "SourceReport", "collect"]

LONGEST: Final = timedelta(hours=6)
"""How long a source is left alone at most: no stretch of 11 releases among the real tags was shorter than 9 hours."""
WHOLE_AGAIN: Final = 8
"""Every so many failures in a row a document is asked for without validators, at the address its file gives."""
_PAGES_MAX: Final = 10
_PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """How to fill a gap in a GitHub source: with a token its API lists what its feed has dropped."""

    token: str
    api_url: str = "https://api.github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """What a collect did, source by source in the order of the source files."""

    sources: tuple[SourceReport, ...]

    def count(self, outcome: Outcome) -> int:
        """How many sources ended that way."""
        return sum(report.outcome == outcome for report in self.sources)

    def total(self, name: Literal["n_new", "n_changed", "n_duplicate", "n_entries", "wire_bytes"]) -> int:
        """Return the sum of one figure over all sources."""
        return sum(getattr(report, name) for report in self.sources)


async def collect(
    sources: Sequence[Source],
    *,
    store: DigestStore,
    fetcher: Fetcher,
    now: Callable[[], datetime],
    due_only: bool = False,
    longest: timedelta = LONGEST,
    catch_up: CatchUp | None = None,
    told: Callable[[SourceReport], None] = lambda _: None,
) -> CollectReport:
    """Fetch and store all sources, or those whose time has come. `told` hears of each as it ends.

    `longest` is how long the schedule leaves a source alone at most. Never raises for a source.
    """
    run = _Run(store=store, fetcher=fetcher, now=now, longest=longest, catch_up=catch_up)
    states = await asyncio.to_thread(store.sources)

    async def one(source: Source) -> SourceReport:
        report = await run.source(source, state_of(source, states.get(source.id)), due_only=due_only)
        told(report)
        return report

    return CollectReport(sources=tuple(await asyncio.gather(*(one(source) for source in sources))))


class _Run:
    """One collect: what its sources share."""

    def __init__(
        self,
        *,
        store: DigestStore,
        fetcher: Fetcher,
        now: Callable[[], datetime],
        longest: timedelta,
        catch_up: CatchUp | None,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._now = now
        self._longest = longest
        self._catch_up = catch_up
        self._writing = asyncio.Lock()

    async def source(self, source: Source, state: SourceRow, *, due_only: bool) -> SourceReport:
        """Collect one source."""
        wait_for = max(
            (moment for moment in (state.not_before_at, state.next_fetch_at if due_only else None) if moment),
            default=None,
        )
        if wait_for is not None and wait_for > self._now():
            return SourceReport(source_id=source.id, outcome="not_due")
        result = await self._fetcher.fetch(source, _validators(source, state))
        async with self._writing:
            kept = await asyncio.to_thread(self._keep, source, state, result)
        if kept.state.gap_from is not None and self._catch_up is not None and source.kind == "github_atom":
            return await self._fill_gap(source, kept, self._catch_up)
        return kept.report

    def _keep(self, source: Source, state: SourceRow, result: FetchResult) -> Kept:
        now = self._now()
        kept = keep_untouched(source, state, result, now=now, longest=self._longest)
        if kept is None:
            stored = self._store.known_of(source.id)
            kept = keep_document(source, state, result, stored, now=now, longest=self._longest)
        self._store.save_fetch(kept.state, new=kept.new, changed=kept.changed, now=now)
        return kept

    async def _fill_gap(self, source: Source, kept: Kept, how: CatchUp) -> SourceReport:
        """Ask GitHub's API for what the feed has dropped. Where that fails the gap stays open, for the next collect."""
        found = await self._pages(source, kept.state, how)
        if found is None:
            return kept.report
        async with self._writing:
            n_new = await asyncio.to_thread(self._store_found, source, kept.state, found)
        warnings = tuple(words for words in kept.report.warnings if not words.startswith("gap"))
        return replace(kept.report, n_new=kept.report.n_new + n_new, warnings=warnings)

    async def _pages(self, source: Source, state: SourceRow, how: CatchUp) -> list[Entry] | None:
        """Return the releases listed back to the beginning of the gap, None where they could not be read."""
        found: list[Entry] = []
        headers = {"Authorization": f"Bearer {how.token}"}
        for number in range(1, _PAGES_MAX + 1):
            url = f"{how.api_url}/repos{_repository(source)}/releases?per_page={_PER_PAGE}&page={number}"
            page = replace(source, kind="json_api", url=url)
            result = await self._fetcher.fetch(page, Validators(), headers=headers)
            if result.outcome != "fetched":
                return None
            try:
                entries = parse_feed(result.body, now=self._now()).entries
            except FeedError:
                return None
            found += entries
            dates = [parse_iso(entry.date) for entry in entries if entry.date]
            if len(entries) < _PER_PAGE or (dates and state.gap_from is not None and min(dates) <= state.gap_from):
                break
        return found

    def _store_found(self, source: Source, state: SourceRow, found: Sequence[Entry]) -> int:
        """Store what was missing and close the gap. The API's ids are not the feed's: pages tell them apart."""
        now, stored = self._now(), self._store.known_of(source.id)
        pages = {row.url_key for row in stored}
        missing = [entry for entry in found if entry.url is not None and url_key(entry.url) not in pages]
        new = rows(source, decide(source, missing, stored, first_time=False, now=now), "new")
        self._store.save_fetch(replace(state, gap_from=None, gap_to=None), new=new, now=now)
        return len(new)


def _repository(source: Source) -> str:
    """Return `/owner/name` of a releases feed's address."""
    return urlsplit(source.url).path.removesuffix("/releases.atom").removesuffix("/tags.atom")


def _validators(source: Source, state: SourceRow) -> Validators:
    """Return what to ask with. A failing document is fetched whole now and then: we may have learnt to read it."""
    if state.failure_count and state.failure_count % WHOLE_AGAIN == 0:
        return Validators()
    moved = state.url if state.url != source.url else None
    return Validators(etag=state.etag, last_modified=state.last_modified, url=moved)
