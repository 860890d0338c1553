"""What a returned mail does to its subscriber: a complaint or a dead address ends it, passing faults are counted.

    proof whose it is ──> complaint            → suppressed at once
    (signed return path,  hard                 → suppressed at once
     signed link, or      soft                 → counted once an issue; so many in so many days: suppressed
     address+Message-ID)  delay, auto-reply, … → nothing

Without proof nothing is done, whatever address the mail names: anybody can write to a mailbox for returned mails.
What a mail says is read in `bounces`, where mails come from in `bounce_mailbox`.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from digest.addresses import read_address
from digest.bounce_mailbox import Mailbox
from digest.bounce_settings import BounceSettings
from digest.bounces import MAIL_MAX_BYTES, Bounce, classify
from digest.errors import TokenError
from digest.tokens import Purpose, Tokens, message_id
from knowledge.errors import BadInput, StoreError
from knowledge.store.run_store import RunStore
from knowledge.store.subscriber_rows import MailEvent
from knowledge.store.subscriber_store import SubscriberStore

log = logging.getLogger(__name__)

Action = Literal["suppressed", "counted", "known", "unmatched", "nothing"]

AT_ONCE: Final = 5_000
"""Mails read in one go; the others wait for the next."""

HARMLESS: Final = frozenset({"not-spam", "auth-failure", "virus", "dmarc"})
"""Kinds of feedback that are no complaint of the reader."""

_PART_MAX: Final = 256 * 1024
_PARTS_MAX: Final = 20
_RETURN_PATH: Final = re.compile(r"\+[0-9a-z]{1,13}-\d{4}-[a-z2-7]{16}@[a-z0-9.-]{1,253}", re.IGNORECASE)
_LINK: Final = re.compile(r"/(unsubscribe|preferences|confirm)/([\w.-]{20,200})")
_MESSAGE_ID: Final = re.compile(r"<([a-z2-7]{32})\.(\d{4}-\d{2})@([a-z0-9.-]{1,253})>", re.IGNORECASE)
_PURPOSES: Final[dict[str, Purpose]] = {
    "unsubscribe": "unsubscribe",
    "preferences": "preferences",
    "confirm": "confirm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one mail. `subscriber_id` is None where nobody's was proved."""

    bounce: Bounce
    action: Action
    subscriber_id: int | None = None

    @property
    def acted(self) -> bool:
        """Whether the mail is dealt with; any other is for a person to look at."""
        return self.action in {"suppressed", "counted", "known"}


