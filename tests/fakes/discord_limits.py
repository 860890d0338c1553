"""Discord's published limits on what a bot may send, as one function from a body to the list of what is wrong with it.

The stand-in refuses a bad body with 400 as Discord does, and the wire tests assert that none ever is. Sizes are
counted in UTF-16 units, the strictest reading. Nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CALLBACK_TYPES = frozenset({1, 4, 5, 6, 7, 8, 9, 10, 12})
EMBED_TOTAL = 6000
_EMBED_TEXTS = (("title", 256), ("description", 4096))
_COMPONENT_TEXTS = (("label", 80), ("custom_id", 100), ("placeholder", 150))


def units(text: str) -> int:
    """Length of `text` in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _too_long(where: str, text: Any, most: int) -> Iterator[str]:
    if isinstance(text, str) and units(text) > most:
        yield f"{where}: {units(text)} > {most}"


def _embed_problems(where: str, embed: Mapping[str, Any]) -> Iterator[str]:
    for key, most in _EMBED_TEXTS:
        yield from _too_long(f"{where}.{key}", embed.get(key), most)
    yield from _too_long(f"{where}.footer.text", (embed.get("footer") or {}).get("text"), 2048)
    yield from _too_long(f"{where}.author.name", (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        yield f"{where}.fields: {len(fields)} > 25"
    for number, field in enumerate(fields):
        for key, most in (("name", 256), ("value", 1024)):
            if not str(field.get(key) or "").strip():
                yield f"{where}.fields[{number}].{key}: required"
            yield from _too_long(f"{where}.fields[{number}].{key}", field.get(key), most)
    if not any(embed.get(key) for key in ("title", "description", "fields", "image")):
        yield f"{where}: empty"


def embed_size(embed: Mapping[str, Any]) -> int:
    """The characters of an embed that count towards the total of a message."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(units(text) for text in texts if text)


def _component_problems(where: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(rows) > 5:
        yield f"{where}: {len(rows)} rows > 5"
    seen: set[str] = set()
    for row_number, row in enumerate(rows):
        children = row.get("components") or []
        if not 1 <= len(children) <= 5:
            yield f"{where}[{row_number}]: {len(children)} components"
        for child in children:
            for key, most in _COMPONENT_TEXTS:
                yield from _too_long(f"{where}[{row_number}].{key}", child.get(key), most)
            custom_id = child.get("custom_id")
            if custom_id in seen:
                yield f"{where}[{row_number}].custom_id: duplicated"
            if custom_id:
                seen.add(custom_id)


def message_problems(body: Mapping[str, Any]) -> list[str]:
    """What Discord would refuse in a message body; empty when it would take it."""
    problems = list(_too_long("content", body.get("content"), 2000))
    embeds = body.get("embeds") or []
    if len(embeds) > 10:
        problems.append(f"embeds: {len(embeds)} > 10")
    for number, embed in enumerate(embeds):
        problems += _embed_problems(f"embeds[{number}]", embed)
    total = sum(embed_size(embed) for embed in embeds)
    if total > EMBED_TOTAL:
        problems.append(f"embeds: {total} characters in all > {EMBED_TOTAL}")
    problems += _component_problems("components", body.get("components") or [])
    if not (body.get("content") or embeds or body.get("components") or body.get("attachments")):
        problems.append("cannot send an empty message")
    return problems


def callback_problems(callback: Mapping[str, Any]) -> list[str]:
    """What Discord would refuse in an interaction callback."""
    kind, data = callback.get("type"), callback.get("data") or {}
    if kind not in CALLBACK_TYPES:
        return [f"type: {kind!r}"]
    if kind == 4:
        return message_problems(data)
    if kind == 7 and data:
        return [problem for problem in message_problems(data) if "empty message" not in problem]
    if kind != 8:
        return []
    choices = data.get("choices")
    if not isinstance(choices, list) or len(choices) > 25:
        return ["choices: a list of at most 25"]
    problems: list[str] = []
    for number, choice in enumerate(choices):
        lengths = {key: units(choice[key]) for key in ("name", "value") if isinstance(choice.get(key), str)}
        problems += [f"choices[{number}].{key}: {n} not in 1..100" for key, n in lengths.items() if not 1 <= n <= 100]
    return problems


def command_problems(commands: Sequence[Mapping[str, Any]]) -> list[str]:
    """What Discord would refuse in a bulk overwrite of application commands."""
    problems: list[str] = []
    slash = [command for command in commands if command.get("type", 1) == 1]
    if len(slash) > 100:
        problems.append(f"{len(slash)} chat-input commands > 100")
    for command in commands:
        name = str(command.get("name"))
        options = command.get("options") or []
        problems += _too_long(f"{name}.name", name, 32)
        if command.get("type", 1) == 1 and not 1 <= units(str(command.get("description") or "")) <= 100:
            problems.append(f"{name}.description: 1..100 characters")
        if len(options) > 25:
            problems.append(f"{name}.options: {len(options)} > 25")
        for choice in options:
            if not 1 <= units(str(choice.get("description") or "")) <= 100:
                problems.append(f"{name}.{choice.get('name')}.description: 1..100 characters")
            problems += _too_long(f"{name}.{choice.get('name')}.name", choice.get("name"), 32)
            problems += [f"{name}.{choice['name']}.choices > 25"] if len(choice.get("choices") or []) > 25 else []
        required = [bool(choice.get("required")) for choice in options]
        if required != sorted(required, reverse=True):
            problems.append(f"{name}.options: required ones must come first")
    return problems
