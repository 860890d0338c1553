"""Builders of the JSON that Discord sends: users, channels, guilds, interactions, READY.

Plain functions from values to dictionaries, as the public API reference describes them. No sockets, no clock, no
state: ids and times come in as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
Value = str | int | float | bool | Json
"""What an option may be filled with."""

APP_ID = 1_100_000_000_000_000_001
GUILD_ID = 900_000_000_000_000_001
CHANNEL_ID = 910_000_000_000_000_001
USER_ID = 500_000_000_000_000_001
EPOCH_MS = 1_420_070_400_000  # Discord counts milliseconds from 2015-01-01
ATTACHMENT_LIMIT = 10 * 1024 * 1024

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 1, 2, 3, 4, 5
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2

MEMBER = 0x7C00_0000_0C00 | 1 << 31
"""Permissions of an ordinary member: see, send, embed, attach, use application commands."""

ADMINISTRATOR = (1 << 53) - 1

_OPTION_TYPES: tuple[tuple[type, int], ...] = ((bool, 5), (int, 4), (float, 10), (str, 3), (dict, 11))


def snowflake(unix_s: float, serial: int) -> int:
    """An id as Discord makes them: milliseconds in the high bits, a serial number in the low 22."""
    return (int(unix_s * 1000) - EPOCH_MS) << 22 | (serial & 0x3FFFFF)


def user(user_id: int = USER_ID, name: str = "ada", *, bot: bool = False) -> Json:
    """A user object."""
    return {
        "id": str(user_id),
        "username": name,
        "discriminator": "0",
        "global_name": name.title(),
        "avatar": None,
        "bot": bot,
        "public_flags": 0,
    }


def member(person: Json | None, permissions: int = MEMBER) -> Json:
    """A guild member; without `person`, the partial one of `resolved`."""
    made: Json = {
        "roles": [],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(permissions),
    }
    return made if person is None else {**made, "user": person}


def application() -> Json:
    """What GET /oauth2/applications/@me answers."""
    return {
        "id": str(APP_ID),
        "name": "RUNLOCALAI",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": user(USER_ID + 7, "owner"),
        "team": None,
        "flags": 0,
    }


def channel(*, direct: bool = False, user_id: int = USER_ID) -> Json:
    """The partial channel an interaction comes with: a text channel, or the direct messages of one person."""
    return direct_channel(CHANNEL_ID + 1, user(user_id)) if direct else text_channel(CHANNEL_ID)


def direct_channel(channel_id: int, recipient: Json, kind: int = 1) -> Json:
    """Direct messages with one person (1), or a group's (3)."""
    return {"id": str(channel_id), "type": kind, "flags": 0, "recipients": [recipient], "last_message_id": None}


def text_channel(channel_id: int, name: str = "local-ai", kind: int = 0, permissions: int = MEMBER) -> Json:
    """A guild's channel: 0 text, 5 announcements."""
    return {
        "id": str(channel_id),
        "type": kind,
        "name": name,
        "permissions": str(permissions),
        "position": 0,
        "nsfw": False,
        "flags": 0,
        "rate_limit_per_user": 0,
        "parent_id": None,
        "topic": None,
        "last_message_id": None,
    }


def guild(guild_id: int, name: str, channels: Sequence[Json], owner_id: int) -> Json:
    """A guild as GUILD_CREATE and GET /guilds/{id} give it, with no members listed."""
    everyone = {"id": str(guild_id), "name": "@everyone", "permissions": str(MEMBER), "position": 0, "color": 0}
    return {
        "id": str(guild_id),
        "name": name,
        "owner_id": str(owner_id),
        "icon": None,
        "features": [],
        "preferred_locale": "en-US",
        "roles": [{**everyone, "hoist": False, "managed": False, "mentionable": False, "flags": 0}],
        "emojis": [],
        "stickers": [],
        "channels": [{**one, "guild_id": str(guild_id), "permission_overwrites": []} for one in channels],
        "threads": [],
        "members": [],
        "member_count": 3,
        "premium_tier": 0,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "system_channel_flags": 0,
        "afk_timeout": 0,
        "large": False,
        "unavailable": False,
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
    }


