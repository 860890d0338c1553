"""Why a mail came back, read from what servers say: wordings, status codes, and when in the conversation. Pure.

    what the last server said ── wordings, then absence ─┐
    else what its reporter added ── likewise ────────────┼── status and moment of the conversation correct it ──> reason
    else the status alone (RFC 3463) ────────────────────┘

What is only guessed at ("may not exist") is no reason to give an address up.

It classifies text; the wordings themselves stand in `bounce_wordings`, finding the text in a mail is `bounces`' task.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from digest.bounce_absence import who_is_absent
from digest.bounce_languages import PERHAPS, PERHAPS_AFTER
from digest.bounce_wordings import WORDINGS

HARD: Final = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
"""Reasons after which an address is never written to again. Everything else may pass."""

_TABLE: Final = tuple((reason, re.compile("|".join(wordings))) for reason, wordings in WORDINGS)

_BY_STATUS: Final = {
    "1.1": "userunknown",
    "1.2": "hostunknown",
    "1.3": "userunknown",
    "1.4": "userunknown",
    "1.6": "hasmoved",
    "1.8": "rejected",
    "1.7": "rejected",
    "1.10": "notaccept",
    "2.0": "filtered",
    "2.1": "suspend",
    "2.2": "mailboxfull",
    "2.3": "mesgtoobig",
    "3.1": "systemfull",
    "3.2": "notaccept",
    "3.4": "mesgtoobig",
    "3.5": "systemerror",
    "4.1": "expired",
    "4.2": "networkerror",
    "4.3": "systemerror",
    "4.4": "hostunknown",
    "4.6": "networkerror",
    "4.7": "expired",
    "5.0": "syntaxerror",
    "5.3": "exceedlimit",
    "6.0": "contenterror",
    "7.1": "rejected",
    "7.25": "requireptr",
    "7.26": "authfailure",
}

_BY_SUBJECT: Final = {"3": "systemerror", "4": "networkerror", "5": "syntaxerror", "6": "contenterror", "7": "rejected"}
_STATUS: Final = re.compile(r"(?<![\d.])[45]\.[1-7]\.\d{1,3}(?![\d.])")
_TEXT_MAX: Final = 16_000
_PLAIN_MAX: Final = 8_000
_NOT_WORDS: Final = re.compile(r"https?://[!-~]{1,300}|[!-;=?A-~]{1,64}@[!-;=?A-~]{1,255}")
_QUOTED_REPLY: Final = re.compile(
    r"(?:->|\b(?:returned|said|was|response):?) {0,3}['\"]?([245]\d\d[ -].{3,2000})"
    r"|\b([245]\d\d-? {0,2}'.{3,2000}')(?: \(|$)",
    re.IGNORECASE,
)
"""A reply handed on within a report: Exchange's `-> 550 …`, Cisco ESA's `5.1.0 - … 550-'…'`, qmail's `said: 550`."""

_AFTER_DATA: Final = re.compile(
    r"end of data|>>> data\s+<<<|smtp command\s+data\b|(?:reply|response) to data|after (?:pipelined )?data\b",
    re.IGNORECASE,
)
_AT_RECIPIENT: Final = re.compile(r">>> rcpt|<<< 503|need rcpt|no valid recipients", re.IGNORECASE)
_BEFORE_RECIPIENT: Final = re.compile(
    r"(?:after|reply to|response to|like our|command) (?:pipelined |sending )?"
    r"(?:mail from\b|mail\b(?! f)|ehlo|helo|initial connection|connection|auth\b|starttls)"
    r"|but (?:sender was rejected|greeting failed|my name was rejected)|>>> (?:mail|ehlo|helo)\b[^\n]{0,300}\n<<< 5",
    re.IGNORECASE,
)
_RCPT: Final = re.compile(r"\brcpt(?:\b|_)", re.IGNORECASE)
_NO_ACCOUNT: Final = re.compile(r"this user doesn.t have an? ", re.IGNORECASE)
_NOBODY_NAMED: Final = re.compile(r"\b5\d\d:? +: +user unknown", re.IGNORECASE)
"""au (KDDI) names the address that it does not know; where its reader's own filter refuses, the name is missing."""

_DOUBT: Final = re.compile(
    r"\b(?:may|might|could have|could be|can be that|perhaps|possibl[ey]|probably|likely|it is possible that) "
    rf"[^.;!?]{{1,160}}|(?:{'|'.join(PERHAPS)})[^.;!?。；]{{1,160}}|[^.。\n]{{1,160}}(?:{'|'.join(PERHAPS_AFTER)})"
)
"""What may be so: a guess of whoever wrote the notice, for people. "Could not be found" is none."""

