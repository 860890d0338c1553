"""Glossary matching measured on questions people asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.evaluate.glossary import evaluate_glossary
from knowledge.search.define import TermIndex
from tests.conftest import skip_or_fail
from tests.knowledge.search.conftest import read_terms

ENOUGH_TERMS = 380


@pytest.mark.truth
def test_questions_lead_to_their_terms(truth_dir: Path) -> None:
    terms = read_terms()
    if len(terms) < ENOUGH_TERMS:
        skip_or_fail(f"only {len(terms)} of at least {ENOUGH_TERMS} terms are written")
    got = evaluate_glossary(truth_dir, TermIndex.build(terms))
    assert got["exact"] >= 0.75
    assert got["at_least_one"] >= 0.92
    assert got["out_of_scope_refused"] >= 0.8
