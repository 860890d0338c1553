"""Returned mails taken in: who is suppressed, who is only counted, who is left alone; from every kind of mailbox."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.bounce_mailbox import MaildirBox, open_mailboxes
from digest.bounce_settings import BounceSettings, ImapServer
from digest.commands.bounces import returned_reader
from digest.complaints import Returns, Taken, take_all
from digest.errors import MailerError
from digest.mail_settings import Security
from digest.routine import Routine
from digest.settings import Settings
from digest.tokens import Links, Tokens, message_id
from knowledge.store.stores import Stores
from tests.digest.sending import MONTH, any_stores, fill, stores
from tests.fakes.certificate import make_certificate
from tests.fakes.imap_server import Box, imap_server
from tests.fakes.postgres import postgres_server, postgres_url

__all__ = ["any_stores", "postgres_server", "postgres_url", "stores"]

NOW = datetime(2026, 5, 5, 6, 0, tzinfo=UTC)
HARD, SOFT = "550 5.1.1 User unknown", "452 4.2.2 Mailbox full"
BOX = "bounces@example.org"
SECRET = "a key of the tests that is long enough for all of them"
TOKENS = Tokens([SECRET])


def report(diagnostic: str, *, to: str = BOX, action: str = "failed", copy: str = "", kind: str = "") -> bytes:
    """A delivery report, with the headers of the mail it is about as its copy."""
    status = diagnostic.split()[1]
    parts = [
        f"From: MAILER-DAEMON@mx.example.net\nTo: {to}\nSubject: Undelivered Mail Returned to Sender",
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n',
        "--b\nContent-Type: text/plain\n\nYour mail did not arrive.\n",
        f"--b\nContent-Type: message/{kind or 'delivery-status'}\n",
        f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; r0@example.net\nAction: {action}",
        f"Status: {status}\nDiagnostic-Code: smtp; {diagnostic}\n",
        f"--b\nContent-Type: message/rfc822\n\n{copy or 'Subject: April'}\n\nhello\n--b--\n",
    ]
    return "\n".join(parts).encode()


def complaint(copy: str, feedback: str = "abuse") -> bytes:
    return (
        "From: fbl@isp.example\nTo: fbl@example.org\nSubject: complaint\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nVersion: 1\n"
        f"Original-Rcpt-To: r0@example.net\n\n--b\nContent-Type: message/rfc822\n\n{copy}\n\nhello\n--b--\n"
    ).encode()


def returns(stores: Stores, *, now: datetime = NOW, limit: int = 3, days: int = 120) -> Returns:
    rules = BounceSettings(soft_limit=limit, soft_days=days)
    return Returns(stores.subscribers, stores.runs, TOKENS, rules, now=lambda: now)


def first(stores: Stores) -> int:
    """Make a few readers and an approved issue; return the first reader's number."""
    fill(stores, 3)
    return stores.subscribers.page()[0].id


def state(stores: Stores, subscriber_id: int) -> str:
    found = stores.subscribers.by_id(subscriber_id)
    assert found is not None
    return found.state


def verp(subscriber_id: int, month: str = MONTH) -> str:
    return TOKENS.return_path(BOX, month, subscriber_id)


def test_a_hard_bounce_suppresses_its_subscriber_alone(any_stores: Stores) -> None:
    who = first(any_stores)
    taken = returns(any_stores).take(report(HARD, to=verp(who)))
    assert (taken.action, taken.subscriber_id) == ("suppressed", who)
    assert any_stores.subscribers.counts() == {"confirmed": 2, "suppressed": 1}
    found = any_stores.subscribers.by_id(who)
    assert found is not None
    assert found.end_reason == "hard: userunknown 5.1.1"
    assert any_stores.runs.counts(MONTH) == {"pending": 2, "suppressed": 1}  # a mail not sent yet stays here
    assert returns(any_stores).take(report(HARD, to=verp(who))).action == "known"


