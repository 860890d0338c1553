"""What subscribers may do, said once for pages and command line: ask, confirm, choose, leave, take or delete data.

    ask ──> pending ── letter "confirm" ── POST ──> confirmed ── letter "welcome"
                                                    │  └── POST ──> unsubscribed ── ask ──> pending
                                                    └── ask again ── letter "link"

Each returns the letter to be posted, if any; `letters` makes and posts it. No mails, pages or HTTP here. What a caller
may show is the same whatever was known of an address: only its mailbox learns more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from digest.addresses import Address
from digest.errors import TokenError
from digest.tokens import Claim, Purpose, Tokens
from knowledge.store.subscriber_rows import SavedRig, Subscriber
from knowledge.store.subscriber_store import SubscriberStore

LetterKind = Literal["confirm", "welcome", "link"]

RESEND_AFTER: Final = timedelta(minutes=10)
CONFIRMATIONS_MAX: Final = 5
"""So many letters to an address that never confirmed; then silence until `PENDING_KEPT` has passed."""

LINK_AFTER: Final = timedelta(hours=1)
LINKS_MAX: Final = 1_000_000
PENDING_KEPT: Final = timedelta(days=30)
"""An address nobody confirmed is forgotten after this."""

PAUSES_MONTHS: Final = (1, 2, 3, 6, 12)
_MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one subscriber alone, still to be made."""

    kind: LetterKind
    to: Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a reader chose. `sections` None: all of them, now and later."""

    language: str
    sections: tuple[str, ...] | None
    rig: SavedRig | None
    paused_until: datetime | None


class Subscriptions:
    """The subscribers' own doings over one store. Blocking: callers on the event loop use a thread."""

    def __init__(self, store: SubscriberStore, tokens: Tokens, now: Callable[[], datetime]) -> None:
        self._store = store
        self._tokens = tokens
        self._now = now

    def ask(self, address: Address, *, language: str = "en") -> Letter | None:
        """Somebody wants the digest sent to an address. Returns the letter it gets, if it may have one now."""
        asked = self._store.ask(address.address, address.key, address.domain, language=language, now=self._now())
        if asked.state == "pending":
            return self._letter("confirm", asked, RESEND_AFTER, CONFIRMATIONS_MAX)
        letter = self._letter("link", asked, LINK_AFTER, LINKS_MAX)
        return letter if asked.state == "confirmed" else None

    def ask_link(self, address: Address) -> Letter | None:
        """Somebody wants to get at what is kept about an address. Nothing is made of an unknown one."""
        found = self._store.by_key(address.key)
        if found is None:
            # as much work as for a known one, so that the time taken tells nothing
            self._store.note_confirmation(0, not_after=self._now() - LINK_AFTER, limit=LINKS_MAX, now=self._now())
            return None
        letter = self._letter("link", found, LINK_AFTER, LINKS_MAX)
        return None if found.state == "suppressed" else letter

    def confirm(self, token: str) -> tuple[Subscriber, Letter | None]:
        """Confirm the address a token was mailed to. Doing it twice is doing it once. Raises TokenError."""
        claim = self._tokens.read("confirm", token)
        confirmed, newly = self._store.confirm_once(claim.subscriber_id, claim.version, now=self._now())
        if confirmed is None:
            raise TokenError("void", "This link is not in use any more.", hint="Subscribe again to get a new one.")
        return confirmed, Letter("welcome", confirmed) if newly else None

    def unsubscribe(self, token: str, *, reason: str) -> bool:
        """End a subscription; True where it was running. Doing it twice, or after deleting, is fine.

        Raises TokenError for a link that is not ours; ours never expire.
        """
        claim = self._tokens.read("unsubscribe", token)
        return self._store.unsubscribe(claim.subscriber_id, reason=reason, now=self._now())

    def holder(self, purpose: Purpose, token: str) -> Subscriber | None:
        """Whose link it is, changing nothing; None where that subscriber is deleted. Raises TokenError."""
        return self._store.by_id(self._tokens.read(purpose, token).subscriber_id)

    def owner(self, token: str) -> Subscriber:
        """Whose data a preferences link opens, changing nothing. Raises TokenError, `void` where nothing is there."""
        claim = self._tokens.read("preferences", token)
        found = self._store.by_id(claim.subscriber_id)
        if found is None or claim != Claim(found.id, found.token_version):
            raise TokenError("void", "This link is not in use any more.", hint="Ask for a new one.")
        return found

    def choose(self, token: str, choices: Choices) -> bool:
        """Keep what a reader chose; False where the address gets no digest. Raises TokenError."""
        return self._store.save_choices(
            self.owner(token).id,
            language=choices.language,
            sections=choices.sections,
            rig=choices.rig,
            paused_until=choices.paused_until,
            now=self._now(),
        )

    def export(self, token: str) -> dict[str, Any]:
        """Everything kept about the owner of a preferences link. Raises TokenError."""
        found = self._store.export(self.owner(token).id)
        if found is None:
            raise TokenError("void", "This link is not in use any more.", hint="Ask for a new one.")
        return found

    def delete(self, token: str) -> bool:
        """Delete all that is kept; False where the bare address stays, so that it is never mailed again.

        Doing it twice is doing it once. Raises TokenError.
        """
        claim = self._tokens.read("preferences", token)
        found = self._store.by_id(claim.subscriber_id)
        if found is None:
            return True
        self.owner(token)
        return self._store.delete(found.id) or found.state != "suppressed"

    def paused_until(self, months: int) -> datetime | None:
        """The instant a pause of so many months ends; None for no pause."""
        return self._now() + months * _MONTH if months > 0 else None

    def _letter(self, kind: LetterKind, to: Subscriber, wait: timedelta, limit: int) -> Letter | None:
        now = self._now()
        may = self._store.note_confirmation(to.id, not_after=now - wait, limit=limit, now=now)
        return Letter(kind, to) if may else None
