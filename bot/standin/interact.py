"""The `data` of interactions as Discord's client makes it of what a person does: commands, choices, modals. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.standin import payloads
from bot.standin.limits_components import INPUT, TEXT
from bot.standin.limits_modal import CHECK, CHECKS, LABEL, RADIO, UPLOAD
from bot.standin.payloads import Json, Value
from bot.standin.world import World

SLASH, ON_USER, ON_MESSAGE = 1, 2, 3
USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT = 6, 7, 8, 9, 11


def find(commands: Sequence[Json], name: str, kind: int = SLASH) -> tuple[Json, list[Json]]:
    """The command a person means by `name` (such as `rig set`), and the subcommands on the way. Raises LookupError.

    Before any command is registered here every name is taken: another process may have registered it elsewhere.
    """
    words = name.split(" ") if kind == SLASH else [name]
    if not commands:
        return {"id": "1", "name": name, "type": kind}, []
    command = next((one for one in commands if one["name"] == words[0] and one.get("type", 1) == kind), None)
    if command is None:
        raise LookupError(f"the bot has registered no command {name!r}")
    way: list[Json] = []
    for word in words[1:]:
        at = way[-1] if way else command
        sub = next((one for one in at.get("options") or [] if one["name"] == word and one["type"] in {1, 2}), None)
        if sub is None:
            raise LookupError(f"/{words[0]} has no subcommand {word!r}")
        way.append(sub)
    return command, way


def slash_data(
    world: World, commands: Sequence[Json], name: str, options: Mapping[str, Any], focused: str = ""
) -> Json:
    """The `data` of a slash command, or of its autocomplete where `focused` names the option being typed."""
    command, way = find(commands, name)
    specs = {one["name"]: one for one in (way[-1] if way else command).get("options") or []}
    filled = []
    for key, value in options.items():
        kind = int(specs[key]["type"]) if key in specs else 0
        filled.append(payloads.option(key, value, focused=key == focused, kind=kind if _fits(kind, value) else 0))
    resolved = _resolved(world, [(one["type"], options[one["name"]]) for one in filled])
    for sub in reversed(way):
        filled = [{"name": sub["name"], "type": sub["type"], "options": filled}]
    data: Json = {"id": command.get("id", "1"), "name": command["name"], "type": SLASH, "options": filled}
    return {**data, "resolved": resolved} if resolved else data


def _fits(kind: int, value: Value) -> bool:
    """Whether the declared type can be that of the value; else the value's own is sent (a client gone astray)."""
    return (kind == ATTACHMENT) == isinstance(value, dict) and (kind != payloads.COMMAND or isinstance(value, str))


def menu_data(world: World, commands: Sequence[Json], name: str, target: Json, *, on_user: bool = False) -> Json:
    """The `data` of a context menu used on a message or on a user."""
    command, _ = find(commands, name, ON_USER if on_user else ON_MESSAGE)
    data: Json = {"id": command.get("id", "1"), "name": name, "type": command["type"], "target_id": target["id"]}
    if on_user:
        data["resolved"] = _resolved(world, [(USER, target["id"])])
    else:
        data["resolved"] = {"messages": {target["id"]: target}}
    return data


def select_data(world: World, custom_id: str, kind: int, values: Sequence[str]) -> Json:
    """The `data` of a choice in a select menu; ids of people, roles and channels are resolved."""
    data = payloads.component_data(custom_id, kind, values)
    entity = {5: USER, 6: ROLE, 7: MENTIONABLE, 8: CHANNEL}.get(kind)
    resolved = _resolved(world, [(entity, value) for value in values]) if entity else {}
    return {**data, "resolved": resolved} if resolved else data


def _resolved(world: World, values: Sequence[tuple[int, Value]]) -> Json:
    """The objects that ids among option values stand for."""
    out: dict[str, Json] = {}
    for kind, value in values:
        if kind == ATTACHMENT and isinstance(value, dict):
            out.setdefault("attachments", {})[value["id"]] = value
        elif kind in {USER, MENTIONABLE}:
            person = world.person(int(str(value)))
            out.setdefault("users", {})[str(value)] = person.user
            out.setdefault("members", {})[str(value)] = payloads.member(None, person.permissions)
        elif kind == CHANNEL and int(str(value)) in world.places:
            out.setdefault("channels", {})[str(value)] = world.places[int(str(value))].channel
        elif kind == ROLE:
            name = {"id": str(value), "name": "@everyone", "permissions": "0", "position": 0, "color": 0}
            out.setdefault("roles", {})[str(value)] = {**name, "hoist": False, "managed": False, "mentionable": False}
    return out


