"""Announcements on both backends: one process gets each, a lapsed claim is taken over, what is refused waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from knowledge.store import db
from knowledge.store.announce_store import FRESH, LEASE, AnnounceStore
from knowledge.store.bot_store import BotStore, GuildSettings
from knowledge.store.tables.digest import issue

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SERVER = GuildSettings(guild_id=2**62 + 1, channel_id=2**62 + 2, language="de")


@pytest.fixture
def bot(store: sa.Engine) -> BotStore:
    return BotStore(store)


@pytest.fixture
def announcements(store: sa.Engine) -> AnnounceStore:
    return AnnounceStore(store)


def publish(store: sa.Engine, month: str, *, status: str = "sent", at: datetime = NOW) -> None:
    """An issue as it stands after its sending began."""
    values = {"month": month, "status": status, "subject": month, "html": "", "text": "", "decided_at": at}
    with db.writing(store) as conn:
        conn.execute(sa.insert(issue).values(**values, created_at=at, updated_at=at))


def test_nothing_is_due_without_an_issue_or_a_channel(
    store: sa.Engine, bot: BotStore, announcements: AnnounceStore
) -> None:
    bot.save_guild(SERVER, now=NOW)
    assert announcements.due(now=NOW) == ("", [])
    publish(store, "2026-09", at=NOW - FRESH - timedelta(days=1))
    publish(store, "2026-11", status="approved")
    assert announcements.due(now=NOW) == ("", [])
    publish(store, "2026-10", status="sending")
    bot.save_guild(GuildSettings(guild_id=5, public_answers=True), now=NOW)
    assert announcements.due(now=NOW) == ("2026-10", [SERVER.guild_id])


def test_what_was_out_before_the_channel_was_named_is_no_news(
    store: sa.Engine, bot: BotStore, announcements: AnnounceStore
) -> None:
    publish(store, "2026-10")
    bot.save_guild(replace(SERVER, channel_problem="forbidden"), now=NOW)
    bot.save_guild(SERVER, now=NOW)
    assert announcements.due(now=NOW) == ("2026-10", [])
    assert announcements.claim("2026-10", SERVER.guild_id, now=NOW) is None
    publish(store, "2026-11")
    assert announcements.due(now=NOW) == ("2026-11", [SERVER.guild_id])


def test_one_claims_and_a_lapsed_claim_is_taken_over_once(
    store: sa.Engine, bot: BotStore, announcements: AnnounceStore
) -> None:
    bot.save_guild(SERVER, now=NOW)
    publish(store, "2026-10")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: announcements.claim("2026-10", SERVER.guild_id, now=NOW), range(8)))
    (claim,) = [one for one in made if one is not None]
    assert (claim.channel_id, claim.language, claim.attempt) == (SERVER.channel_id, "de", 1)
    assert announcements.due(now=NOW) == ("2026-10", [])
    later = NOW + LEASE + timedelta(seconds=1)
    assert announcements.due(now=later) == ("2026-10", [SERVER.guild_id])
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: announcements.claim("2026-10", SERVER.guild_id, now=later), range(8)))
    (again,) = [one for one in made if one is not None]
    assert (again.attempt, again.first_at) == (2, NOW)
    announcements.settle(again, "posted", message_id=7)
    much_later = later + LEASE + timedelta(hours=1)
    assert announcements.due(now=much_later) == ("2026-10", [])
    assert announcements.claim("2026-10", SERVER.guild_id, now=much_later) is None


def test_a_refused_channel_is_marked_and_tried_again_when_named_again(
    store: sa.Engine, bot: BotStore, announcements: AnnounceStore
) -> None:
    bot.save_guild(SERVER, now=NOW)
    publish(store, "2026-10")
    claim = announcements.claim("2026-10", SERVER.guild_id, now=NOW)
    assert claim is not None
    announcements.settle(claim, "refused", problem="forbidden")
    assert bot.guild(SERVER.guild_id).channel_problem == "forbidden"
    publish(store, "2026-11")
    assert announcements.due(now=NOW) == ("2026-11", [])
    bot.save_guild(replace(bot.guild(SERVER.guild_id), language="fr"), now=NOW)
    assert announcements.due(now=NOW) == ("2026-11", []), "another setting mends no channel"
    bot.save_guild(replace(bot.guild(SERVER.guild_id), channel_problem=""), now=NOW)
    assert announcements.due(now=NOW) == ("2026-11", [SERVER.guild_id])


def test_a_channel_changed_meanwhile_is_not_marked(
    store: sa.Engine, bot: BotStore, announcements: AnnounceStore
) -> None:
    bot.save_guild(SERVER, now=NOW)
    publish(store, "2026-10")
    claim = announcements.claim("2026-10", SERVER.guild_id, now=NOW)
    assert claim is not None
    bot.save_guild(replace(SERVER, channel_id=99), now=NOW)
    announcements.settle(claim, "refused", problem="gone")
    assert bot.guild(SERVER.guild_id).channel_problem == ""


def test_no_channel_any_more(store: sa.Engine, bot: BotStore, announcements: AnnounceStore) -> None:
    bot.save_guild(SERVER, now=NOW)
    publish(store, "2026-10")
    bot.save_guild(replace(SERVER, channel_id=None), now=NOW)
    assert announcements.due(now=NOW) == ("2026-10", [])
    assert announcements.claim("2026-10", SERVER.guild_id, now=NOW) is None
