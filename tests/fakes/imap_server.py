"""A small IMAP server on loopback: one mailbox, one login, what reading returned mails needs. It keeps mails in memory.

It can refuse keywords it does not know, as some servers do, lose the connection at a fetch, and speak TLS: from the
first byte or after STARTTLS.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(slots=True)
class Box:
    """The mailbox: mails and the flags of each, by number from 1."""

    PASSWORD: ClassVar[str] = "a secret password"

    mails: list[bytes]
    password: str = PASSWORD
    keywords: bool = True
    cut_at: int = 0
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    logins: list[bool] = field(default_factory=list)
    """Of each login that was tried, whether it came through TLS."""

    flags: dict[int, set[str]] = field(default_factory=dict)
    port: int = 0

    def flagged(self, flag: str) -> list[int]:
        """Numbers of the mails with a flag."""
        return [number for number in range(1, len(self.mails) + 1) if flag in self.flags.get(number, set())]


class _Handler(socketserver.StreamRequestHandler):
    box: Box

    def handle(self) -> None:
        if self.box.tls is not None and self.box.implicit and not self.go_secret():
            return
        self.say(b"* OK ready")
        while line := self.rfile.readline(8192):
            tag, _, rest = line.strip().decode("latin-1").partition(" ")
            if not self.obey(tag, rest):
                return

    def finish(self) -> None:
        super().finish()
        if isinstance(self.request, ssl.SSLSocket):
            self.request.close()

    def go_secret(self) -> bool:
        assert self.box.tls is not None
        try:
            self.request = self.box.tls.wrap_socket(self.request, server_side=True)
        except OSError:  # the client does not trust us, and says no more
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        return True

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def obey(self, tag: str, rest: str) -> bool:
        said = rest.upper()
        answer = "OK done"
        if said.startswith("CAPABILITY"):
            plain = self.box.tls is not None and not isinstance(self.request, ssl.SSLSocket)
            self.say(b"* CAPABILITY IMAP4rev1" + (b" STARTTLS" if plain else b""))
        elif said.startswith("STARTTLS"):
            self.say(f"{tag} OK go on".encode())
            return self.go_secret()
        elif said.startswith("LOGIN"):
            self.box.logins.append(isinstance(self.request, ssl.SSLSocket))
            if f'"{self.box.password}"' not in rest:
                answer = f"NO wrong: {rest}"  # an indiscreet server: it repeats the login
        elif said.startswith("SELECT"):
            if '"INBOX"' in rest:
                self.say(f"* {len(self.box.mails)} EXISTS".encode())
            else:
                answer = "NO no such folder"
        elif said.startswith("UID SEARCH"):
            self.search()
        elif said.startswith("UID FETCH"):
            if not self.fetch(int(rest.split()[2])):
                return False
        elif said.startswith("UID STORE"):
            answer = self.store(int(rest.split()[2]), rest)
        elif said.startswith("LOGOUT"):
            self.say(b"* BYE")
        self.say(f"{tag} {answer}".encode())
        return not said.startswith("LOGOUT")

    def search(self) -> None:
        known = {"\\Seen", "DigestLookedAt"}
        found = [n for n in range(1, len(self.box.mails) + 1) if not self.box.flags.get(n, set()) & known]
        self.say(f"* SEARCH {' '.join(map(str, found))}".rstrip().encode())

    def fetch(self, number: int) -> bool:
        if number == self.box.cut_at:
            self.box.cut_at = 0
            return False
        body = self.box.mails[number - 1]
        self.say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(body)}}}".encode())
        self.wfile.write(body + b")\r\n")
        return True

    def store(self, number: int, rest: str) -> str:
        flags = set(re.findall(r"[\\\w]+", rest.partition("(")[2]))
        if not self.box.keywords and any(not flag.startswith("\\") for flag in flags):
            return "NO no keywords here"
        self.box.flags.setdefault(number, set()).update(flags)
        return "OK done"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def imap_server(box: Box) -> Iterator[Box]:
    """Serve a mailbox for as long as the block lasts."""
    handler = type("Handler", (_Handler,), {"box": box})
    with _Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
