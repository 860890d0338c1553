"""Reads one page (buyer guide, quick answer, prompting kit: Markdown with front matter) into its record, or refuses it.

Pure: text in, `Page` out, `ContentError` naming the field otherwise. It computes no figure and follows no link: that
links lead somewhere and figures can be computed is `check`'s business. The format is explained in docs/content.md.
"""

from __future__ import annotations

import re
from typing import Final, Literal, cast

from knowledge.catalog import Page, Sampling
from knowledge.search.expressions import FUNCTIONS, ExpressionError, Functions, expressions
from knowledge.search.front_matter import Fields, fail, front_of

PageKind = Literal["guide", "answer", "kit"]
FOLDERS: Final[dict[str, PageKind]] = {"guides": "guide", "answers": "answer", "kits": "kit"}

PAGE_FUNCTIONS: Final[Functions] = {
    **FUNCTIONS,
    "fits": (("model", str), ("quant", str), ("device", str), ("count", int), ("ram_gib", int)),
    "price_usd": (("device", str),),
    "bpw": (("quant", str),),
    "loss": (("quant", str),),
    "unpriced": (),
    "budget_table": (("shelf", str), ("over_usd", int), ("to_usd", int)),
    "class_table": (("shelf", str), ("class", str), ("ram_gib", int)),
    "used_table": (("shelf", str),),
    "memory_table": (("n_ctx", int),),
    "quant_table": (),
    "cost_table": (("tokens_per_month", int),),
}
"""Every expression a page may hold: those of the glossary, and some that only make sense on a page."""

TABLES: Final = ("budget_table", "class_table", "used_table", "memory_table", "quant_table", "cost_table")
"""The expressions that render as a table: each stands on a line of its own."""

MAX_ANSWER_WORDS: Final = 120
_LENGTHS: Final = {"guide": (300, 9000), "answer": (80, 1200), "kit": (200, 3500)}
_FIELDS: Final = ("id", "title", "asks", "terms", "errors", "related", "sources", "reviewed", "settings", "shops")
_LITERAL_NUMBER = re.compile(r"\d[\d.,]*\s*(?:tok/s|t/s|tokens?/s\w*|tokens per second|GiB|MiB)|\$\s?\d", re.IGNORECASE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def page_from_markdown(text: str, id: str, kind: PageKind) -> Page:  # noqa: A002 - the catalogue's own name
    """Read the page in `text`; `id` is its file name without `.md`. Raises ContentError naming the field."""
    front, written = front_of(text, id)
    fields = Fields(front, id, "page", _FIELDS)
    body = written.strip()
    _check_body(id, kind, body)
    return Page(
        id=fields.id(),
        kind=kind,
        title=fields.text("title", most=90),
        asks=fields.texts("asks", least=3),
        terms=fields.texts("terms", least=1),
        errors=fields.texts("errors"),
        related=fields.texts("related"),
        sources=fields.sources(),
        reviewed=fields.dated("reviewed"),
        body=body,
        settings=_settings(fields, kind),
        shops=_shops(fields),
    )


def _check_body(id_: str, kind: PageKind, body: str) -> None:
    least, most = _LENGTHS[kind]
    if not least <= len(body) <= most:
        raise fail(id_, "body", f"{len(body)} characters; {least} to {most} are wanted")
    try:
        found = expressions(body, PAGE_FUNCTIONS)
    except ExpressionError as error:
        raise fail(id_, "body", str(error)) from error
    for one in found:
        line = body[body.rfind("\n", 0, one.start) + 1 : (body.find("\n", one.end) + 1 or len(body) + 1) - 1]
        if one.name in TABLES and line.strip() != body[one.start : one.end]:
            raise fail(id_, "body", f"{one.name}(…) must stand on a line of its own")
    plain = _CODE.sub(" ", _BRACES.sub(" ", body))
    if by_hand := _LITERAL_NUMBER.search(plain):
        hint = "Have it computed: see the expressions in docs/content.md."
        raise fail(id_, "body", f"'{by_hand[0]}' is written by hand", hint)
    if "](http" in plain or "http://" in plain or "https://" in plain:
        raise fail(id_, "body", "holds an address", "Addresses belong under sources, shops under shops.")


def _settings(fields: Fields, kind: PageKind) -> tuple[Sampling, ...]:
    value = fields.front.get("settings") or []
    if (kind == "kit") != bool(value):
        raise fields.fail("settings", "a kit says what model makers recommend, other pages do not")
    known = {"model", "values", "source"}
    good = isinstance(value, list) and all(isinstance(one, dict) and set(one) == known for one in value)
    if not good or not all(isinstance(text, str) and text.strip() for one in value for text in one.values()):
        raise fields.fail("settings", "must be a list of {model, values, source} texts")
    for one in value:
        if not one["source"].startswith("https://"):
            raise fields.fail("settings", f"'{one['source'][:60]}' is not an https:// address")
    return tuple(Sampling(**cast("dict[str, str]", one)) for one in value)


def _shops(fields: Fields) -> tuple[str, ...]:
    shops = fields.texts("shops")
    for shop in shops:
        if not shop.startswith("https://") or " " in shop:
            raise fields.fail("shops", f"'{shop[:60]}' is not an https:// address")
    return shops
