"""Discord's rules for whole messages and for interaction callbacks, as functions from a body to its problems. Pure.

The stand-in refuses a bad body with 400 as Discord does, and the tests assert that none ever is. Nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.standin.limits_components import component_problems
from bot.standin.limits_modal import modal_problems
from bot.standin.payloads import AUTOCOMPLETE, COMMAND, COMPONENT, COMPONENTS_V2, MODAL, PING
from bot.standin.problems import Path, Problem, is_whole, items, text, units, url, whole

EMBED_TOTAL = 6000
MOST_EMBEDS = 10
MOST_FILES = 10
PONG, MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL, LAUNCH = 1, 4, 5, 6, 7, 8, 9, 12
ANSWERS: dict[int, frozenset[int]] = {
    PING: frozenset({PONG}),
    COMMAND: frozenset({MESSAGE, DEFER, OPEN_MODAL, LAUNCH}),
    COMPONENT: frozenset({MESSAGE, DEFER, DEFER_UPDATE, UPDATE, OPEN_MODAL, LAUNCH}),
    AUTOCOMPLETE: frozenset({CHOICES}),
    MODAL: frozenset({MESSAGE, DEFER, DEFER_UPDATE, UPDATE, LAUNCH}),
}
"""Which callbacks answer which kind of interaction."""


def embed_size(embed: Mapping[str, Any]) -> int:
    """The characters of an embed that count towards the total of a message."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for one in embed.get("fields") or []:
        texts += [one.get("name"), one.get("value")]
    return sum(units(one) for one in texts if isinstance(one, str))


def _embed_problems(path: Path, embed: Mapping[str, Any]) -> list[Problem]:
    found = [*text((*path, "title"), embed.get("title"), 0, 256)]
    found += text((*path, "description"), embed.get("description"), 0, 4096)
    found += text((*path, "footer", "text"), (embed.get("footer") or {}).get("text"), 0, 2048)
    found += text((*path, "author", "name"), (embed.get("author") or {}).get("name"), 0, 256)
    found += whole((*path, "color"), embed.get("color"), 0, 0xFFFFFF)
    if embed.get("url"):
        found += url((*path, "url"), embed["url"], ("http", "https"))
    for key in ("image", "thumbnail"):
        if embed.get(key):
            found += url((*path, key, "url"), embed[key].get("url"))
    for number, one in enumerate(items((*path, "fields"), embed.get("fields"), 0, 25, found)):
        found += text((*path, "fields", number, "name"), one.get("name"), 1, 256)
        found += text((*path, "fields", number, "value"), one.get("value"), 1, 1024)
    if not any(embed.get(key) for key in ("title", "description", "fields", "image", "thumbnail", "author", "footer")):
        found.append(Problem(path, "BASE_TYPE_REQUIRED", "An embed needs something in it."))
    return found


def is_v2(body: Mapping[str, Any]) -> bool:
    """Whether the body's flags ask for a layout of components."""
    flags = body.get("flags")
    return isinstance(flags, int) and bool(flags & COMPONENTS_V2)


def message_problems(
    body: Mapping[str, Any], *, path: Path = (), edit: bool = False, known: Collection[str] = (), v2: bool = False
) -> list[Problem]:
    """What Discord would refuse in a message body; empty when it would take it.

    `edit`: fields may be absent; `known` are the names of files the message has already, `v2` its kind.
    """
    found = [*text((*path, "content"), body.get("content"), 0, 2000)]
    embeds = items((*path, "embeds"), body.get("embeds"), 0, MOST_EMBEDS, found)
    for number, embed in enumerate(embeds):
        found += _embed_problems((*path, "embeds", number), embed)
    total = sum(embed_size(embed) for embed in embeds)
    if total > EMBED_TOTAL:
        found.append(
            Problem((*path, "embeds"), "MAX_EMBED_SIZE_EXCEEDED", f"{total} characters, at most {EMBED_TOTAL}.")
        )
    files = items((*path, "attachments"), body.get("attachments"), 0, MOST_FILES, found)
    for number, one in enumerate(files):
        found += text((*path, "attachments", number, "description"), one.get("description"), 0, 1024)
    names = {str(one.get("filename")) for one in files} | (set(known) if "attachments" not in body else set())
    layout = v2 or is_v2(body)
    found += component_problems((*path, "components"), body.get("components"), v2=layout, files=names)
    if layout:
        found += _not_in_layout(path, body)
    if not edit and not any(body.get(key) for key in ("content", "embeds", "components", "attachments", "poll")):
        found.append(Problem(path, "EMPTY_MESSAGE", "Cannot send an empty message"))
    return found


def _not_in_layout(path: Path, body: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            yield Problem((*path, key), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                          f"'{key}' cannot be used together with IS_COMPONENTS_V2.")  # fmt: skip


def callback_problems(
    callback: Mapping[str, Any], kind: int | None = None, *, known: Collection[str] = (), v2: bool = False
) -> list[Problem]:
    """What Discord would refuse in the callback to an interaction of `kind` (None: any)."""
    answer, data = callback.get("type"), callback.get("data") or {}
    allowed = ANSWERS[kind] if kind is not None else frozenset().union(*ANSWERS.values())
    if not is_whole(answer) or answer not in allowed:
        return [Problem(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}, not {answer!r}.")]
    if not isinstance(data, Mapping):
        return [Problem(("data",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType.")]
    if answer == MESSAGE:
        return message_problems(data, path=("data",))
    if answer == UPDATE:
        return message_problems(data, path=("data",), edit=True, known=known, v2=v2)
    if answer == OPEN_MODAL:
        return list(modal_problems(("data",), data))
    return _choice_problems(data) if answer == CHOICES else []


def _choice_problems(data: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    path: Path = ("data", "choices")
    if not isinstance(data.get("choices"), list):
        return [Problem(path, "BASE_TYPE_REQUIRED", "This field is required.")]
    for number, choice in enumerate(items(path, data["choices"], 0, 25, found)):
        found += text((*path, number, "name"), choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str) or choice.get("value") is None:
            found += text((*path, number, "value"), choice.get("value"), 1, 100, blank=True)
    return found
