"""Issues announced over the wire by real bot processes: once, whatever dies, and never where it is refused."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.standin import StandIn
from bot.standin.limits_message import message_problems
from bot.standin.payloads import APP_ID, CHANNEL_ID, GUILD_ID, USER_ID, Json
from bot.standin.rules import Rules
from knowledge.store.announce_store import LEASE
from knowledge.store.bot_store import BotStore, GuildSettings
from knowledge.store.db import engine, reading, writing
from knowledge.store.tables.bot import announcement
from knowledge.store.tables.digest import issue
from tests.bot.conftest import copied
from tests.bot.process import BotProcess
from tests.bot.reading import said, texts

MONTH = "2026-10"
SITE = "https://digest.example"
MANAGER = USER_ID + 1
"""Grace, who administers every server of the stand-in."""

ITEM = {
    "title": "Qwen9 8B", "url": "https://huggingface.co/Qwen/Qwen9-8B", "kicker": "Qwen · 3 October", "text": "Small.",
    "spots": [{"head": "12 GB", "text": "Q8_0", "note": "35 tok/s", "tone": "good"},
              {"head": "8 GB", "text": "Q4_K_M", "note": "41 tok/s", "tone": "fair"}],
}  # fmt: skip
CONTENT = {"sections": [{"slug": "brief", "items": [{"title": "If you try one:", "url": None}]},
                        {"slug": "models", "items": [ITEM] * 7}]}  # fmt: skip
FAST = {"RUNLOCALAI_RELOAD_S": "1", "DIGEST_PUBLIC_URL": SITE}


@pytest.fixture
def url(content_url: str, tmp_path: Path) -> str:
    """A store of each test's own."""
    return copied(content_url, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[sa.Engine]:
    made = engine(url)
    yield made
    made.dispose()


def channel(number: int) -> int:
    """The announcement channel of the stand-in's n-th server."""
    return CHANNEL_ID + 10 * number + 2


def want(store: sa.Engine, *guilds: int, language: str = "") -> None:
    """Have servers want announcements, each in its own channel."""
    for number, guild in enumerate(guilds):
        said_there = GuildSettings(guild_id=guild, channel_id=channel(number), language=language)
        BotStore(store).save_guild(said_there, now=datetime.now(UTC))


def publish(store: sa.Engine, month: str = MONTH, status: str = "sending") -> None:
    now = datetime.now(UTC)
    values = {"month": month, "status": status, "subject": "Local AI in October", "html": "", "text": "",
              "preheader": "15 models run on a card with 12 GB.", "content": CONTENT, "decided_at": now}  # fmt: skip
    with writing(store) as conn:
        conn.execute(sa.insert(issue).values(**values, created_at=now, updated_at=now))


def rows(store: sa.Engine) -> list[tuple[int, str, int]]:
    """What became of each server's announcement: (server, state, attempts)."""
    with reading(store) as conn:
        found = conn.execute(sa.select(announcement).order_by(announcement.c.guild_id)).mappings()
        return [(row["guild_id"], row["state"], row["attempts"]) for row in found]


def lapse(store: sa.Engine, ago: timedelta = timedelta(seconds=1)) -> None:
    """Let all claims lapse, as if they had been made so long before their lease's end."""
    then = datetime.now(UTC) - LEASE - ago
    with writing(store) as conn:
        conn.execute(sa.update(announcement).values(claimed_until=datetime.now(UTC) - ago, first_at=then))


def posts(discord: StandIn, number: int = 0) -> list[Json]:
    """What the bot posted in a channel by itself."""
    return [
        one.json for one in discord.world.messages.values()
        if one.channel_id == channel(number) and one.json["author"]["id"] == str(APP_ID)
    ]  # fmt: skip


async def until(there: Callable[[], bool], timeout_s: float = 12) -> None:
    ends = time.monotonic() + timeout_s
    while not there():
        assert time.monotonic() < ends, "it did not come to that in time"
        await asyncio.sleep(0.05)


async def settled(store: sa.Engine, *expected: str) -> None:
    """Wait until the announcements stand like this, and see that they stay so."""
    await until(lambda: [state for _, state, _ in rows(store)] == list(expected))
    before = rows(store)
    await asyncio.sleep(1.3)
    assert rows(store) == before


async def test_an_issue_is_announced_once_in_the_servers_language(tmp_path: Path, url: str, store: sa.Engine) -> None:
    guilds = [GUILD_ID, GUILD_ID + 1]
    want(store, *guilds, language="de")
    publish(store, status="approved")
    async with StandIn(guild_ids=guilds) as discord, await BotProcess.start(discord, tmp_path, url, **FAST) as bot:
        await discord.until_ready()
        await asyncio.sleep(1.5)
        assert posts(discord) == []
        with writing(store) as conn:
            conn.execute(sa.update(issue).values(status="sending"))
        await settled(store, "posted", "posted")
        for number in range(2):
            (message,) = posts(discord, number)
            assert message_problems(message) == []
            text = "\n".join(texts(message))
            assert "Local AI in October" in text
            assert text.count("**[Qwen9 8B](https://huggingface.co/Qwen/Qwen9-8B)**") == 5
            assert "🟢 **12 GB** Q8\\_0 35 tok/s · 🟡" in text.replace("\u00a0", " ")
            assert "läuft gut" in text
            (button,) = message["components"][0]["components"][-1]["components"]
            assert button["url"] == f"{SITE}/issues/{MONTH}"
            assert button["label"] == "Ausgabe lesen"
        assert [call for call in discord.rest.calls if call == "POST /channels/messages"] == [
            "POST /channels/messages"
        ] * 2
        assert await bot.stop() == 0


@pytest.mark.parametrize("taken", [True, False])
async def test_killed_between_claim_and_receipt(taken: bool, tmp_path: Path, url: str, store: sa.Engine) -> None:
    """The process dies while its message is on the way: whether Discord took it or not, there is one in the end."""
    want(store, GUILD_ID)
    publish(store)
    async with StandIn(rules=Rules(nonce_s=0)) as discord:
        discord.by_route.by_route["message"].append("slow:0.6" if taken else "slow:3600")
        async with await BotProcess.start(discord, tmp_path, url, **FAST) as bot:
            await until(lambda: [state for _, state, _ in rows(store)] == ["claimed"])
            await until(lambda: "POST /channels/messages" in discord.rest.calls)
            bot.process.send_signal(signal.SIGKILL)
            await bot.process.wait()
        if taken:
            await until(lambda: len(posts(discord)) == 1)
        async with await BotProcess.start(discord, tmp_path, url, **FAST):
            await discord.until_ready()
            await asyncio.sleep(1.3)
            assert len(posts(discord)) == int(taken), "the claim still holds"
            lapse(store)
            await settled(store, "posted")
            assert len(posts(discord)) == 1
            assert rows(store)[0][2] == 2


async def test_claims_of_a_process_that_died(tmp_path: Path, url: str, store: sa.Engine) -> None:
    """Where it may look it posts what is not there; where it may not, only while Discord knows the nonce again."""
    guilds = [GUILD_ID, GUILD_ID + 1, GUILD_ID + 2]
    want(store, *guilds)
    publish(store)
    hour, moment = timedelta(hours=1), timedelta(seconds=1)
    with writing(store) as conn:
        for number, (guild, ago) in enumerate(zip(guilds, (hour, hour, moment), strict=True)):
            now = datetime.now(UTC)
            row = {"month": MONTH, "guild_id": guild, "channel_id": channel(number), "state": "claimed", "attempts": 1}
            conn.execute(sa.insert(announcement).values(**row, first_at=now - LEASE - ago, claimed_until=now - ago))
    async with StandIn(guild_ids=guilds) as discord:
        for number in range(3):
            discord.say("Welcome!", channel_id=channel(number))
        discord.world.unread |= {channel(1), channel(2)}
        async with await BotProcess.start(discord, tmp_path, url, **FAST):
            await settled(store, "posted", "unsure", "posted")
            assert [len(posts(discord, number)) for number in range(3)] == [1, 0, 1]


async def test_the_nonce_keeps_a_second_post_from_being_one(tmp_path: Path, url: str, store: sa.Engine) -> None:
    want(store, GUILD_ID)
    publish(store)
    async with StandIn() as discord:
        discord.world.unread.add(channel(0))
        discord.by_route.by_route["message"].append("reset-after")
        async with await BotProcess.start(discord, tmp_path, url, **FAST):
            await until(lambda: len(posts(discord)) == 1)
            await asyncio.sleep(0.3)
            lapse(store)
            await settled(store, "posted")
            assert len(posts(discord)) == 1


async def test_a_channel_that_refuses_is_left_alone_until_named_again(
    tmp_path: Path, url: str, store: sa.Engine
) -> None:
    guilds = [GUILD_ID, GUILD_ID + 1, GUILD_ID + 2]
    want(store, *guilds)
    publish(store)
    async with StandIn(guild_ids=guilds) as discord:
        discord.world.closed.add(channel(0))
        lost = discord.world.places.pop(channel(1))
        async with await BotProcess.start(discord, tmp_path, url, **FAST):
            await discord.until_ready()
            await discord.until_commands()
            await settled(store, "refused", "refused", "posted")
            kept = BotStore(store)
            assert [kept.guild(guild).channel_problem for guild in guilds] == ["forbidden", "gone", ""]
            logged = [(one.action, one.result, one.guild_id) for one in kept.audited()]
            assert logged == [("announce issue", "gone", guilds[1]), ("announce issue", "forbidden", guilds[0])]
            assert discord.rest.calls.count("POST /channels/messages") == 3, "one try each, no storm"
            discord.world.places[lost.id] = lost
            for number, said_so in enumerate(("may not post", "is gone")):
                where: dict[str, Any] = {"user_id": MANAGER, "guild_id": guilds[number]}
                assert said_so in said(await discord.slash("settings", **where))
                if channel(number) in discord.world.closed:  # named while it is still closed, it is seen at once
                    again = await discord.slash("settings", {"channel": str(channel(number))}, **where)
                    assert said_so in said(again)
                    discord.world.closed.clear()
                again = await discord.slash("settings", {"channel": str(channel(number))}, **where)
                assert said_so not in said(again)
            await settled(store, "posted", "posted", "posted")
            assert [len(posts(discord, number)) for number in range(3)] == [1, 1, 1]


async def test_what_passes_is_waited_for(tmp_path: Path, url: str, store: sa.Engine) -> None:
    faults = ("429", "429-global", "500", "502")
    guilds = [GUILD_ID + number for number in range(len(faults))]
    want(store, *guilds)
    publish(store)
    async with StandIn(guild_ids=guilds) as discord:
        for fault in faults:
            discord.by_route.by_route["message"] += [fault, ""]
        async with await BotProcess.start(discord, tmp_path, url, **FAST):
            await settled(store, *["posted"] * len(faults))
            assert [len(posts(discord, number)) for number in range(len(faults))] == [1] * len(faults)
            assert [attempts for _, _, attempts in rows(store)] == [1] * len(faults)


async def test_two_processes_post_each_once(tmp_path: Path, url: str, store: sa.Engine) -> None:
    guilds = [(GUILD_ID & ~(0xFFFF << 22)) + (number << 22) for number in range(8)]
    want(store, *guilds)
    async with StandIn(guild_ids=guilds, rules=Rules(shards=2)) as discord:
        both = await asyncio.gather(*(
            BotProcess.start(discord, tmp_path, url, RUNLOCALAI_SHARD_COUNT="2", RUNLOCALAI_SHARD_IDS=part, **FAST)
            for part in "01"
        ))  # fmt: skip
        await discord.until_ready(shards=2, timeout_s=30)
        publish(store)
        await settled(store, *["posted"] * 8)
        assert [len(posts(discord, number)) for number in range(8)] == [1] * 8
        assert [attempts for _, _, attempts in rows(store)] == [1] * 8
        assert [await process.stop() for process in both] == [0, 0]


async def test_settings_name_and_silence_the_channel(tmp_path: Path, url: str, store: sa.Engine) -> None:
    async with StandIn() as discord, await BotProcess.start(discord, tmp_path, url, **FAST):
        await discord.until_ready()
        await discord.until_commands()
        changed: list[tuple[dict[str, Any], str]] = [
            ({"channel": str(channel(0)), "language": "fr", "answers": "public"}, f"<#{channel(0)}>"),
            ({"language": "each"}, "each reader's own"),
            ({"silent": True}, "nowhere"),
            ({"answers": "private"}, "private"),
        ]
        for options, shown in changed:
            assert shown in said(await discord.slash("settings", options, user_id=MANAGER))
        assert BotStore(store).guild(GUILD_ID) == GuildSettings(guild_id=GUILD_ID)
        refused = await discord.slash("settings", {"answers": "public"}, user_id=USER_ID)
        assert "the right to manage" in said(refused)
        assert BotStore(store).guild(GUILD_ID) == GuildSettings(guild_id=GUILD_ID)
