"""Fetching over loopback: conditional requests, retries, redirects, caps, and the refusal of private networks."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.fetch import Fetcher, FetchPolicy, Validators
from knowledge.errors import FetchRefused
from knowledge.net import GuardedClient, refuse_private
from tests.digest.conftest import NOW, source
from tests.fakes.feed_server import LAST_MODIFIED, Page, feed_server

BODY = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


async def test_validators_are_kept_and_sent_back(fetcher: Fetcher) -> None:
    async with feed_server({"/feed": Page(BODY)}) as server:
        feed = source("one", f"{server.base_url}/feed")
        first = await fetcher.fetch(feed, Validators())
        second = await fetcher.fetch(feed, first.validators)
    assert (first.outcome, first.status, first.body) == ("fetched", 200, BODY)
    assert first.validators.last_modified == LAST_MODIFIED
    assert (second.outcome, second.status, second.body) == ("not_modified", 304, b"")
    assert server.seen_headers[1]["If-None-Match"] == first.validators.etag
    assert server.seen_headers[1]["If-Modified-Since"] == LAST_MODIFIED
    assert server.seen_headers[0]["User-Agent"] == "tests"


async def test_a_server_that_stumbles_once_is_tried_again(fetcher: Fetcher) -> None:
    async with feed_server({"/feed": Page(BODY, fail_first=1)}) as server:
        result = await fetcher.fetch(source("one", f"{server.base_url}/feed"), Validators())
    assert result.outcome == "fetched"
    assert [status for _, status in server.requests] == [503, 200]


@pytest.mark.parametrize(
    ("page", "code", "tries"),
    [
        (Page(status=404), "gone", 1),
        (Page(status=410), "gone", 1),
        (Page(status=403), "http_status", 1),
        (Page(status=500), "http_status", 2),
        (Page(status=429, headers={"Retry-After": "3600"}), "http_status", 1),
    ],
)
async def test_failures_are_results(page: Page, code: str, tries: int, fetcher: Fetcher) -> None:
    async with feed_server({"/feed": page}) as server:
        result = await fetcher.fetch(source("one", f"{server.base_url}/feed"), Validators())
    assert (result.outcome, result.status, result.error_code) == ("failed", page.status, code)
    assert len(server.requests) == tries
    assert result.retry_after_s == (3600 if page.status == 429 else None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Tue, 05 May 2026 06:02:00 GMT", 120),
        ("Tue, 05 May 2026 05:00:00 GMT", 0),
        ("soon", None),
        ("99999999999", 604800),
    ],
)
async def test_retry_after(header: str, seconds: float | None) -> None:
    async with (
        feed_server({"/feed": Page(status=503, headers={"Retry-After": header})}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True) as client,
    ):
        policy = FetchPolicy(per_host_delay_s=0, attempts=1)
        once = Fetcher(client, policy=policy, now=lambda: NOW, jitter=random.Random(1))  # noqa: S311 - spread, not secrecy
        result = await once.fetch(source("one", f"{server.base_url}/feed"), Validators())
    assert result.retry_after_s == seconds


async def test_one_request_at_a_time_to_a_host_with_pauses_between() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with (
        feed_server({"/feed": Page(BODY)}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True) as client,
    ):
        polite = Fetcher(
            client,
            policy=FetchPolicy(per_host_delay_s=2.0),
            now=lambda: NOW,
            jitter=random.Random(1),  # noqa: S311 - spread, not secrecy
            sleep=sleep,
        )
        for name in ("one", "two", "three"):
            await polite.fetch(source(name, f"{server.base_url}/feed"), Validators())
    assert len(slept) == 2
    assert all(1.6 <= seconds <= 3.2 for seconds in slept)


async def test_a_host_that_cannot_be_reached_is_not_waited_for_again(
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with GuardedClient(user_agent="tests", allow_loopback=True, timeout_s=2) as client:
        once = Fetcher(client, policy=FetchPolicy(), now=lambda: NOW, jitter=random.Random(1), sleep=sleep)  # noqa: S311
        base = f"http://127.0.0.1:{unused_tcp_port_factory()}"
        results = [await once.fetch(source(name, f"{base}/{name}"), Validators()) for name in ("one", "two", "three")]
    assert [result.error_code for result in results] == ["unreachable"] * 3
    assert len(slept) == 1


@pytest.mark.parametrize(("status", "permanent"), [(301, True), (308, True), (302, False), (307, False)])
async def test_only_a_permanent_redirect_moves_a_source(status: int, permanent: bool, fetcher: Fetcher) -> None:
    pages = {"/old": Page(status=status, headers={"Location": "/new"}), "/new": Page(BODY)}
    async with feed_server(pages) as server:
        result = await fetcher.fetch(source("one", f"{server.base_url}/old"), Validators())
    assert result.body == BODY
    assert result.validators.url == (f"{server.base_url}/new" if permanent else None)


async def test_redirects_end() -> None:
    async with (
        feed_server({"/a": Page(status=302, headers={"Location": "/a"})}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True) as client,
    ):
        with pytest.raises(FetchRefused, match="redirects"):
            await client.get(f"{server.base_url}/a")
    assert len(server.requests) == 6


async def test_a_redirect_into_a_private_network_is_refused() -> None:
    pages = {"/a": Page(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})}
    async with feed_server(pages) as server, GuardedClient(user_agent="tests", allow_loopback=True) as client:
        with pytest.raises(FetchRefused, match="private network"):
            await client.get(f"{server.base_url}/a")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/", "private network"),
        ("http://localhost:1/", "private network"),
        ("http://[::1]:1/", "private network"),
        ("http://[::ffff:127.0.0.1]:1/", "private network"),
        ("http://10.0.0.1/", "private network"),
        ("http://192.168.1.1/", "private network"),
        ("http://100.64.0.1/", "private network"),
        ("http://169.254.169.254/", "private network"),
        ("http://0.0.0.0/", "private network"),
        ("http://2130706433/", "private network"),
        ("http://[fd00::1]/", "private network"),
        ("http://224.0.0.1/", "private network"),
        ("file:///etc/hostname", "Only http"),
        ("gopher://example.org/", "Only http"),
        ("http://user:secret@203.0.114.1/", "credentials"),
        ("http:///nohost", "Only http"),
        ("http://[bad", "malformed"),
    ],
)
async def test_where_the_client_does_not_go(url: str, words: str) -> None:
    async with GuardedClient(user_agent="tests") as client:
        with pytest.raises(FetchRefused, match=words):
            await client.get(url)


async def test_a_gzip_bomb_stops_at_the_cap() -> None:
    bomb = Page(gzip.compress(b"0" * 5_000_000), headers={"Content-Encoding": "gzip"})
    async with (
        feed_server({"/bomb": bomb}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True, max_bytes=1_000_000) as client,
    ):
        with pytest.raises(FetchRefused, match="larger than"):
            await client.get(f"{server.base_url}/bomb")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(b"x" * 2000), "larger than"),
        (Page(b"not gzip", headers={"Content-Encoding": "gzip"}), "damaged"),
        (Page(b"x", headers={"Content-Encoding": "br"}), "not asked for"),
    ],
)
async def test_bodies_that_are_refused(page: Page, words: str) -> None:
    async with (
        feed_server({"/x": page}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True, max_bytes=1000) as client,
    ):
        with pytest.raises(FetchRefused, match=words):
            await client.get(f"{server.base_url}/x")


async def test_a_packed_body_is_unpacked_and_counted_as_sent() -> None:
    packed = gzip.compress(BODY * 50)
    async with (
        feed_server({"/x": Page(packed, headers={"Content-Encoding": "gzip"})}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True) as client,
    ):
        answer = await client.get(f"{server.base_url}/x")
    assert answer.body == BODY * 50
    assert answer.wire_bytes == len(packed)


async def test_nobody_at_home_is_a_reason_not_a_traceback(unused_tcp_port_factory: Callable[[], int]) -> None:
    async with GuardedClient(user_agent="tests", allow_loopback=True, timeout_s=2) as client:
        with pytest.raises(FetchRefused, match="failed"):
            await client.get(f"http://127.0.0.1:{unused_tcp_port_factory()}/")


@given(st.ip_addresses())
def test_every_address_that_is_not_public_is_refused(ip: object) -> None:
    public = getattr(ip, "is_global") and not getattr(ip, "is_multicast")  # noqa: B009 - either kind of address
    try:
        refuse_private(str(ip))
    except FetchRefused:
        return
    assert public
