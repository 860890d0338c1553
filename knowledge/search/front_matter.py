"""The parts every Markdown entry shares: YAML front matter read field by field, and sections cut at their headings.

It knows no kind of entry: which fields and sections there are, and how long, comes from `entries` and `page_entries`.
Text in, values out, `ContentError` naming the field otherwise; no files are opened.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from knowledge.errors import ContentError

_ID: Final = {
    "term": re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*"),
    "error": re.compile(r"[a-z0-9]+(_[a-z0-9]+)*"),
    "page": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
}
_OPTIONAL_SECTIONS: Final = {"Notes"}
MAX_ENTRY_CHARS: Final = 16_000


def fail(id_: str, field: str, problem: str, hint: str = "") -> ContentError:
    """Make the error that names an entry's file, the field, what is wrong with it and the cure."""
    return ContentError(f"{id_}.md: {field}: {problem}.", subject=f"{id_}.md: {field}", hint=hint)


def front_of(text: str, id_: str) -> tuple[dict[str, Any], str]:
    """Front matter and body of an entry, apart."""
    if len(text) > MAX_ENTRY_CHARS:
        raise fail(id_, "file", f"{len(text)} characters, at most {MAX_ENTRY_CHARS} are allowed")
    parts = text.replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise fail(id_, "front matter", "the file must begin with YAML between two lines of ---")
    try:
        front = yaml.load(parts[1], Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())[:200]
        raise fail(
            id_, "front matter", f"not YAML ({problem})", "Quote text that holds : # [ { or a backslash."
        ) from error
    if not isinstance(front, dict):
        raise fail(id_, "front matter", "must be fields with values")
    return front, parts[2]


def split_entry(text: str, id_: str, expected: Mapping[str, tuple[int, int]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Front matter and sections of an entry, each section checked for presence and length."""
    front, body = front_of(text, id_)
    return front, _sections(body, id_, expected)


def _sections(body: str, id_: str, expected: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    name, in_code = "definition", False
    for line in body.split("\n"):
        in_code ^= line.lstrip().startswith("```")
        if line.startswith("#") and not in_code:
            name = line.removeprefix("## ").strip()
            if not line.startswith("## ") or name not in expected:
                near = difflib.get_close_matches(name.lstrip("# "), expected, 1, 0.4)
                raise fail(id_, line.strip()[:60], "no such section", f"Did you mean '## {near[0]}'?" if near else "")
            if name in found:
                raise fail(id_, f"## {name}", "stands twice")
        else:
            found.setdefault(name, []).append(line)
    sections = {name: "\n".join(lines).strip() for name, lines in found.items()}
    if "definition" not in expected and sections.pop("definition", ""):
        raise fail(id_, "body", "text before the first heading", f"Begin with '## {next(iter(expected))}'.")
    for name, (least, most) in expected.items():
        size = len(sections.get(name, ""))
        if not (least <= size <= most or (size == 0 and name in _OPTIONAL_SECTIONS)):
            raise fail(id_, f"## {name}", f"{size} characters; {least} to {most} are wanted")
    return sections


class Fields:
    """The front matter of one entry, read field by field with the checks each kind of value needs."""

    def __init__(self, front: dict[str, Any], id_: str, kind: str, known: tuple[str, ...]) -> None:
        self.front, self.entry, self.kind = front, id_, kind
        for name in front:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1, 0.4)
                raise self.fail(str(name), "no such field", f"Did you mean '{near[0]}'?" if near else "")

    def fail(self, field: str, problem: str, hint: str = "") -> ContentError:
        """Make the error that names this entry and a field of it."""
        return fail(self.entry, field, problem, hint)

    def id(self) -> str:
        """The id: the file's name, in the letters its kind allows."""
        value = self.text("id", most=60)
        if value != self.entry:
            raise self.fail("id", f"is '{value}' but the file is called '{self.entry}.md'")
        if not _ID[self.kind].fullmatch(value):
            raise self.fail(
                "id",
                f"small letters, digits and single {'underscores' if self.kind == 'error' else 'hyphens'} between them",
            )
        return value

    def text(self, name: str, most: int) -> str:
        """A text of at most so many characters."""
        value = self.front.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(name, "must be text", "Put it in quotes." if value is not None else "It is missing.")
        if len(value) > most:
            raise self.fail(name, f"{len(value)} characters, at most {most} are allowed")
        return value.strip()

    def texts(self, name: str, least: int = 0) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        value = self.front.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.fail(name, "must be a list of texts", "Quote yes, no, on, off and numbers.")
        if len(value) < least:
            raise self.fail(name, f"{len(value)} given, at least {least} wanted")
        lowered = [item.lower() for item in value]
        if len(set(lowered)) != len(lowered):
            raise self.fail(name, f"'{next(i for i in lowered if lowered.count(i) > 1)}' stands twice")
        return tuple(item.strip() for item in value)

    def choice(self, name: str, valid: tuple[str, ...]) -> str:
        """One of the valid words."""
        return self._valid(name, self.text(name, most=80), valid)

    def choices(self, name: str, valid: tuple[str, ...]) -> tuple[str, ...]:
        """A list of valid words."""
        return tuple(self._valid(name, value, valid) for value in self.texts(name))

    def _valid(self, name: str, value: str, valid: tuple[str, ...]) -> str:
        if value not in valid:
            near = difflib.get_close_matches(value, valid, 1, 0.3) or [valid[0]]
            raise self.fail(name, f"'{value}' is not known", f"Did you mean '{near[0]}'? Valid: {', '.join(valid)}.")
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within its range."""
        value = self.front.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.fail(name, f"must be a whole number from {least} to {most}")
        return value

    def sources(self) -> tuple[str, ...]:
        """The addresses where the facts can be checked, at least one."""
        values = self.texts("sources", least=1)
        for value in values:
            if not value.startswith("https://") or " " in value:
                raise self.fail("sources", f"'{value[:60]}' is not an https:// address")
        return values

    def dated(self, name: str) -> str:
        """Read a `{date: 2026-11-23, by: author}` field as `2026-11-23 by author`."""
        value = self.front.get(name)
        if not isinstance(value, dict) or set(value) != {"date", "by"}:
            raise self.fail(name, "must be {date: YYYY-MM-DD, by: who}")
        if not isinstance(value["date"], dt.date) or not isinstance(value["by"], str):
            raise self.fail(name, "date must be YYYY-MM-DD without quotes, by must be text")
        return f"{value['date'].isoformat()} by {value['by'].strip()}"
