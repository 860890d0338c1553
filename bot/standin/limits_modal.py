"""Discord's rules for modals: title, labels, text inputs, selects, choices and uploads in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.standin.limits_components import INPUT, ROW, SELECTS, TEXT, Walk, options, select, shown_text
from bot.standin.problems import Path, Problem, is_whole, items, one_of, text, unique, whole

LABEL, UPLOAD, RADIO, CHECKS, CHECK = 18, 19, 21, 22, 23
MOST_PARTS = 5


def modal_problems(path: Path, data: Mapping[str, Any]) -> Iterator[Problem]:
    """What Discord would refuse in a modal."""
    walk = Walk(())
    walk.custom_id(path, data)
    walk.custom_ids.clear()  # the modal's own id may be that of a part
    walk.found += text((*path, "title"), data.get("title"), 1, 45)
    for number, part in enumerate(items((*path, "components"), data.get("components"), 1, MOST_PARTS, walk.found)):
        _part(walk, (*path, "components", number), part)
    yield from walk.found
    yield from unique((*path, "components"), walk.custom_ids, "Custom id")


def _part(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    kind = part.get("type")
    walk.found += one_of((*path, "type"), kind, {ROW, TEXT, LABEL})
    if kind == TEXT:
        shown_text(walk, path, part)
    elif kind == ROW:
        for number, child in enumerate(items((*path, "components"), part.get("components"), 1, 1, walk.found)):
            walk.found += one_of((*path, "components", number, "type"), child.get("type"), {INPUT})
            walk.found += text((*path, "components", number, "label"), child.get("label"), 1, 45)
            _input(walk, (*path, "components", number), child)
    elif kind == LABEL:
        walk.found += text((*path, "label"), part.get("label"), 1, 45)
        walk.found += text((*path, "description"), part.get("description"), 0, 100)
        inside = part.get("component")
        inside = inside if isinstance(inside, Mapping) else {}
        walk.found += one_of((*path, "component", "type"), inside.get("type"), _INSIDE)
        if inside.get("type") in _INSIDE:
            _INSIDE[inside["type"]](walk, (*path, "component"), inside)


def _input(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.custom_id(path, part)
    walk.found += one_of((*path, "style"), part.get("style"), (1, 2))
    walk.found += whole((*path, "min_length"), part.get("min_length"), 0, 4000)
    walk.found += whole((*path, "max_length"), part.get("max_length"), 1, 4000)
    walk.found += text((*path, "placeholder"), part.get("placeholder"), 0, 100)
    most = part.get("max_length")
    walk.found += text((*path, "value"), part.get("value"), 0, most if is_whole(most) and most is not None else 4000)


def _upload(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.custom_id(path, part)
    walk.found += whole((*path, "min_values"), part.get("min_values"), 0, 10)
    walk.found += whole((*path, "max_values"), part.get("max_values"), 1, 10)


def _radio(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.custom_id(path, part)
    options(walk, (*path, "options"), part.get("options"), 2, 10, 1)


def _checks(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.custom_id(path, part)
    walk.found += whole((*path, "min_values"), part.get("min_values"), 0, 10)
    walk.found += whole((*path, "max_values"), part.get("max_values"), 1, 10)
    options(walk, (*path, "options"), part.get("options"), 1, 10, 10)


def _check(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.custom_id(path, part)


_INSIDE: dict[int, Callable[[Walk, Path, Mapping[str, Any]], None]] = {
    INPUT: _input,
    UPLOAD: _upload,
    RADIO: _radio,
    CHECKS: _checks,
    CHECK: _check,
    **dict.fromkeys(SELECTS, select),
}
