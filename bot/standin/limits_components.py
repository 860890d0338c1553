"""Discord's rules for the components of messages, both sets: rows of buttons and selects, and layouts ("v2"). Pure.

A walk from a list of components to the problems in it. Modals are limits_modal's; whole messages limits_message's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.standin.problems import Path, Problem, is_whole, items, one_of, text, unique, units, url, whole

MOST_COMPONENTS = 40
MOST_SHOWN = 4000
ROW, BUTTON, SELECT, INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = (
    1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 17,
)  # fmt: skip
SELECTS = frozenset({3, 5, 6, 7, 8})
TOP_V1 = frozenset({ROW})
TOP_V2 = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
IN_CONTAINER = TOP_V2 - {CONTAINER}
LINK, PREMIUM = 5, 6


@dataclass
class Walk:
    """What a walk gathers: problems, custom ids and ids seen, components and characters counted."""

    files: Collection[str]
    found: list[Problem] = field(default_factory=list)
    custom_ids: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    count: int = 0
    shown: int = 0

    def children(self, path: Path, value: object, low: int, high: int, allowed: Collection[int]) -> None:
        """Check the list of components at `path`."""
        for number, child in enumerate(items(path, value, low, high, self.found)):
            self.component((*path, number), child, allowed)

    def component(self, path: Path, part: Mapping[str, Any], allowed: Collection[int]) -> None:
        """Check one component and what is in it."""
        kind = part.get("type")
        problems = list(one_of((*path, "type"), kind, allowed))
        self.found += problems
        if problems or not is_whole(kind):
            return
        self.count += 1
        if part.get("id"):
            self.found += whole((*path, "id"), part["id"], 1, 2**31 - 1)
            self.ids.append(part["id"])
        _CHECKS[kind](self, path, part)

    def custom_id(self, path: Path, part: Mapping[str, Any]) -> None:
        """Check the id that comes back with a press."""
        self.found += text((*path, "custom_id"), part.get("custom_id"), 1, 100)
        if isinstance(part.get("custom_id"), str):
            self.custom_ids.append(part["custom_id"])

    def media(self, path: Path, media: object) -> None:
        """Check a picture or file: a link, or a file that comes with the message."""
        link = media.get("url") if isinstance(media, Mapping) else None
        self.found += url((*path, "url"), link)
        if isinstance(link, str) and link.startswith("attachment://") and link[13:] not in self.files:
            self.found.append(Problem((*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                                      f"No file {link[13:60]!r} comes with this message."))  # fmt: skip


def _row(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    inside = items((*path, "components"), part.get("components"), 1, 5, walk.found)
    if any(child.get("type") in SELECTS for child in inside) and len(inside) > 1:
        walk.found.append(Problem((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select fills its row."))
    walk.children((*path, "components"), inside, 1, 5, {BUTTON, *SELECTS})


def _button(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    style = part.get("style")
    walk.found += one_of((*path, "style"), style, range(1, 7))
    walk.found += text((*path, "label"), part.get("label"), 0, 80)
    if not part.get("label") and not part.get("emoji") and style != PREMIUM:
        walk.found.append(Problem((*path, "label"), "BUTTON_COMPONENT_INVALID_EMOJI", "A label or an emoji is needed."))
    if style == LINK:
        walk.found += url((*path, "url"), part.get("url"), ("http", "https", "discord"), 512)
        if part.get("custom_id"):
            walk.found.append(Problem((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                                      "A link has no custom id."))  # fmt: skip
    elif style != PREMIUM:
        walk.custom_id(path, part)
        if part.get("url"):
            walk.found.append(Problem((*path, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                                      "Only a link button has an address."))  # fmt: skip


def select(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    """Check a select menu, in a message or in a modal."""
    walk.custom_id(path, part)
    walk.found += text((*path, "placeholder"), part.get("placeholder"), 0, 150)
    walk.found += whole((*path, "min_values"), part.get("min_values"), 0, 25)
    walk.found += whole((*path, "max_values"), part.get("max_values"), 1, 25)
    low, high = (part.get(key) if is_whole(part.get(key)) else 1 for key in ("min_values", "max_values"))
    if (low or 0) > (high or 0):
        walk.found.append(Problem((*path, "min_values"), "SELECT_MIN_ABOVE_MAX", "Must be at most max_values."))
    if part.get("type") == SELECT:
        options(walk, (*path, "options"), part.get("options"), 1, 25, high or 1)
    else:
        walk.found += unique((*path, "default_values"), [str(v) for v in part.get("default_values") or []], "Value")


def options(walk: Walk, path: Path, value: object, low: int, high: int, most_chosen: int) -> None:
    """Check the options of a select, a radio group or a group of check boxes."""
    given = items(path, value, low, high, walk.found)
    for number, one in enumerate(given):
        walk.found += text((*path, number, "label"), one.get("label"), 1, 100)
        walk.found += text((*path, number, "value"), one.get("value"), 1, 100)
        walk.found += text((*path, number, "description"), one.get("description"), 0, 100)
    walk.found += unique(path, [str(one.get("value")) for one in given], "Value")
    chosen = sum(bool(one.get("default")) for one in given)
    if chosen > most_chosen:
        walk.found.append(Problem(path, "SELECT_TOO_MANY_DEFAULTS", f"{chosen} defaults, {most_chosen} may be chosen."))


def _section(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.children((*path, "components"), part.get("components"), 1, 3, {TEXT})
    accessory = part.get("accessory")
    if isinstance(accessory, Mapping):
        walk.component((*path, "accessory"), accessory, {BUTTON, THUMBNAIL})
    else:
        walk.found.append(Problem((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required."))


def shown_text(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    """Check a text and count its characters."""
    walk.found += text((*path, "content"), part.get("content"), 1, MOST_SHOWN)
    if isinstance(part.get("content"), str):
        walk.shown += units(part["content"])


def _thumbnail(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.media((*path, "media"), part.get("media"))
    walk.found += text((*path, "description"), part.get("description"), 0, 1024)


def _gallery(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    for number, item in enumerate(items((*path, "items"), part.get("items"), 1, 10, walk.found)):
        _thumbnail(walk, (*path, "items", number), item)


def _file(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    file = part.get("file")
    link = file.get("url") if isinstance(file, Mapping) else None
    walk.found += url((*path, "file", "url"), link, ("attachment",))
    walk.media((*path, "file"), file)


def _separator(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.found += one_of((*path, "spacing"), part.get("spacing", 1), (1, 2))


def _container(walk: Walk, path: Path, part: Mapping[str, Any]) -> None:
    walk.found += whole((*path, "accent_color"), part.get("accent_color"), 0, 0xFFFFFF)
    walk.children((*path, "components"), part.get("components"), 1, MOST_COMPONENTS, IN_CONTAINER)


_CHECKS: dict[int, Callable[[Walk, Path, Mapping[str, Any]], None]] = {
    ROW: _row,
    BUTTON: _button,
    SECTION: _section,
    TEXT: shown_text,
    THUMBNAIL: _thumbnail,
    GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
    **dict.fromkeys(SELECTS, select),
}


def component_problems(path: Path, value: object, *, v2: bool, files: Collection[str]) -> Iterator[Problem]:
    """What Discord would refuse in a message's components; `files` are the names that come with it."""
    walk = Walk(files)
    walk.children(path, value, 0, MOST_COMPONENTS if v2 else 5, TOP_V2 if v2 else TOP_V1)
    yield from walk.found
    yield from unique(path, walk.custom_ids, "Custom id")
    yield from unique(path, walk.ids, "Id")
    if v2 and walk.count > MOST_COMPONENTS:
        yield Problem(path, "BASE_TYPE_MAX_LENGTH", f"{walk.count} components in all, at most {MOST_COMPONENTS}.")
    if walk.shown > MOST_SHOWN:
        yield Problem(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                      f"{walk.shown} characters shown, at most {MOST_SHOWN}.")  # fmt: skip
