"""Messages as Discord makes them of what a bot sends: files attached, media resolved, component ids given, mentions.

Bodies in, JSON out; the world only lends ids and keeps the files. What may be sent at all is limits_message's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from bot.standin import payloads
from bot.standin.limits_message import is_v2
from bot.standin.payloads import APP_ID, COMPONENTS_V2, EPHEMERAL, Json
from bot.standin.world import File, World, picture_size

SENT_FLAGS = 1 << 2 | EPHEMERAL | 1 << 12 | COMPONENTS_V2
"""What of `flags` a bot may set: no previews, private, silent, a layout."""

_PING = re.compile(r"@everyone|@here|<@[!&]?\d{1,20}>")
_CHILDREN = ("components", "items")


def new_message(
    world: World,
    body: Mapping[str, Any],
    files: Mapping[str, File],
    *,
    origin: str,
    channel_id: int,
    author: Json | None = None,
    kind: int = 0,
) -> Json:
    """The message made of a body and the files that came with it; `files` are by their key, `files[0]`."""
    message: Json = {
        "id": str(world.new_id()),
        "channel_id": str(channel_id),
        "type": kind,
        "author": author or payloads.user(APP_ID, "runlocalai", bot=True),
        "content": "",
        "embeds": [],
        "components": [],
        "attachments": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "timestamp": datetime.now(UTC).isoformat(),
        "edited_timestamp": None,
        "flags": int(body.get("flags") or 0) & SENT_FLAGS,
    }
    if author is None:
        message["application_id"] = str(APP_ID)
    change_message(world, message, body, files, origin=origin)
    message["edited_timestamp"] = None
    return message


def change_message(
    world: World, message: Json, body: Mapping[str, Any], files: Mapping[str, File], *, origin: str
) -> None:
    """Apply an edit in place: what the body does not name stays; `attachments` lists those that stay."""
    if "attachments" in body or files:
        message["attachments"] = _attachments(world, message, body, files, origin)
    by_name = {one["filename"]: one for one in message["attachments"]}
    for key in ("content", "embeds", "components"):
        if key in body:
            message[key] = _copied(body[key]) or ("" if key == "content" else [])
    if is_v2(body) and not message["flags"] & COMPONENTS_V2:
        message["flags"] |= COMPONENTS_V2
        message["content"], message["embeds"] = "", []
    if "components" in body:
        _finish(message["components"], by_name, count(1))
    for embed in message["embeds"] if "embeds" in body else []:
        embed.setdefault("type", "rich")
        for key in ("image", "thumbnail"):
            if embed.get(key):
                embed[key] = _resolved(embed[key], by_name)
    pings = pinged(body)
    message["mention_everyone"] = any(ping.startswith("@") for ping in pings)
    message["edited_timestamp"] = datetime.now(UTC).isoformat()


def _copied(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    """A copy of JSON, an eighth of the time copy.deepcopy takes."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _attachments(
    world: World, message: Json, body: Mapping[str, Any], files: Mapping[str, File], origin: str
) -> list[Json]:
    """The files that stay, and those that came."""
    listed = {str(one.get("id")): one for one in body.get("attachments") or []}
    kept = [one for one in message["attachments"] if "attachments" not in body or one["id"] in listed]
    for key, file in files.items():
        number = key.removeprefix("files[").removesuffix("]")
        said = listed.get(number, {})
        name = str(said.get("filename") or file.name)
        file_id = world.upload(name, file.content, file.content_type)
        url = f"{origin}/attachments/{message['channel_id']}/{file_id}/{name}"
        made = payloads.attachment(file_id, name, len(file.content), url, file.content_type)
        size = picture_size(file.content)
        if size is not None:
            made["width"], made["height"] = size
        if said.get("description"):
            made["description"] = said["description"]
        made["ephemeral"] = bool(message["flags"] & EPHEMERAL)
        kept.append(made)
    return kept


def _finish(components: list[Any], files: Mapping[str, Json], ids: count[int]) -> None:
    """Give components their ids, in order, and resolve the files they show."""
    for part in components:
        if not isinstance(part, dict):
            continue
        if part.get("type") is not None and not part.get("id"):
            part["id"] = next(ids)
        for key in ("media", "file"):
            if isinstance(part.get(key), dict):
                part[key] = _resolved(part[key], files)
                if key == "file":
                    known = files.get(str(part[key].get("filename")), {})
                    part["name"], part["size"] = known.get("filename", "file"), known.get("size", 0)
        for key in _CHILDREN:
            if isinstance(part.get(key), list):
                _finish(part[key], files, ids)
        if isinstance(part.get("accessory"), dict):
            _finish([part["accessory"]], files, ids)


def _resolved(media: Mapping[str, Any], files: Mapping[str, Json]) -> Json:
    """A picture or file with the address it lies at."""
    url = str(media.get("url") or "")
    known = files.get(url.removeprefix("attachment://")) if url.startswith("attachment://") else None
    if known is None:
        return {**media, "proxy_url": url, "width": media.get("width") or 0, "height": media.get("height") or 0}
    return {
        "url": known["url"],
        "proxy_url": known["url"],
        "width": known.get("width") or 0,
        "height": known.get("height") or 0,
        "content_type": known["content_type"],
        "attachment_id": known["id"],
        "filename": known["filename"],
    }


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """The texts of a body that may mention somebody: its content and its text components; embeds never do."""
    found = [str(body.get("content") or "")]
    parts = [*(body.get("components") or [])]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if part.get("type") == 10:
                found.append(str(part.get("content") or ""))
            parts += [*(part.get("components") or [])]
    return found


def pinged(body: Mapping[str, Any]) -> list[str]:
    """The mentions in a body that would reach somebody, as `allowed_mentions` has it; without that, all of them."""
    found = [ping for text in texts_of(body) for ping in _PING.findall(text)]
    allowed = body.get("allowed_mentions")
    if not isinstance(allowed, Mapping):
        return found
    parse = set(allowed.get("parse") or [])
    named = {str(one) for key in ("users", "roles") for one in allowed.get(key) or []}
    return [ping for ping in found if _kind(ping) in parse or re.sub(r"\D", "", ping) in named]


def _kind(ping: str) -> str:
    return "everyone" if ping.startswith("@") else "roles" if ping.startswith("<@&") else "users"