_AGAIN: Final = re.compile(
    r"(?<!and )(?<!then )\btry(?:ing)? again|tempor|timed? ?out|servfail|will (?:be )?re-?tr|\bretrying|still trying"
)
"""Words beside which an unknown host is one whose name could not be asked for just now. "… and try again" is advice."""

_NO_HOST: Final = frozenset({"hostunknown", "notaccept"})
_LOCAL_PROGRAM: Final = re.compile(r"^\s*x-unix\s*;", re.IGNORECASE)
_ABOUT_SENDER: Final = frozenset({"5.1.7", "5.1.8"})
_NO_SUCH_MAILBOX: Final = "5.1.1"
_NO_SUCH_HOST: Final = "5.1.2"
_BAD_ADDRESS_SYNTAX: Final = "5.1.3"
_LETTERS: Final = {
    code: letter
    for code in range(0xC0, 0x250)
    if (letter := {"ß": "ss", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "đ": "d"}.get(
        chr(code).lower(), unicodedata.normalize("NFKD", chr(code))[0].lower()
    )).isascii()
}  # fmt: skip


def plain(text: str) -> str:
    """Return a text as wordings are compared with it: no addresses, no links, lower case, Latin without accents."""
    words = _NOT_WORDS.sub(" ", text[:_TEXT_MAX]).translate(_LETTERS).lower()
    return " ".join(words.replace("’", "'").split())[:_PLAIN_MAX]


def reason_of(text: str, status: str, context: str = "", declared: str = "") -> str:
    """Return the reason that text and enhanced status (`5.1.1`, or empty) give; `undefined` where neither tells.

    A wording outranks a status, because servers choose statuses carelessly; a status decides where no wording does.
    Addresses and links are no wording. A reply that is handed on within the text outranks the words around it.
    A recipient refused only after the whole mail was sent (`context` tells) exists: the server took the address before,
    so it is `filtered`, unless the status or the words insist. `declared` is the report's own status, where only part
    of it is to count as `status`.
    """
    if status in _ABOUT_SENDER:
        return "rejected"
    if _LOCAL_PROGRAM.search(text):
        return "mailererror"
    flat = " ".join(text[:_TEXT_MAX].split())
    if _NOBODY_NAMED.search(flat):
        return "filtered"
    for words in _quoted(flat):
        compared, own = plain(words), _STATUS.search(words)
        reason = _by_wording(compared)
        if reason or own:
            return _corrected(reason or by_status(own[0] if own else ""), declared or status, compared, context)
    compared = plain(text)
    return _corrected(_by_wording(compared) or by_status(status), declared or status, compared, context)


def by_status(status: str) -> str:
    """Return what RFC 3463 and IANA's registry mean by a status, `undefined` for one that says nothing."""
    return _BY_STATUS.get(status[2:]) or _BY_SUBJECT.get(status[2:3], "undefined")


def _by_wording(compared: str) -> str:
    """Return the first reason of the table that a text gives; what it only guesses ends no subscription."""
    sure = _DOUBT.sub(" ", compared)
    known = next((reason for reason, pattern in _TABLE if pattern.search(sure if reason in HARD else compared)), "")
    return known or who_is_absent(sure)


def _quoted(flat: str) -> list[str]:
    """Return the replies handed on within a text, the innermost first."""
    found: list[str] = []
    rest = flat
    while len(found) < 3 and (match := _QUOTED_REPLY.search(rest)):
        rest = str(match[1] or match[2])
        found.append(rest)
    return found[::-1]


def _corrected(reason: str, status: str, compared: str, context: str) -> str:
    if reason in _NO_HOST and status != _NO_SUCH_HOST and _AGAIN.search(compared):
        return "networkerror"
    if reason == "suspend" and status == _NO_SUCH_MAILBOX:
        return "userunknown"  # an inactive address that the server says does not exist any more
    if reason == "syntaxerror" and status == _BAD_ADDRESS_SYNTAX:
        return "userunknown"  # not our command was wrong but the address: it will never be right
    if reason == "notaccept" and status.startswith("5.2."):
        return "suspend"  # RFC 3463 says of a mailbox, too, that it is not accepting messages
    if reason != "userunknown" or _NO_ACCOUNT.search(compared):
        return reason
    context = context[:_TEXT_MAX]
    if _BEFORE_RECIPIENT.search(context) and not status.startswith("5.1.") and not _RCPT.search(context):
        return "rejected"  # nobody had been named yet: it is the sender that is unknown
    if status.startswith(("5.2.", "5.3.")) and not _RCPT.search(context):
        return "filtered"  # said of the mailbox, not of the address
    if not _AFTER_DATA.search(context):
        return reason
    insists = status.startswith("5.1.") or (
        bool(_AT_RECIPIENT.search(context)) and status[2:] not in {"", "0.0", "7.1"}
    )
    return reason if insists else "filtered"