@pytest.mark.parametrize("feedback", ["abuse", "fraud", "opt-out"])
def test_a_complaint_suppresses_at_once(any_stores: Stores, feedback: str) -> None:
    """The provider struck the address out; our signed link in the copy is enough."""
    who = first(any_stores)
    link = Links("https://example.org", TOKENS).to("unsubscribe", who, 1)
    taken = returns(any_stores).take(complaint(f"List-Unsubscribe: <{link}>\nTo: redacted@isp.example", feedback))
    assert (taken.action, taken.subscriber_id) == ("suppressed", who)


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure"])
def test_feedback_that_is_no_complaint(stores: Stores, feedback: str) -> None:
    who = first(stores)
    assert returns(stores).take(complaint(f"Return-Path: <{verp(who)}>", feedback)).action == "nothing"
    assert state(stores, who) == "confirmed"


def test_soft_bounces_count_once_an_issue_and_end_it_at_the_limit(any_stores: Stores) -> None:
    who = first(any_stores)
    for at, month in enumerate(("2026-01", "2026-02")):
        taking = returns(any_stores, now=NOW + timedelta(days=30 * at))
        assert taking.take(report(SOFT, to=verp(who, month))).action == "counted"
        assert taking.take(report(SOFT, to=verp(who, month)) + b"\n").action == "known"
    assert state(any_stores, who) == "confirmed"
    last = returns(any_stores, now=NOW + timedelta(days=60)).take(report(SOFT, to=verp(who, "2026-03")))
    assert last.action == "suppressed"
    found = any_stores.subscribers.by_id(who)
    assert found is not None
    assert found.end_reason.startswith("3 soft bounces in 120 days")


def test_soft_bounces_of_long_ago_do_not_count(stores: Stores) -> None:
    who = first(stores)
    for at in range(6):
        month = f"2026-{at + 1:02}"
        taking = returns(stores, now=NOW + timedelta(days=70 * at))
        assert taking.take(report(SOFT, to=verp(who, month))).action == "counted"
    assert state(stores, who) == "confirmed"


