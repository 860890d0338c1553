"""Notices in the manner of mail systems that are not in the truth set: written here, addresses invented.

The forms are those the systems' documentation and sources state (Exim, qmail, Exchange, Courier, Sun's MTA, AOL,
mobile carriers); a table of what each must be read as.
"""

from __future__ import annotations

import json

import pytest

from digest.bounces import classify

WHO = "otter@river.example"


def notice(body: str, subject: str = "Mail delivery failed: returning message to sender", sender: str = "") -> bytes:
    """A plain notice."""
    sender = sender or "Mail Delivery System <Mailer-Daemon@mx.example.net>"
    return f"From: {sender}\nTo: digest@example.org\nSubject: {subject}\n\n{body}\n".encode()


EXIM = "A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n"
QMAIL = "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message.\n\n"
CASES = [
    (
        "hard",
        EXIM
        + f"  {WHO}\n    SMTP error from remote mail server after RCPT TO:<{WHO}>:\n"
        + "    host mx.river.example [192.0.2.1]: 550 5.1.1 No such user here",
    ),
    ("hard", EXIM + f"  {WHO}\n    Unrouteable address"),
    ("hard", EXIM + f"  {WHO}\n    all relevant MX records point to non-existent hosts"),
    ("soft", EXIM + f"  {WHO}\n    retry timeout exceeded"),
    ("soft", EXIM + f"  {WHO}\n    mailbox is full: retry timeout exceeded"),
    ("soft", EXIM + f"  {WHO}\n    host mx.river.example [192.0.2.1]: 550 Rejected: blacklisted"),
    ("hard", QMAIL + f"<{WHO}>:\nSorry, no mailbox here by that name. (#5.1.1)"),
    ("hard", QMAIL + f"<{WHO}>:\nSorry, I couldn't find any host named river.example. (#5.1.2)"),
    ("hard", QMAIL + f"<{WHO}>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 unknown user"),
    ("soft", QMAIL + f"<{WHO}>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)"),
    ("soft", QMAIL + f"<{WHO}>:\nCNAME lookup failed temporarily. (#4.4.3)"),
    ("soft", QMAIL + f"<{WHO}>:\nUser over quota. (#5.1.1)"),
    ("soft", QMAIL + f"<{WHO}>:\nsorry, that domain isn't in my list of allowed rcpthosts; no relaying (#5.7.1)"),
    ("hard", (f"Your message did not reach some or all of the intended recipients.\n\n{WHO} on 1/2/2026\n"
     "The e-mail account does not exist at the organization this message was sent to.\n<mx.example.net #5.1.1>")),
    ("hard", f"{WHO}\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##rfc822;{WHO}"),
    ("soft", f"{WHO}\n#550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized ##rfc822;{WHO}"),
    ("soft", f"{WHO}\n#550 4.4.7 QUEUE.Expired; message expired ##"),
    ("hard", f"{WHO}\n#5.4.4 smtp;550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain"),
    ("soft", f"{WHO}\nThe recipient's mailbox is full and can't accept messages now."),
    ("hard", f"This report relates to your message.\nReason: Illegal host/domain name found\nRecipient address: {WHO}"),
    ("soft", f"Recipient address: {WHO}\nReason: Over quota"),
    ("soft", f"Not received by:\n<{WHO}>\nThe user(s) account is temporarily limited."),
    ("soft", f"<{WHO}>: 421 4.7.0 Try again later, closing connection. Too many connections from your host."),
    ("soft", f"<{WHO}>: host mx[192.0.2.1] said: 451 4.7.1 Greylisting in action, please come back later"),
    ("hard", f"Die folgende Adresse ist ungültig:\n<{WHO}>: Empfänger unbekannt"),
    ("hard", f"Votre message n'a pas pu être remis.\n<{WHO}>: adresse introuvable"),
    ("hard", f"No se pudo entregar el mensaje.\n<{WHO}>: el usuario no existe"),
    ("soft", f"<{WHO}>: Postfach ist voll"),
    ("hard", f"次のアドレスには送信できませんでした。\n<{WHO}>: 宛先不明です"),
    ("hard", f"<{WHO}>: 收件人不存在"),
    ("hard", f"<{WHO}>: Пользователь не существует"),
]  # fmt: skip


