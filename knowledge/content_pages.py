"""Whether guides, answers and kits hold what they promise: links that lead somewhere, figures that compute, lengths.

Pure: records in, problems out. It asks the same renderer that answers people. The form of a page is checked where it
is read (`search.page_entries`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from knowledge.answers import Answers
from knowledge.catalog import Knowledge, Page
from knowledge.cloud_prices import CloudPrice
from knowledge.content_schema import nearest
from knowledge.content_types import Content, Problem
from knowledge.errors import ContentError
from knowledge.guides import Guides
from knowledge.search.page_entries import MAX_ANSWER_WORDS
from knowledge.search.pages import PageIndex

MAX_PART_CHARS: Final = 4096
"""What one card holds: of a guide each part under a heading has to fit, of a shorter page all of it."""


def page_link_problems(content: Content) -> Iterator[Problem]:
    """Find pages that link to entries which are not there, and terms that link to guides which are not there."""
    valid: dict[str, dict[str, str]] = {
        "terms": {term.id: "term" for term in content.terms},
        "errors": {error.id: "error" for error in content.errors},
        "related": {page.id: page.kind for page in content.pages},
    }
    for page in content.pages:
        place = content.place("page", page.id)
        for field, targets in (("terms", page.terms), ("errors", page.errors), ("related", page.related)):
            for target in targets:
                if target == page.id:
                    yield place.problem(page.id, field, "links to itself", "Remove it.")
                elif target not in valid[field]:
                    yield place.problem(page.id, field, f"there is no '{target}'", nearest(target, valid[field]))
    guides = {page.id for page in content.pages if page.kind == "guide"}
    for term in content.terms:
        for target in term.guides:
            if target not in guides:
                place = content.place("term", term.id)
                yield place.problem(term.id, "guides", f"there is no guide '{target}'", nearest(target, guides))


def page_problems(
    content: Content, knowledge: Knowledge, prices: Mapping[str, CloudPrice], unsound: frozenset[str]
) -> Iterator[Problem]:
    """Find pages whose figures cannot be computed, that no card holds, or that their own question does not find."""
    guides = Guides(Answers(knowledge), prices)
    index = PageIndex.build(content.pages)
    for page in (page for page in content.pages if page.id not in unsound):
        place = content.place("page", page.id)
        for way in (page.title, *page.asks):
            if page.id not in index.find(way):
                found = ", ".join(index.find(way)) or "nothing"
                yield place.problem(page.id, "asks", f"asking '{way}' finds {found}", "Word one of them otherwise.")
        try:
            body = guides.render(page).body
        except ContentError as error:
            yield place.problem(page.id, "body", error.message[:1].lower() + error.message[1:].rstrip("."))
            continue
        yield from (place.problem(page.id, "body", said) for said in _too_long(page, body))


def _too_long(page: Page, body: str) -> Iterator[str]:
    if page.kind == "answer":
        words = len(body.split())
        if words > MAX_ANSWER_WORDS:
            yield f"{words} words with its figures; at most {MAX_ANSWER_WORDS} are wanted"
    parts = re.split(r"^## ", body, flags=re.MULTILINE) if page.kind == "guide" else [body]
    for part in parts:
        if len(part) > MAX_PART_CHARS:
            yield f"'{part[:40]}…' is {len(part)} characters with its figures; a card holds {MAX_PART_CHARS}"
