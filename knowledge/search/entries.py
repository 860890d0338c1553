"""Reads one glossary or error entry (Markdown with front matter) into its record, and refuses what is not well-formed.

Pure: text in, `Term` or `ErrorClass` out, `ContentError` naming the field otherwise. It opens no files and does not
know the other entries: links between them, unique aliases and "an example finds itself first" are `check`'s business.
The format is explained, with a commented template of each kind, in docs/content.md.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

import re2
import yaml

from knowledge.catalog import ErrorClass, Fix, Signature, Term
from knowledge.errors import ContentError
from knowledge.search.expressions import ExpressionError, expressions
from knowledge.search.literals import required_literals

TERM_CATEGORIES: Final = (
    "Foundations",
    "Model architecture",
    "Model families",
    "Quantization",
    "File formats",
    "Memory",
    "Context & attention",
    "Inference & serving",
    "Sampling",
    "Prompting",
    "Runtimes & tools",
    "Software platforms",
    "Hardware",
    "Evaluation metrics",
    "Fine-tuning & training",
    "RAG & embeddings",
    "Agents & tools",
    "Multimodal",
    "Image & video generation",
    "MLOps & deployment",
    "Safety & licensing",
)
ERROR_CATEGORIES: Final = (
    "Out of memory",
    "GPU & drivers",
    "Install & build",
    "Model files & loading",
    "Options & compatibility",
    "Tokenizer & templates",
    "Context & cache",
    "Output quality",
    "Speed",
    "Crash & hang",
    "Server & network",
    "Download & disk",
    "Image generation",
)
GUIDES: Final = ("best-gpu-for-local-ai", "best-laptop-for-local-ai", "best-mac-for-local-ai")
CONFIRMED: Final = ("maintainer", "docs", "report", "unconfirmed")

# (least, most) characters of each section, so that an entry fills a card and never overflows it
_TERM_SECTIONS: Final = {
    "definition": (80, 700),
    "Deeper dive": (120, 1600),
    "Practical example": (80, 1000),
    "Workflow example": (80, 1200),
}
_ERROR_SECTIONS: Final = {
    "Example": (10, 2500),
    "Cause": (60, 1200),
    "Fixes": (40, 2400),
    "Verify": (20, 800),
    "Notes": (0, 800),
}
_OPTIONAL_SECTIONS: Final = {"Notes"}
_TERM_FIELDS: Final = (
    "id",
    "term",
    "category",
    "aliases",
    "cues",
    "related",
    "errors",
    "guides",
    "sources",
    "reviewed",
)
_ERROR_FIELDS: Final = (
    *("id", "title", "category", "tools", "platforms", "rank", "confirmed"),
    *("signatures", "not_signatures", "cues", "related", "sources", "verified"),
)
_SIGNATURE_FIELDS: Final = ("pattern", "versions", "weight")
_ID = {"term": re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*"), "error": re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")}
_LITERAL_NUMBER = re.compile(r"\d[\d.,]*\s*(?:tok/s|t/s|tokens?/s\w*|tokens per second|GiB|MiB)", re.IGNORECASE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_ITEM = re.compile(r"^(\d+)\.\s+", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```[ \t]*$", re.MULTILINE | re.DOTALL)
_TRAILING_COMMAND = re.compile(r":\s*`([^`\n]+)`\.?\s*$")
MAX_ENTRY_CHARS: Final = 16_000


def term_from_markdown(text: str, id: str) -> Term:  # noqa: A002 - the catalogue's own name
    """Read the glossary entry in `text`; `id` is its file name without `.md`. Raises ContentError naming the field."""
    front, sections = _split(text, id, _TERM_SECTIONS)
    fields = _Fields(front, id, "term", _TERM_FIELDS)
    for name in ("Practical example", "Workflow example"):
        _no_literal_number(id, name, sections[name])
    for name, body in sections.items():
        _check_expressions(id, name, body)
    return Term(
        id=fields.id(),
        term=fields.text("term", most=80),
        category=fields.choice("category", TERM_CATEGORIES),
        aliases=fields.texts("aliases"),
        cues=fields.texts("cues"),
        related=fields.texts("related", least=1),
        errors=fields.texts("errors"),
        guides=fields.choices("guides", GUIDES),
        sources=fields.sources(),
        reviewed=fields.dated("reviewed"),
        definition=sections["definition"],
        deeper=sections["Deeper dive"],
        practical=sections["Practical example"],
        workflow=sections["Workflow example"],
    )


def error_from_markdown(text: str, id: str) -> ErrorClass:  # noqa: A002 - the catalogue's own name
    """Read the error entry in `text`; `id` is its file name without `.md`. Raises ContentError naming the field."""
    front, sections = _split(text, id, _ERROR_SECTIONS)
    fields = _Fields(front, id, "error", _ERROR_FIELDS)
    signatures = _signatures(fields)
    cues = fields.texts("cues", least=0 if signatures else 2)
    return ErrorClass(
        id=fields.id(),
        title=fields.text("title", most=100),
        category=fields.choice("category", ERROR_CATEGORIES),
        tools=fields.texts("tools", least=1),
        platforms=fields.texts("platforms", least=1),
        signatures=signatures,
        not_signatures=tuple(
            _pattern(id, "not_signatures", p, must_search=False) for p in fields.texts("not_signatures")
        ),
        cues=cues,
        rank=fields.whole("rank", 1, 5),
        confirmed=fields.choice("confirmed", CONFIRMED),
        sources=fields.sources(),
        related=fields.texts("related"),
        verified=fields.dated("verified"),
        example=_fenced(id, "Example", sections["Example"]),
        cause=sections["Cause"],
        fixes=_fixes(id, sections["Fixes"]),
        verify=sections["Verify"],
        notes=sections.get("Notes", ""),
    )


def _fail(id_: str, field: str, problem: str, hint: str = "") -> ContentError:
    return ContentError(f"{id_}.md: {field}: {problem}.", subject=f"{id_}.md: {field}", hint=hint)


def _split(text: str, id_: str, expected: Mapping[str, tuple[int, int]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Front matter and sections of an entry, each section checked for presence and length."""
    if len(text) > MAX_ENTRY_CHARS:
        raise _fail(id_, "file", f"{len(text)} characters, at most {MAX_ENTRY_CHARS} are allowed")
    parts = text.replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise _fail(id_, "front matter", "the file must begin with YAML between two lines of ---")
    try:
        front = yaml.load(parts[1], Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())[:200]
        raise _fail(
            id_, "front matter", f"not YAML ({problem})", "Quote text that holds : # [ { or a backslash."
        ) from error
    if not isinstance(front, dict):
        raise _fail(id_, "front matter", "must be fields with values")
    return front, _sections(parts[2], id_, expected)


