"""The matchers over the shipped entries, built once for this folder."""

from __future__ import annotations

import pytest

from knowledge.search.define import TermIndex
from knowledge.search.diagnose import ErrorIndex
from tests.knowledge.search.conftest import read_errors, read_terms


@pytest.fixture(scope="session")
def error_index() -> ErrorIndex:
    return ErrorIndex.build(read_errors())


@pytest.fixture(scope="session")
def term_index() -> TermIndex:
    return TermIndex.build(read_terms())
