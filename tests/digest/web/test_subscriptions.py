"""Whatever people do in whatever order: mailed is only who confirmed, and nobody comes back from being suppressed.

A state machine compares the store with a few lines that say what should be.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from digest.addresses import read_address
from digest.errors import TokenError
from digest.subscribers import Choices, Subscriptions
from digest.tokens import Tokens
from knowledge.store.stores import Stores, open_stores
from tests.digest.web.conftest import SECRET

NAMES = ("ann", "bob")


class Readers(RuleBasedStateMachine):
    """Two addresses and everything that may happen to them."""

    links = Bundle("links")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores: Stores = open_stores(f"sqlite:///{Path(self.folder.name) / 'readers.db'}")
        self.at = datetime(2026, 5, 1, tzinfo=UTC)
        self.tokens = Tokens([SECRET])
        self.people = Subscriptions(self.stores.subscribers, self.tokens, lambda: self.at)
        self.expected: dict[str, str] = {}

    def teardown(self) -> None:
        self.stores.close()
        self.folder.cleanup()

    def _key(self, subscriber_id: int) -> str | None:
        found = self.stores.subscribers.by_id(subscriber_id)
        return found.address_key.partition("@")[0] if found else None

    @initialize()
    def begin(self) -> None:
        assert self.stores.subscribers.counts() == {}

    @rule(target=links, name=st.sampled_from(NAMES), minutes=st.sampled_from([0, 20, 100]))
    def ask(self, name: str, minutes: int) -> object:
        self.at += timedelta(minutes=minutes)
        letter = self.people.ask(read_address(f"{name}@example.org"))
        before = self.expected.get(name, "")
        self.expected[name] = "pending" if before in {"", "unsubscribed"} else before
        if letter is None:
            return multiple()
        assert letter.kind == ("confirm" if self.expected[name] == "pending" else "link")
        assert self.expected[name] != "suppressed"
        return multiple((letter.to.id, letter.to.token_version))

    @rule(link=links)
    def confirm(self, link: tuple[int, int]) -> None:
        name = self._key(link[0])
        try:
            self.people.confirm(self.tokens.make("confirm", *link))
        except TokenError:
            assert name is None or self.expected[name] in {"unsubscribed", "suppressed"}
        else:
            assert name is not None
            assert self.expected[name] in {"pending", "confirmed"}
            self.expected[name] = "confirmed"

    @rule(link=links)
    def unsubscribe(self, link: tuple[int, int]) -> None:
        name = self._key(link[0])
        ended = self.people.unsubscribe(self.tokens.make("unsubscribe", *link), reason="page")
        assert ended == (name is not None and self.expected[name] in {"pending", "confirmed"})
        if name is not None and ended:
            self.expected[name] = "unsubscribed"

    @rule(link=links)
    def complain(self, link: tuple[int, int]) -> None:
        name = self._key(link[0])
        self.stores.subscribers.suppress(link[0], reason="complaint", now=self.at)
        if name is not None:
            self.expected[name] = "suppressed"

    @rule(link=links)
    def delete(self, link: tuple[int, int]) -> None:
        name = self._key(link[0])
        gone = self.people.delete(self.tokens.make("preferences", *link))
        assert gone == (name is None or self.expected[name] != "suppressed")
        if name is not None and gone:
            del self.expected[name]

    @rule(link=links, pause=st.sampled_from([0, 3]))
    def choose(self, link: tuple[int, int], pause: int) -> None:
        choices = Choices(language="en", sections=None, rig=None, paused_until=self.people.paused_until(pause))
        name = self._key(link[0])
        try:
            kept = self.people.choose(self.tokens.make("preferences", *link), choices)
        except TokenError:
            assert name is None
        else:
            assert name is not None
            assert kept == (self.expected[name] in {"pending", "confirmed"})

    @rule(link=links)
    def export(self, link: tuple[int, int]) -> None:
        name = self._key(link[0])
        if name is not None:
            found = self.people.export(self.tokens.make("preferences", *link))
            assert found["subscriber"]["address"] == f"{name}@example.org"

    @invariant()
    def the_store_is_as_it_should_be(self) -> None:
        found = {row.address_key.partition("@")[0]: row.state for row in self.stores.subscribers.page()}
        assert found == self.expected


TestReaders = Readers.TestCase
TestReaders.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
