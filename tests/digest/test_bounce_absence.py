"""Replies worded as no system on any list words them: what is said of whom decides. And the layer that reads them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounce_absence import who_is_absent
from digest.bounce_reasons import HARD, plain, reason_of

GONE = """
550 There is no account by that name on this host
550 That is not a valid mailbox here
550 We have no record of this recipient
550 No one here by that name
550 Recipient does not exist on this server
550 otter@river.example has no account here
550 River Example: we could not locate that user
550 user is unknown to us
550 this address is obsolete
550 former employee, no longer with us
550 the recipient has left
550 No local mailbox for otter
550 5.1.1 <otter>: no such local recipient
550 mailbox <otter@river.example> not known
550 Recipient is not known here
550 Mailbox for otter@river.example not found
550 5.1.1 Delivery to this address is impossible: it does not exist
550 Cannot resolve address
550 the domain river.example is not hosted here
550 No mail host for this domain: NXDOMAIN
550 dead.letter: address is void
550 Invalid recipient <otter@river.example>
550 bad recipient
550 wrong address
550 Incorrect mailbox name
550 undeliverable: mailbox name incorrect
550 RCPT TO:<otter@river.example> User unknown
550 5.1.1 rejected: not a valid address
550 Inexistent user
550 Account otter does not exist at river.example
550 User otter not known at this site
550 no user otter
554 no such mailbox: otter
550 "otter" is not a valid user of this system
550 this user no longer exists
550 User account has been deleted
550 this mailbox no longer exists
550 5.1.0 unknown address
550 Utilisateur inexistant
550 L'adresse de messagerie n'existe pas
550 Compte supprimé
550 Empfänger existiert hier nicht
550 Kein Postfach unter dieser Adresse
550 Adresse nicht bekannt
550 el buzón no existe
550 usuario desconocido
550 Cuenta inexistente
550 conta inexistente
550 endereço não encontrado
550 utente sconosciuto
550 casella di posta non trovata
550 gebruiker bestaat niet
550 Пользователь не зарегистрирован
550 Почтовый ящик не существует
550 пользователь удалён
550 用户名不存在
550 收件人地址不存在
550 无此用户
550 ユーザー不明
550 該当ユーザなし
550 宛先のメールアドレスが見つかりませんでした
550 없는 계정입니다
550 uzytkownik nie istnieje
""".strip().splitlines()

MAY_PASS = """
550 [suspend] Mailbox currently suspended--Please contact correspondent directly.
550 [permfail] river.example requires valid sender domain
550 unauthorized interface for <192.0.2.1>
521 192.0.2.1 is blocked
550 Your message was considered unsolicited bulk e-mail
550 Message looks like SPAM to me
554 This message has been identified as spam by our filters
550 Your server 192.0.2.1 has a poor reputation
550 user otter has exceeded his mail quota
552 account has too many messages
552 user has too much mail
550 The recipient's inbox is out of storage space
452 4.3.1 Insufficient system storage
431 4.3.1 The mail system is full
550 message rejected: sender not on whitelist
550 only members may write to this list
550 You are not permitted to send to this recipient
550 recipient only accepts mail from internal senders
550 5.7.1 The recipient's domain does not accept mail from your country
554 5.7.1 Rejected: your IP range has no reverse name
554 mail server permanently rejected message
550 5.7.0 Local Policy Violation
550 Rule imposed mailbox access for otter refused
550 Content filter rejected your mail
550 attachment type not allowed
550 Message headers fail syntax check
550 Invalid message-id header
451 4.4.2 Timeout waiting for data
554 Loop detected: too many Received headers
554 relay not permitted: authenticate first
550 Mailbox temporarily closed for maintenance
550 Account is locked
550 this account is inactive because it was not used for 90 days
550 User's account expired
550 mail for this user is on hold
550 The user has blocked you
550 The user does not wish to receive mail from you
550 recipient refused to accept your mail
550 Delivery restrictions: recipient may not receive from external
550 5.7.1 TLS encryption required
550 5.7.20 No passing DKIM signature found
550 DMARC policy of sender says reject
550 sender address does not exist
550 The sender's domain could not be found
550 HELO name does not resolve
450 4.7.25 Client host rejected: cannot find your reverse hostname
421 Service not available, closing transmission channel
450 mailbox unavailable, try later
554 Maximum number of hops exceeded
550 mail size limit exceeded
550 The message is too old
552 Boîte aux lettres saturée
552 La bandeja de entrada está llena
552 A caixa de correio está cheia
552 casella piena
550 Konto gesperrt
550 Compte désactivé
550 аккаунт заблокирован
550 账号已停用
550 Nachricht als Spam abgelehnt
550 message refusé: spam
552 邮箱空间不足
552 容量オーバー
550 受信を拒否されました
421 サーバが混雑しています
""".strip().splitlines()


@pytest.mark.parametrize("reply", GONE)
def test_somebody_who_is_not_there(reply: str) -> None:
    assert reason_of(reply, "") in HARD


@pytest.mark.parametrize("reply", MAY_PASS)
def test_a_cause_that_may_pass(reply: str) -> None:
    assert reason_of(reply, "") not in HARD


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("550 we have no record of this recipient", "userunknown"),
        ("550 this address is obsolete", "userunknown"),
        ("550 such a domain could never be found", "hostunknown"),
        ("550 your address is not known to us", ""),
        ("550 the sender's account is not known", ""),
        ("550 no permission to write to this recipient", ""),
        ("550 could not be delivered to the recipient", ""),
        ("550 the recipient is fine. we have no more words", ""),
        ("550 this account is not paid for", ""),
        ("550 nothing can be done for this user", ""),
        ("550 not today, said the mailbox", ""),
        ("550 no", ""),
        ("", ""),
    ],
)
def test_a_sentence_alone(sentence: str, reason: str) -> None:
    assert who_is_absent(plain(sentence)) == reason


@pytest.mark.parametrize("text", ["no " * 4000, "user " * 3000, "a. " * 4000, "(" * 8000, "not found " * 1000])
def test_a_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    who_is_absent(plain(text))
    assert time.process_time() - began < 2


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert who_is_absent(plain(text)) in {"", "userunknown", "hostunknown"}