def test_a_consequence_is_drawn_even_where_the_process_died_before_it(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = first(stores)
    with monkeypatch.context() as dying:
        dying.setattr(type(stores.subscribers), "suppress", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            returns(stores).take(report(HARD, to=verp(who)))
    assert state(stores, who) == "confirmed"
    assert returns(stores).take(report(HARD, to=verp(who))).action == "suppressed"


def test_a_mail_that_is_still_being_tried_is_no_bounce(stores: Stores) -> None:
    who = first(stores)
    taken = returns(stores, limit=1).take(report(SOFT, to=verp(who), action="delayed"))
    assert taken.action == "nothing"


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Subject: Out of office"])
def test_automatic_replies_never_count(stores: Stores, header: str) -> None:
    who = first(stores)
    mail = f"From: r0@example.net\nTo: {verp(who)}\n{header}\n\nI am away. My mailbox is full, 550 5.1.1 unknown."
    assert returns(stores, limit=1).take(mail.encode()).action == "nothing"
    assert state(stores, who) == "confirmed"


def test_without_proof_nothing_is_done(stores: Stores) -> None:
    """Anybody can write to the mailbox: an address alone, or a token of somebody else's making, proves nothing."""
    who = first(stores)
    forged = Tokens(["another key that is just as long as ours is"])
    link = Links("https://example.org", forged).to("unsubscribe", who, 1)
    key = "0" * 64
    for mail in (
        report(HARD),
        report(HARD, to=forged.return_path(BOX, MONTH, who)),
        report(HARD, to=verp(who).replace("+1-", "+2-")),
        complaint("To: r0@example.net"),
        complaint(f"List-Unsubscribe: <{link}>"),
        complaint(f"Message-ID: <{message_id(key, MONTH, who, 'example.org')}>"),
    ):
        assert returns(stores).take(mail).action == "unmatched"
    assert stores.subscribers.counts() == {"confirmed": 3}


def _copies(stores: Stores, who: int) -> dict[str, bytes]:
    run = stores.runs.run(MONTH)
    assert run is not None
    mail_id = message_id(run.message_key, MONTH, who, "example.org")
    coded = base64.encodebytes(f"Return-Path: <{verp(who)}>".encode()).decode()
    return {
        "upper case": report(HARD, to=verp(who).upper()),
        "folded": report(HARD, to=f"\n <{verp(who)}>"),
        "delivered-to": f"Delivered-To: {verp(who)}\n".encode() + report(HARD),
        "return path in the copy": report(HARD, copy=f"Return-Path: <{verp(who)}>"),
        "message-id in the copy": report(HARD, copy=f"Message-ID: <{mail_id}>\nTo: r0@example.net"),
        "base64": report(HARD) + f"--b\nContent-Transfer-Encoding: base64\n\n{coded}--b--\n".encode(),
    }


@pytest.mark.parametrize("form", ["upper case", "folded", "delivered-to", "return path in the copy"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_ways_a_mail_names_its_subscriber(stores: Stores, form: str, end: bytes) -> None:
    who = first(stores)
    taken = returns(stores).take(_copies(stores, who)[form].replace(b"\n", end))
    assert (taken.action, taken.subscriber_id) == ("suppressed", who)


def test_a_message_id_beside_its_address_is_proof(stores: Stores) -> None:
    who = first(stores)
    assert returns(stores).take(_copies(stores, who)["message-id in the copy"]).subscriber_id == who


def test_the_pipe_may_say_whom_a_mail_came_to(stores: Stores) -> None:
    who = first(stores)
    assert returns(stores).take(report(HARD), recipient=verp(who)).action == "suppressed"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=3000))
def test_junk_does_nothing(stores: Stores, junk: bytes) -> None:
    assert returns(stores, limit=1).take(junk).action in {"nothing", "unmatched"}
    assert returns(stores, limit=1).take(report(SOFT).replace(b"hello", junk)).action in {"nothing", "unmatched"}


def maildir(folder: Path, mails: list[bytes]) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    for at, mail in enumerate(mails):
        (folder / "new" / f"{at:03}.host").write_bytes(mail)
    return folder


def mixed(who: int) -> list[bytes]:
    return [
        b"",
        b"\x00\xff" * 5000,
        report(HARD, to=verp(who)),
        b"From: a@example.net\nSubject: Thank you\n\nI liked it.",
        report(SOFT, to=verp(who + 1)),
        report(HARD),
    ]


def test_a_maildir_full_of_junk(any_stores: Stores, tmp_path: Path) -> None:
    who = first(any_stores)
    folder = maildir(tmp_path / "mail", mixed(who))
    (folder / "new" / "a folder").mkdir()
    (folder / "new" / "link").symlink_to("/etc/passwd")
    counts = take_all(MaildirBox(folder), returns(any_stores))
    assert counts == {"none nothing": 3, "hard suppressed": 1, "soft counted": 1, "hard unmatched": 1}
    assert sorted(path.name for path in (folder / "cur").iterdir()) == [
        "000.host:2,",
        "001.host:2,",
        "002.host:2,S",
        "003.host:2,",
        "004.host:2,S",
        "005.host:2,",
    ]
    assert take_all(MaildirBox(folder), returns(any_stores)) == {}
    assert any_stores.subscribers.counts() == {"confirmed": 2, "suppressed": 1}


def test_a_mail_that_fails_stays_and_stops_nobody(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    who = first(stores)
    folder, taking = maildir(tmp_path / "mail", mixed(who)), returns(stores)
    usual = taking.take

    def take(data: bytes, *, recipient: str = "") -> Taken:
        if not data:
            raise RecursionError("a mail nobody thought of")
        return usual(data, recipient=recipient)

    monkeypatch.setattr(taking, "take", take)
    assert take_all(MaildirBox(folder), taking)["failed"] == 1
    assert state(stores, who) == "suppressed"
    assert (folder / "new" / "000.host").exists()
    assert "stays in its mailbox" in caplog.text


def imap(
    port: int, *, security: Security = "none", password: str = Box.PASSWORD, folder: str = "INBOX"
) -> BounceSettings:
    server = ImapServer(host="127.0.0.1", port=port, security=security, user="b", password=password, folder=folder)
    return BounceSettings(imap=server)


@pytest.mark.parametrize("keywords", [True, False])
def test_an_imap_mailbox(stores: Stores, *, keywords: bool) -> None:
    who = first(stores)
    with imap_server(Box(mixed(who), keywords=keywords)) as box:
        for expected in ({"hard suppressed": 1, "soft counted": 1, "hard unmatched": 1, "none nothing": 3}, {}):
            with open_mailboxes(imap(box.port)) as (mailbox,):
                assert take_all(mailbox, returns(stores)) == expected
        assert box.flagged("\\Seen") == ([3, 5] if keywords else [1, 2, 3, 4, 5, 6])
        assert box.flagged("DigestLookedAt") == ([1, 2, 4, 6] if keywords else [])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_imap_mailbox_over_tls(
    stores: Stores, security: Security, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login goes through TLS alone, to a server whose certificate somebody trusted vouches for."""
    context, authority = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # what the machine trusts
    with imap_server(Box(mixed(first(stores)), tls=context, implicit=security == "tls")) as box:
        with open_mailboxes(imap(box.port, security=security)) as (mailbox,):
            assert take_all(mailbox, returns(stores))["hard suppressed"] == 1
        assert box.logins == [True]
        assert box.flagged("\\Seen") == [3, 5]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("wrong", ["unknown", "plain"])
def test_no_login_is_told_to_a_server_nobody_vouches_for(security: Security, wrong: str, tmp_path: Path) -> None:
    """A certificate of unknown hands, or no TLS at all where it was asked for: the password stays here."""
    context, _ = make_certificate(tmp_path)
    box = Box([], tls=None if wrong == "plain" else context, implicit=security == "tls")
    with imap_server(box), pytest.raises(MailerError) as told, open_mailboxes(imap(box.port, security=security)):
        pass
    assert box.logins == []
    assert Box.PASSWORD not in f"{told.value}"


def test_a_connection_lost_in_between_loses_no_mail(stores: Stores) -> None:
    who = first(stores)
    with imap_server(Box(mixed(who), cut_at=4)) as box:
        with pytest.raises(MailerError), open_mailboxes(imap(box.port)) as (mailbox,):
            take_all(mailbox, returns(stores))
        with open_mailboxes(imap(box.port)) as (mailbox,):
            assert take_all(mailbox, returns(stores)) == {"none nothing": 1, "soft counted": 1, "hard unmatched": 1}


@pytest.mark.parametrize("changes", [{"password": "hidden-word"}, {"folder": "Nowhere"}, {"security": "tls"}])
def test_a_mailbox_that_cannot_be_read_is_said_without_its_secret(changes: dict[str, Any]) -> None:
    with imap_server(Box([])) as box, pytest.raises(MailerError) as told, open_mailboxes(imap(box.port, **changes)):
        pass
    assert "hidden-word" not in f"{told.value!r} {told.value} {told.value.__cause__}"


async def test_an_unreadable_mailbox_alarms_until_it_is_read(stores: Stores) -> None:
    env = {"DIGEST_FROM": "digest@example.org", "DIGEST_SECRET": SECRET}
    with imap_server(Box([complaint("To: r0@example.net")])) as box:
        for password, kinds in (("wrong", ["returned"]), (box.password, ["complaint"])):
            found = replace(Settings.from_env(env), returned=imap(box.port, password=password))
            read = returned_reader(stores, found)
            assert read is not None
            await read()
            assert [alarm.kind for alarm in stores.runs.open_alarms()] == kinds
    assert returned_reader(stores, Settings.from_env(env)) is None


@pytest.mark.parametrize(
    ("returned", "everywhere"), [(BounceSettings(maildir=Path()), True), (imap(1), False), (BounceSettings(), None)]
)
def test_a_maildir_is_each_machines_own(stores: Stores, returned: BounceSettings, *, everywhere: bool | None) -> None:
    async def nothing(*_: str) -> None:
        raise AssertionError("not called here")

    found = replace(Settings.from_env({}), returned=returned)
    routine = Routine(
        stores=stores,
        settings=found,
        sources={},
        worker="w",
        now=lambda: NOW,
        stop=asyncio.Event(),
        collect=nothing,
        propose=nothing,
        read_returned=returned_reader(stores, found),
    )
    jobs = {job.name: job for job in routine.jobs()}
    assert ("returned" in jobs) == (everywhere is not None)
    if everywhere is not None:
        assert jobs["returned"].everywhere == everywhere


def test_the_pipe_takes_no_more_than_it_can_hold(stores: Stores) -> None:
    who = first(stores)
    taken = returns(stores).take(report(HARD, to=verp(who)) + b"x" * 5_000_000)
    assert taken.action == "suppressed"
