"""The edge where mails leave: what a way out must offer, and the one that writes them into a folder.

`smtp` is the other way out. Nothing here decides what an answer means; `replies` does.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from digest.errors import MailerError

Stage = Literal["connect", "mail", "rcpt", "data", "body"]
OutcomeKind = Literal["accepted", "refused", "later", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Where a mail goes and where it returns to; both bare ASCII addresses. `message_id` is without brackets.

    `dot_free`: whoever made the mail knows that none of its lines begins with a dot, so that nobody has to look.
    """

    sender: str
    recipient: str
    message_id: str
    dot_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one mail.

    accepted: the server has it. refused: a permanent no (5yz). later: a no for now (4yz), or it never got the mail.
    unknown: the whole mail was sent and no answer came; it may have been accepted.
    """

    kind: OutcomeKind
    stage: Stage = "body"
    code: int = 0
    text: str = ""


class Line(Protocol):
    """One connection: one mail after the other."""

    @property
    def usable(self) -> bool:
        """Whether another mail can be sent on it."""
        ...

    async def send(self, envelope: Envelope, mail: bytes) -> Outcome:
        """Send one mail. Never raises for what a server says or does."""
        ...

    async def close(self) -> None:
        """Say goodbye."""
        ...


class Mailer(Protocol):
    """A way out. `lines` is how many connections may be open at once."""

    lines: int

    async def open(self) -> Line:
        """Open a line. Raises MailerError where that is not possible just now or, `fatal`, not at all."""
        ...


async def send_one(mailer: Mailer, envelope: Envelope, mail: bytes) -> Outcome:
    """Send one mail on a connection of its own. Raises MailerError where there is none to be had."""
    line = await mailer.open()
    try:
        return await line.send(envelope, mail)
    finally:
        await line.close()


class FolderMailer:
    """Writes every mail into a folder as MESSAGE-ID.eml: for trying out, and for another program to send them.

    The same mail twice is the same file, and no file is ever half written.
    """

    lines = 4

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self) -> Line:
        """Make the folder. Raises MailerError where it cannot be made."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MailerError(
                f"The folder for mails cannot be made: {error.strerror}.", subject=str(self._folder), fatal=True
            ) from error
        return _FolderLine(self._folder)


class _FolderLine:
    usable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, envelope: Envelope, mail: bytes) -> Outcome:
        try:
            await asyncio.to_thread(self._write, envelope, mail)
        except OSError as error:
            return Outcome(kind="later", code=452, text=f"cannot be written: {error.strerror}")
        return Outcome(kind="accepted", code=250, text="written")

    def _write(self, envelope: Envelope, mail: bytes) -> None:
        name = envelope.message_id.partition("@")[0]
        part = self._folder / f".{name}.{os.getpid()}"
        head = f"Return-Path: <{envelope.sender}>\r\nX-Envelope-To: {envelope.recipient}\r\n".encode("ascii")
        part.write_bytes(head + mail)
        part.replace(self._folder / f"{name}.eml")

    async def close(self) -> None:
        """Nothing to say goodbye to."""
