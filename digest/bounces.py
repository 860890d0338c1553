"""Reads mails that come back: bounces, complaints, automatic replies. Pure; it acts on nothing.

    feedback report (RFC 5965)                  → complaint
    automatic reply (RFC 3834) that is no bounce → auto-reply
    delivery report (RFC 3464), else the words of the notice → hard or soft, with address, status and reason
    anything else                               → none

A mail is from strangers: it is cut to a size before reading, and every pattern runs over bounded text.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message
from itertools import islice
from typing import Final, Literal

from digest.bounce_kinds import DAEMON, is_auto_reply, looks_returned
from digest.bounce_parts import ADDRESS, TEXT_MAX, first_address, header_of, original_header, part_text
from digest.bounce_reasons import HARD, reason_of

BounceKind = Literal["hard", "soft", "complaint", "auto-reply", "none"]

MAIL_MAX_BYTES: Final = 2 * 1024 * 1024
_BRACKETED: Final = re.compile(rf"<({ADDRESS.pattern})>")
_BEFORE_COLON: Final = re.compile(rf"^\s{{0,8}}<({ADDRESS.pattern})>:", re.MULTILINE)
_HEADER_LINE: Final = re.compile(
    r"^[ \t]{0,20}(?:message-id|received|references|in-reply-to|from):[^\n]*$", re.IGNORECASE | re.MULTILINE
)
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY: Final = re.compile(r"(?<![\d.])([245]\d\d)(?=[ -])")
_REPLY_PARAGRAPH: Final = re.compile(
    r"(?<![\w.,:/#-])[45]\d\d(?:[ -]|: )(?=\S)[^\n]{1,998}(?:\n(?![ \t]*\n)[^\n]{1,998}){0,8}"
)
_REPLIES_MAX: Final = 6
_ORIGINAL: Final = re.compile(
    r"^[ \t]{0,40}(?:-{2,}[^\n]{0,20}(?:original|returned|unsent|copy|forwarded|undelivered|header)[^\n]{0,60}"
    r"|(?:the )?(?:original|headers of the original) message(?! was received)[^\n]{0,60}:?"
    r"|[^\n]{0,20}(?:copy of (?:your|the) message|message headers? (?:follow|is))[^\n]{0,80}"
    r"|[^\n]{0,20}below (?:this line )?is (?:a|the) copy[^\n]{0,80}"
    r"|return-path:[^\n]*|received: (?:from|by)[^\n]*)[ \t\r]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD: Final = re.compile(
    r"^(final-recipient|original-recipient|action|status|diagnostic-code):[ \t]*"
    r"([^\n]{0,998}(?:\n[ \t][^\n]{0,998}){0,8})",
    re.IGNORECASE | re.MULTILINE,
)
_TO_LINE: Final = re.compile(r"^[ \t>]{0,8}to:[ \t]{0,8}([^\n]{3,320})$", re.IGNORECASE | re.MULTILINE)
_JSON_NOTICE: Final = re.compile(r'\\?"notificationType\\?"\s{0,4}:\s{0,4}\\?"(?:Bounce|Complaint)')
_QUOTE: Final = re.compile(r"^> ?", re.MULTILINE)
_RECIPIENT_LINE: Final = re.compile(
    r"^\s{0,20}(?:rcpt to|(?:failed |final |original )?recipient(?: address)?"
    r"|(?:the )?following recipients? (?:was|were) affected)\s{0,4}:\s{0,20}<{0,2}([^\s<>@]{1,64}@[^\s<>@]{3,255})",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a returned mail says. `status` is the enhanced one (`5.1.1`), empty where none is given.

    `delayed`: the server is still trying, so that nothing has come back yet.
    """

    kind: BounceKind
    address: str = ""
    status: str = ""
    reason: str = ""
    delayed: bool = False


def classify(data: bytes) -> Bounce:
    """Classify one mail. Never raises: what cannot be read is `none`."""
    try:
        return _classified(data)
    except RecursionError:  # parts within parts within parts: nobody's mail server writes that
        return Bounce(kind="none")


def _classified(data: bytes) -> Bounce:
    message = email.message_from_bytes(data[:MAIL_MAX_BYTES], policy=email.policy.compat32)
    complaint = _complaint(message)
    if complaint is not None:
        return complaint
    reports = [
        fields
        for part in message.walk()
        if part.get_content_type() == "message/delivery-status"
        for fields in _blocks(part)
    ]
    recipient = _failing(reports)
    if recipient is None and is_auto_reply(message):
        return Bounce(kind="auto-reply", address=first_address(header_of(message, "from")), reason="vacation")
    notice = _notice(message)
    if recipient is not None:
        return _from_report(message, recipient, notice)
    if _JSON_NOTICE.search(notice):
        return _from_json(notice)
    if looks_returned(message):
        return _from_words(message, notice)
    return Bounce(kind="none")


