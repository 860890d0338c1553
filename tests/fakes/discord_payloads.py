"""Builders of the JSON that Discord sends: users, channels, messages, interactions.

Plain functions from values to dictionaries, as the public API reference describes them. No sockets, no clock, no
state: ids and times come in as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

APP_ID = 1_100_000_000_000_000_001
GUILD_ID = 900_000_000_000_000_001
CHANNEL_ID = 910_000_000_000_000_001
USER_ID = 500_000_000_000_000_001
EPOCH_MS = 1_420_070_400_000  # Discord counts milliseconds from 2015-01-01
EPHEMERAL = 1 << 6
ATTACHMENT_LIMIT = 10 * 1024 * 1024

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
    if direct:
        return {
            "id": str(CHANNEL_ID + 1),
            "type": 1,
            "flags": 0,
            "recipients": [user(user_id)],
            "last_message_id": None,
        }
    return {
        "id": str(CHANNEL_ID),
        "type": 0,
        "name": "local-ai",
        "permissions": "0",
        "position": 0,
        "nsfw": False,
        "flags": 0,
        "rate_limit_per_user": 0,
        "parent_id": None,
        "topic": None,
    }


def message(message_id: int, body: Mapping[str, Any], *, created: str, ephemeral: bool = False) -> Json:
    """The message Discord makes of the `data` of a callback or of a follow-up."""
    return {
        "id": str(message_id),
        "channel_id": str(CHANNEL_ID),
        "type": 20,
        "author": user(APP_ID, "runlocalai", bot=True),
        "application_id": str(APP_ID),
        "content": body.get("content") or "",
        "embeds": list(body.get("embeds") or []),
        "components": list(body.get("components") or []),
        "attachments": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "timestamp": created,
        "edited_timestamp": None,
        "flags": int(body.get("flags") or 0) | (EPHEMERAL if ephemeral else 0),
    }


def option(name: str, value: Any, *, focused: bool = False) -> Json:
    """One filled-in option; an attachment is given as its own payload (see `attachment`)."""
    kind = next(number for python, number in _OPTION_TYPES if isinstance(value, python))
    filled: Json = {"name": name, "type": kind, "value": value["id"] if kind == 11 else value}
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
    interaction_id: int, token: str, kind: int, data: Json, *, guild_id: int | None = GUILD_ID, user_id: int = USER_ID
) -> Json:
    """An INTERACTION_CREATE payload of type `kind`: 2 command, 3 component, 4 autocomplete, 5 modal."""
    person = user(user_id)
    payload: Json = {
        "id": str(interaction_id),
        "application_id": str(APP_ID),
        "type": kind,
        "data": data,
        "token": token,
        "version": 1,
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "attachment_size_limit": ATTACHMENT_LIMIT,
        "app_permissions": "0",
        "channel": channel(direct=guild_id is None, user_id=user_id),
        "channel_id": str(CHANNEL_ID if guild_id is not None else CHANNEL_ID + 1),
        "context": 1 if guild_id is None else 0,
    }
    if guild_id is None:
        payload["user"] = person
    else:
        payload["guild_id"] = str(guild_id)
        payload["guild"] = {"id": str(guild_id), "locale": "en-US", "features": []}
        payload["guild_locale"] = "en-US"
        payload["member"] = {
            "user": person,
            "roles": [],
            "joined_at": "2024-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": "2147483648",
        }
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


def component_data(custom_id: str, component_type: int = 2) -> Json:
    """The `data` of a pressed button (2) or a chosen select (3)."""
    return {"custom_id": custom_id, "component_type": component_type, "values": []}


def ready(session_id: str, resume_url: str, shard: list[int], guild_ids: tuple[int, ...]) -> Json:
    """READY, as sent after an identify."""
    return {
        "v": 10,
        "user": user(APP_ID, "runlocalai", bot=True),
        "guilds": [{"id": str(guild), "unavailable": True} for guild in guild_ids],
        "session_id": session_id,
        "resume_gateway_url": resume_url,
        "shard": shard,
        "application": {"id": str(APP_ID), "flags": 0},
        "session_type": "normal",
        "private_channels": [],
    }
