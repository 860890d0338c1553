"""Replies in the manner of many mail servers' manuals, handed on in a delivery report and in a notice of words alone.

Written here from what the servers' documentation and sources say, addresses invented; hard or soft is said by the rule
in docs/operations.md: an address or a domain that does not exist is hard, everything else may pass.
"""

from __future__ import annotations

import pytest

from digest.bounces import classify

WHO = "otter@river.example"

GONE = """
550 5.1.1 <otter@river.example>: Email address could not be found, or was misspelled (G8)
550 #5.1.0 Address rejected.
550 5.1.0 Address rejected.
550 No such mailbox
550 5.1.1 Account not found
551 User not local; please try <otter@brook.example>
550 unrouteable address
550 Unknown local part otter in <otter@river.example>
511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
550 Requested action not taken: mailbox unavailable
550 <otter@river.example> No such user here
550 Not our customer
550 5.1.1 The user does not exist here
550 Recipient unknown
550 permanent failure for one or more recipients (otter@river.example:550 5.1.1 User unknown)
550 Address unknown in this domain
550 5.1.1 unknown or illegal alias: otter@river.example
550 5.4.4 Invalid domain
550 5.1.2 Host unknown (Name server: river.example: host not found)
550 5.4.310 DNS domain river.example does not exist
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient otter@river.example not found by SMTP address lookup
550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
550 5.0.350 Remote server returned an error -> 550 5.1.1 no such user
554 delivery error: dd This user doesn't have a river.example account (otter@river.example) [0]
550 MAILBOX NOT FOUND
550 5.1.1 : Recipient address rejected: river.example
550 5.1.1 unknown user: "otter@river.example"
550 5.1.1 User unknown; rejecting
550 Unknown user account
550 otter unknown user account
550 User not in domain
550 no such domain here
550 domain has no MX or A record
No matches to nameserver query
550 Recipient Rejected: No account by that name here
554 Recipient address rejected: User not local; please try a different path
550 5.1.1 Mailbox "otter" does not exist
550 User not found: otter@river.example
550 Recipient address not found
550 5.1.1 recipient unknown (in reply to RCPT TO)
550 Postfach nicht vorhanden
550 Requested action not taken: Empfängeradresse existiert nicht
550 5.1.1 Adresse du destinataire inexistante
550 5.1.1 <otter@river.example> адресат не найден
550 Message was not accepted -- invalid mailbox. Local mailbox otter@river.example is unavailable: user not found
550 5.7.1 No such user!
550 該当するユーザーは存在しません
550 This address no longer exists
550 Address has been retired
550 5.5.0 Requested action not taken: mailbox unavailable
554 5.1.1 No such recipient
550 5.1.2 bad destination system: no such domain
550 5.4.4 [internal] no MX or A for domain
550 5.1.1 sorry, no such recipient in validrcptto
550 sorry, no mailbox for that name
550 This account does not exist or has been deleted
550 Mailbox has been deleted
550 The recipient cannot be verified. Please check all recipients of this message to verify they are valid.
550 5.1.1 Invalid mailbox
550 Host name lookup failure: domain does not exist
""".strip().splitlines()