def _complaint(message: Message) -> Bounce | None:
    for part in message.walk():
        if part.get_content_type() != "message/feedback-report":
            continue
        text = part_text(part)
        kind = re.search(r"^feedback-type:\s*([\w-]+)", text, re.IGNORECASE | re.MULTILINE)
        rcpt = re.search(r"^(?:original-rcpt-to|removal-recipient):\s*(.+)$", text, re.IGNORECASE | re.MULTILINE)
        address = first_address(rcpt[1]) if rcpt else first_address(original_header(message, "to"))
        return Bounce(kind="complaint", address=address, reason=kind[1].lower() if kind else "abuse")
    return None


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """Yield the field blocks of a delivery report, names in lower case, folded lines joined."""
    inner = part.get_payload()
    if isinstance(inner, list):
        for block in inner:
            if isinstance(block, Message):
                yield {name.lower(): " ".join(_readable(value).split()) for name, value in block.raw_items()}


def _readable(value: object) -> str:
    """Return a field's text where a server wrote it in UTF-8 or JIS as it stood, against RFC 3464's ASCII."""
    raw = str(value).encode("utf-8", "surrogateescape")
    if b"\x1b$" in raw:
        return raw.decode("iso-2022-jp", "replace")
    return raw.decode("utf-8", "replace")


def _failing(reports: list[dict[str, str]]) -> dict[str, str] | None:
    """Return the block of the recipient it is about: a failed one first, then a delayed one."""
    recipients = [
        block for block in reports if "final-recipient" in block or "original-recipient" in block or "action" in block
    ]
    for action in ("failed", "delayed", "delivered", "relayed", "expanded", ""):
        for block in recipients:
            if block.get("action", "").lower().startswith(action):
                return block
    return None


def _from_report(message: Message, block: dict[str, str], notice: str) -> Bounce:
    address = first_address(block.get("original-recipient", "")) or first_address(block.get("final-recipient", ""))
    final = first_address(block.get("final-recipient", ""))
    address = final or address or _address_in(notice, message)
    diagnostic = block.get("diagnostic-code", "")
    action = block.get("action", "").lower()
    if action in {"delivered", "relayed", "expanded"}:
        return Bounce(kind="none", address=address, status=block.get("status", "")[:12], reason="delivered")
    own = _STATUS.search(diagnostic)  # the server's; the field may hold what its reporter made of the reply's number
    declared = block.get("status", "")
    status = _status_of(f"{diagnostic} {declared}", own[0] if own and not own[0].endswith("0.0") else declared)
    decisive = status if status.startswith("5.1.") else ""
    reason = reason_of(diagnostic, decisive, notice, declared=status) if diagnostic else "undefined"
    if reason == "undefined":
        reason = _reason_in(notice, status, address)
    found = _bounce(address, status, "expired" if action == "delayed" and reason == "undefined" else reason)
    if action == "delayed":
        found = replace(found, kind="soft" if found.kind == "hard" else found.kind, delayed=True)
    return found


def _about(address: str, notice: str) -> str:
    """The paragraph of a notice that begins with the address, where it speaks of several; else all of it."""
    others = {match[0].lower() for match in ADDRESS.finditer(notice)} - {address}
    lines = notice.splitlines()
    if not address or not others:
        return notice
    for at, line in enumerate(lines):
        head, _, rest = line.lower().partition(address)
        if not head.strip(" \t<") and rest.strip("> \t").startswith(":"):
            end = next((n for n in range(at + 1, len(lines)) if not lines[n][:1].isspace()), len(lines))
            return "\n".join(lines[at:end])
    return notice


def _from_words(message: Message, notice: str) -> Bounce:
    fields = {match[1].lower(): " ".join(match[2].split()) for match in reversed(list(_FIELD.finditer(notice)))}
    if "final-recipient" in fields:  # a report whose parts cannot be told apart
        return _from_report(message, fields, notice)
    address = _address_in(notice, message)
    status = _status_of(notice, "")
    return _bounce(address, status, _reason_in(notice, status, address))


def _reason_in(notice: str, status: str, address: str) -> str:
    """Return what a notice says was the reason: the server's reply first.

    What its reporter wrote around it ("the recipient domain rejected it; check the policy") fits every reason.
    """
    about = _about(address, notice)
    for match in islice(_REPLY_PARAGRAPH.finditer(about), _REPLIES_MAX):
        reason = reason_of(match[0], "", notice, declared=status)
        if reason != "undefined":
            return reason
    return reason_of(about, status, notice)