def modal_data(world: World, modal: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
    """The `data` of a modal submitted with `values` by custom id; what is not given is as the modal had it."""
    number = 0
    uploads: list[tuple[int, Value]] = []

    def part(one: Mapping[str, Any]) -> Json:
        nonlocal number
        number += 1
        made: Json = {"type": one["type"], "id": one.get("id") or number}
        if one["type"] == LABEL:
            return {**made, "component": part(one["component"])}
        if "components" in one:
            return {**made, "components": [part(child) for child in one["components"]]}
        if one["type"] == TEXT:
            return made
        given = values.get(one["custom_id"])
        if one["type"] == UPLOAD:
            uploads.extend((ATTACHMENT, file) for file in given or [])
            given = [file["id"] for file in given or []]
        return {**made, "custom_id": one["custom_id"], **_filled(one, given)}

    data: Json = {"custom_id": modal["custom_id"], "components": [part(one) for one in modal["components"]]}
    resolved = _resolved(world, uploads)
    return {**data, "resolved": resolved} if resolved else data


def _filled(one: Mapping[str, Any], given: Any) -> Json:  # noqa: ANN401 -- what a person entered
    """One input of a modal as it comes back."""
    defaults = [str(choice["value"]) for choice in one.get("options") or [] if choice.get("default")]
    if one["type"] == INPUT:
        return {"value": str(one.get("value") or "" if given is None else given)}
    if one["type"] == RADIO:
        return {"value": (defaults[0] if defaults else None) if given is None else str(given)}
    if one["type"] == CHECK:
        return {"value": bool(one.get("default") if given is None else given)}
    values = defaults if given is None else [str(value) for value in given]
    return {"values": values} if one["type"] in {CHECKS, UPLOAD} else {"component_type": one["type"], "values": values}


def walk(components: Sequence[Any]) -> Iterator[Json]:
    """Every component of a message or modal, outer ones first."""
    for part in components:
        if isinstance(part, dict):
            yield part
            yield from walk(part.get("components") or [])
            yield from walk([one for one in (part.get("accessory"), part.get("component")) if one])


def component(message: Mapping[str, Any], custom_id: str) -> Json:
    """The button or select with that id on a message. Raises LookupError where it is not there, or disabled."""
    found = next((one for one in walk(message.get("components") or []) if one.get("custom_id") == custom_id), None)
    if found is None:
        raise LookupError(f"the message has no component {custom_id!r}")
    if found.get("disabled"):
        raise LookupError(f"the component {custom_id!r} is disabled")
    return found


def option_problems(command: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """Why a client would not send these options yet, in words for the person; empty when it would."""
    specs = {one["name"]: one for one in command.get("options") or []}
    found = [f"{name}: there is no such option." for name in options if name not in specs]
    for name, one in specs.items():
        value = options.get(name)
        if value is None:
            found += [f"{name}: this option is needed."] if one.get("required") else []
        elif one.get("choices") and value not in [choice["value"] for choice in one["choices"]]:
            found.append(f"{name}: choose one of the list.")
        else:
            found += [f"{name}: {why}" for why in _out_of_range(one, value)]
    return found


def _out_of_range(one: Mapping[str, Any], value: Value) -> Iterator[str]:
    kind = one["type"]
    if kind in {4, 10}:
        if isinstance(value, bool) or not isinstance(value, int if kind == 4 else int | float):
            yield "give a whole number." if kind == 4 else "give a number."
        elif not one.get("min_value", value) <= value <= one.get("max_value", value):
            yield f"give {one.get('min_value', '…')} to {one.get('max_value', '…')}."
    elif kind == 3 and isinstance(value, str):
        low, high = one.get("min_length") or 0, one.get("max_length") or 6000
        if not low <= len(value) <= high:
            yield f"give {low} to {high} characters."
