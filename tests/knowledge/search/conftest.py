"""The shipped error and glossary entries, read once for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import knowledge
from knowledge.catalog import ErrorClass, Term
from knowledge.search.define import TermIndex
from knowledge.search.diagnose import ErrorIndex
from knowledge.search.entries import error_from_markdown, term_from_markdown

CONTENT = Path(knowledge.__file__).parent / "content"


def read_errors() -> tuple[ErrorClass, ...]:
    files = sorted((CONTENT / "errors").glob("*.md"))
    return tuple(error_from_markdown(path.read_text(encoding="utf-8"), path.stem) for path in files)


def read_terms() -> tuple[Term, ...]:
    files = sorted((CONTENT / "glossary").glob("*.md"))
    return tuple(term_from_markdown(path.read_text(encoding="utf-8"), path.stem) for path in files)


@pytest.fixture(scope="session")
def errors() -> tuple[ErrorClass, ...]:
    return read_errors()


@pytest.fixture(scope="session")
def error_index(errors: tuple[ErrorClass, ...]) -> ErrorIndex:
    return ErrorIndex.build(errors)


@pytest.fixture(scope="session")
def terms() -> tuple[Term, ...]:
    return read_terms()


@pytest.fixture(scope="session")
def term_index(terms: tuple[Term, ...]) -> TermIndex:
    return TermIndex.build(terms)
