"""Why a mail came back, read from what servers say: an ordered table of wordings and status codes. Pure.

The order is the judgement: a wording that names a cause stands before one that only names a symptom. It classifies
text; finding the text in a mail is `bounces`' task.
"""

from __future__ import annotations

import re
from typing import Final

HARD: Final = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
"""Reasons after which an address is never written to again. Everything else may pass."""

_WHO: Final = "(?:user|recipient|mailbox|account|address|addressee|inbox)"
_WORDINGS: Final[tuple[tuple[str, str], ...]] = (
    ("delivered", r"\brelayed to non-dsn|successfully delivered|was delivered to"),
    ("userunknown", "recipient address rejected: access denied"),
    ("rejected", "permission to post|google groups"),
    (
        "hasmoved",
        (
            "has (?:been )?(?:moved|replaced|changed)|address(?:es)? (?:is|are) (?:not|no) longer valid.*new"
            "|new (?:e-?mail )?address"
        ),
    ),
    (
        "mesgtoobig",
        ("too (?:big|large)|exceeds? (?:the )?(?:maximum|fixed|size)|message size|size limit|larger than"),
    ),
    (
        "mailboxfull",
        (
            "quota|mailbox (?:is )?full|over ?quota|out of storage|full mailbox|insufficient (?:storage|space)"
            "|disk full|is full|exceeded storage|storage limit|postfach (?:ist )?voll"
            "|speicher.{0,20}(?:voll|überschritten)"
            "|boîte.{0,20}pleine|buzón.{0,20}lleno|caixa.{0,20}cheia|переполнен|容量.{0,12}(?:超|不足)|いっぱい|邮箱.{0,6}满|已满"
        ),
    ),
    ("virusdetected", "virus|malware|infected|trojan"),
    (
        "authfailure",
        (r"\bspf\b|\bdkim\b|\bdmarc\b|unauthenticated|not authenticated due|authentication (?:check|result)s?"),
    ),
    ("requireptr", r"\bptr\b|reverse dns|rdns|reverse (?:name|hostname)|no host ?name|forward dns"),
    ("toomanyconn", "too many (?:connections|sessions|concurrent)|connection (?:rate|limit)|simultaneous"),
    ("speeding", "rate[- ]limit|too fast|throttl|too much mail|sending rate|receiving mail at a rate"),
    ("exceedlimit", "too many (?:recipients|messages)|message limit|daily (?:limit|sending)"),
    (
        "spamdetected",
        (
            "spam (?:content|message|score|detected)"
            r"|(?:is|as|like|looks like|considered|identified as|contains?) (?:\w+ )?spam|\bubE\b|unsolicited"
            "|junk mail|bulk mail|spam mail"
        ),
    ),
    ("badreputation", "reputation|low reputation|poor reputation"),
    (
        "blocked",
        (
            r"block(?:ed|list)|blacklist|\brbl\b|spamhaus|dnsbl|banned|ip address .{0,40}(?:reject|refus)"
            "|access denied.{0,30}ip|denied by|bad (?:ip|host)"
            "|(?:client|ip|host) (?:host )?.{0,40}(?:rejected|refused|not allowed)"
        ),
    ),
    (
        "norelaying",
        (
            "relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed|prohibited|is denied)|unable to relay"
            "|not permitted to relay|do(?:es)? not relay|relaying|we do not relay|cannot relay"
        ),
    ),
    (
        "policyviolation",
        (
            "policy|not (?:allowed|permitted) (?:attachment|content)|attachment .{0,40}(?:not|block)|prohibited"
            "|compliance"
        ),
    ),
    (
        "securityerror",
        (
            r"authentication (?:required|failed|turned)|starttls|\btls\b|encryption|must (?:be )?authenticate"
            "|security (?:policy|reason|check|violation)|certificate|login failed|please (?:log|turn on) "
        ),
    ),
    (
        "suspend",
        (
            "suspend|disabled|inactive|deactivated|account (?:is )?(?:locked|closed)"
            "|mailbox (?:is )?(?:unavailable or|currently) |not active|has been disabled|temporarily locked"
            "|expired account|frozen"
        ),
    ),
    (
        "notcompliantrfc",
        (
            r"\brfc[ -]\d{3,4}\b|not rfc|compliant|multiple (?:from|address)|duplicate header"
            "|message-id .{0,20}missing|missing header"
        ),
    ),
    ("networkerror", "host not found, try again|lookup failed temporarily|temporary (?:dns|lookup|name)"),
    (
        "notaccept",
        (
            "not accepting network messages|null ?mx|indicated no smtp service|no mx (?:found|record)"
            "|no mail (?:exchanger|servers?) for"
        ),
    ),
    (
        "hostunknown",
        (
            r"dns lookup failure: host \S{0,255} ?not found|find any host named|non-?existent (?:domain|hosts?)"
            "|nonexistentdomain|host (?:or domain )?(?:name )?(?:not found|unknown)|unknown host"
            "|no such (?:domain|host)"
            "|domain (?:name )?(?:not found|does not exist|unknown|is not valid)|name or service not known|nxdomain"
            "|unrouteable (?:mail )?domain|unable to (?:find|resolve)|could not be found.{0,30}domain"
            "|bad (?:destination )?(?:host|system|domain)|illegal host|no mx|domain of .{0,60} not exist"
            "|recipient domain|host not found|can't find"
        ),
    ),
    (
        "notaccept",
        (
            "does not accept (?:any )?(?:e?-?mail|mail)"
            "|not accept(?:ing)? (?:any )?(?:e?-?mail|mail|messages)|service not (?:provided|available here)"
            "|no mail (?:here|service)|smtp protocol returned a permanent|name server .{0,20}no (?:mail|mx)"
        ),
    ),
    (
        "userunknown",
        (
            "user (?:is )?unknown|unknown (?:user|recipient|local|address|mailbox|account)"
            "|no such (?:user|person|recipient|mailbox|account|address)"
            rf"|{_WHO}(?:'s)? (?:\S+ ){{0,4}}?(?:not found|does ?n[o']t exist|doesn.t|unknown|invalid|not exist)"
            rf"|{_WHO}(?:'s)? (?:\S+ ){{0,4}}?(?:not known|unavailable|not listed|is not a|no longer)"
            "|does not exist|doesn't exist|doesn.t have a|invalid (?:recipient|mailbox|user|address|account)"
            "|not a (?:known|valid) (?:user|recipient|mailbox)|no (?:mailbox|account|user|recipient)"
            "|unrouteable address|not listed in|bad (?:destination )?(?:mailbox )?address|not our customer"
            "|unable to deliver to|undeliverable address|who does not|address rejected(?!:)"
            "|delivery to the following recipients? failed|no valid recipients|recipient (?:address )?rejected(?!:)"
            "|mailbox (?:not available|unavailable)|wasn't found|was not found|couldn't be found|could not be found"
            "|non-?existent|badly formed|not (?:here )?by that name|recip(?:ient)?notfound"
            "|invalid final delivery userid"
            "|(?:check|verify) (?:if|that|whether) (?:the )?(?:e-?mail )?address is correct|does not like recipient"
            "|見つかりません|存在しません|リストにありません|宛先不明|不存在|無此|无此|查无此|존재하지 않|찾을 수 없"
            "|не существует|не найден|нет такого|unbekannt|existiert nicht|nicht gefunden|introuvable|n'existe pas"
            r"|inconnue?\b|unable to deliver message to(?! the following)|no existe|desconocid[oa]"
            r"|não existe|inexistente|non esiste|sconosciuto"
        ),
    ),
    ("onhold", "on ?hold|mail(?:box)? held|delivery (?:is )?(?:delayed|held)"),
    (
        "filtered",
        (
            "filter|refused (?:by|due to) recipient|recipient refuse|rejected by (?:the )?recipient"
            "|due to extended inactivity|not permitted to receive|user reject|cannot receive"
        ),
    ),
    (
        "rejected",
        (
            "sender (?:address )?(?:rejected|denied|unknown|verify|not)|mail from|domain of sender"
            "|(?:you are |are )?not allowed to send|permission to post|access denied|from address|envelope sender"
            "|sender (?:is )?not|unable to verify|administrative prohibition|do not have permission"
            "|transaction failed"
        ),
    ),
    (
        "networkerror",
        (
            "connection (?:refused|timed? ?out|reset|lost|closed|failed|dropped)"
            "|network (?:is )?(?:unreachable|error)|no route to host|could not connect|unable to connect|loop"
            "|too many hops|hop count|dns (?:error|failure|lookup)|name server|host is unreachable|timed out while"
        ),
    ),
    (
        "expired",
        (
            "expired|time ?out|timed out|too long|retry (?:time|timeout)"
            "|not (?:been )?(?:delivered|able to deliver) (?:for|within|after)|giving up|delivery time"
            "|max(?:imum)? (?:retry|time)|have been trying|days? old|4 hours|queue too|could not be delivered for"
            "|hours"
        ),
    ),
    ("systemfull", "system (?:is )?(?:full|storage)|no space left|mail system full"),
    (
        "systemerror",
        (
            "system (?:error|config|problem)|internal (?:error|server)|local (?:error|configuration)"
            "|config(?:uration)? (?:error|problem)|unexpected|aliasing loop|resources? temporarily|i/o error"
            "|server error|cannot open"
        ),
    ),
    (
        "mailererror",
        (
            r"x-?unix|mailer (?:error|died)|command (?:died|failed|line)|pipe|exit (?:status|code|\d+)|procmail"
            "|failed to run|exited with"
        ),
    ),
    ("contenterror", "content|mime|encod|header (?:error|too)|8bit|unparsable|malformed"),
    (
        "syntaxerror",
        (
            "syntax error|command (?:not (?:recogni[sz]ed|implemented)|unrecogni[sz]ed)|bad sequence"
            r"|unrecogni[sz]ed|\b50[0-4]\b"
        ),
    ),
)
_TABLE: Final = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _WORDINGS)

