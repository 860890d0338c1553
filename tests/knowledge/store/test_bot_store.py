"""The bot's own rows on both backends: settings, suggestions, an audit log nobody can change, one that registers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from knowledge.store import db
from knowledge.store.bot_store import REGISTERING, BotStore, GuildSettings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME = 2**62 + 3


@pytest.fixture
def bot(store: sa.Engine) -> BotStore:
    return BotStore(store)


def test_settings_of_a_server(bot: BotStore) -> None:
    assert bot.guild(7) == GuildSettings(guild_id=7)
    for said in (
        GuildSettings(guild_id=7, language="de", channel_id=9),
        GuildSettings(guild_id=7, public_answers=True),
    ):
        bot.save_guild(said, now=NOW)
        assert bot.guild(7) == said
    bot.save_guild(GuildSettings(guild_id=8, channel_id=ME, language="ja"), now=NOW)
    assert bot.guild(8).channel_id == ME


def test_suggestions_are_decided_once(bot: BotStore) -> None:
    first = bot.suggest(ME, "qwen3-8b", "It has 36 layers.", source="https://huggingface.co/x", now=NOW)
    second = bot.suggest(ME, "a" * 500, "Wrong.", now=NOW)
    assert [(one.id, one.user_id) for one in bot.suggestions()] == [(first, ME), (second, ME)]
    assert len(bot.suggestions()[1].about) == 200
    assert bot.decide(first, "taken", by=1, now=NOW)
    assert not bot.decide(first, "declined", by=1, now=NOW)
    assert not bot.decide(99, "taken", by=1, now=NOW)
    assert [one.id for one in bot.suggestions()] == [second]
    assert [one.id for one in bot.suggestions("taken")] == [first]


@pytest.mark.parametrize("change", ["UPDATE audit SET result = 'other'", "DELETE FROM audit"])
def test_the_audit_log_is_append_only(bot: BotStore, store: sa.Engine, change: str) -> None:
    bot.record(ME, "digest approve", {"month": "2026-10"}, "queued", guild_id=7, now=NOW)
    with pytest.raises(Exception, match="append-only"), db.writing(store) as conn:
        conn.execute(sa.text(change))
    (row,) = bot.audited()
    assert (row.actor_id, row.guild_id, row.action, row.result) == (ME, 7, "digest approve", "queued")
    assert "2026-10" not in row.args_hash
    bot.record(ME, "kb reload", {}, "x" * 300, now=NOW)
    assert [one.action for one in bot.audited()] == ["kb reload", "digest approve"]


def test_one_process_registers_and_only_what_changed(bot: BotStore) -> None:
    assert bot.may_register(1, "a", now=NOW)
    assert not bot.may_register(1, "a", now=NOW)
    assert not bot.may_register(1, "b", force=True, now=NOW)
    bot.registered(1, "a", now=NOW)
    assert not bot.may_register(1, "a", now=NOW)
    assert bot.may_register(2, "a", now=NOW)
    assert bot.may_register(1, "a", force=True, now=NOW)
    bot.registered(1, None, now=NOW)
    assert bot.may_register(1, "b", now=NOW)
    assert bot.may_register(1, "b", now=NOW + REGISTERING + timedelta(seconds=1))
