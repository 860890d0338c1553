"""The one door to the network: a guarded HTTP client for fetching what strangers publish.

It resolves a name itself, refuses private, loopback and other non-public networks, and connects to the very address it
checked, so that neither DNS nor a redirect can lead it inside. Bodies are unpacked under a cap, redirects are
followed under the same checks, and each request has one deadline. No cache, no state: callers give validators.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx

from knowledge.errors import FetchRefused

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_REDIRECTS: Final = 5
TIMEOUT_S: Final = 20.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer. `url` is where it came from in the end; `permanent_url` the same if every redirect was permanent.

    `wire_bytes` counts the body as it was transferred. Header names are lower case.
    """

    url: str
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    permanent_url: str | None = None
    wire_bytes: int = 0


class GuardedClient:
    """Fetches by GET within the caps. `allow_loopback` is for recorded runs and tests only, and is never a setting."""

    def __init__(
        self,
        *,
        user_agent: str,
        allow_loopback: bool = False,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._user_agent = user_agent
        self._allow_loopback = allow_loopback
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=timeout_s)

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
        except TimeoutError as error:
            raise FetchRefused(f"No answer within {self._timeout_s:g} s.", subject=url[:200]) from error
        except httpx.HTTPError as error:
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            raise FetchRefused(f"The request failed: {reason}.", subject=url[:200]) from error

    async def _follow(self, url: str, headers: dict[str, str]) -> Fetched:
        here, permanent = url, True
        for _ in range(MAX_REDIRECTS + 1):
            answer, location = await self._once(here, headers)
            if location is None:
                moved = here if permanent and here != url else None
                return Fetched(
                    url=here,
                    status=answer.status,
                    body=answer.body,
                    headers=answer.headers,
                    permanent_url=moved,
                    wire_bytes=answer.wire_bytes,
                )
            permanent = permanent and answer.status in {301, 308}
            here = urljoin(here, location)
        raise FetchRefused(f"More than {MAX_REDIRECTS} redirects.", subject=url[:200])

    async def _once(self, url: str, headers: dict[str, str]) -> tuple[Fetched, str | None]:
        host, address, port = await self._checked(url)
        parts = urlsplit(url)
        shown = f"[{address}]" if ":" in address else address
        pinned = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
        request = self._client.build_request(
            "GET",
            pinned,
            headers={
                "Accept-Encoding": "gzip",
                **headers,
                "User-Agent": self._user_agent,
                "Host": parts.netloc.rpartition("@")[2],
            },
            extensions={"sni_hostname": host},
        )
        response = await self._client.send(request, stream=True)
        try:
            location = response.headers.get("location") if response.status_code in _REDIRECTS else None
            body, wire_bytes = (b"", 0) if location else await self._read(response, url)
        finally:
            await response.aclose()
        answer = Fetched(
            url=url, status=response.status_code, body=body, headers=dict(response.headers), wire_bytes=wire_bytes
        )
        return answer, location

    async def _checked(self, url: str) -> tuple[str, str, int]:
        """Return host, the address to connect to, and port. Raises FetchRefused where we may not go there."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise FetchRefused("The address is malformed.", subject=url[:200]) from error
        if parts.scheme not in {"http", "https"} or not host:
            raise FetchRefused("Only http and https addresses are fetched.", subject=url[:200])
        if parts.username is not None:
            raise FetchRefused("The address carries credentials.", subject=url[:200])
        port = port or (443 if parts.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchRefused(f"The host '{host[:100]}' has no address.", subject=url[:200]) from error
        addresses = [str(row[4][0]) for row in found]
        for address in addresses:
            self._refuse_private(address, url)
        return host, addresses[0], port

    def _refuse_private(self, address: str, url: str) -> None:
        ip = ipaddress.ip_address(address.partition("%")[0])
        reached: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ip]
        if isinstance(ip, ipaddress.IPv6Address):
            inside = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()))
            reached += [inner for inner in inside if inner is not None]
        if reached[0].is_loopback and self._allow_loopback:
            return
        if any(not one.is_global or one.is_multicast for one in reached):
            raise FetchRefused("The address leads into a private network.", subject=url[:200])

    async def _read(self, response: httpx.Response, url: str) -> tuple[bytes, int]:
        """Return the unpacked body and its size on the wire, both within the cap."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise FetchRefused(f"The body is packed in a way not asked for ('{encoding[:20]}').", subject=url[:200])
        unpacker = zlib.decompressobj(wbits=31) if encoding in {"gzip", "x-gzip"} else None
        body, wire_bytes = bytearray(), 0
        async for chunk in response.aiter_raw():
            wire_bytes += len(chunk)
            try:
                body += unpacker.decompress(chunk, self._max_bytes + 1 - len(body)) if unpacker else chunk
            except zlib.error as error:
                raise FetchRefused("The packed body is damaged.", subject=url[:200]) from error
            if len(body) > self._max_bytes:
                raise FetchRefused(f"The body is larger than {self._max_bytes / 1024**2:g} MiB.", subject=url[:200])
        return bytes(body), wire_bytes
