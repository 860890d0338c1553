"""The recorded documents of the truth set: each gives entries or a named error, and is collected over loopback."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.collect import collect
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.feeds import parse_feed
from digest.fetch import Fetcher
from knowledge.store.digest_store import DigestStore
from tests.digest.conftest import source
from tests.fakes.feed_server import Page, feed_server

pytestmark = pytest.mark.truth

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NAMED = {"empty", "html", "not_a_feed", "too_big", "hostile", "bad_json"}
REAL = ("real_vendor_rss", "real_ollama_atom", "real_misc", "github_atom_from_real_tags", "encodings", "edge")


def documents(truth: Path, *groups: str) -> list[Path]:
    """Return the feed documents of the given groups (all of them when none is given), without expected twins."""
    with (truth / "feeds" / "INDEX.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if not groups or row["group"] in groups]
    return [
        truth / "feeds" / row["file"] for row in rows if not row["file"].endswith((".serde.json", "_expected.json"))
    ]


def read(file: Path) -> ParsedFeed | FeedError:
    try:
        return parse_feed(file.read_bytes(), now=NOW)
    except FeedError as error:
        return error


def test_every_document_gives_entries_or_a_named_error(truth_dir: Path) -> None:
    files = documents(truth_dir)
    assert len(files) > 200
    for file in files:
        result = read(file)
        if isinstance(result, FeedError):
            assert result.code in NAMED, file.name
            continue
        for entry in result.entries:
            assert entry.id, file.name
            assert not set(entry.title + entry.summary) & set("\r\n\x00\x1b"), file.name
            assert "<script" not in entry.title.lower(), file.name
            assert entry.url is None or entry.url.startswith(("http://", "https://")), file.name
            assert all(date is None or "1990" <= date[:4] <= "2026" for date in (entry.published, entry.updated)), (
                file.name
            )


def test_as_many_entries_as_feedparser_finds(truth_dir: Path) -> None:
    with (truth_dir / "feeds" / "INDEX.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["feedparser6_entries"] and row["group"] != "made_here"]
    differ = []
    for row in rows:
        result = read(truth_dir / "feeds" / row["file"])
        count = len(result.entries) if isinstance(result, ParsedFeed) else 0
        if count != int(row["feedparser6_entries"]):
            differ.append(row["file"])
    # the one that differs is cut in the middle of its only entry, which we leave out
    assert differ == ["illformed/feedparser_illformed_rss_incomplete_cdata.xml"]


def twins(truth: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the documents that another parser's entries are recorded of, with those entries."""
    found = []
    for twin in sorted((truth / "feeds" / "feedrs_with_expected").glob("*.serde.json")):
        name = twin.name.removesuffix(".serde.json")
        files = [twin.with_name(name + end) for end in (".xml", ".json") if twin.with_name(name + end).exists()]
        found += [(file, json.loads(twin.read_text(encoding="utf-8"))) for file in files]
    return found


def compared(ours: Entry, theirs: dict[str, Any]) -> dict[str, bool]:
    """Return which fields agree, of those that can be compared.

    An id the other parser made up (a hash, a UUID) is not compared, nor a link or date it does not give. A relative
    link agrees with one that ends in it: ours are resolved.
    """
    links = [link["href"] for link in theirs["links"]]
    fields = {"title": ours.title == " ".join(((theirs["title"] or {}).get("content") or "").split())}
    if links:
        fields["link"] = ours.url is not None and any(ours.url.endswith(link) for link in links)
    if not re.fullmatch(r"[0-9a-f]{30,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", theirs["id"]):
        fields["id"] = ours.id == theirs["id"]
    for name in ("published", "updated"):
        if theirs[name]:
            fields[name] = getattr(ours, name) == theirs[name]
    return fields


def test_agreement_with_another_parser(truth_dir: Path) -> None:
    agree: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for file, expected in twins(truth_dir):
        result = read(file)
        assert isinstance(result, ParsedFeed)
        assert len(result.entries) == len(expected["entries"]), file.name
        for ours, theirs in zip(result.entries, expected["entries"], strict=True):
            for name, same in compared(ours, theirs).items():
                total[name] += 1
                agree[name] += same
    assert set(total) == {"title", "link", "id", "published", "updated"}
    assert total["title"] >= 70
    # the two links that differ are words, no addresses
    assert total - agree == Counter(link=2)


async def test_collects_the_recorded_sources_and_then_nothing(
    truth_dir: Path, store: DigestStore, fetcher: Fetcher
) -> None:
    files = documents(truth_dir, *REAL)
    pages = {f"/{file.parent.name}/{file.name}": Page(file.read_bytes()) for file in files}
    async with feed_server(pages) as server:
        sources = [source(path.strip("/"), f"{server.base_url}{path}") for path in pages]
        assert len(sources) >= 40
        first = await collect(sources, store=store, fetcher=fetcher, now=lambda: NOW)
        assert first.count("failed") == 3, [(r.source_id, r.error) for r in first.sources if r.outcome == "failed"]
        assert first.total("n_new") > 2000
        stored = sum(store.counts().values())
        server.forget()
        second = await collect(sources, store=store, fetcher=fetcher, now=lambda: NOW)
        assert second.total("n_new") == 0
        assert second.total("n_changed") == 0
        assert sum(store.counts().values()) == stored
        assert (second.count("not_modified"), second.count("failed")) == (len(sources) - 3, 3)
        assert server.statuses() == {304: len(sources)}
        assert server.bytes_sent == 0


@pytest.mark.parametrize(
    "failing", ["billion_laughs.xml", "xxe.xml", "html_not_feed.xml", "gzip_bomb_20MB.xml.gz", "truncated.xml"]
)
async def test_a_hostile_source_fails_alone(
    failing: str, truth_dir: Path, store: DigestStore, fetcher: Fetcher, clock: Callable[[], datetime]
) -> None:
    good = (truth_dir / "feeds" / "real_vendor_rss" / "feed_mistral.xml").read_bytes()
    bad = (truth_dir / "feeds" / "made_here" / failing).read_bytes()
    async with feed_server({"/bad": Page(bad), "/good": Page(good)}) as server:
        sources = [source("bad", f"{server.base_url}/bad"), source("good", f"{server.base_url}/good")]
        report = await collect(sources, store=store, fetcher=fetcher, now=clock)
    outcomes = {line.source_id: line for line in report.sources}
    assert outcomes["good"].n_new > 40
    assert outcomes["bad"].outcome == "failed"
    state = store.sources()["bad"]
    assert state.failure_count == 1
    assert state.last_error
