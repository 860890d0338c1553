"""Whether every number expression of the glossary can be computed from the catalogue beside it.

Pure: records in, problems out. It asks the same renderer that answers people.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.catalog import Knowledge
from knowledge.content_types import Content, Problem
from knowledge.errors import ContentError
from knowledge.numbers import Numbers


def number_problems(content: Content, knowledge: Knowledge, unsound: frozenset[str]) -> Iterator[Problem]:
    """Find entries whose figures cannot be computed, leaving out those already found `unsound`."""
    numbers = Numbers(knowledge)
    for term in content.terms:
        if term.id in unsound:
            continue
        sections = (
            ("definition", term.definition),
            ("Deeper dive", term.deeper),
            ("Practical example", term.practical),
        )
        for field, text in (*sections, ("Workflow example", term.workflow)):
            try:
                numbers.text(text, term.id)
            except ContentError as error:
                message = error.message.rstrip(".")
                yield content.place("term", term.id).problem(term.id, field, message[:1].lower() + message[1:])
