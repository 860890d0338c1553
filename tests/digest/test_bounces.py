"""Bounces: self-made mails of every kind, and the figures against real ones."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces import Bounce, classify

REPORT = """From: MAILER-DAEMON@mx.example.org
To: digest@sender.example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message to <otter@example.org> came back.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; otter@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b
Content-Type: message/rfc822

From: digest@sender.example.com
To: otter@example.org
Subject: Local AI in April

Mailbox full of news: user unknown, quota, blocked.
--b--
"""


def report(action: str, status: str, diagnostic: str) -> Bounce:
    return classify(REPORT.format(action=action, status=status, diagnostic=diagnostic).encode())


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind", "reason"),
    [
        ("5.1.1", "550 5.1.1 User unknown", "hard", "userunknown"),
        ("5.1.2", "550 5.1.2 Host or domain name not found", "hard", "hostunknown"),
        ("5.1.3", "501 5.1.3 Syntax error in recipient address", "hard", "userunknown"),
        ("5.3.2", "521 5.3.2 This host does nothing of the kind", "hard", "notaccept"),
        ("4.3.2", "421 4.3.2 This host does nothing of the kind", "soft", "notaccept"),
        ("5.5.2", "501 5.5.2 Syntax error", "soft", "syntaxerror"),
        ("5.2.2", "552 5.2.2 The mailbox is over quota", "soft", "mailboxfull"),
        ("5.7.1", "554 5.7.1 Message identified as spam", "soft", "spamdetected"),
        ("5.7.26", "550 5.7.26 fails to pass SPF checks", "soft", "authfailure"),
        ("4.4.1", "delivery time expired", "soft", "expired"),
        ("5.0.0", "550 no words for it", "soft", "undefined"),
    ],
)
def test_reports(status: str, diagnostic: str, kind: str, reason: str) -> None:
    found = report("failed", status, diagnostic)
    assert (found.kind, found.reason, found.address, found.status) == (kind, reason, "otter@example.org", status)


def test_a_report_of_success_is_no_bounce() -> None:
    assert report("delivered", "2.0.0", "250 ok").kind == "none"


def test_words_without_a_report() -> None:
    mail = b"From: Mail Delivery System <mailer-daemon@a.example>\nTo: digest@sender.example.com\n"
    mail += b"Subject: failure notice\n\n<otter@example.org>:\n550 5.1.1 sorry, no mailbox here by that name\n\n"
    mail += b"--- Below this line is a copy of the message.\n"
    assert classify(mail + b"\nTo: someone@else.example\n\nquota exceeded") == Bounce(
        kind="hard", address="otter@example.org", status="5.1.1", reason="userunknown"
    )


def test_a_recipient_refused_after_the_whole_mail_exists() -> None:
    notice = "<otter@example.org>: host mx said: 550 Unknown user (in reply to end of DATA command)"
    plain = REPORT.replace("came back.", notice)
    found = classify(plain.format(action="failed", status="5.0.0", diagnostic="550 Unknown user").encode())
    assert (found.kind, found.reason) == ("soft", "filtered")


def test_a_passing_fault_is_never_hard() -> None:
    assert report("delayed", "4.1.1", "450 4.1.1 User unknown in local recipient table").kind == "soft"
    assert report("failed", "4.1.1", "450 4.1.1 User unknown in local recipient table").kind == "hard"  # to the end


def test_a_complaint() -> None:
    mail = """From: fbl@isp.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
Original-Rcpt-To: otter@example.org

--b--
"""
    assert classify(mail.encode()) == Bounce(kind="complaint", address="otter@example.org", reason="abuse")


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply", "Subject: Out of office until May"],
)
def test_automatic_replies(header: str) -> None:
    found = classify(f"From: Otter <otter@example.org>\n{header}\n\nI am away, my mailbox is full.".encode())
    assert (found.kind, found.address) == ("auto-reply", "otter@example.org")


def test_a_letter_is_none() -> None:
    assert (
        classify(b"From: otter@example.org\nSubject: Thank you\n\nThe April issue: user unknown made me laugh.").kind
        == "none"
    )


@given(st.binary(max_size=600))
def test_any_bytes_are_classified(data: bytes) -> None:
    assert classify(data).kind in {"hard", "soft", "complaint", "auto-reply", "none"}


@pytest.mark.truth
def test_real_bounces(truth_dir: Path) -> None:
    folder = truth_dir / "bounces"
    expected: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "EXPECTED.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            expected[row["file"]].append(row)
    found = {name: classify((folder / name).read_bytes()) for name in expected if (folder / name).exists()}
    hard = sum((bounce.kind == "hard") == (expected[name][0]["hardbounce"] == "1") for name, bounce in found.items())
    addressed = sum(bool(bounce.address) for bounce in found.values())
    assert len(found) > 380
    assert hard / len(found) >= 0.95, hard / len(found)
    assert addressed / len(found) >= 0.97, addressed / len(found)
