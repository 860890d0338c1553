"""Posts each new issue of the digest where a server wants it: one card, once, over restarts and processes.

A row in the store is claimed before posting. Whoever takes over a lapsed claim looks first whether the message is
there; where it may not look, it does not post again. Within minutes Discord itself refuses a second message of the
same nonce. A channel that is gone or closed to the bot is marked in the server's settings and left alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from bot import components, respond
from bot.cards.issue import issue_reply
from bot.layout import Reply, heading, within_limits
from bot.log import fields
from bot.say import ENGLISH, say_in
from knowledge.errors import StoreError
from knowledge.store.announce_store import LEASE, Claim, Outcome, Problem
from knowledge.store.issue_rows import IssueRecord

if TYPE_CHECKING:
    from bot.app import App

logger = logging.getLogger(__name__)

PAUSE_S: Final = 0.25
"""Between two posts: four a second leave the fifty that Discord allows to answers."""

POST_S: Final = LEASE.total_seconds() - 30
"""discord.py waits as long as a 429 says; given up while the claim still holds, no other process posts beside it."""

LOOK_S: Final = 1.0
LOOKED_AT: Final = 100
MOST_ATTEMPTS: Final = 5
NONCE_HOLDS: Final = timedelta(minutes=3)
"""So long Discord surely knows a nonce again ("a few minutes")."""

SKEW: Final = timedelta(minutes=1)
"""Discord's clock may be so much behind this machine's."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claim."""

    outcome: Outcome
    message_id: int | None = None
    problem: Problem | None = None


class Announcer:
    """One process's part of it. `every_s`: how often the store is asked for a new issue."""

    def __init__(self, app: App, every_s: float) -> None:
        self._app, self._every_s = app, every_s

    async def run(self) -> None:
        """Announce for ever; a store that is away is asked again next time."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.round()
            except StoreError as error:
                logger.warning("store away, nothing announced %s", fields(error=str(error)[:200]))
            except Exception:
                logger.exception("announcing failed")

    async def round(self) -> int:
        """Announce the newest issue wherever it is due; returns how often it was posted. Raises StoreError."""
        people = self._app.people
        month, guilds = await people.due_announcements()
        issue = await people.issue(month) if guilds else None
        if issue is None:
            return 0
        posted = 0
        for guild_id in guilds:
            claim = await people.claim_announcement(month, guild_id)
            if claim is not None:
                posted += await self._announce(claim, issue)
                await asyncio.sleep(PAUSE_S)
        return posted

    async def _announce(self, claim: Claim, issue: IssueRecord) -> bool:
        try:
            settled = await asyncio.wait_for(self._post(claim, issue), POST_S)
        except TimeoutError:
            settled = None
        if settled is None:
            self._app.counts["announcement put off"] += 1
            return False  # the claim lapses, and then somebody looks what became of it
        self._app.counts[f"announcement {settled.outcome}"] += 1
        logger.info("announcement %s", fields(month=claim.month, guild=claim.guild_id, outcome=settled.outcome))
        await self._app.people.settle_announcement(claim, settled.outcome, settled.message_id, settled.problem)
        if settled.outcome != "posted":
            args = {"month": claim.month, "channel": claim.channel_id}
            said = settled.problem or settled.outcome
            actor = self._app.application_id or 0
            await self._app.people.record(actor, "announce issue", args, said, claim.guild_id)
        return settled.outcome == "posted"

    async def _post(self, claim: Claim, issue: IssueRecord) -> Settled | None:
        """Post it; None where it is not known what became of it."""
        try:
            if claim.attempt > 1:
                there = await self._found(claim, issue)
                if there is not None:
                    return there
            if claim.attempt > MOST_ATTEMPTS:
                return Settled("failed")
            return Settled("posted", await self._send(claim, issue))
        except discord.NotFound:
            return Settled("refused", problem="gone")
        except discord.Forbidden:
            return Settled("refused", problem="forbidden")
        except discord.HTTPException as error:
            if error.status < 500 and error.status != 429:
                logger.warning("announcement not taken %s", fields(guild=claim.guild_id, error=str(error)[:300]))
                return Settled("failed")
            logger.warning("announcement put off %s", fields(guild=claim.guild_id, status=error.status))
        except (aiohttp.ClientError, OSError) as error:
            logger.warning("announcement put off %s", fields(guild=claim.guild_id, error=repr(error)[:200]))
        return None

    async def _send(self, claim: Claim, issue: IssueRecord) -> int:
        channel = self._app.get_partial_messageable(claim.channel_id, guild_id=claim.guild_id)
        view = respond.Layout(components.layout(card_of(issue, claim.language, self._app.settings.site_url)))
        sent = await channel.send(view=view, nonce=nonce_of(claim))
        return sent.id

    async def _found(self, claim: Claim, issue: IssueRecord) -> Settled | None:
        """The message an earlier attempt left, or that it cannot be told; None where it may be posted.

        Discord shows no earlier message to a bot without the right to read them: a channel that looks empty may be one.
        """
        http, after = self._app.http, discord.utils.time_snowflake(claim.first_at - SKEW)
        messages = await http.logs_from(claim.channel_id, LOOKED_AT, after=after)
        mine, wanted = str(self._app.application_id), _first_text(issue, self._app.settings.site_url)
        for message in messages:
            if message["author"]["id"] == mine and wanted in _texts(message):
                return Settled("posted", int(message["id"]))
        if datetime.now(UTC) - claim.first_at < NONCE_HOLDS:
            return None
        seen = messages or await http.logs_from(claim.channel_id, 1)
        return None if seen and len(messages) < LOOKED_AT else Settled("unsure")


async def problem_of(app: App, channel_id: int) -> Problem | None:
    """Why the bot cannot see a channel, asked of Discord in a second; None where it can, or nobody knows."""
    try:
        await asyncio.wait_for(app.http.get_channel(channel_id), LOOK_S)
    except discord.NotFound:
        return "gone"
    except discord.Forbidden:
        return "forbidden"
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return None
    return None


def card_of(issue: IssueRecord, language: str, site_url: str) -> Reply:
    """The card of an issue in a server's language."""
    address = f"{site_url}/issues/{issue.month}" if site_url else ""
    return issue_reply(issue.subject, issue.preheader, issue.content, address, say_in(language or ENGLISH))


def nonce_of(claim: Claim) -> str:
    """The same for every attempt at one announcement: at most 25 characters."""
    text = f"{claim.month}:{claim.guild_id}:{claim.channel_id}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _first_text(issue: IssueRecord, site_url: str) -> str:
    """The text a card begins with, the same in every language."""
    (card,) = within_limits(card_of(issue, ENGLISH, site_url).cards)
    return heading(card)


def _texts(message: Any) -> list[str]:  # noqa: ANN401 -- as the wire has it
    parts = components.walk(message.get("components") or ())
    return [part["content"] for part in parts if part["type"] == components.TEXT]
