"""What a server's answer means for a mail, and when to try again; and when it means the whole run. Pure.

    accepted ─────────────────────────────> accepted
    no for now, lost, no answer ──────────> pending, at the next step of the schedule; after the last one soft
    permanent no, about the recipient ────> hard; the address is suppressed where it does not exist
    permanent no, about us or the content > soft

The wordings are `bounce_reasons`' task. A run of permanent refusals that all say the same, with nothing accepted in
between, is about us whatever it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.bounce_reasons import HARD, reason_of
from digest.mailer import Outcome
from knowledge.store.delivery_rows import Settled

RETRY_S: Final = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
"""Seconds to wait after each refusal for now: greylisting lets the second or third try in, a day tells the rest."""

IN_A_ROW: Final = 25
"""So many permanent refusals in the same words, nothing accepted in between, are about us."""

ABOUT_US: Final = frozenset(
    {
        "authfailure",
        "badreputation",
        "blocked",
        "exceedlimit",
        "norelaying",
        "policyviolation",
        "rejected",
        "requireptr",
        "securityerror",
        "spamdetected",
        "speeding",
        "toomanyconn",
    }
)
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_VARYING: Final = re.compile(
    r"<[^<>]{0,320}>|[^\s<>@]{1,64}@[^\s<>@]{1,255}|https?://\S{1,300}|[0-9a-f]*\d[0-9a-f]*", re.I
)


def judge(subscriber_id: int, attempts: int, outcome: Outcome, *, now: datetime, jitter: float) -> Settled:
    """Return what an outcome makes of a mail tried `attempts` times before. `jitter` in 0..1 spreads the retries."""
    said = f"{outcome.code or ''} {outcome.text}".strip()[:500]
    if outcome.kind == "accepted":
        return Settled(subscriber_id=subscriber_id, state="accepted", reply=said, attempts=attempts)
    tried = attempts + 1
    if outcome.kind == "refused":
        recipient = outcome.stage == "rcpt" and reason(outcome) not in ABOUT_US
        return Settled(
            subscriber_id=subscriber_id,
            state="hard" if recipient else "soft",
            reply=said,
            attempts=tried,
            suppress=recipient and reason(outcome) in HARD,
        )
    if attempts >= len(RETRY_S):
        return Settled(subscriber_id=subscriber_id, state="soft", reply=said, attempts=tried)
    wait = timedelta(seconds=RETRY_S[attempts] * (1 + 0.25 * jitter))
    return Settled(subscriber_id=subscriber_id, state="pending", reply=said, attempts=tried, due_at=now + wait)


def reason(outcome: Outcome) -> str:
    """Return the reason a server gave, by its words first and its status second."""
    status = _STATUS.search(outcome.text)
    return reason_of(outcome.text, status[1] if status else "")


def slow_down(outcome: Outcome) -> bool:
    """Whether the server asks for fewer mails: then the connection rests, not only this mail."""
    return outcome.kind == "later" and outcome.code in {421, 450, 451, 452} and reason(outcome) in ABOUT_US


@dataclass(slots=True)
class Refusals:
    """The refusals since a mail was last accepted, as long as they say the same."""

    limit: int = IN_A_ROW
    words: tuple[str, int, str] | None = None
    subscriber_ids: list[int] = field(default_factory=list)

    def note(self, subscriber_id: int, outcome: Outcome) -> bool:
        """Take one more outcome; True where the run must stop."""
        if outcome.kind == "accepted":
            self.clear()
            return False
        if outcome.kind != "refused":
            return False
        words = (outcome.stage, outcome.code, " ".join(_VARYING.sub("#", outcome.text[:1000]).lower().split()))
        if words != self.words:
            self.clear()
            self.words = words
        self.subscriber_ids.append(subscriber_id)
        return self.tripped

    @property
    def tripped(self) -> bool:
        """Whether the run must stop."""
        return len(self.subscriber_ids) >= self.limit

    def clear(self) -> None:
        """Begin anew."""
        self.words = None
        self.subscriber_ids = []
