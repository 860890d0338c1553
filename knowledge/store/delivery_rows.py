"""The outbox's rows as records, for code that must not know the database. No queries here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from knowledge.store.subscriber_rows import SavedRig

DeliveryState = Literal["pending", "sending", "accepted", "soft", "hard", "suppressed"]
RunState = Literal["running", "paused", "stopped", "cancelled", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The sending of one issue. `message_key` (hex) keys its Message-IDs; `reason` says why it is not running."""

    month: str
    state: RunState
    reason: str
    message_key: str
    n_deliveries: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Domains sent to with limits of their own. The lane named `` is everything else; `*` counts all together.

    At most `limit` mails in any `window_s` seconds (None: no limit), by all workers together; at most `at_once` at a
    time by each worker.
    """

    name: str = ""
    domains: tuple[str, ...] = ()
    limit: int | None = None
    window_s: int = 3600
    at_once: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One mail that a worker has taken to send, with what its subscriber's parts are made of."""

    subscriber_id: int
    address: str
    lane: str
    attempts: int
    token_version: int
    rig: SavedRig | None
    rig_key: str
    sections: tuple[str, ...] | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a claimed mail. `pending` means another try at `due_at`; `attempts` counts the tries refused.

    `suppress` asks that the address is never mailed again, for the reason in `reply`.
    """

    subscriber_id: int
    state: DeliveryState
    reply: str
    attempts: int
    due_at: datetime | None = None
    suppress: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something a person must look at. `count` says how often it was raised since it was opened."""

    kind: str
    subject: str
    message: str
    count: int
    raised_at: datetime
    last_at: datetime
