"""Replies as servers word them, read without a mail around them; and that no text takes long or raises."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounce_reasons import HARD, by_status, plain, reason_of
from digest.bounce_wordings import WORDINGS

GONE = """
550 No such recipient here
550 Mailbox does not exist!
553 sorry, no mail-box of that name; user not known
550 That mailbox name is not recognised
550 Recipient not found
550 Cannot find user
550 There is no user by that name here
550 The address is not in our directory
550 #2175041 unavailable mail user
550 not user of this server
552 Requested mail action aborted, mailbox not found
550 Local User [otter] not found.
550 cuda_nsu otter
550 Unroutable address
551 5.1.1 recipient is not exist
550 Invalid Recipient - see the postmaster's page
556 Invalid account. Tenant or Domain not found
550 otter has left the company
550 5.1.4 RESOLVER.ADR.Ambiguous; ambiguous address
554 5.7.1 otter: Recipient address rejected: User unknown in relay recipient table
smtp;550 5.1.351 Remote server returned unknown recipient -> 550 <otter>: User unknown
5.1.0 - Unknown address error 550-'5.1.1 otter... no such user' (delivery attempts: 0)
550 5.4.310 DNS domain river does not exist
Host or domain name not found. Name service error for name=river type=A: Host not found
Domain river does not accept mail (nullMX)
550 Empfaenger nicht vorhanden
550 Empfänger unbekannt
550 Benutzer existiert nicht
550 Destinataire inconnu
550 Adresse d'au moins un destinataire invalide
550 Usuario no encontrado
550 Usuário não encontrado
550 Casella inesistente
550 Gebruiker onbekend
550 Nie ma takiego konta
550 Käyttäjää ei ole
550 Mottagaren finns inte
550 Ukendt modtager
550 Uživatel neexistuje
550 kullanıcı bulunamadı
550 Нет такого пользователя
550 用户不存在
550 無此使用者
550 ユーザが存在しません
550 존재하지 않는 사용자
""".strip().splitlines()

MAY_PASS = """
550 : User unknown
550 Too many invalid recipients
550 MAILBOX NOT ACCEPTING MESSAGES over limit
550 otter IS NOT ACCEPTING MAIL FROM THIS SENDER
552 Too much mail data
552 Mailbox limit exeeded for this address
550 user over disk quota
552 Requested mail action aborted: exceeded storage allocation
550 Speicherplatz überschritten
552 La boîte du destinataire est pleine
552 Buzón lleno
552 Skrzynka pełna
552 Ящик переполнен
552 邮箱已满
552 メールボックスの容量が不足しています
552 사서함이 가득 찼습니다
550 account is not active
550 User account not activated
554 5.2.1 Inactive user
550 5.2.1 otter is expired account
550 This mailbox is temporarily unavailable, unknown when it returns
451 4.7.1 Greylisted, recipient unknown to us yet
550-Verification failed for the sender 550 No Such User Here 550 Sender verify failed
553 Domain of sender address does not exist
550 Your domain does not exist
550 sorry, your envelope sender is unknown here
554 HELO hostname does not exist
550 Sender has no A, AAAA, or MX DNS records
553 sorry, that domain isn't in my list of allowed rcpthosts
550 5.7.1 recipient does not accept mail from you
550 Recipient has blocked mail from unknown senders
554 Email address is not verified
5.1.0 - Unknown address error 550-'5.7.0 user access deny.' (delivery attempts: 0)
smtp;550 5.1.351 Remote server returned unknown recipient -> 550 5.7.1 Message rejected as spam
550 the group may not exist, or you may not post to it
Could not deliver for the last 432000 seconds. Giving up.
450 4.4.312 DNS query failed
Host or domain name not found. Name service error for name=river type=MX: Host not found, try again
550 Mail content denied
554 (RLY:B1) see the postmaster's page
550 垃圾邮件
""".strip().splitlines()


@pytest.mark.parametrize("text", GONE)
def test_an_address_that_is_gone(text: str) -> None:
    assert reason_of(text, "") in HARD


@pytest.mark.parametrize("text", MAY_PASS)
def test_a_reason_that_may_pass(text: str) -> None:
    assert reason_of(text, "") not in HARD


@pytest.mark.parametrize(
    ("context", "hard"),
    [
        ("SMTP error from remote mail server after RCPT TO:<otter>", True),
        ("(in reply to RCPT TO command)", True),
        ("SMTP error from remote mail server after end of data", False),
        ("SMTP error from remote mail server after MAIL FROM:<digest> SIZE=2", False),
        ("(in reply to MAIL FROM command)", False),
        ("(in reply to EHLO command)", False),
        ("Connected to 192.0.2.1 but sender was rejected.", False),
    ],
)
def test_the_moment_of_a_refusal_tells_who_is_meant(context: str, hard: bool) -> None:
    """Before a recipient is named it is the sender who is unknown; after the mail was taken the recipient exists."""
    assert (reason_of("550 unknown user", "", context) in HARD) is hard


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("5.1.1", "userunknown"),
        ("5.1.10", "notaccept"),
        ("5.2.2", "mailboxfull"),
        ("5.2.1", "suspend"),
        ("4.4.9", "networkerror"),
        ("5.7.99", "rejected"),
        ("5.0.0", "undefined"),
        ("", "undefined"),
    ],
)
def test_a_status_alone(status: str, reason: str) -> None:
    assert by_status(status) == reason == reason_of("", status)


def test_accents_case_and_addresses_do_not_matter() -> None:
    assert plain("Käyttäjää <a@b.example> Łódź Ørsted ＯＫ’s") == "kayttajaa < > lodz orsted ｏｋ's"


@pytest.mark.parametrize(
    "text", ["user " * 4000, "unknown " * 4000, "550 said: " * 2000, "a" * 16000, "host 1." * 3000]
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    """Bounded repeats only: the slowest of these takes some 10 ms; backtracking would take minutes."""
    began = time.process_time()
    reason_of(text, "", text)
    assert time.process_time() - began < 2


@given(st.text(max_size=300), st.from_regex(r"([45]\.[0-7]\.[0-9]{1,2})?", fullmatch=True), st.text(max_size=100))
def test_any_text_has_a_reason(text: str, status: str, context: str) -> None:
    reasons = {reason for reason, _ in WORDINGS} | {"undefined", "systemfull"}
    assert reason_of(text, status, context) in reasons
