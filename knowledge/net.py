"""The one door to the network: a guarded HTTP client for fetching what strangers publish.

Names are resolved here; private, loopback and other non-public networks are refused, and each connection goes to the
very address that was checked, so that neither DNS nor a redirect can lead it inside. HTTP/2 where the server speaks it.
Bodies are unpacked under a cap, redirects are followed under the same checks, each request has one deadline.
No cache, no state: callers give validators and decide when to come again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from knowledge.errors import FetchRefused

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_REDIRECTS: Final = 5
TIMEOUT_S: Final = 20.0
_ADDRESSES_TRIED: Final = 4
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer. `url` is where it came from in the end; `permanent_url` is set where permanent redirects led on.

    A permanent redirect counts as far as the chain begins with such: after a temporary one nothing is permanent.
    `wire_bytes` counts the body as it was transferred. Header names are lower case.
    """

    url: str
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    permanent_url: str | None = None
    wire_bytes: int = 0
    http_version: str = ""


class GuardedClient:
    """Fetches by GET within the caps. `allow_loopback` is for recorded runs and tests only, and is never a setting."""

    def __init__(
        self,
        *,
        user_agent: str,
        allow_loopback: bool = False,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        transport = _GuardedTransport(
            ssl_context or httpx.create_ssl_context(), _CheckedNetwork(allow_loopback=allow_loopback)
        )
        self._client = httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            follow_redirects=False,
            timeout=timeout_s,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """Fetch `url`, following redirects. Raises FetchRefused with the reason; HTTP error statuses are returned."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(url, dict(headers or {}))
        except (TimeoutError, httpcore.TimeoutException, httpx.TimeoutException) as error:
            words = f"No answer within {self._timeout_s:g} s."
            raise FetchRefused(words, subject=url[:200], reason="timeout") from error
        except (httpcore.ConnectError, httpcore.NetworkError) as error:
            raise FetchRefused(_words(error), subject=url[:200], reason="unreachable") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.ProtocolError) as error:
            raise FetchRefused(_words(error), subject=url[:200]) from error

    async def _follow(self, url: str, headers: dict[str, str]) -> Fetched:
        here, moved, permanent = url, None, True
        for _ in range(MAX_REDIRECTS + 1):
            answer, location = await self._once(here, headers)
            if location is None:
                return Fetched(
                    url=here,
                    status=answer.status,
                    body=answer.body,
                    headers=answer.headers,
                    permanent_url=moved,
                    wire_bytes=answer.wire_bytes,
                    http_version=answer.http_version,
                )
            permanent = permanent and answer.status in _PERMANENT
            there = _joined(here, location)
            if urlsplit(there)[:2] != urlsplit(here)[:2]:  # a token is for the host it was meant for
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            here, moved = there, there if permanent else moved
        raise FetchRefused(f"More than {MAX_REDIRECTS} redirects.", subject=url[:200], reason="redirects")

    async def _once(self, url: str, headers: dict[str, str]) -> tuple[Fetched, str | None]:
        _refuse_address(url)
        request = self._client.build_request("GET", url, headers=headers)
        response = await self._client.send(request, stream=True)
        try:
            location = response.headers.get("location") if response.status_code in _REDIRECTS else None
            body, wire_bytes = (b"", 0) if location else await self._read(response, url)
        finally:
            await response.aclose()
        answer = Fetched(
            url=url,
            status=response.status_code,
            body=body,
            headers=dict(response.headers),
            wire_bytes=wire_bytes,
            http_version=response.http_version,
        )
        return answer, location

    async def _read(self, response: httpx.Response, url: str) -> tuple[bytes, int]:
        """Return the unpacked body and its size on the wire, both within the cap."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            words = f"The body is packed in a way not asked for ('{encoding[:20]}')."
            raise FetchRefused(words, subject=url[:200], reason="damaged")
        unpacker = zlib.decompressobj(wbits=31) if encoding in {"gzip", "x-gzip"} else None
        body, wire_bytes = bytearray(), 0
        async for chunk in response.aiter_raw():
            wire_bytes += len(chunk)
            try:
                body += unpacker.decompress(chunk, self._max_bytes + 1 - len(body)) if unpacker else chunk
            except zlib.error as error:
                raise FetchRefused("The packed body is damaged.", subject=url[:200], reason="damaged") from error
            if max(len(body), wire_bytes) > self._max_bytes:
                words = f"The body is larger than {self._max_bytes / 1024**2:g} MiB."
                raise FetchRefused(words, subject=url[:200], reason="too_big")
        if unpacker is not None and wire_bytes and not unpacker.eof:
            raise FetchRefused("The packed body ends in the middle.", subject=url[:200], reason="damaged")
        return bytes(body), wire_bytes


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections, to public addresses only. Every connection of the client is opened here."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of `host`. One forbidden address among them forbids the host."""
        *others, last = (await self._addresses(host, port))[:_ADDRESSES_TRIED]
        for address in others:
            with suppress(httpcore.ConnectError):
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._plain.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait between tries."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchRefused(
                f"The host '{host[:100]}' has no address.", subject=host[:200], reason="unreachable"
            ) from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        for address in addresses:
            refuse_private(address, allow_loopback=self._allow_loopback)
        return addresses


class _GuardedTransport(httpx.AsyncBaseTransport):
    """Lets httpx speak through connections of our own opening: its pool is keyed by host name, never by address.

    (Connections pinned by writing the address into the URL would be shared by every host behind that address, and
    the certificate of one would be taken for another's.)
    """

    def __init__(self, ssl_context: ssl.SSLContext, network: httpcore.AsyncNetworkBackend) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=None,
            max_keepalive_connections=16,
            keepalive_expiry=15.0,
            http1=True,
            http2=True,
            network_backend=network,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    """A response's body as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


def refuse_private(address: str, *, allow_loopback: bool = False) -> None:
    """Raise FetchRefused unless `address` (IPv4 or IPv6, with what is wrapped inside it) is a public one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    reached: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ip]
    if isinstance(ip, ipaddress.IPv6Address):
        inside = (ip.ipv4_mapped, ip.sixtofour, _nat64(ip), *(ip.teredo or ()))
        reached += [inner for inner in inside if inner is not None]
    if ip.is_loopback and allow_loopback:
        return
    if any(not one.is_global or one.is_multicast for one in reached):
        raise FetchRefused("The address leads into a private network.", subject=address[:60], reason="refused")


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside 64:ff9b::/96 (RFC 6052), which a translating gateway would connect to."""
    inside = ip in ipaddress.IPv6Network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if inside else None


def _refuse_address(url: str) -> None:
    """Raise FetchRefused for what is no plain web address."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchRefused("The address is malformed.", subject=url[:200], reason="refused") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise FetchRefused("Only http and https addresses are fetched.", subject=url[:200], reason="refused")
    if parts.username is not None:
        raise FetchRefused("The address carries credentials.", subject=url[:200], reason="refused")


def _joined(here: str, location: str) -> str:
    try:
        there = urljoin(here, location)
        urlsplit(there)
    except ValueError as error:
        raise FetchRefused("The redirect is malformed.", subject=here[:200], reason="redirects") from error
    return there


def _words(error: Exception) -> str:
    reason = " ".join(str(error).split())[:160] or type(error).__name__
    return f"The request failed: {reason}."