_BY_STATUS: Final = {
    "1.1": "userunknown",
    "1.2": "hostunknown",
    "1.3": "userunknown",
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


_NOT_WORDS: Final = re.compile(r"https?://\S{1,300}|[^\s<>@]{1,64}@[^\s<>@]{1,255}")
_AFTER_DATA: Final = re.compile(r"end of data|>>> data\s+<<<|smtp command\s+data\b|reply to data", re.IGNORECASE)
_AT_RECIPIENT: Final = re.compile(r">>> rcpt|<<< 503|need rcpt|no valid recipients", re.IGNORECASE)
_RCPT: Final = re.compile(r"\brcpt\b", re.IGNORECASE)
_NO_ACCOUNT: Final = re.compile(r"this user doesn.t have an? ", re.IGNORECASE)
_LOCAL_PROGRAM: Final = re.compile(r"^\s*x-unix\s*;", re.IGNORECASE)
_ABOUT_SENDER: Final = frozenset({"5.1.7", "5.1.8"})
_NO_SUCH_MAILBOX: Final = "5.1.1"
_BAD_ADDRESS_SYNTAX: Final = "5.1.3"


def reason_of(text: str, status: str, context: str = "", declared: str = "") -> str:
    """Return the reason that text and enhanced status (`5.1.1`, or empty) give; `undefined` where neither tells.

    A wording outranks a status, because servers choose statuses carelessly; a status decides where no wording does.
    Addresses and links are no wording. A recipient refused only after the whole mail was sent (`context` tells) exists:
    the server took the address before, so it is `filtered`, unless the status or the words insist. `declared` is the
    report's own status, where only part of it is to count as `status`.
    """
    if status in _ABOUT_SENDER:
        return "rejected"
    if _LOCAL_PROGRAM.search(text):
        return "mailererror"
    flat = " ".join(_NOT_WORDS.sub(" ", text[:16_000]).split())[:8000]
    for reason, pattern in _TABLE:
        if pattern.search(flat):
            return _corrected(reason, declared or status, flat, context[:16_000])
    return _BY_STATUS.get(status[2:], "undefined") if status else "undefined"


def _corrected(reason: str, status: str, flat: str, context: str) -> str:
    if reason == "suspend" and status == _NO_SUCH_MAILBOX:
        return "userunknown"  # an inactive address that the server says does not exist any more
    if reason == "syntaxerror" and status == _BAD_ADDRESS_SYNTAX:
        return "userunknown"  # not our command was wrong but the address: it will never be right
    if reason != "userunknown" or _NO_ACCOUNT.search(flat):
        return reason
    if status.startswith(("5.2.", "5.3.")) and not _RCPT.search(context):
        return "filtered"  # said of the mailbox, not of the address
    if not _AFTER_DATA.search(context):
        return reason
    insists = status.startswith("5.1.") or (
        bool(_AT_RECIPIENT.search(context)) and status[2:] not in {"", "0.0", "7.1"}
    )
    return reason if insists else "filtered"
