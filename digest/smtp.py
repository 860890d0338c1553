"""Sends mails over SMTP; the only home of aiosmtplib.

aiosmtplib connects, secures and logs in; from there on the connection speaks MAIL, RCPT and DATA in one go where the
server offers PIPELINING (RFC 2920), which aiosmtplib does not.

A server is trusted with nothing: answers are bounded in size and time, an answer before its question or one that is no
SMTP ends the connection, and what then is known of the mail is said exactly. No retries, no decisions.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import Final, cast

import aiosmtplib

from digest.errors import MailerError
from digest.headers import is_address
from digest.mail_settings import SmtpServer
from digest.mailer import Envelope, Line, Outcome, Stage

REPLY_MAX_BYTES: Final = 16 * 1024
FINAL_TIMEOUT_S: Final = 300.0
"""Servers scan a mail before they answer its last dot; RFC 5321 would wait twice as long."""

MAILS_PER_LINE: Final = 500
"""After so many mails a line is closed and a fresh one opened: many servers cut longer ones with an error."""

_REPLY_LINE: Final = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)


class SmtpMailer:
    """A way out over one SMTP server."""

    def __init__(self, server: SmtpServer) -> None:
        self.lines = server.connections
        self._server = server
        self._tls = _context(server)

    async def open(self) -> Line:
        """Connect, secure and log in. Raises MailerError; `fatal` for a login, certificate or policy refusal."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            timeout=server.timeout_s,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls,
            local_hostname=server.hello_name or None,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise _cannot_open(error, f"{server.host}:{server.port}") from error
        return _take_over(client, server)


def _context(server: SmtpServer) -> ssl.SSLContext | None:
    """Make the TLS context: certificates are always verified. Raises MailerError for a bad SMTP_CA_FILE."""
    if server.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=server.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise MailerError("SMTP_CA_FILE cannot be used.", subject=server.ca_file, fatal=True) from error


def _cannot_open(error: Exception, where: str) -> MailerError:
    """Say why there is no connection, and whether waiting may help."""
    said = f"{error.code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else str(error)
    said = " ".join(said.split())[:300]
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        temporary = 400 <= error.code < 500
        return MailerError(
            f"The mail server refuses the login: {said}.", subject=where, hint="Check SMTP_USER.", fatal=not temporary
        )
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(error.__cause__, ssl.SSLCertVerificationError):
        hint = "Give SMTP_HOST as in the certificate, or SMTP_CA_FILE."
        return MailerError("The mail server's certificate is not valid.", subject=where, hint=hint, fatal=True)
    if isinstance(error, ValueError) or not isinstance(error, _PASSING):
        hint = "Check SMTP_SECURITY and SMTP_USER."
        return MailerError(
            f"The mail server does not offer what is asked: {said}.", subject=where, hint=hint, fatal=True
        )
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500:
        return MailerError(f"The mail server refuses us: {said}.", subject=where, fatal=True)
    return MailerError(f"The mail server cannot be reached: {said or type(error).__name__}.", subject=where)


_PASSING: Final = (
    OSError,
    aiosmtplib.SMTPConnectError,
    aiosmtplib.SMTPServerDisconnected,
    aiosmtplib.SMTPTimeoutError,
    aiosmtplib.SMTPResponseException,
)
"""What may pass by itself. Any other error of aiosmtplib says that the server lacks what was asked of it."""


def _take_over(client: aiosmtplib.SMTP, server: SmtpServer) -> SmtpLine:
    """Take the connection from aiosmtplib, whose own protocol awaits every answer before the next command."""
    transport = client.transport
    if transport is None or transport.is_closing():
        raise MailerError("The mail server hung up after its greeting.", subject=f"{server.host}:{server.port}")
    line = SmtpLine(
        cast("asyncio.Transport", transport),
        pipelining=client.supports_extension("pipelining"),
        sizes=client.supports_extension("size"),
        timeout_s=server.timeout_s,
    )
    transport.set_protocol(line)
    return line


class _Fault(Exception):
    """The connection is of no more use: lost, silent, or not speaking SMTP."""


