"""Who and what exists in the stand-in: people, guilds, channels, messages, files. State only: no sockets, no rules.

Messages and files are kept newest first to go last: the oldest are forgotten beyond a bound, so that a load test of
any length keeps its memory.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.standin import payloads
from bot.standin.payloads import ADMINISTRATOR, CHANNEL_ID, GUILD_ID, MEMBER, USER_ID, Json

MOST_MESSAGES = 20_000
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A person: their user object, and what they may do in guilds."""

    user: Json
    permissions: int = MEMBER

    @property
    def id(self) -> int:
        """Their user id."""
        return int(self.user["id"])


@dataclass(frozen=True, slots=True)
class Place:
    """A channel and where it lies; `guild_id` is None in direct messages."""

    channel: Json
    guild_id: int | None
    context: int

    @property
    def id(self) -> int:
        """The channel's id."""
        return int(self.channel["id"])


@dataclass(slots=True)
class Posted:
    """A message and who sees it: everybody in the channel, or one person."""

    json: Json
    channel_id: int
    only_for: int | None = None

    @property
    def id(self) -> int:
        """The message's id."""
        return int(self.json["id"])


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file."""

    name: str
    content: bytes
    content_type: str


Told = Callable[[str, Posted], None]
"""Called with `posted`, `edited` or `deleted`, and the message."""


@dataclass
class World:
    """All there is. Ids come from `new_id`; `told` hears of every change to a message.

    `closed` are channels the bot neither sees nor may post in, `unread` those whose earlier messages it may not read.
    """

    people: dict[int, Person] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    guild_ids: tuple[int, ...] = (GUILD_ID,)
    messages: dict[int, Posted] = field(default_factory=dict)
    files: dict[int, File] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)
    serial: int = 0

    @classmethod
    def of(cls, guild_ids: Sequence[int]) -> World:
        """The usual world: two people, guilds with a text and an announcement channel, direct and group messages."""
        world = cls(guild_ids=tuple(guild_ids))
        for number, name in enumerate(("ada", "grace")):
            person = payloads.user(USER_ID + number, name)
            world.people[USER_ID + number] = Person(person, ADMINISTRATOR if name == "grace" else MEMBER)
        for number, guild_id in enumerate(guild_ids):
            for offset, (name, kind) in enumerate((("local-ai", 0), ("announcements", 5))):
                channel = payloads.text_channel(CHANNEL_ID + 10 * number + 2 * offset, name, kind)
                world.places[int(channel["id"])] = Place(channel, guild_id, payloads.IN_GUILD)
        return world

    def new_id(self) -> int:
        """A fresh snowflake."""
        self.serial += 1
        return payloads.snowflake(time.time(), self.serial)

    def person(self, user_id: int) -> Person:
        """The person with that id, made up if unknown."""
        known = self.people.get(user_id)
        if known is None:
            known = self.people[user_id] = Person(payloads.user(user_id, f"user{user_id % 10_000}"))
        return known

    def place(self, guild_id: int | None, user_id: int, *, private: bool = False) -> Place:
        """The first channel of a guild; else a person's direct messages with the bot, or with others (`private`)."""
        if guild_id is None:
            channel_id = CHANNEL_ID + 100_000 + 2 * (user_id % 1_000_000) + private
            if channel_id not in self.places:
                channel = payloads.direct_channel(channel_id, self.person(user_id).user, 3 if private else 1)
                context = payloads.IN_PRIVATE if private else payloads.IN_BOT_DM
                self.places[channel_id] = Place(channel, None, context)
            return self.places[channel_id]
        for place in self.places.values():
            if place.guild_id == guild_id:
                return place
        channel = payloads.text_channel(CHANNEL_ID + 200_000 + guild_id % 100_000)
        return self.places.setdefault(int(channel["id"]), Place(channel, guild_id, payloads.IN_GUILD))

    def guild(self, guild_id: int) -> Json:
        """A guild with its channels."""
        channels = [place.channel for place in self.places.values() if place.guild_id == guild_id]
        return payloads.guild(guild_id, "Local AI", channels, USER_ID + 1)

    def post(self, message: Json, channel_id: int, only_for: int | None = None) -> Posted:
        """Keep a message and tell of it."""
        posted = Posted(message, channel_id, only_for)
        self.messages[posted.id] = posted
        if len(self.messages) > MOST_MESSAGES:
            del self.messages[next(iter(self.messages))]
        self.tell("posted", posted)
        return posted

    def delete(self, message_id: int) -> bool:
        """Forget a message; False when there is none."""
        posted = self.messages.pop(message_id, None)
        if posted is not None:
            self.tell("deleted", posted)
        return posted is not None

    def tell(self, what: str, posted: Posted) -> None:
        """Tell all who listen."""
        for listener in self.told:
            listener(what, posted)

    def upload(self, name: str, content: bytes, content_type: str) -> int:
        """Keep a file; returns its id."""
        file_id = self.new_id()
        self.files[file_id] = File(name, content, content_type)
        if len(self.files) > MOST_FILES:
            del self.files[next(iter(self.files))]
        return file_id


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG; None for anything else."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)
