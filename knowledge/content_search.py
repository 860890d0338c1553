"""Whether search keeps its promises on the content: every error's example finds itself first, every term its own name.

Pure: records in, problems out. It builds the very indexes that answer people and asks them.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.content_types import Content, Problem
from knowledge.search.define import TermIndex
from knowledge.search.diagnose import ErrorIndex


def search_problems(content: Content) -> Iterator[Problem]:
    """Find entries that people would not be shown when they paste or ask for exactly them."""
    errors = ErrorIndex.build(content.errors)
    for error in content.errors:
        hits = errors.diagnose(error.example)
        if not hits or hits[0].id != error.id:
            found = f"{hits[0].id} by '{hits[0].matched[:60]}'" if hits else "nothing"
            hint = "Add or sharpen a signature, or give the other entry a not_signature."
            place = content.place("error", error.id)
            yield place.problem(error.id, "Example", f"the example log finds {found} first", hint)
    terms = TermIndex.build(content.terms)
    for term in content.terms:
        question = f"what is {term.term}?"
        if term.id not in {hit.id for hit in terms.define(question)}:
            place = content.place("term", term.id)
            yield place.problem(term.id, "term", f"asking '{question}' does not find it", "Add an alias.")
