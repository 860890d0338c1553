"""The network door: HTTP/2, names that lead inside or change their mind, tokens that stay with their host."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import FetchRefused
from knowledge.net import GuardedClient
from tests.fakes.feed_server import Page, feed_server
from tests.fakes.h2_server import certificate, h2_server

PUBLIC = "93.184.215.14"


class Names:
    """Plays the resolver: each look-up of a name takes the next of its answers, the last one for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[list[str]]]) -> None:
        self.looked_up: list[str] = []
        real = asyncio.BaseEventLoop.getaddrinfo

        async def getaddrinfo(loop: Any, host: str, port: int, **kwargs: Any) -> Any:
            if host not in answers:
                return await real(loop, host, port, **kwargs)
            self.looked_up.append(host)
            found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


async def test_http2_is_spoken_where_the_server_does_and_the_certificate_checked_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, {"feeds.example.org": [["127.0.0.1"]], "other.example.org": [["127.0.0.1"]]})
    cert_file, key_file = certificate(tmp_path, "feeds.example.org")
    trusting = ssl.create_default_context(cafile=str(cert_file))
    async with (
        h2_server(b"<rss/>", cert_file, key_file) as server,
        GuardedClient(user_agent="tests", allow_loopback=True, ssl_context=trusting) as client,
    ):
        first, second = [await client.get(f"https://feeds.example.org:{server.port}/{n}") for n in (1, 2)]
        with pytest.raises(FetchRefused, match="certificate"):  # same address, another name: another connection
            await client.get(f"https://other.example.org:{server.port}/")
    assert (first.http_version, first.body, first.headers["etag"]) == ("HTTP/2", b"<rss/>", '"x"')
    assert second.http_version == "HTTP/2"
    assert [request[b":path"] for request in server.requests] == [b"/1", b"/2"]
    assert server.requests[0][b"user-agent"] == b"tests"
    assert server.requests[0][b":authority"] == f"feeds.example.org:{server.port}".encode()


@pytest.mark.parametrize(
    "answers",
    [[["10.0.0.8"]], [[PUBLIC, "10.0.0.8"]], [["169.254.169.254"]], [["::1"]]],
    ids=["private", "one of two", "metadata", "loopback"],
)
async def test_a_name_that_leads_inside_is_refused(answers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"feeds.example.org": answers})
    async with GuardedClient(user_agent="tests") as client:
        with pytest.raises(FetchRefused, match="private network") as caught:
            await client.get("http://feeds.example.org/")
    assert caught.value.reason == "refused"


async def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when checked, loopback when connected to. One look-up, and its answer is dialled."""
    names = Names(monkeypatch, {"feeds.example.org": [[PUBLIC], ["127.0.0.1"]]})
    dialled: list[str] = []

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        dialled.append(address[0])
        raise ConnectionRefusedError("nobody is dialled in a test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    async with GuardedClient(user_agent="tests", timeout_s=5) as client:
        with pytest.raises(FetchRefused):
            await client.get("http://feeds.example.org/")
    assert names.looked_up == ["feeds.example.org"]
    assert set(dialled) == {PUBLIC}


async def test_a_redirect_to_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"inside.example.org": [["192.168.0.1"]]})
    pages = {"/a": Page(status=301, headers={"Location": "http://inside.example.org/secrets"})}
    async with feed_server(pages) as server, GuardedClient(user_agent="tests", allow_loopback=True) as client:
        with pytest.raises(FetchRefused, match="private network"):
            await client.get(f"{server.base_url}/a")


async def test_a_token_stays_with_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"elsewhere.example.org": [["127.0.0.1"]]})
    async with (
        feed_server({"/end": Page(b"x")}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True) as client,
    ):
        away = server.base_url.replace("127.0.0.1", "elsewhere.example.org") + "/end"
        server.pages["/near"] = Page(status=302, headers={"Location": "/end"})
        server.pages["/far"] = Page(status=302, headers={"Location": away})
        for path in ("/near", "/far"):
            await client.get(server.base_url + path, {"Authorization": "Bearer secret"})
    sent = ["Authorization" in headers for headers in server.seen_headers]
    assert [path for path, _ in server.requests] == ["/near", "/end", "/far", "/end"]
    assert sent == [True, True, True, False]


async def test_the_second_address_is_tried_where_the_first_is_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, {"feeds.example.org": [["127.0.0.9", "127.0.0.1"]]})
    async with (
        feed_server({"/x": Page(b"x")}) as server,
        GuardedClient(user_agent="tests", allow_loopback=True) as client,
    ):
        answer = await client.get(f"http://feeds.example.org:{server.base_url.rpartition(':')[2]}/x")
    assert answer.body == b"x"


@pytest.mark.parametrize(
    ("chain", "moved"),
    [((301, 308), "/c"), ((301, 302), "/b"), ((302, 301), None), ((307, 307), None)],
)
async def test_a_source_moves_as_far_as_the_redirects_are_permanent(chain: tuple[int, int], moved: str | None) -> None:
    first, second = chain
    pages = {
        "/a": Page(status=first, headers={"Location": "/b"}),
        "/b": Page(status=second, headers={"Location": "/c"}),
        "/c": Page(b"x"),
    }
    async with feed_server(pages) as server, GuardedClient(user_agent="tests", allow_loopback=True) as client:
        answer = await client.get(f"{server.base_url}/a")
        assert answer.permanent_url == (server.base_url + moved if moved else None)


async def test_a_packed_body_that_ends_in_the_middle_is_damaged() -> None:
    cut = Page(gzip.compress(b"words " * 1000)[:-20], headers={"Content-Encoding": "gzip"})
    async with feed_server({"/x": cut}) as server, GuardedClient(user_agent="tests", allow_loopback=True) as client:
        with pytest.raises(FetchRefused, match="ends in the middle") as caught:
            await client.get(f"{server.base_url}/x")
    assert caught.value.reason == "damaged"
