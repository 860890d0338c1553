"""Subscribers on both backends: states move one way only, doubles are one, and nobody suppressed comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from knowledge.store.subscriber_rows import MailEvent, SavedRig, Subscriber
from knowledge.store.subscriber_store import SubscriberStore, rig_key

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
RIG = SavedRig(name="RTX 3060 12GB", ram_gib=32)


@pytest.fixture
def people(store: sa.Engine) -> SubscriberStore:
    return SubscriberStore(store)


def ask(people: SubscriberStore, name: str = "ann") -> Subscriber:
    return people.ask(f"{name}@example.org", f"{name}@example.org", "example.org", now=NOW)


def test_asking_twice_is_one_pending_subscriber(people: SubscriberStore) -> None:
    first, again = ask(people), ask(people)
    assert first.id == again.id
    assert again.state == "pending"
    assert people.counts() == {"pending": 1}


def test_asking_at_the_same_moment_is_one_subscriber(people: SubscriberStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ask(people).id, range(8)))
    assert len(set(found)) == 1


def test_only_the_right_link_confirms(people: SubscriberStore) -> None:
    asked = ask(people)
    assert people.confirm(asked.id, asked.token_version + 1, now=NOW) is None
    assert people.confirm(asked.id + 1, asked.token_version, now=NOW) is None
    confirmed = people.confirm(asked.id, asked.token_version, now=NOW)
    assert confirmed is not None
    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", NOW)
    assert people.confirm(asked.id, asked.token_version, now=NOW + timedelta(hours=1)) == confirmed
    people.void_links(asked.id, now=NOW)
    assert people.confirm(asked.id, asked.token_version, now=NOW) is None


def test_states_move_one_way(people: SubscriberStore) -> None:
    asked = ask(people)
    people.confirm(asked.id, asked.token_version, now=NOW)
    assert people.unsubscribe(asked.id, reason="one-click", now=NOW)
    assert not people.unsubscribe(asked.id, reason="one-click", now=NOW)
    assert people.confirm(asked.id, asked.token_version, now=NOW) is None
    assert ask(people).state == "pending"
    assert people.suppress(asked.id, reason="complaint", now=NOW)
    assert ask(people).state == "suppressed"
    assert not people.unsubscribe(asked.id, reason="page", now=NOW)
    assert people.confirm(asked.id, asked.token_version, now=NOW) is None
    assert not people.delete(asked.id)


def test_a_suppression_by_mistake_is_taken_back_and_a_complaint_is_not(people: SubscriberStore) -> None:
    asked = ask(people)
    people.confirm(asked.id, asked.token_version, now=NOW)
    assert not people.release(asked.id, now=NOW), "nothing to take back"
    people.add_event(MailEvent(subscriber_id=asked.id, kind="hard", fingerprint="a"), now=NOW)
    assert people.suppress(asked.id, reason="hard bounce", now=NOW)
    assert people.release(asked.id, now=NOW)
    assert (people.by_id(asked.id) or asked).state == "unsubscribed", "nobody is mailed who does not ask again"
    assert ask(people).state == "pending"
    people.add_event(MailEvent(subscriber_id=asked.id, kind="complaint", fingerprint="b"), now=NOW)
    assert people.suppress(asked.id, reason="complaint", now=NOW)
    assert not people.release(asked.id, now=NOW)


def test_confirmation_mails_are_counted_and_limited(people: SubscriberStore) -> None:
    asked = ask(people)

    def may(at: datetime) -> bool:
        return people.note_confirmation(asked.id, not_after=at - timedelta(minutes=10), limit=2, now=at)

    assert may(NOW)
    assert not may(NOW + timedelta(minutes=5))
    assert may(NOW + timedelta(minutes=11))
    assert not may(NOW + timedelta(hours=5))


def test_choices_export_and_delete(people: SubscriberStore) -> None:
    asked = ask(people)
    assert people.save_choices(asked.id, language="de", sections=["models"], rig=RIG, paused_until=NOW, now=NOW)
    kept = people.by_key("ann@example.org")
    assert kept is not None
    assert (kept.rig, kept.sections, kept.rig_key) == (RIG, ("models",), rig_key(RIG))
    people.add_event(MailEvent(subscriber_id=asked.id, kind="soft", fingerprint="f1"), now=NOW)
    export = people.export(asked.id)
    assert export is not None
    assert export["subscriber"]["rig"] == {"name": "RTX 3060 12GB", "ram_gib": 32.0}
    assert [event["kind"] for event in export["mail_events"]] == ["soft"]
    assert people.delete(asked.id)
    assert people.export(asked.id) is None
    assert not people.save_choices(asked.id, language="de", sections=None, rig=None, paused_until=None, now=NOW)


def test_a_report_read_twice_counts_once(people: SubscriberStore) -> None:
    asked = ask(people)
    event = MailEvent(subscriber_id=asked.id, kind="soft", fingerprint="f1")
    assert people.add_event(event, now=NOW)
    assert not people.add_event(event, now=NOW)
    assert people.count_events(asked.id, "soft", since=NOW - timedelta(days=1)) == 1
    assert people.count_events(asked.id, "soft", since=NOW + timedelta(seconds=1)) == 0


def test_the_same_machine_has_the_same_key() -> None:
    assert rig_key(RIG) == rig_key(SavedRig(name=" rtx 3060  12gb", ram_gib=32.0))
    assert rig_key(RIG) != rig_key(SavedRig(name="RTX 3060 12GB"))
    assert rig_key(None) == ""