def option(name: str, value: Value, *, focused: bool = False, kind: int = 0) -> Json:
    """One filled-in option; its kind is that of the Python value unless given. An attachment is its own payload."""
    kind = kind or next(number for python, number in _OPTION_TYPES if isinstance(value, python))
    filled: Json = {"name": name, "type": kind, "value": value["id"] if isinstance(value, dict) else value}
    if focused:
        filled["focused"] = True
    return filled


def attachment(attachment_id: int, filename: str, size: int, url: str, content_type: str = "text/plain") -> Json:
    """An uploaded file as it appears in `resolved`."""
    return {
        "id": str(attachment_id),
        "filename": filename,
        "size": size,
        "url": url,
        "proxy_url": url,
        "content_type": content_type,
        "ephemeral": True,
    }


def interaction(
    interaction_id: int,
    token: str,
    kind: int,
    data: Json,
    *,
    guild_id: int | None = GUILD_ID,
    user_id: int = USER_ID,
    person: Json | None = None,
    place: Json | None = None,
    context: int | None = None,
    locale: str = "en-US",
    guild_locale: str = "en-US",
    permissions: int = MEMBER,
    user_install: bool = False,
    attachment_limit: int = ATTACHMENT_LIMIT,
) -> Json:
    """An INTERACTION_CREATE payload of type `kind`: 2 command, 3 component, 4 autocomplete, 5 modal.

    `person` and `place` (a channel) default to plain ones of `user_id`. `user_install`: the app is installed to the
    person, not to the guild.
    """
    person = user(user_id) if person is None else person
    place = channel(direct=guild_id is None, user_id=user_id) if place is None else place
    payload: Json = {
        "id": str(interaction_id),
        "application_id": str(APP_ID),
        "type": kind,
        "data": data,
        "token": token,
        "version": 1,
        "locale": locale,
        "entitlements": [],
        "authorizing_integration_owners": {"1": str(user_id)} if user_install else {"0": str(guild_id or 0)},
        "attachment_size_limit": attachment_limit,
        "app_permissions": "0" if user_install else str(MEMBER),
        "channel": place,
        "channel_id": place["id"],
        "context": (IN_BOT_DM if guild_id is None else IN_GUILD) if context is None else context,
    }
    if guild_id is None:
        payload["user"] = person
    else:
        payload["guild_id"] = str(guild_id)
        payload["guild"] = {"id": str(guild_id), "locale": guild_locale, "features": []}
        payload["guild_locale"] = guild_locale
        payload["member"] = member(person, permissions)
    return payload


def command_data(name: str, options: Mapping[str, Any], *, focused: str = "") -> Json:
    """The `data` of a slash command (or of its autocomplete, where `focused` names the option being typed)."""
    attachments = {value["id"]: value for value in options.values() if isinstance(value, dict)}
    data: Json = {
        "id": str(APP_ID + 100),
        "name": name,
        "type": 1,
        "options": [option(key, value, focused=key == focused) for key, value in options.items()],
    }
    if attachments:
        data["resolved"] = {"attachments": attachments}
    return data


def component_data(custom_id: str, component_type: int = 2, values: Sequence[str] = ()) -> Json:
    """The `data` of a pressed button (2) or a chosen select (3, 5 to 8)."""
    return {"custom_id": custom_id, "component_type": component_type, "values": list(values)}


def ready(session_id: str, resume_url: str, shard: list[int], guild_ids: Sequence[int]) -> Json:
    """READY, as sent after an identify; `guild_ids` are those of the shard."""
    return {
        "v": 10,
        "user": user(APP_ID, "runlocalai", bot=True),
        "guilds": [{"id": str(one), "unavailable": True} for one in guild_ids],
        "session_id": session_id,
        "resume_gateway_url": resume_url,
        "shard": shard,
        "application": {"id": str(APP_ID), "flags": 0},
        "session_type": "normal",
        "private_channels": [],
    }
