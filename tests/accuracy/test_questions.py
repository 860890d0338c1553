"""The floors of names and questions over the labelled rows (looked at while the rules were written: in-sample)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from knowledge.content_loader import build_knowledge, load_content
from knowledge.evaluate.questions import evaluate_questions, read_rows
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.route import route

pytestmark = pytest.mark.truth

FLOORS = {
    "in_sample_all_right": 0.85,
    "in_sample_quant_f1": 0.95,
    "in_sample_context_f1": 0.95,
    "in_sample_ram_f1": 0.95,
    "in_sample_engine_named_f1": 0.95,
    "in_sample_kv_f1": 0.95,
    "aliases_seen_first_right": 0.98,
    "aliases_ambiguous_told_share": 0.95,
}


@pytest.fixture(scope="module")
def index() -> NameIndex:
    knowledge = build_knowledge(load_content())
    return NameIndex.build(knowledge.models, knowledge.devices, knowledge.quants, knowledge.aliases)


def test_the_figures_hold_their_floors(index: NameIndex, truth_dir: Path) -> None:
    report = evaluate_questions(truth_dir, index)
    below = {name: report[name] for name, floor in FLOORS.items() if report[name] < floor}
    assert not below
    assert report["silent_wrong_pct"] <= 2.0


def test_questions_are_routed_to_fit_without_any_help_from_search(index: NameIndex, truth_dir: Path) -> None:
    routes = Counter(
        route(row["text"], parse(row["text"], index)) for row in read_rows(truth_dir / "fit_questions.jsonl")
    )
    assert routes["fit"] / routes.total() >= 0.96


def test_definitions_are_not_taken_for_fit_questions(index: NameIndex, truth_dir: Path) -> None:
    rows = [row for row in read_rows(truth_dir / "glossary_questions.jsonl") if row["expected"]]
    routes = Counter(route(row["text"], parse(row["text"], index), terms=(0.8,)) for row in rows)
    assert routes["define"] / routes.total() >= 0.95


def test_error_reports_are_routed_to_diagnosis(index: NameIndex, truth_dir: Path) -> None:
    rows = [row for row in read_rows(truth_dir / "errors.jsonl") if row["has_signature"]]
    routes = Counter(route(row["text"], parse(row["text"], index), errors=(0.7,)) for row in rows)
    assert routes["diagnose"] / routes.total() >= 0.95