def _sections(body: str, id_: str, expected: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    name, in_code = "definition", False
    for line in body.split("\n"):
        in_code ^= line.lstrip().startswith("```")
        if line.startswith("#") and not in_code:
            name = line.removeprefix("## ").strip()
            if not line.startswith("## ") or name not in expected:
                near = difflib.get_close_matches(name.lstrip("# "), expected, 1, 0.4)
                raise _fail(id_, line.strip()[:60], "no such section", f"Did you mean '## {near[0]}'?" if near else "")
            if name in found:
                raise _fail(id_, f"## {name}", "stands twice")
        else:
            found.setdefault(name, []).append(line)
    sections = {name: "\n".join(lines).strip() for name, lines in found.items()}
    if "definition" not in expected and sections.pop("definition", ""):
        raise _fail(id_, "body", "text before the first heading", f"Begin with '## {next(iter(expected))}'.")
    for name, (least, most) in expected.items():
        size = len(sections.get(name, ""))
        if not (least <= size <= most or (size == 0 and name in _OPTIONAL_SECTIONS)):
            raise _fail(id_, f"## {name}", f"{size} characters; {least} to {most} are wanted")
    return sections


class _Fields:
    """The front matter of one entry, read field by field with the checks each kind of value needs."""

    def __init__(self, front: dict[str, Any], id_: str, kind: str, known: tuple[str, ...]) -> None:
        self.front, self.entry, self.kind = front, id_, kind
        for name in front:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1, 0.4)
                raise self.fail(str(name), "no such field", f"Did you mean '{near[0]}'?" if near else "")

    def fail(self, field: str, problem: str, hint: str = "") -> ContentError:
        return _fail(self.entry, field, problem, hint)

    def id(self) -> str:
        value = self.text("id", most=60)
        if value != self.entry:
            raise self.fail("id", f"is '{value}' but the file is called '{self.entry}.md'")
        if not _ID[self.kind].fullmatch(value):
            raise self.fail(
                "id",
                f"small letters, digits and single {'hyphens' if self.kind == 'term' else 'underscores'} between them",
            )
        return value

    def text(self, name: str, most: int) -> str:
        value = self.front.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(name, "must be text", "Put it in quotes." if value is not None else "It is missing.")
        if len(value) > most:
            raise self.fail(name, f"{len(value)} characters, at most {most} are allowed")
        return value.strip()

    def texts(self, name: str, least: int = 0) -> tuple[str, ...]:
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
        return self._valid(name, self.text(name, most=80), valid)

    def choices(self, name: str, valid: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._valid(name, value, valid) for value in self.texts(name))

    def _valid(self, name: str, value: str, valid: tuple[str, ...]) -> str:
        if value not in valid:
            near = difflib.get_close_matches(value, valid, 1, 0.3) or [valid[0]]
            raise self.fail(name, f"'{value}' is not known", f"Did you mean '{near[0]}'? Valid: {', '.join(valid)}.")
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        value = self.front.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.fail(name, f"must be a whole number from {least} to {most}")
        return value

    def sources(self) -> tuple[str, ...]:
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


