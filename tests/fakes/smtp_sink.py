"""An SMTP server on loopback that takes mails and can lie: in a test, or as a process of its own for chaos and benches.

It records Message-ID and recipient at the moment it writes its 250, which is what "accepted" means. It parses no mail
and stores none, unless asked to keep them. `answer` may change any reply, or misbehave.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

MESSAGE_ID = re.compile(rb"^Message-ID: <([^>\r\n]{1,250})>", re.IGNORECASE | re.MULTILINE)
ADDRESS = re.compile(rb"<([^>]*)>")
DROP = b"drop"
"""An answer that is none: the connection is cut."""

Answer = Callable[[str, str, int], bytes | None]
"""(command, BODY or GREETING; recipient so far; mails accepted before) → reply, None for the usual."""


@dataclass(slots=True)
class Sink:
    """What a running sink has seen. `accepted` is (Message-ID, recipient) in the order of its 250s."""

    accepted: list[tuple[str, str]] = field(default_factory=list)
    by: list[tuple[str, int]] = field(default_factory=list)
    """Of each accepted mail: the name its client said at EHLO, and the number of its connection."""

    senders: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    keep: bool = False
    n_connections: int = 0
    n_open: int = 0
    n_open_max: int = 0
    logins: list[bytes] = field(default_factory=list)
    transports: list[asyncio.Transport] = field(default_factory=list)
    port: int = 0


class SinkProtocol(asyncio.Protocol):
    """One connection. Commands may come many at a time."""

    def __init__(
        self, sink: Sink, answer: Answer | None, extensions: tuple[str, ...], tls: ssl.SSLContext | None
    ) -> None:
        self.sink, self.answer, self.tls = sink, answer, tls
        self.extensions = extensions
        self.buffer = bytearray()
        self.in_body = self.upgrading = False
        self.scanned = 0
        self.sender = self.recipient = self.hello = ""
        self.number = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        again = self.transport is not None  # after STARTTLS
        self.transport = transport  # type: ignore[assignment]
        if self.transport is not None:
            self.sink.transports.append(self.transport)
        if not again:
            self.sink.n_connections += 1
            self.number = self.sink.n_connections
            self.sink.n_open += 1
            self.sink.n_open_max = max(self.sink.n_open_max, self.sink.n_open)
            self.reply("GREETING", b"220 sink ESMTP\r\n")

    def connection_lost(self, _: Exception | None) -> None:
        self.sink.n_open -= 1

    def reply(self, command: str, usual: bytes) -> bytes:
        """Write the answer and return it."""
        said = self.answer(command, self.recipient, len(self.sink.accepted)) if self.answer else None
        said = usual if said is None else said
        assert self.transport is not None
        if said == DROP:
            self.transport.abort()
        else:
            self.transport.write(said)
        return said

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.upgrading and self.buffer and self.transport is not None and not self.transport.is_closing():
            if not (self._body() if self.in_body else self._command()):
                return

    def _body(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n", max(0, self.scanned - 4))
        if end < 0:
            self.scanned = len(self.buffer)
            return False
        mail = bytes(self.buffer[: end + 2]) if self.sink.keep else bytes(self.buffer[:4096])
        del self.buffer[: end + 5]
        self.in_body, self.scanned = False, 0
        found = MESSAGE_ID.search(mail)
        # Recorded before the 250 is written: what a client that dies now has not read was still accepted.
        usual = b"250 2.0.0 Ok: queued\r\n"
        said = self.answer("BODY", self.recipient, len(self.sink.accepted)) if self.answer else None
        said = usual if said is None else said
        if said.startswith(b"250"):
            self.sink.accepted.append((found[1].decode("ascii") if found else "", self.recipient))
            self.sink.by.append((self.hello, self.number))
            self.sink.senders.append(self.sender)
            if self.sink.keep:
                self.sink.mails.append(mail.replace(b"\r\n..", b"\r\n."))
        assert self.transport is not None
        for part in said.split(b"|"):
            self.transport.abort() if part == DROP else self.transport.write(part)
        if said.endswith(b"|close"):
            self.transport.close()
        return True

    def _command(self) -> bool:
        end = self.buffer.find(b"\n")
        if end < 0:
            return False
        line = bytes(self.buffer[:end]).strip()
        del self.buffer[: end + 1]
        self._obey(line)
        return True

    def _obey(self, line: bytes) -> None:
        verb = line[:4].upper().decode("latin-1")
        usual = b"250 2.0.0 Ok\r\n"
        if verb == "EHLO":
            self.hello = line[4:].strip().decode("latin-1")
            usual = b"".join(
                f"250{'-' if at < len(self.extensions) else ' '}{name}\r\n".encode()
                for at, name in enumerate(("sink", *self.extensions))
            )
        elif verb == "MAIL":
            self.sender, self.recipient = _address(line), ""
        elif verb == "RCPT":
            self.recipient = _address(line)
        elif verb == "DATA":
            usual = b"354 go on\r\n" if self.recipient else b"503 5.5.1 no recipient\r\n"
        elif verb == "AUTH":
            self.sink.logins.append(line)
            usual = b"235 2.7.0 welcome\r\n"
        elif verb == "QUIT":
            usual = b"221 2.0.0 bye\r\n"
        elif verb == "STAR" and self.tls is not None:
            usual = b"220 2.0.0 go on\r\n"
        said = self.reply(verb, usual)
        if verb == "RCPT" and not said.startswith(b"250"):
            self.recipient = ""
        if verb == "DATA" and said.startswith(b"354"):
            self.in_body = True
        if verb == "STAR" and said.startswith(b"220"):
            self._secure()
        if verb == "QUIT" and self.transport is not None:
            self.transport.close()

    def _secure(self) -> None:
        loop = asyncio.get_running_loop()
        assert self.transport is not None
        assert self.tls is not None

        async def upgrade() -> None:
            with contextlib.suppress(OSError, ssl.SSLError):
                secured = await loop.start_tls(self.transport, self, self.tls, server_side=True)  # type: ignore[arg-type]
                self.transport = secured
                if secured is not None:
                    self.sink.transports.append(secured)
                self.upgrading = False
                self.data_received(b"")  # what came before this task went on

        self.upgrading = True
        self.upgrade = loop.create_task(upgrade())


def _address(line: bytes) -> str:
    found = ADDRESS.search(line)
    return found[1].decode("latin-1") if found else ""


@asynccontextmanager
async def smtp_sink(
    answer: Answer | None = None,
    *,
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 50000000", "ENHANCEDSTATUSCODES"),
    tls: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
    keep: bool = False,
    port: int = 0,
) -> AsyncIterator[Sink]:
    """Run a sink on loopback for as long as the block lasts."""
    sink = Sink(keep=keep)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SinkProtocol(sink, answer, extensions, tls),
        "127.0.0.1",
        port,
        ssl=tls if implicit_tls else None,
        backlog=200,
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        for transport in sink.transports:
            transport.abort()
        await asyncio.sleep(0)


async def _serve(port: int, report: Path) -> None:
    stop = asyncio.Event()
    dump = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, dump.set)
    async with smtp_sink(port=port) as sink:
        sys.stdout.write(f"{sink.port}\n")
        sys.stdout.flush()
        while not stop.is_set():
            await asyncio.wait(
                [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(dump.wait())],
                return_when=asyncio.FIRST_COMPLETED,
            )
            dump.clear()
            part = report.with_suffix(".part")
            seen = {"accepted": sink.accepted, "by": sink.by, "senders": sink.senders}
            part.write_text(json.dumps({**seen, "n_connections": sink.n_connections}))
            part.replace(report)


def main() -> int:
    """Serve until SIGTERM; on SIGUSR1 and at the end write what was accepted to REPORT."""
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=Path)
    parser.add_argument("--port", type=int, default=0)
    args = parser.parse_args()
    uvloop.run(_serve(args.port, args.report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