GMAIL = (
    f"Delivery to the following recipient failed permanently:\n\n     {WHO}\n\nTechnical details:\n"
    "Google tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting the "
    "other email provider for further information. The error that the other server returned was: "
)
EXCHANGE = f"Your message\n\n  Subject: news\n\ndid not reach the following recipient(s):\n\n{WHO} on Thu, 29 Apr\n    "
SUN = (
    f"Message-id: <1@digest.example>\n\n  Recipient address: {WHO}\n  Reason: Remote SMTP server has rejected address\n"
)
ESA = f"The following message to <{WHO}> was undeliverable.\nThe reason for the problem:\n"
OLD_SENDMAIL = f"   ----- Unsent: -----\n{WHO}  (unrecoverable error)\n\n   ----- Transcript of session follows -----\n"
CASES += [
    ("hard", GMAIL + "550 550 5.1.1 User Unknown (state 14)."),
    ("soft", GMAIL + "550 550 5.7.1 Message content rejected, UBE (state 18)."),
    ("soft", GMAIL + "552 552 Mailbox exceeds quota (state 14)."),
    ("soft", GMAIL + "554 554 5.7.1 Client host blocked (state 13)."),
    ("hard", f"Delivery failed permanently:\n\n     {WHO}\n\nTechnical details:\nDNS Error: Domain name not found"),
    ("soft", EXCHANGE + "You do not have permission to send to this recipient.\n  <mx.example.net #5.7.1>"),
    ("soft", EXCHANGE + "There was an SMTP problem.\n  <mx.example.net #5.5.0 smtp;550 rejected as spam>"),
    ("hard", EXCHANGE + "There was an SMTP problem.\n  <mx.example.net #5.5.0 smtp;550 5.1.1 User unknown>"),
    ("hard", EXCHANGE + "The recipient name is not recognized\n  MSEXCH:IMS:ORG:MAIL 0 (000C05A6) Unknown Recipient"),
    ("hard", SUN + f"  Diagnostic code: smtp;550 5.1.1 unknown or illegal alias: {WHO}"),
    ("soft", SUN + "  Diagnostic code: smtp;554 5.7.1 Relay access denied"),
    ("hard", ESA + f"5.1.0 - Unknown address error 550-'5.1.1 <{WHO}>: User unknown in virtual mailbox table'"),
    ("soft", ESA + f"5.1.0 - Unknown address error 554-'5.7.1 <{WHO}>: Relay access denied'"),
    ("soft", ESA + "4.4.7 - ['Delivery time expired']"),
    ("hard", OLD_SENDMAIL + f">>> RCPT To:<{WHO}>\n<<< 550 <{WHO}>, User Unknown\n550 <{WHO}>... User unknown"),
    ("soft", OLD_SENDMAIL + f">>> DATA\n<<< 554 Rejected: spam message\n554 <{WHO}>... Service unavailable"),
    ("soft", QMAIL + f"<{WHO}>:\nThis address no longer accepts mail."),
    ("soft", QMAIL + f"<{WHO}>:\nConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 550 unknown user"),
    ("soft", QMAIL + f"<{WHO}>:\n192.0.2.1 failed after I sent the message.\nRemote host said: 550 5.7.1 refused"),
    ("hard", f"From: a@b.example\nCould not be delivered because of\n550 5.1.1 User unknown\nRecipient: {WHO}"),
    ("hard", f"The message that you sent was undeliverable to the following:\n\t{WHO} (user not found)"),
    ("soft", f"The message that you sent was undeliverable to the following:\n\t{WHO} (mailbox full)"),
    ("soft", f"Could not be delivered to: <{WHO}>\nAs their mailbox is full."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), CASES)
def test_a_notice_is_read_as_its_system_means_it(kind: str, body: str) -> None:
    """Hard or soft, and whom it is about."""
    found = classify(notice(body))
    assert (found.kind, found.address) == (kind, WHO), found


def test_a_forwarded_notice() -> None:
    """Quoted line by line, it says the same."""
    quoted = "\n".join(f"> {line}" for line in f"<{WHO}>: host mx said: 550 5.1.1 User unknown".splitlines())
    assert classify(notice(quoted, subject="Fwd: Returned mail: see transcript for details")).kind == "hard"


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        (
            "hard",
            (
                '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General",'
                '"bouncedRecipients":[{"emailAddress":"otter@river.example"}]}}'
            ),
        ),
        (
            "soft",
            (
                '{"notificationType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull",'
                '"bouncedRecipients":[{"emailAddress":"otter@river.example","status":"5.2.2"}]}}'
            ),
        ),
        (
            "complaint",
            (
                '{"notificationType":"Complaint","complaint":{"complainedRecipients":'
                '[{"emailAddress":"otter@river.example"}]}}'
            ),
        ),
        ("none", '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[]}}'),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_notifications_as_json(kind: str, inner: str, wrapped: bool) -> None:
    """A mail service's own JSON, plain or as a text within another."""
    body = json.dumps({"Type": "Notification", "Message": inner}) if wrapped else inner
    found = classify(notice(body, subject="AWS Notification Message", sender="no-reply@sns.example.com"))
    assert found.kind == kind
    assert kind == "none" or found.address == WHO