MAY_PASS = """
550 5.7.1 Access denied, spam abuse detected
554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.net
550 Administrative prohibition
550-Please turn on SMTP Authentication in your mail client. 550 relay not permitted
571 sorry, sender address has invalid format
522 sorry, recipient mailbox is full or disabled (#5.2.2 - chkuser)
553 sorry, your mail was administratively denied. (#5.7.1)
421 4.3.0 Temporary System Problem. Try again later
452 4.2.2 The email account that you tried to reach is over quota.
450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents more
550-5.7.1 Our system has detected that this message is likely unsolicited mail.
550 mailbox unavailable: over quota
554 Message rejected: content policy
550 5.7.1 Message contains a prohibited attachment
550 permanent failure for one or more recipients (otter@river.example:blocked)
550 rejected by recipient's mailbox rules
550 User's mailbox is disabled due to inactivity
554 5.2.1 mailbox disabled, not accepting messages
550 5.2.1 The email account that you tried to reach is disabled.
550 5.2.1 account closed
451 4.4.3 Temporary name server failure
450 4.1.2 Domain not found; DNS lookup is temporarily failing
554 5.4.6 Hop count exceeded - possible mail loop
554 5.4.14 Hop count exceeded - possible mail loop ATTR34
550 5.4.7 Delivery expired (message too old) timeout
550 4.4.7 Message expired: unable to deliver in 48 hours
451 4.7.500 Server busy. Please try again later
550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required
550 5.7.124 Sender not in allowed-senders list
550 5.7.506 Access Denied, Bad HELO
550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP
550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains
550 5.7.64 TenantAttribution; Relay Access Denied
550 5.2.122 The recipient has exceeded their limit for
554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded
554 5.2.0 STOREDRV.Deliver.Exception:ObjectNotFoundException.MapiExceptionNotFound
554 5.6.0 Corrupt message content
550 5.0.350 Remote server returned an error -> 552 5.2.2 mailbox full
554 delivery error: dd cannot be delivered. This account has been disabled or discontinued [#102].
554 delivery error: dd This account is over quota
421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints
553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1
521 5.2.1 : AOL will not accept delivery of this message.
554 5.7.9 Message not accepted for policy reasons
550 Blocked by Recipient
550 Sender blacklisted by recipient
550 Rejected by header based manually Blocked Senders
554 Email rejected due to security policies
451 Internal resources are temporarily unavailable
550 Administrative prohibition envelope blocked
552 5.2.2 Over quota
553 We do not relay non-local mail, sorry.
550 account is full (quota exceeded)
550 Recipient Rejected: Temporarily inactive
550 5.7.1 Unable to deliver to otter; blocked by filter
421 Too many concurrent SMTP connections; please try again later.
450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]
450 4.1.8 Sender address rejected: Domain not found
550 5.1.8 Sender address rejected: Domain not found
504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
554 5.7.1 <otter@river.example>: Relay access denied
550 5.7.1 Recipient not authorized to receive mail from the internet
550 5.7.1 Delivery not authorized, message refused
550 5.7.1 message content rejected
554 5.6.1 Body type not supported by remote host
530 5.7.0 Must issue a STARTTLS command first
550 5.7.5 Cryptographic failure
451 4.3.5 Server configuration error
451 4.3.2 Please try again later
450 4.2.0 Recipient address rejected: Greylisted for 300 seconds
450 Requested mail action not taken: mailbox unavailable (mailbox busy)
451 Could not complete sender verify callout
550-Verification failed for <digest@example.org> 550 Unrouteable address
451 Temporary local problem - please try later
550 authentication required
550 "JunkMail rejected - mx.example.net is in an RBL"
550 This message was classified as SPAM and may not be delivered
550 High probability of spam
554 rejected due to spam content
554 Transaction failed: too many recipients
552 5.3.4 Message size exceeds fixed limit
552 Message exceeds maximum message size
553 Message too large for this mailbox
571 Message Refused
550 Mail is rejected by recipients
550 Mailbox unavailable or access denied - <otter@river.example>
554 DT:SPM 163 mx1 spam
553 Requested action not taken: NO SMTP MX:DNS
550 Connection frequency limited
550 Mailbox has exceeded the limit
550 Domain frequency limited
535 authentication failed
550 too many failed recipients from your ip
552 Postfach voll
550 Postfach gesperrt
554 Nemesis ESMTP Service not available. No SMTP service. Bad DNS PTR resource record.
550-Requested action not taken: mailbox unavailable 550 Reject due to SPF policy
550 Requested action not taken: mailbox unavailable. Reject due to policy restrictions.
552 5.2.2 boite pleine
550 5.5.0 Service refuse. Veuillez essayer plus tard. service refused, please try later. OFR_999 [999]
421 ME Trop de connexions, veuillez verifier votre configuration. Too many connections. OFR004_104 [104]
550 Message was not accepted -- invalid mailbox. Local mailbox otter@river.example is unavailable: account is disabled
550 spam message rejected. Please visit the help page
550 5.7.1 Mailbox size limit exceeded
554 5.7.1 Policy rejection on the target address
451 4.7.1 Sorry, the service is currently unavailable. Please come back later.
550 受信拒否
552 メールボックスがいっぱいです
550 Mailbox is inactive
550 5.7.1 Unauthenticated email is not accepted from this domain
550 SC-001 Mail rejected by Outlook.com for policy reasons.
450 4.4.1 No answer from host
550 5.4.1 [internal] no mail hosts for domain (retrying)
550 5.7.1 [internal] recipient blackholed
551 [internal] message timeout (exceeded max time, last transfail: 421 busy)
550 [internal] DNS failure timeout
421 4.4.0 [internal] no bind from remote
552 sorry, that message size exceeds my databytes limit (#5.3.4)
550 this account has been temporarily suspended
554 5.7.0 Reject, id=1234 - BANNED: .exe
550 Recipient's mail server refused: domain is on hold
550 5.1.1 Recipient over quota
550 the recipient doesn't want your mail
""".strip().splitlines()


