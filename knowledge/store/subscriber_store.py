"""Queries and writes of the subscribers: who asked for the digest, what they chose, and who must not be mailed again.

Each method is one short transaction. No rule about mails or links is here; a suppressed address is never brought back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from knowledge.store.db import reading, writing
from knowledge.store.subscriber_rows import MailEvent, SavedRig, Subscriber
from knowledge.store.tables.delivery import OPEN_STATES, delivery
from knowledge.store.tables.subscribers import mail_event, subscriber
from knowledge.store.upsert import insert_into

_COLUMNS: Final = tuple(subscriber.c[name] for name in Subscriber.__dataclass_fields__)


class SubscriberStore:
    """The subscribers' rows behind one engine."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def by_id(self, subscriber_id: int) -> Subscriber | None:
        """Return a subscriber, None where there is none."""
        return self._one(subscriber.c.id == subscriber_id)

    def by_key(self, address_key: str) -> Subscriber | None:
        """Return the subscriber with this normalised address, None where there is none."""
        return self._one(subscriber.c.address_key == address_key)

    def counts(self) -> dict[str, int]:
        """How many subscribers are in each state."""
        query = sa.select(subscriber.c.state, sa.func.count()).group_by(subscriber.c.state)
        with reading(self._engine) as conn:
            return {state: count for state, count in conn.execute(query)}  # noqa: C416 - rows are no pairs to dict()

    def ask(self, address: str, address_key: str, domain: str, *, language: str = "en", now: datetime) -> Subscriber:
        """Note that somebody asked for the digest: a new address is pending, an unsubscribed one pending again.

        A confirmed or suppressed one stays as it is. The caller decides by the returned state what to mail, and
        afterwards calls `note_confirmation`.
        """
        values: dict[str, Any] = {
            "address": address,
            "domain": domain,
            "state": "pending",
            "language": language,
            "end_reason": "",
            "ended_at": None,
            "updated_at": now,
        }
        with writing(self._engine) as conn:
            made = insert_into(subscriber, conn.dialect).values(**values, address_key=address_key, created_at=now)
            conn.execute(
                made.on_conflict_do_update(
                    index_elements=[subscriber.c.address_key],
                    set_=values,
                    where=subscriber.c.state == "unsubscribed",
                )
            )
            row = conn.execute(sa.select(*_COLUMNS).where(subscriber.c.address_key == address_key)).mappings().one()
            return _record(row)

    def note_confirmation(self, subscriber_id: int, *, not_after: datetime, limit: int, now: datetime) -> bool:
        """Count a confirmation mail about to be sent; False (and nothing counted) where it would be one too many.

        At most `limit` in all, and none when the last was sent after `not_after`. Two requests at once: one wins.
        """
        allowed = sa.and_(
            subscriber.c.id == subscriber_id,
            subscriber.c.n_confirmations < limit,
            sa.or_(subscriber.c.confirmation_sent_at.is_(None), subscriber.c.confirmation_sent_at <= not_after),
        )
        change = (
            sa.update(subscriber)
            .where(allowed)
            .values(n_confirmations=subscriber.c.n_confirmations + 1, confirmation_sent_at=now)
        )
        return self._changed(change)

    def confirm(self, subscriber_id: int, token_version: int, *, now: datetime) -> Subscriber | None:
        """Confirm a pending address; a confirmed one stays so. None where the link is void or the address ended."""
        return self.confirm_once(subscriber_id, token_version, now=now)[0]

    def confirm_once(self, subscriber_id: int, token_version: int, *, now: datetime) -> tuple[Subscriber | None, bool]:
        """Do as `confirm` does, and say whether this very call confirmed it: of several at once, one does."""
        mine = sa.and_(subscriber.c.id == subscriber_id, subscriber.c.token_version == token_version)
        change = (
            sa.update(subscriber)
            .where(mine, subscriber.c.state == "pending")
            .values(state="confirmed", confirmed_at=now, n_confirmations=0, updated_at=now)
        )
        with writing(self._engine) as conn:
            changed = conn.execute(change).rowcount > 0
            query = sa.select(*_COLUMNS).where(mine, subscriber.c.state == "confirmed")
            row = conn.execute(query).mappings().one_or_none()
            return (_record(row) if row else None), changed

    def unsubscribe(self, subscriber_id: int, *, reason: str, now: datetime) -> bool:
        """End a subscription, taking the address off every run that is not through. True where it was running."""
        return self._end(subscriber_id, "unsubscribed", ("pending", "confirmed"), reason=reason, now=now)

    def suppress(self, subscriber_id: int, *, reason: str, now: datetime) -> bool:
        """Never mail this address again, whoever asks. True where that was not so before."""
        return self._end(subscriber_id, "suppressed", ("pending", "confirmed", "unsubscribed"), reason=reason, now=now)

    def release(self, subscriber_id: int, *, now: datetime) -> bool:
        """Take a suppression back that was a mistake: the address is mailed nothing, and may be subscribed again.

        What mail systems said of it is forgotten. False where it was not suppressed, or its owner complained.
        """
        complained = (
            sa.select(mail_event.c.id)
            .where(mail_event.c.subscriber_id == subscriber_id, mail_event.c.kind == "complaint")
            .exists()
        )
        change = (
            sa.update(subscriber)
            .where(subscriber.c.id == subscriber_id, subscriber.c.state == "suppressed", ~complained)
            .values(state="unsubscribed", end_reason="released", ended_at=now, updated_at=now)
        )
        with writing(self._engine) as conn:
            released = conn.execute(change).rowcount > 0
            if released:
                conn.execute(sa.delete(mail_event).where(mail_event.c.subscriber_id == subscriber_id))
            return released

    def save_choices(
        self,
        subscriber_id: int,
        *,
        language: str,
        sections: Sequence[str] | None,
        rig: SavedRig | None,
        paused_until: datetime | None,
        now: datetime,
    ) -> bool:
        """Keep what a reader chose; False where there is no such confirmed or pending subscriber."""
        change = (
            sa.update(subscriber)
            .where(subscriber.c.id == subscriber_id, subscriber.c.state.in_(("pending", "confirmed")))
            .values(
                language=language,
                sections=None if sections is None else list(sections),
                rig=None if rig is None else msgspec.to_builtins(rig),
                rig_key=rig_key(rig),
                paused_until=paused_until,
                updated_at=now,
            )
        )
        return self._changed(change)

    def void_links(self, subscriber_id: int, *, now: datetime) -> bool:
        """Make every link mailed so far useless."""
        change = sa.update(subscriber).where(subscriber.c.id == subscriber_id)
        return self._changed(change.values(token_version=subscriber.c.token_version + 1, updated_at=now))

    def delete(self, subscriber_id: int) -> bool:
        """Remove everything about a subscriber. A suppressed address stays, bare, or it would be mailed again."""
        mine, kept = subscriber.c.id == subscriber_id, subscriber.c.state == "suppressed"
        bare = {"language": "en", "sections": None, "rig": None, "rig_key": "", "paused_until": None}
        with writing(self._engine) as conn:
            conn.execute(sa.update(subscriber).where(mine, kept).values(bare))
            return conn.execute(sa.delete(subscriber).where(mine, ~kept)).rowcount > 0

    def prune_pending(self, *, before: datetime) -> int:
        """Remove addresses that were asked for and never confirmed since an instant; returns how many."""
        idle = sa.func.coalesce(subscriber.c.confirmation_sent_at, subscriber.c.updated_at) < before
        old = sa.and_(subscriber.c.state == "pending", subscriber.c.updated_at < before, idle)
        with writing(self._engine) as conn:
            return conn.execute(sa.delete(subscriber).where(old)).rowcount

    def page(self, *, state: str = "", after_id: int = 0, limit: int = 1000) -> list[Subscriber]:
        """Return up to `limit` subscribers with a larger id, by id; of one state where given."""
        query = sa.select(*_COLUMNS).where(subscriber.c.id > after_id).order_by(subscriber.c.id).limit(limit)
        if state:
            query = query.where(subscriber.c.state == state)
        with reading(self._engine) as conn:
            return [_record(row) for row in conn.execute(query).mappings()]

    def machines(self) -> dict[SavedRig, int]:
        """How many confirmed subscribers saved each machine."""
        table = subscriber
        some = sa.and_(table.c.state == "confirmed", table.c.rig_key != "")
        counted = sa.select(table.c.rig_key, sa.func.count().label("n"), sa.func.min(table.c.id).label("first"))
        groups = counted.where(some).group_by(table.c.rig_key).subquery()
        query = sa.select(table.c.rig, groups.c.n).join(groups, table.c.id == groups.c.first)
        with reading(self._engine) as conn:
            found = [(rig_of(payload), count) for payload, count in conn.execute(query)]
        return {rig: count for rig, count in found if rig is not None}

    def known_keys(self, keys: Sequence[str]) -> set[str]:
        """Which of these normalised addresses are here, in whatever state. At most a few hundred at a time."""
        query = sa.select(subscriber.c.address_key).where(subscriber.c.address_key.in_(list(keys)))
        with reading(self._engine) as conn:
            return set(conn.execute(query).scalars())

    def export(self, subscriber_id: int) -> dict[str, Any] | None:
        """Everything kept about a subscriber, for themselves: their row, deliveries and mail events."""
        found = self.by_id(subscriber_id)
        if found is None:
            return None
        sent = sa.select(delivery.c.month, delivery.c.state, delivery.c.settled_at)
        said = sa.select(mail_event.c.kind, mail_event.c.status, mail_event.c.reason, mail_event.c.at)
        with reading(self._engine) as conn:
            mails = conn.execute(sent.where(delivery.c.subscriber_id == subscriber_id)).mappings().all()
            events = conn.execute(said.where(mail_event.c.subscriber_id == subscriber_id)).mappings().all()
        return {
            "subscriber": msgspec.to_builtins(found),
            "deliveries": msgspec.to_builtins([dict(row) for row in mails]),
            "mail_events": msgspec.to_builtins([dict(row) for row in events]),
        }

    def add_event(self, event: MailEvent, *, now: datetime) -> bool:
        """Keep what a mail system said; False where this very report is known already."""
        values = {name: getattr(event, name) for name in MailEvent.__dataclass_fields__}
        with writing(self._engine) as conn:
            made = insert_into(mail_event, conn.dialect).values(**values, at=now)
            new = made.on_conflict_do_nothing(index_elements=[mail_event.c.fingerprint]).returning(mail_event.c.id)
            return conn.execute(new).scalar() is not None

    def count_events(self, subscriber_id: int, kind: str, *, since: datetime) -> int:
        """How many events of a kind a subscriber had since an instant."""
        mine = sa.and_(mail_event.c.subscriber_id == subscriber_id, mail_event.c.kind == kind, mail_event.c.at >= since)
        with reading(self._engine) as conn:
            return conn.execute(sa.select(sa.func.count()).select_from(mail_event).where(mine)).scalar_one()

    def add_many(self, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
        """Add confirmed subscribers in one go, for an import or a bench.

        Each row has address, address_key, domain and, where wanted, rig and language.

        Raises IntegrityError where one of them is there already.
        """
        filled = [
            {
                "address": row["address"],
                "address_key": row["address_key"],
                "domain": row["domain"],
                "language": row.get("language", "en"),
                "rig": msgspec.to_builtins(row["rig"]) if row.get("rig") else None,
                "rig_key": rig_key(row.get("rig")),
                "state": "confirmed",
                "created_at": now,
                "confirmed_at": now,
                "updated_at": now,
            }
            for row in rows
        ]
        with writing(self._engine) as conn:
            conn.execute(sa.insert(subscriber), filled)

    def _one(self, where: sa.ColumnElement[bool]) -> Subscriber | None:
        with reading(self._engine) as conn:
            row = conn.execute(sa.select(*_COLUMNS).where(where)).mappings().one_or_none()
            return _record(row) if row else None

    def _changed(self, change: sa.Update | sa.Delete) -> bool:
        with writing(self._engine) as conn:
            return conn.execute(change).rowcount > 0

    def _end(self, subscriber_id: int, state: str, before: tuple[str, ...], *, reason: str, now: datetime) -> bool:
        change = (
            sa.update(subscriber)
            .where(subscriber.c.id == subscriber_id, subscriber.c.state.in_(before))
            .values(state=state, end_reason=reason[:500], ended_at=now, updated_at=now)
        )
        # A row on its way (`sending`) stays: its mail may have been accepted a moment ago.
        off = (
            sa.update(delivery)
            .where(delivery.c.subscriber_id == subscriber_id, delivery.c.state == OPEN_STATES[0])
            .values(state="suppressed", reply=reason[:500], worker="", settled_at=now)
        )
        with writing(self._engine) as conn:
            changed = conn.execute(change).rowcount > 0
            conn.execute(off)
            return changed


def rig_key(rig: SavedRig | None) -> str:
    """Return what two readers with the same machine have in common; empty for no machine."""
    if rig is None:
        return ""
    ram = "" if rig.ram_gib is None else f"{rig.ram_gib:g}"
    return hashlib.sha256(f"{' '.join(rig.name.split()).casefold()}|{ram}".encode()).hexdigest()[:32]


def rig_of(payload: object) -> SavedRig | None:
    """Return the rig that a stored payload means."""
    return None if payload is None else msgspec.convert(payload, SavedRig)


def _record(row: sa.RowMapping) -> Subscriber:
    values = dict(row)
    sections = values["sections"]
    return Subscriber(
        **{**values, "sections": None if sections is None else tuple(sections), "rig": rig_of(values["rig"])}
    )
