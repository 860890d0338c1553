"""Real releases replayed through fetch, store and schedule: each is stored once, and a schedule asks when it says."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect import collect
from digest.fetch import Fetcher, FetchPolicy
from knowledge.net import GuardedClient
from knowledge.store.digest_store import DigestStore
from tests.digest.conftest import source
from tests.fakes.feed_server import Page, feed_server

pytestmark = pytest.mark.truth

SHOWN = 10
LOOK_EVERY = timedelta(minutes=10)


def releases_of(truth: Path, repo: str) -> list[tuple[datetime, str]]:
    """Return a project's releases with their dates, oldest first."""
    with (truth / "digest" / "tool_tags.csv").open(encoding="utf-8") as handle:
        return sorted(
            (datetime.fromisoformat(row["date"]).astimezone(UTC), row["tag"])
            for row in csv.DictReader(handle)
            if row["repo"] == repo
        )


def document(releases: list[tuple[datetime, str]], now: datetime) -> bytes:
    """Return the project's releases feed as it is at `now`: the ten newest, newest first."""
    shown = [release for release in releases if release[0] <= now][-SHOWN:]
    entries = "".join(
        f"<entry><id>tag:github.com,2008:Repository/1/{tag}</id><title>{tag}</title>"
        f"<link rel='alternate' href='https://github.com/o/r/releases/tag/{tag}'/><updated>{date.isoformat()}</updated></entry>"
        for date, tag in reversed(shown)
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Releases</title>{entries}</feed>".encode()


@pytest.mark.parametrize("repo", ["ggerganov/llama.cpp", "raullenchai/Rapid-MLX"])
async def test_every_release_is_stored_once(repo: str, truth_dir: Path, store: DigestStore) -> None:
    releases = releases_of(truth_dir, repo)
    now = releases[SHOWN - 1][0]
    end = releases[-1][0] + timedelta(hours=12)
    warned: list[str] = []
    async with feed_server({}) as server, GuardedClient(user_agent="tests", allow_loopback=True) as client:
        feed = source("r", f"{server.base_url}/r", kind="github_atom")
        visits = 0
        while now <= end:
            server.pages["/r"] = Page(document(releases, now))
            fetcher = Fetcher(
                client,
                policy=FetchPolicy(per_host_delay_s=0.0),
                now=lambda now=now: now,  # type: ignore[misc]
                jitter=random.Random(1),  # noqa: S311 - spread, not secrecy
            )
            report = await collect([feed], store=store, fetcher=fetcher, now=lambda now=now: now, due_only=True)  # type: ignore[misc]
            assert report.sources[0].outcome in {"new", "not_modified"}
            warned += report.sources[0].warnings
            visits += 1
            due = store.sources()["r"].next_fetch_at
            assert due is not None
            now += -(-(due - now) // LOOK_EVERY) * LOOK_EVERY
    stored = [row.title for row in store.entries_of("r")]
    assert sorted(stored) == sorted({tag for _, tag in releases})
    assert not [words for words in warned if words.startswith("gap")]
    assert visits < 6 * (end - releases[0][0]).days
