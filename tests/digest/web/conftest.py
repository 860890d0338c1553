"""Fixtures of the pages' tests: a whole site over an empty store of either kind, and a client on loopback."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from digest.letters import LetterMaker, Post
from digest.mailer import FolderMailer
from digest.outgoing import identity_of
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE
from digest.settings import Settings
from digest.subscribers import Subscriptions
from digest.tokens import Links, Tokens
from digest.web.app import make_app
from digest.web.site import Limits, Site
from knowledge.answers import Answers
from knowledge.store.digest_rows import IssueRow
from knowledge.store.stores import Stores, open_stores
from knowledge.store.subscriber_rows import Subscriber
from knowledge.store.tables.digest import issue
from tests.digest.conftest import BACKENDS

PUBLIC_URL = "https://digest.example.org"
SECRET = "0123456789abcdef0123456789abcdefXYZ"
ENV = {
    "DIGEST_PUBLIC_URL": PUBLIC_URL,
    "DIGEST_FROM": "RUNLOCALAI <digest@example.org>",
    "DIGEST_SECRET": SECRET,
    "DIGEST_WEB_METRICS": "127.0.0.1",
    "DIGEST_WEB_PROXIES": "10.0.0.0/8",
}
HTML = f"""<!doctype html><html lang="en"><head><title>April</title>
<style data-css-inline="keep">p {{ margin: 0 }} @media (prefers-color-scheme: dark) {{
body {{ background: #0c1014 !important; color: #eef2f6 }} a {{ color: #6fd3a8 !important }} }}</style>
</head><body style="background:#eef1f4">
<div class="preheader">short</div><table role="presentation"><tr><td><h1 class="month">April 2026</h1>
{RIG_HTML}<p style="margin:0">Qwen9 runs on <a href="https://example.org/q">12 GB</a>.</p>
<table class="figures"><tbody><tr><th scope="row">Qwen9</th><td>9 GiB</td></tr></tbody></table>
<img src="{PUBLIC_URL}/digest/2026-04/memory.png" alt="Bars"></td></tr><tr><td class="foot">
<p>You asked for it. <a href="{UNSUBSCRIBE}">Unsubscribe</a> <a href="{PREFERENCES}">Preferences</a></p>
<p>Disclosure</p></td></tr></table></body></html>"""
TEXT = f"April 2026\n\n{RIG_TEXT}\n\nQwen9 runs on 12 GB.\n\nUnsubscribe: {UNSUBSCRIBE}\n"


class Clock:
    """A clock the tests set."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    """A site, who asks it, and what it mailed."""

    site: Site
    stores: Stores
    clock: Clock
    tokens: Tokens
    outbox: Path
    client: httpx.AsyncClient = field(repr=False)

    async def letters(self) -> list[EmailMessage]:
        """All letters that left, in the order of their subjects."""
        await self.site.post.settle()
        mails = [
            email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in self.outbox.glob("*.eml")
        ]
        return sorted(mails, key=lambda mail: (str(mail["to"]), str(mail["subject"])))

    def forget_visitors(self) -> None:
        """Let a test that asks more than any visitor may ask on."""
        self.site.limits = Limits.of(600)

    def link(self, purpose: str, person: Subscriber) -> str:
        """The path of a person's link."""
        return self.site.links.to(purpose, person.id, person.token_version).removeprefix(PUBLIC_URL)  # type: ignore[arg-type]

    def person(self, state: str, name: str = "") -> Subscriber:
        """A subscriber in this state."""
        store, address = self.stores.subscribers, f"{name or state}@example.org"
        asked = store.ask(address, address, "example.org", now=self.clock())
        if state in {"confirmed", "unsubscribed"}:
            store.confirm(asked.id, asked.token_version, now=self.clock())
        if state == "unsubscribed":
            store.unsubscribe(asked.id, reason="page", now=self.clock())
        if state == "suppressed":
            store.suppress(asked.id, reason="hard", now=self.clock())
        return self.now(asked)

    def now(self, person: Subscriber) -> Subscriber:
        """The person as stored now."""
        found = self.stores.subscribers.by_id(person.id)
        assert found is not None
        return found

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in the store."""
        tables = sa.MetaData()
        tables.reflect(self.stores.engine)
        with self.stores.engine.connect() as conn:
            return {
                name: sorted(tuple(map(str, row)) for row in conn.execute(sa.select(table)))
                for name, table in tables.tables.items()
            }

    def publish(self, month: str = "2026-04", status: str = "sent", html: str = HTML, text: str = TEXT) -> None:
        """Put an issue into the archive."""
        row = IssueRow(month=month, status="draft", subject=f"Local AI in {month}", html=html, text=text)
        self.stores.digest.save_issue(row, now=self.clock())
        with self.stores.engine.begin() as conn:
            for step in ("approved", "sending", "sent")[: ("approved", "sending", "sent").index(status) + 1]:
                conn.execute(sa.update(issue).where(issue.c.month == month).values(status=step))


def links_in(mail: EmailMessage) -> dict[str, str]:
    """The paths of our links in a mail's text, by purpose."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.findall(rf"{PUBLIC_URL}(/(confirm|unsubscribe|preferences)/[\w.-]+)", body.get_content())
    return {purpose: path for path, purpose in found}


def make_site(stores: Stores, outbox: Path, clock: Callable[[], datetime], answers: Answers | None) -> Site:
    settings = Settings.from_env(ENV)
    tokens = Tokens(settings.mail.secrets)
    links = Links(PUBLIC_URL, tokens)
    maker = LetterMaker(identity_of(settings), links, PUBLIC_URL, "bounces@example.org")
    return Site(
        settings=settings,
        stores=stores,
        subscriptions=Subscriptions(stores.subscribers, tokens, clock),
        links=links,
        post=Post(maker, FolderMailer(outbox), now=clock, retry_after_s=(0.01, 0.01)),
        now=clock,
        limits=Limits.of(600),
        load_answers=lambda: Answers(stores.knowledge()),
        answers=answers,
        answer_after_s=0.0,
    )


async def _world(url: str, tmp_path: Path, answers: Answers | None) -> AsyncIterator[World]:
    stores, clock = open_stores(url), Clock()
    site = make_site(stores, tmp_path / "outbox", clock, answers)
    await site.open()
    transport = httpx.ASGITransport(make_app(site), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield World(site, stores, clock, Tokens([SECRET]), tmp_path / "outbox", client)
    await site.close()
    stores.close()


@pytest.fixture
async def world(tmp_path: Path, answers: Answers) -> AsyncIterator[World]:
    """A site over an empty embedded store."""
    async for made in _world(f"sqlite:///{tmp_path / 'web.db'}", tmp_path, answers):
        yield made


@pytest.fixture(params=BACKENDS)
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of either kind."""
    url: str = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return url or f"sqlite:///{tmp_path / 'web.db'}"


@pytest.fixture
async def any_world(any_url: str, tmp_path: Path, answers: Answers) -> AsyncIterator[World]:
    """A site over an empty store of either kind."""
    async for made in _world(any_url, tmp_path, answers):
        yield made