def _bounce(address: str, status: str, reason: str) -> Bounce:
    if reason == "delivered":
        return Bounce(kind="none", address=address, status=status, reason=reason)
    return Bounce(
        kind="hard" if reason in HARD and not _may_pass(status) else "soft",
        address=address,
        status=status,
        reason=reason,
    )


def _may_pass(status: str) -> bool:
    """Whether a status calls it temporary. A final report of 4.1.x says that the address was refused to the end."""
    return status.startswith("4") and not status.startswith("4.1.")


def _from_json(notice: str) -> Bounce:
    """Read a notification of Amazon SES: its own JSON, or that wrapped as a text in Amazon SNS's."""
    start = notice.find("{")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(notice[start:])
        inner = found.get("Message")
        found = json.loads(inner, strict=False) if isinstance(inner, str) else found
        if found.get("notificationType") == "Complaint":
            people = found["complaint"]["complainedRecipients"]
            return Bounce(kind="complaint", address=first_address(people[0]["emailAddress"]), reason="abuse")
        bounce = found["bounce"]
        first = bounce["bouncedRecipients"][0]
        address, words = first_address(str(first["emailAddress"])), str(first.get("diagnosticCode", ""))
        status = _status_of(words, str(first.get("status", "")))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Bounce(kind="none")
    reason = reason_of(words, status)
    if reason == "undefined" and bounce.get("bounceType") == "Permanent" and bounce.get("bounceSubType") == "General":
        reason = "userunknown"
    return _bounce(address, status, reason)


def _status_of(text: str, declared: str) -> str:
    """Return the enhanced status: the server's own words first where the declared one says nothing (`5.0.0`)."""
    plain = declared.split(" ", maxsplit=1)[0] if _STATUS.match(declared) else ""
    if plain and not plain.endswith("0.0"):
        return plain
    found = [status for status in _STATUS.findall(text) if not status.endswith("0.0")]
    if found:
        return str(found[0])
    if plain:
        return plain
    reply = _REPLY.search(text)
    return f"{reply[1][0]}.0.0" if reply else ""


def _notice(message: Message) -> str:
    """Return the human words of the notice, without the copy of the mail that was sent and without quote marks."""
    if not message.is_multipart():
        return _without_original(_unquoted(part_text(message)))
    texts = []
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            break
        if part.get_content_maintype() == "text":
            text = part_text(part)
            texts.append(re.sub(r"<[^>@]{1,300}>", " ", text) if part.get_content_subtype() == "html" else text)
    words = "\n".join(texts)
    if not words.strip():  # boundaries that do not match: the parts are one text before the first of them
        words = str(message.preamble or "") or part_text(message)
    return _without_original(_unquoted(words))


def _unquoted(text: str) -> str:
    """Take one level of quotation off a notice that somebody forwarded; lines of a transcript (`>>> DATA`) stay."""
    lines = [line for line in text.splitlines() if line.strip()]
    quoted = sum(line.startswith(">") for line in lines)
    return _QUOTE.sub("", text) if 2 * quoted > len(lines) else text


def _without_original(text: str) -> str:
    cut = _ORIGINAL.search(text, 40) if len(text) > 40 else None
    return (text[: cut.start()] if cut else text)[:TEXT_MAX]


def _address_in(notice: str, message: Message) -> str:
    """Return the failing address: one marked by brackets or a code first, else the first that is not ours."""
    failed = first_address(header_of(message, "x-failed-recipients"))
    if failed:
        return failed
    named = _RECIPIENT_LINE.search(notice)
    if named:
        return first_address(named[1])
    own = {first_address(header_of(message, name)) for name in ("to", "delivered-to", "from")}
    words = _HEADER_LINE.sub("", notice)
    found = [match[1] for match in _BEFORE_COLON.finditer(words)]
    found += [match[1] for match in _BRACKETED.finditer(words)]
    found += [match[0] for match in ADDRESS.finditer(words)]
    for address in (one.strip("'").lower() for one in found):
        if address not in own and not DAEMON.search(address):
            return address
    return first_address(original_header(message, "to") or _quoted_to(message))


def _quoted_to(message: Message) -> str:
    """Return to whom the mail was that a notice without parts quotes after its own words."""
    quoted = "" if message.is_multipart() else _TO_LINE.search(part_text(message))
    return quoted[1] if quoted else ""
