"""One WebSocket of the gateway: frames out, plain or compressed as the client asked, and ways to break it."""

from __future__ import annotations

import json
import zlib
from typing import Any, Protocol

import orjson
import zstandard
from aiohttp import web


def dumps(value: Any) -> bytes:  # noqa: ANN401 -- any JSON
    """JSON, also where it holds what a test breaks clients with: huge integers, lone surrogates."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


class _Compressor(Protocol):
    def frame(self, data: bytes) -> bytes: ...


class _Zlib:
    """zlib-stream: one stream a connection, flushed after every message."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(level=1)

    def frame(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    """zstd-stream: the same with zstandard."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=1).compressobj()

    def frame(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


COMPRESSORS: dict[str, type[_Zlib | _Zstd]] = {"zlib-stream": _Zlib, "zstd-stream": _Zstd}


class Link:
    """One connection; `compress` is the client's query parameter."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, compress: str = "") -> None:
        self.socket = socket
        self.request = request
        self.compress = compress
        made = COMPRESSORS.get(compress)
        self._compressor: _Compressor | None = made() if made is not None else None

    async def send_bytes(self, data: bytes) -> None:
        """Send a frame of JSON, or of what a test wants instead; a socket that has gone is not an error here."""
        if self.socket.closed:
            return
        try:
            if self._compressor is None:
                await self.socket.send_str(data.decode())
            else:
                await self.socket.send_bytes(self._compressor.frame(data))
        except ConnectionError:
            return

    async def send(self, payload: Any) -> None:  # noqa: ANN401 -- any JSON
        """Send a payload as JSON."""
        await self.send_bytes(dumps(payload))

    async def close(self, code: int, reason: str) -> None:
        """Close with a gateway code."""
        await self.socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Cut the TCP connection with no goodbye."""
        if self.request.transport is not None:
            self.request.transport.abort()