def notice(reply: str) -> bytes:
    """A notice of words alone."""
    said = f"<{WHO}>: host mx.river.example[192.0.2.4] said: {reply} (in reply to RCPT TO command)"
    head = "From: MAILER-DAEMON@mx.example.net\nTo: digest@example.org\nSubject: Undeliverable: news\n\n"
    return f"{head}{said}\n".encode()


def report(reply: str, status: str = "5.0.0") -> bytes:
    """A delivery report that gives the reply, and a status of its own."""
    return (
        "From: MAILER-DAEMON@mx.example.net\nTo: digest@example.org\nSubject: Delivery Status Notification (Failure)\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {reply}\n\n--b--\n"
    ).encode()


@pytest.mark.parametrize("reply", GONE)
def test_an_address_or_domain_that_does_not_exist(reply: str) -> None:
    for mail in (notice(reply), report(reply)):
        found = classify(mail)
        assert (found.kind, found.address) == ("hard", WHO), found


@pytest.mark.parametrize("reply", MAY_PASS)
def test_a_cause_that_may_pass(reply: str) -> None:
    found = classify(notice(reply))
    assert (found.kind, found.address) == ("soft", WHO), found
    if not reply.startswith("4"):  # a report of 5.0.0 about a 4yz contradicts itself
        assert classify(report(reply)).kind == "soft"


@pytest.mark.parametrize(
    ("reply", "status", "kind"),
    [
        ("550 5.7.1 sender is on our list", "5.1.1", "soft"),
        ("550 5.2.2 no", "5.1.1", "soft"),
        ("550 5.1.1 no", "5.7.1", "hard"),
        ("550 5.0.0 no", "5.1.1", "hard"),
        ("550 no", "5.1.1", "hard"),
    ],
)
def test_the_servers_own_status_outranks_the_reporters(reply: str, status: str, kind: str) -> None:
    """Reporters fill the field in from the reply's number where they do not read the reply."""
    assert classify(report(reply, status)).kind == kind


@pytest.mark.parametrize(
    "guess",
    [
        "The address may not exist, or you may not be allowed to write to it.",
        "Perhaps the recipient does not exist any more.",
        "The mailbox might be unknown here.",
        "Le message a été refusé. Il se peut que l'adresse n'existe pas.",
        "Die Nachricht wurde abgelehnt. Möglicherweise existiert der Empfänger nicht.",
        "このアドレスは存在しない可能性があります。",
        "该地址可能不存在",
        "Сообщение отклонено. Возможно, адрес не существует.",
    ],
)
def test_a_guess_ends_no_subscription(guess: str) -> None:
    assert classify(notice(f"550 refused. {guess}")).kind == "soft"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The address could not be found. It may be misspelled.", "hard"),
        ("User unknown. Perhaps it was misspelled?", "hard"),
        ("Domain not found. Check it and try again.", "hard"),
        ("Host not found, try again", "soft"),
        ("no mail servers for that domain (still trying)", "soft"),
        ("Domain does not exist: DNS timed out", "soft"),
        ("Письмо не может быть доставлено: адрес не существует", "hard"),
    ],
)
def test_what_is_sure_and_what_will_be_tried_again(text: str, kind: str) -> None:
    assert classify(notice(f"550 {text}")).kind == kind


def test_an_address_in_quotes_beside_words_of_other_scripts() -> None:
    found = classify(notice(f"550 收件人邮件地址（{WHO}）不存在，邮件无法送达。"))
    assert found.kind == "hard"
    plain = (
        f"From: postmaster@mx.example.net\nSubject: Undeliverable mail\n\nFailed to deliver to '{WHO}'\n no such user\n"
    )
    assert classify(plain.encode()).address == WHO


def test_an_address_only_the_quoted_mail_names() -> None:
    mail = (
        "From: postmaster@mx.example.net\nTo: digest@example.org\nSubject: Undeliverable mail\n\n"
        "The mail you sent was undeliverable to the following:\n\totter (user not found)\n\n"
        f"---- original message ----\nFrom: digest@example.org\nTo: Otter <{WHO}>\nSubject: news\n"
    )
    found = classify(mail.encode())
    assert (found.kind, found.address) == ("hard", WHO)
