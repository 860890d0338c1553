"""Fetches just so much of a file as its header needs, over HTTP ranges or from a local disk.

The network is `knowledge.net`'s; every read is capped. What the bytes mean is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

from knowledge.errors import BadInput, FetchRefused
from knowledge.inspect.gguf_header import Incomplete
from knowledge.net import GuardedClient

Header = TypeVar("Header")
FIRST_BYTES: Final = 2 << 20
MOST_BYTES: Final = 64 << 20
PART_BYTES: Final = 8 << 20
"""No single answer is larger; a server that knows no ranges is cut off by the client's cap."""

MAX_JSON_BYTES: Final = 4 << 20


class Source(Protocol):
    """Something that gives its first bytes; less than asked for means that there is no more."""

    async def first(self, n_bytes: int) -> bytes:
        """The first `n_bytes` bytes."""


class RemoteFile:
    """A file behind an address, read by ranges. What was fetched is kept, and only the rest is asked for."""

    def __init__(self, client: GuardedClient, url: str) -> None:
        self._client = client
        self._url = url
        self._have = b""
        self._ended = False
        self.total_bytes: int | None = None

    async def first(self, n_bytes: int) -> bytes:
        """The first `n_bytes` bytes. Raises FetchRefused where the server gives no ranges of a large file."""
        while len(self._have) < n_bytes and not self._ended:
            await self._more(min(n_bytes, len(self._have) + PART_BYTES))
        return self._have[:n_bytes]

    async def _more(self, end: int) -> None:
        start = len(self._have)
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        answer = await self._client.get(self._url, headers)
        if answer.status == 416:
            self._ended = True
        elif answer.status == 206:
            self._note_total(answer.headers.get("content-range", ""), start)
            self._have += answer.body[: end - start]
            self._ended = len(self._have) < end
        elif answer.status == 200:
            self._have, self._ended, self.total_bytes = answer.body, True, len(answer.body)
        else:
            raise FetchRefused(f"The server answers {answer.status}.", subject=self._url[:200])

    def _note_total(self, content_range: str, start: int) -> None:
        unit, _, rest = content_range.partition(" ")
        span, _, total = rest.partition("/")
        if unit != "bytes" or not span.startswith(f"{start}-"):
            raise FetchRefused("The server gave another part than asked for.", subject=self._url[:200])
        self.total_bytes = int(total) if total.isdecimal() else None


class LocalFile:
    """A file on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def first(self, n_bytes: int) -> bytes:
        """The first `n_bytes` bytes. Raises BadInput where the file cannot be read."""
        try:
            with self._path.open("rb") as file:
                return file.read(n_bytes)
        except OSError as error:
            raise BadInput(
                f"The file cannot be read: {error.strerror}.", subject=str(self._path)[:200], hint="Check the path."
            ) from error


async def read_growing(source: Source, parse: Callable[[bytes], Header], what: str) -> Header:
    """Read as much as `parse` wants, at least doubling each time. Raises BadInput where the file ends before that."""
    wanted = FIRST_BYTES
    while True:
        data = await source.first(wanted)
        try:
            return parse(data)
        except Incomplete as short:
            ended = len(data) < wanted
            wanted = min(max(short.needed, 2 * wanted), MOST_BYTES)
            if ended or short.needed > MOST_BYTES:
                words = "The file ends within its header." if ended else "The header is too large."
                raise BadInput(words, subject=what[:200], hint="The download may be incomplete.") from short
