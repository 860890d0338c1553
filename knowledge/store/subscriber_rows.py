"""Subscribers as records, for code that must not know the database. No queries here; `subscriber_store` has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SubscriberState = Literal["pending", "confirmed", "unsubscribed", "suppressed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRig:
    """A reader's machine: `name` in words the answers understand (`RTX 3060 12GB`), RAM beside it in GiB or None."""

    name: str
    ram_gib: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One address and what its owner chose. Times are aware UTC instants.

    `token_version` is part of every link mailed to it: raising it voids them all. `end_reason` says why an unsubscribed
    or suppressed address is not mailed (one-click, page, hard bounce, complaint …).
    """

    id: int
    address: str
    address_key: str
    domain: str
    state: SubscriberState
    language: str
    sections: tuple[str, ...] | None
    rig: SavedRig | None
    rig_key: str
    paused_until: datetime | None
    token_version: int
    n_confirmations: int
    confirmation_sent_at: datetime | None
    end_reason: str
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """What a mail system said about a subscriber's address. `fingerprint` makes a report read twice count once."""

    subscriber_id: int
    kind: Literal["hard", "soft", "complaint"]
    fingerprint: str
    month: str = ""
    status: str = ""
    reason: str = ""
