"""The SMTP client against a server that takes mails, refuses them, and lies: every end is said exactly."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from digest.errors import MailerError
from digest.mail_settings import SmtpServer
from digest.mailer import Envelope, FolderMailer, Line, Outcome
from digest.smtp import MAILS_PER_LINE, SmtpMailer
from tests.fakes.certificate import make_certificate
from tests.fakes.smtp_sink import DROP, Answer, Sink, smtp_sink

MAIL = b"Message-ID: <m1@example.org>\r\nSubject: x\r\n\r\n.dot\r\n.\r\n..\r\nend\r\n"
TO = Envelope(sender="b+1@example.org", recipient="ann@example.net", message_id="m1@example.org")


def server(sink: Sink, **changes: object) -> SmtpServer:
    values = {"host": "127.0.0.1", "port": sink.port, "security": "none", "timeout_s": 2.0} | changes
    return SmtpServer(**values)  # type: ignore[arg-type]


async def send_once(answer: Answer | None, **options: object) -> tuple[Outcome, bool, Sink]:
    """Send one mail to a sink that answers so; return the outcome, whether the line is still usable, and the sink."""
    async with smtp_sink(answer, keep=True, **options) as sink:  # type: ignore[arg-type]
        line = await SmtpMailer(server(sink)).open()
        outcome = await line.send(TO, MAIL)
        usable = line.usable
        await line.close()
        return outcome, usable, sink


@pytest.mark.parametrize("extensions", [("PIPELINING", "SIZE 1000000"), ("8BITMIME",), ()])
async def test_a_mail_arrives_as_it_was_sent(extensions: tuple[str, ...]) -> None:
    outcome, usable, sink = await send_once(None, extensions=extensions)
    assert (outcome.kind, outcome.code, usable) == ("accepted", 250, True)
    assert sink.accepted == [("m1@example.org", "ann@example.net")]
    assert sink.senders == ["b+1@example.org"]
    assert sink.mails == [MAIL]


def says(command: str, reply: bytes) -> Answer:
    return lambda got, _to, _n: reply if got == command else None


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()])
@pytest.mark.parametrize(
    ("command", "reply", "kind", "stage", "usable"),
    [
        ("MAIL", b"550 5.7.1 not you\r\n", "refused", "mail", True),
        ("MAIL", b"451 4.3.0 later\r\n", "later", "mail", True),
        ("RCPT", b"550 5.1.1 unknown\r\n", "refused", "rcpt", True),
        ("RCPT", b"450-4.2.0 grey\r\n450 4.2.0 listed\r\n", "later", "rcpt", True),
        ("DATA", b"554 5.5.1 no\r\n", "refused", "data", True),
        ("BODY", b"554 5.7.1 spam\r\n", "refused", "body", True),
        ("BODY", b"452 4.3.1 full\r\n", "later", "body", True),
        ("MAIL", b"421 4.7.0 closing\r\n", "later", "mail", False),
        ("RCPT", DROP, "later", "rcpt", False),
        ("DATA", DROP, "later", "data", False),
        ("BODY", DROP, "unknown", "body", False),
        ("BODY", b"250 2.0.0 Ok\r\n|drop", "accepted", "body", False),
        ("MAIL", b"hello there\r\n", "later", "mail", False),
        ("RCPT", b"\x00\xff\xfe\r\n", "later", "rcpt", False),
        ("BODY", b"999 what\r\n", "unknown", "body", False),
        ("BODY", b"354 go on\r\n", "unknown", "body", False),
        ("DATA", b"250 2.0.0 Ok\r\n", "later", "data", False),
        ("RCPT", b"250-more\r\n" * 5000, "later", "rcpt", False),
        ("RCPT", b"2" * 100_000, "later", "rcpt", False),
    ],
)
async def test_every_answer_has_one_meaning(
    extensions: tuple[str, ...], command: str, reply: bytes, kind: str, stage: str, *, usable: bool
) -> None:
    outcome, still, sink = await send_once(says(command, reply), extensions=extensions)
    early = bool(extensions) and (reply == DROP or len(reply) > 1000)  # all answers come together, or none
    assert outcome.kind == kind
    assert outcome.stage == stage or (early and outcome.stage in {"mail", "rcpt", "data"} and stage != "body")
    if kind != "accepted":
        assert not still or usable
        assert sink.accepted == []
    else:
        await asyncio.sleep(0)
        assert len(sink.accepted) == 1


async def test_answers_that_come_before_they_are_asked_for_end_the_line() -> None:
    early = says("DATA", b"354 go on\r\n250 2.0.0 accepted already\r\n")
    outcome, usable, sink = await send_once(early)
    assert (outcome.kind, usable, sink.accepted) == ("later", False, [])


async def test_a_mail_for_nobody_is_never_handed_over() -> None:
    def answer(command: str, _to: str, _n: int) -> bytes | None:
        return {"RCPT": b"550 5.1.1 unknown\r\n", "DATA": b"354 go on\r\n"}.get(command)

    outcome, usable, sink = await send_once(answer)
    assert (outcome.kind, outcome.stage, usable, sink.accepted) == ("refused", "rcpt", False, [])


async def test_silence_ends_in_time() -> None:
    async with smtp_sink(says("RCPT", b""), extensions=()) as sink:
        line = await SmtpMailer(server(sink, timeout_s=0.3)).open()
        outcome = await line.send(TO, MAIL)
        assert (outcome.kind, outcome.stage, line.usable) == ("later", "rcpt", False)
        assert "no answer" in outcome.text


async def test_a_line_sends_many_and_is_then_renewed() -> None:
    async with smtp_sink() as sink:
        line = await SmtpMailer(server(sink)).open()
        for _ in range(MAILS_PER_LINE):
            assert line.usable
            assert (await line.send(TO, MAIL)).kind == "accepted"
        assert not line.usable
        await line.close()
        assert len(sink.accepted) == MAILS_PER_LINE


@pytest.mark.parametrize(
    "recipient", ["a b@example.org", "a@b>\r\nRCPT TO:<c@d.org", "ä@example.org", "", "a@" + "b" * 300]
)
async def test_no_address_can_add_a_command(recipient: str) -> None:
    async with smtp_sink() as sink:
        line = await SmtpMailer(server(sink)).open()
        outcome = await line.send(Envelope(sender="b@example.org", recipient=recipient, message_id="m"), MAIL)
        assert (outcome.kind, outcome.stage) == ("refused", "rcpt")
        assert line.usable
        await line.close()
        assert sink.accepted == []


@pytest.mark.parametrize(
    ("command", "reply", "fatal"),
    [
        ("GREETING", b"554 5.7.1 no service for you\r\n", True),
        ("GREETING", b"421 4.3.2 too busy\r\n", False),
        ("GREETING", DROP, False),
        ("GREETING", b"SSH-2.0-OpenSSH_9.6\r\n", False),
        ("AUTH", b"535 5.7.8 authentication failed\r\n", True),
        ("AUTH", b"454 4.7.0 temporary failure\r\n", False),
    ],
)
async def test_no_connection_says_why_and_whether_to_wait(command: str, reply: bytes, *, fatal: bool) -> None:
    extensions = ("AUTH PLAIN LOGIN",)
    async with smtp_sink(says(command, reply), extensions=extensions) as sink:
        with pytest.raises(MailerError) as refused:
            await SmtpMailer(server(sink, user="me", password="very secret")).open()
    assert refused.value.fatal == fatal
    assert "very secret" not in f"{refused.value} {refused.value.hint} {server(sink, password='very secret')!r}"


async def test_a_server_that_is_not_there() -> None:
    async with smtp_sink() as sink:
        pass
    with pytest.raises(MailerError) as refused:
        await SmtpMailer(server(sink)).open()
    assert not refused.value.fatal


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for 127.0.0.1 and the authority to trust for it."""
    return make_certificate(tmp_path)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_tls_with_login(security: str, certificate: tuple[ssl.SSLContext, Path]) -> None:
    context, authority = certificate
    extensions = ("STARTTLS", "AUTH PLAIN", "PIPELINING")
    async with smtp_sink(extensions=extensions, tls=context, implicit_tls=security == "tls") as sink:
        login = {"security": security, "ca_file": str(authority), "user": "me", "password": "secret"}
        line = await SmtpMailer(server(sink, **login)).open()
        for _ in range(3):
            assert (await line.send(TO, MAIL * 500)).kind == "accepted"
        await line.close()
        assert len(sink.accepted) == 3
        assert len(sink.logins) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_is_fatal(
    security: str, certificate: tuple[ssl.SSLContext, Path]
) -> None:
    context, _ = certificate
    async with smtp_sink(extensions=("STARTTLS",), tls=context, implicit_tls=security == "tls") as sink:
        with pytest.raises(MailerError) as refused:
            await SmtpMailer(server(sink, security=security)).open()
    assert refused.value.fatal
    assert sink.accepted == []


async def test_a_server_without_tls_gets_neither_login_nor_mail() -> None:
    async with smtp_sink(extensions=("AUTH PLAIN",)) as sink:
        with pytest.raises(MailerError) as refused:
            await SmtpMailer(server(sink, security="starttls", user="me", password="secret")).open()
    assert refused.value.fatal
    assert sink.logins == []


async def test_the_folder_has_each_mail_once(tmp_path: Path) -> None:
    line: Line = await FolderMailer(tmp_path / "out").open()
    for _ in range(2):
        assert (await line.send(TO, MAIL)).kind == "accepted"
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "m1.eml"
    assert file.read_bytes().endswith(MAIL)
    (tmp_path / "out" / "m1.eml").unlink()
    (tmp_path / "out").rmdir()
    assert (await line.send(TO, MAIL)).kind == "later"
    (tmp_path / "out").write_text("a file, no folder")
    with pytest.raises(MailerError):
        await FolderMailer(tmp_path / "out").open()