class Returns:
    """Takes returned mails in. Reading the same one again changes nothing."""

    def __init__(
        self,
        subscribers: SubscriberStore,
        runs: RunStore,
        tokens: Tokens,
        settings: BounceSettings,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._subscribers, self._runs = subscribers, runs
        self._tokens = tokens
        self._settings = settings
        self._now = now

    def take(self, data: bytes, *, recipient: str = "") -> Taken:
        """Act on one mail; `recipient` is the address it came to, where the mail does not say. Raises StoreError."""
        data = data[:MAIL_MAX_BYTES]
        bounce = classify(data)
        if bounce.kind in {"none", "auto-reply"} or bounce.delayed or bounce.reason in HARMLESS:
            return Taken(bounce=bounce, action="nothing")
        text = f"{recipient}\n{_readable(data)}"
        found = self._whose(text, bounce.address)
        if found is None:
            return Taken(bounce=bounce, action="unmatched")
        month, subscriber_id = found
        subscriber = self._subscribers.by_id(subscriber_id)
        if subscriber is None or subscriber.state == "suppressed":
            return Taken(bounce=bounce, action="known", subscriber_id=subscriber_id)
        return Taken(bounce=bounce, action=self._act(bounce, month, subscriber_id, text), subscriber_id=subscriber_id)

    def _act(self, bounce: Bounce, month: str, subscriber_id: int, text: str) -> Action:
        now = self._now()
        kind: Literal["hard", "soft", "complaint"] = (
            "complaint" if bounce.kind == "complaint" else "hard" if bounce.kind == "hard" else "soft"
        )
        new = self._subscribers.add_event(
            MailEvent(
                subscriber_id=subscriber_id,
                kind=kind,
                fingerprint=_fingerprint(subscriber_id, kind, month, text),
                month=month,
                status=bounce.status[:12],
                reason=bounce.reason[:64],
            ),
            now=now,
        )
        # Also where the event is known already: the process may have died before it drew the consequence.
        if kind == "soft":
            since = now - timedelta(days=self._settings.soft_days)
            count = self._subscribers.count_events(subscriber_id, "soft", since=since)
            if count < self._settings.soft_limit:
                return "counted" if new else "known"
            why = f"{count} soft bounces in {self._settings.soft_days} days, the last: {bounce.reason}"
        else:
            why = f"{kind}: {bounce.reason} {bounce.status}".rstrip()
        return "suppressed" if self._subscribers.suppress(subscriber_id, reason=why, now=now) else "known"

    def _whose(self, text: str, address: str) -> tuple[str, int] | None:
        """Return the issue (empty where unknown) and the subscriber that something signed in the mail names."""
        for match in _RETURN_PATH.finditer(text):
            named = self._tokens.read_return_path(match[0])
            if named is not None:
                return named
        for match in _LINK.finditer(text):
            try:
                return "", self._tokens.read(_PURPOSES[match[1]], match[2].rstrip(".")).subscriber_id
            except TokenError:
                continue
        return self._by_message_id(text, address)

    def _by_message_id(self, text: str, address: str) -> tuple[str, int] | None:
        """A Message-ID is keyed by its run: whoever quotes it beside its address has seen the mail."""
        if not address:
            return None
        try:
            subscriber = self._subscribers.by_key(read_address(address).key)
        except BadInput:
            return None
        for match in _MESSAGE_ID.finditer(text) if subscriber is not None else ():
            month, run = match[2], self._runs.run(match[2])
            made = message_id(run.message_key, month, subscriber.id, match[3]) if run and subscriber else ""
            if made and made.lower() == match[0][1:-1].lower():
                return month, subscriber.id if subscriber else 0
        return None


def take_all(mailbox: Mailbox, returns: Returns, *, limit: int = AT_ONCE) -> Counter[str]:
    """Take in what a mailbox holds and count the actions. A mail that fails stays; a store that is gone ends it."""
    counts: Counter[str] = Counter()
    for mail in mailbox.mails(limit):
        try:
            taken = returns.take(mail.data)
        except StoreError:
            raise
        except Exception:
            log.exception("A returned mail could not be taken in; it stays in its mailbox.")
            counts["failed"] += 1
            continue
        mailbox.done(mail, acted=taken.acted)
        counts[f"{taken.bounce.kind} {taken.action}"] += 1
    return counts


def _fingerprint(subscriber_id: int, kind: str, month: str, text: str) -> str:
    """One issue counts once for a subscriber, however many reports come of it."""
    about = month or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return hashlib.sha256(f"{subscriber_id} {kind} {about}".encode()).hexdigest()


def _readable(data: bytes) -> str:
    """Return the mail's headers and the text of its parts, decoded: the copy of what was sent may be in base64."""
    head, _, _ = data[:_PART_MAX].partition(b"\r\n\r\n" if b"\r\n\r\n" in data[:_PART_MAX] else b"\n\n")
    texts = [re.sub(r"\r?\n[ \t]", "", head.decode("latin-1"))]
    with contextlib.suppress(RecursionError):  # parts within parts, without end: the head alone then
        texts += list(_parts(data))
    return "\n".join(texts)


def _parts(data: bytes) -> Iterator[str]:
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for n_seen, part in enumerate(message.walk()):
        if n_seen >= _PARTS_MAX:
            return
        yield "\n".join(str(value) for value in part.values())[:_PART_MAX]
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload[:_PART_MAX].decode("latin-1")