class SmtpLine(asyncio.Protocol):
    """One connection after login. Mails go one after the other; after any fault it is closed."""

    def __init__(self, transport: asyncio.Transport, *, pipelining: bool, sizes: bool, timeout_s: float) -> None:
        self._transport = transport
        self._pipelining = pipelining
        self._sizes = sizes
        self._timeout_s = timeout_s
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._lost = ""
        self._writable = asyncio.Event()
        self._writable.set()
        self._n_sent = 0

    @property
    def usable(self) -> bool:
        """Whether another mail can be sent on it."""
        return not self._lost and not self._transport.is_closing() and self._n_sent < MAILS_PER_LINE

    def data_received(self, data: bytes) -> None:
        """Keep what comes, up to a bound."""
        self._buffer += data
        if len(self._buffer) > REPLY_MAX_BYTES:
            self._buffer.clear()
            self._end("the server's answer is too long")
        self._wake()

    def eof_received(self) -> bool:
        """Note the server's goodbye."""
        self._end("the server closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the loss."""
        self._end(f"the connection was lost: {exc}" if exc else "the connection was closed")

    def pause_writing(self) -> None:
        """The server reads slowly."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It reads again."""
        self._writable.set()

    def _end(self, why: str) -> None:
        self._lost = self._lost or why
        self._writable.set()
        self._wake()
        self._transport.close()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def send(self, envelope: Envelope, mail: bytes) -> Outcome:
        """Send one mail and say what became of it. Never raises for what the server does."""
        if not (is_address(envelope.recipient) and is_address(envelope.sender)):
            return Outcome(kind="refused", stage="rcpt", code=553, text="5.1.3 not an address mail can be sent to")
        stage: list[Stage] = ["mail"]
        try:
            return await self._transaction(envelope, mail, stage)
        except _Fault as fault:
            self._end(str(fault))
            return Outcome(kind="unknown" if stage[0] == "body" else "later", stage=stage[0], text=str(fault))

    async def _transaction(self, envelope: Envelope, mail: bytes, stage: list[Stage]) -> Outcome:
        size = f" SIZE={len(mail)}" if self._sizes else ""
        commands = (f"MAIL FROM:<{envelope.sender}>{size}\r\n", f"RCPT TO:<{envelope.recipient}>\r\n", "DATA\r\n")
        no = await self._envelope([command.encode("ascii") for command in commands], stage)
        if no is not None:
            return no
        if self._buffer:
            raise _Fault("the server answered before it was asked")
        if not envelope.dot_free and b"\r\n." in mail:
            mail = mail.replace(b"\r\n.", b"\r\n..")
        stage[0] = "body"
        self._transport.write(mail + (b".\r\n" if mail.endswith(b"\r\n") else b"\r\n.\r\n"))
        self._n_sent += 1
        code, text = await self._reply(FINAL_TIMEOUT_S)
        if code == 421:
            self._end("the server closed the connection")
        if 200 <= code < 300:
            return Outcome(kind="accepted", stage="body", code=code, text=text)
        return _no("body", code, text)

    async def _envelope(self, commands: list[bytes], stage: list[Stage]) -> Outcome | None:
        """Send MAIL, RCPT and DATA; None where the server now waits for the mail, else its first no."""
        stages: tuple[Stage, ...] = ("mail", "rcpt", "data")
        first_no: Outcome | None = None
        if self._buffer:
            raise _Fault("the server spoke without being asked")
        if self._pipelining:
            self._transport.write(b"".join(commands))
        for at, command in zip(stages, commands, strict=True):
            stage[0] = at
            if not self._pipelining:
                if first_no is not None:
                    break
                self._transport.write(command)
            code, text = await self._reply(self._timeout_s)
            if code == 421:
                self._end("the server closed the connection")
                return first_no or _no(at, code, text)
            if code != 354 if at == "data" else not 200 <= code < 300:
                if code < 400:
                    raise _Fault(f"the server answered {code} to {at.upper()}")
                first_no = first_no or _no(at, code, text)
            elif at == "data" and first_no is not None:
                # It takes a mail for nobody: nothing must be handed over, so the connection ends here.
                self._end("the server asked for a mail it had refused")
        if first_no is not None and self.usable:
            await self._reset()
        return first_no

    async def _reset(self) -> None:
        self._transport.write(b"RSET\r\n")
        try:
            code, _ = await self._reply(self._timeout_s)
        except _Fault as fault:
            self._end(str(fault))
            return
        if not 200 <= code < 300:
            self._end(f"the server answered {code} to RSET")

    async def _reply(self, timeout_s: float) -> tuple[int, str]:
        """Read one answer, of any number of lines."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._writable.wait()
                while (reply := self._parse()) is None:
                    if self._lost:
                        raise _Fault(self._lost)
                    self._waiter = asyncio.get_running_loop().create_future()
                    await self._waiter
        except TimeoutError:
            raise _Fault(f"no answer in {timeout_s:g} s") from None
        return reply

    def _parse(self) -> tuple[int, str] | None:
        """Take a whole answer off the buffer; None where its end has not come yet."""
        texts: list[str] = []
        at = 0
        while (end := self._buffer.find(b"\n", at)) >= 0:
            found = _REPLY_LINE.fullmatch(bytes(self._buffer[at:end]).rstrip(b"\r"))
            if found is None:
                raise _Fault(f"no SMTP: {bytes(self._buffer[at : min(end, at + 60)])!r}")
            texts.append((found[3] or b"").decode("utf-8", "replace").strip())
            at = end + 1
            if found[2] != b"-":
                del self._buffer[:at]
                return int(found[1]), " ".join(texts)[:1000]
        return None

    async def close(self) -> None:
        """Say goodbye and close, without waiting long for an answer."""
        if self.usable or self._n_sent >= MAILS_PER_LINE:
            try:
                self._transport.write(b"QUIT\r\n")
                await self._reply(2.0)
            except _Fault:
                pass
        self._end("closed")


def _no(stage: Stage, code: int, text: str) -> Outcome:
    if code >= 500:
        return Outcome(kind="refused", stage=stage, code=code, text=text)
    if code >= 400:
        return Outcome(kind="later", stage=stage, code=code, text=text)
    raise _Fault(f"the server answered {code} where a mail ends")
