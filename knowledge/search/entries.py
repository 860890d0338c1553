"""Reads one glossary or error entry (Markdown with front matter) into its record, and refuses what is not well-formed.

Pure: text in, `Term` or `ErrorClass` out, `ContentError` naming the field otherwise. It opens no files and does not
know the other entries: links between them, unique aliases and "an example finds itself first" are `check`'s business.
The format is explained, with a commented template of each kind, in docs/content.md.
"""

from __future__ import annotations

import re
from typing import Any, Final

import re2

from knowledge.catalog import ErrorClass, Fix, Signature, Term
from knowledge.search.expressions import ExpressionError, expressions
from knowledge.search.front_matter import Fields, fail, split_entry
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
_LITERAL_NUMBER = re.compile(r"\d[\d.,]*\s*(?:tok/s|t/s|tokens?/s\w*|tokens per second|GiB|MiB)", re.IGNORECASE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_ITEM = re.compile(r"^(\d+)\.\s+", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```[ \t]*$", re.MULTILINE | re.DOTALL)
_TRAILING_COMMAND = re.compile(r":\s*`([^`\n]+)`\.?\s*$")


def term_from_markdown(text: str, id: str) -> Term:  # noqa: A002 - the catalogue's own name
    """Read the glossary entry in `text`; `id` is its file name without `.md`. Raises ContentError naming the field."""
    front, sections = split_entry(text, id, _TERM_SECTIONS)
    fields = Fields(front, id, "term", _TERM_FIELDS)
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
        guides=fields.texts("guides"),
        sources=fields.sources(),
        reviewed=fields.dated("reviewed"),
        definition=sections["definition"],
        deeper=sections["Deeper dive"],
        practical=sections["Practical example"],
        workflow=sections["Workflow example"],
    )


def error_from_markdown(text: str, id: str) -> ErrorClass:  # noqa: A002 - the catalogue's own name
    """Read the error entry in `text`; `id` is its file name without `.md`. Raises ContentError naming the field."""
    front, sections = split_entry(text, id, _ERROR_SECTIONS)
    fields = Fields(front, id, "error", _ERROR_FIELDS)
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


def _signatures(fields: Fields) -> tuple[Signature, ...]:
    value = fields.front.get("signatures") or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise fields.fail("signatures", "must be a list of {pattern: …} records")
    return tuple(_signature(fields, item, f"signatures[{n}]") for n, item in enumerate(value))


def _signature(fields: Fields, item: dict[str, Any], where: str) -> Signature:
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
        raise fail(
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
        raise fail(
            id_, where, f"RE2 cannot compile '{pattern}'", "Look-around and back-references do not exist in RE2."
        ) from error
    if compiled.search("") is not None:
        raise fail(id_, where, f"'{pattern}' matches an empty text")
    if must_search and required_literals(pattern) is None:
        raise fail(id_, where, f"'{pattern}' holds no run of 3 plain characters to look for")
    return pattern


def _fenced(id_: str, name: str, section: str) -> str:
    blocks = _FENCE.findall(section)
    if len(blocks) != 1 or _FENCE.sub("", section).strip():
        raise fail(id_, f"## {name}", "must be exactly one fenced block (```text … ```)")
    return str(blocks[0]).strip("\n")


def _fixes(id_: str, section: str) -> tuple[Fix, ...]:
    """Read the list of a Fixes section; an item's command is its fenced block, or backticks after a final colon."""
    pieces = _ITEM.split(section)
    if pieces[0].strip() or len(pieces) < 3:
        raise fail(id_, "## Fixes", "must be an ordered list (1. … 2. …), nothing else")
    numbers = [int(number) for number in pieces[1::2]]
    if numbers != list(range(1, len(numbers) + 1)):
        raise fail(id_, "## Fixes", f"items are numbered {numbers}; count 1, 2, 3 …")
    return tuple(_fix(id_, n, item) for n, item in zip(numbers, pieces[2::2], strict=True))


def _fix(id_: str, number: int, item: str) -> Fix:
    fenced = _FENCE.findall(item)
    if len(fenced) > 1:
        raise fail(id_, "## Fixes", f"item {number} has {len(fenced)} fenced blocks; one command an item")
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
        raise fail(
            id_,
            f"## {name}",
            f"'{found[0]}' is written by hand",
            'Have it computed: {{ decode_tok_s("model-id", "Q4_K_M", "device-id") }}; see docs/content.md.',
        )


def _check_expressions(id_: str, name: str, section: str) -> None:
    try:
        expressions(section)
    except ExpressionError as error:
        raise fail(id_, f"## {name}" if name != "definition" else name, str(error)) from error