def _signatures(fields: _Fields) -> tuple[Signature, ...]:
    value = fields.front.get("signatures") or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise fields.fail("signatures", "must be a list of {pattern: …} records")
    return tuple(_signature(fields, item, f"signatures[{n}]") for n, item in enumerate(value))


def _signature(fields: _Fields, item: dict[str, Any], where: str) -> Signature:
    for name in item:
        if name not in _SIGNATURE_FIELDS:
            raise fields.fail(where, f"no field '{name}'", f"Valid: {', '.join(_SIGNATURE_FIELDS)}.")
    weight, versions = item.get("weight", 1.0), item.get("versions", "")
    if not isinstance(weight, int | float) or not 0 < weight <= 1:
        raise fields.fail(where, "weight must be above 0 and at most 1")
    if not isinstance(versions, str):
        raise fields.fail(where, "versions must be text in quotes")
    pattern = _pattern(fields.entry, where, item.get("pattern"), must_search=True)
    return Signature(pattern=pattern, versions=versions, weight=float(weight))


def _pattern(id_: str, where: str, pattern: object, *, must_search: bool) -> str:
    """`pattern` if RE2 can compile it, it cannot match nothing, and it holds some literal text."""
    if not isinstance(pattern, str) or not pattern or len(pattern) > 300:
        raise _fail(
            id_,
            where,
            "pattern must be text of 1 to 300 characters",
            "Use single quotes: backslashes stay as they are.",
        )
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile("(?im)" + pattern, options)
    except re2.error as error:
        raise _fail(
            id_, where, f"RE2 cannot compile '{pattern}'", "Look-around and back-references do not exist in RE2."
        ) from error
    if compiled.search("") is not None:
        raise _fail(id_, where, f"'{pattern}' matches an empty text")
    if must_search and required_literals(pattern) is None:
        raise _fail(id_, where, f"'{pattern}' holds no run of 3 plain characters to look for")
    return pattern


def _fenced(id_: str, name: str, section: str) -> str:
    blocks = _FENCE.findall(section)
    if len(blocks) != 1 or _FENCE.sub("", section).strip():
        raise _fail(id_, f"## {name}", "must be exactly one fenced block (```text … ```)")
    return str(blocks[0]).strip("\n")


def _fixes(id_: str, section: str) -> tuple[Fix, ...]:
    """Read the list of a Fixes section; an item's command is its fenced block, or backticks after a final colon."""
    pieces = _ITEM.split(section)
    if pieces[0].strip() or len(pieces) < 3:
        raise _fail(id_, "## Fixes", "must be an ordered list (1. … 2. …), nothing else")
    numbers = [int(number) for number in pieces[1::2]]
    if numbers != list(range(1, len(numbers) + 1)):
        raise _fail(id_, "## Fixes", f"items are numbered {numbers}; count 1, 2, 3 …")
    return tuple(_fix(id_, n, item) for n, item in zip(numbers, pieces[2::2], strict=True))


def _fix(id_: str, number: int, item: str) -> Fix:
    fenced = _FENCE.findall(item)
    if len(fenced) > 1:
        raise _fail(id_, "## Fixes", f"item {number} has {len(fenced)} fenced blocks; one command an item")
    text = " ".join(_FENCE.sub("", item).split())
    if fenced:
        command = "\n".join(line.strip() for line in str(fenced[0]).strip("\n").split("\n"))
        return Fix(text=text.removesuffix(":"), command=command)
    trailing = _TRAILING_COMMAND.search(text)
    if trailing:
        return Fix(text=text[: trailing.start()], command=trailing[1])
    return Fix(text=text)


def _no_literal_number(id_: str, name: str, section: str) -> None:
    found = _LITERAL_NUMBER.search(_CODE.sub(" ", re.sub(r"\{\{.*?\}\}", " ", section)))
    if found:
        raise _fail(
            id_,
            f"## {name}",
            f"'{found[0]}' is written by hand",
            'Have it computed: {{ decode_tok_s("model-id", "Q4_K_M", "device-id") }}; see docs/content.md.',
        )


def _check_expressions(id_: str, name: str, section: str) -> None:
    try:
        expressions(section)
    except ExpressionError as error:
        raise _fail(id_, f"## {name}" if name != "definition" else name, str(error)) from error
