"""Floors on the questions and descriptions of our own (tests/accuracy/own and knowledge/evaluate/own).

The entries' phrasings were written after the first sets and before the `_fresh` ones were looked at, and the weights
were fitted on them: those floors catch what breaks, they prove nothing about strangers. The sets held out
were written before the phrasings that go with them (by the same hand) and no weight has seen them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from knowledge.content_loader import build_knowledge, load_content
from knowledge.evaluate.errors import OWN as ERRORS
from knowledge.evaluate.errors import read_descriptions
from knowledge.evaluate.glossary import asked, figures, read_own
from knowledge.evaluate.questions import same_hardware, same_model
from knowledge.question.engines import read_engine
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.route import route
from knowledge.question.text import normalise
from knowledge.search.define import TermIndex
from knowledge.search.diagnose import ErrorIndex

OWN = Path(__file__).parent / "own"

DEFINITIONS = [
    ("definitions.tsv", 0.88, 0.88, 0.8),
    ("definitions_fresh.tsv", 0.79, 0.8, 0.85),
    ("definitions_forms.tsv", 0.8, 0.86, 0.7),
    ("definitions_held_out.tsv", 0.87, 0.9, 0.8),
    ("definitions_strangers.tsv", 0.72, 0.86, 0.8),
    ("definitions_drawn.tsv", 0.78, 0.82, 0.8),
    ("definitions_drawn_again.tsv", 0.78, 0.82, 0.8),
    ("definitions_stories.tsv", 0.5, 0.68, 0.8),
]
DESCRIPTIONS = [
    ("descriptions.tsv", 0.9, 0.08),
    ("descriptions_fresh.tsv", 0.6, 0.08),
    ("descriptions_blind.tsv", 0.8, 0.08),
    ("descriptions_held_out.tsv", 0.78, 0.08),
    ("descriptions_strangers.tsv", 0.78, 0.08),
]
"""Set → at least so many of its descriptions find their class among three, at most so many strangers find any."""


def rows(name: str) -> Iterator[list[str]]:
    for line in (OWN / name).read_text(encoding="utf-8").splitlines():
        yield line.split("\t")


def test_labels_are_ids(term_index: TermIndex, error_index: ErrorIndex) -> None:
    knowledge = build_knowledge(load_content())
    terms = {id_ for name, *_ in DEFINITIONS for question in read_own(name) for id_ in question.expected}
    errors = {label for name, *_ in DESCRIPTIONS for label, _ in read_descriptions(name)}
    assert terms <= set(knowledge.terms)
    assert errors - {"none"} <= set(knowledge.errors)


@pytest.mark.parametrize(("name", "exact", "one", "refused"), DEFINITIONS)
def test_definitions(term_index: TermIndex, name: str, exact: float, one: float, refused: float) -> None:
    questions = read_own(name)
    got = figures(questions, asked(questions, term_index))
    assert got["exact"] >= exact
    assert got["at_least_one"] >= one
    assert got["out_of_scope_refused"] >= refused


@pytest.mark.parametrize(("name", "among", "alarms"), DESCRIPTIONS)
def test_descriptions(error_index: ErrorIndex, name: str, among: float, alarms: float) -> None:
    right, alarmed = [], []
    for expected, text in read_descriptions(name):
        found = [hit.id for hit in error_index.diagnose(text)]
        if expected == "none":
            alarmed.append(bool(found))
        else:
            right.append(expected in found)
    assert sum(right) / len(right) >= among
    assert sum(alarmed) / len(alarmed) <= alarms


def test_programs_that_run_well_raise_no_alarm(error_index: ErrorIndex) -> None:
    logs = (ERRORS / "normal_logs.txt").read_text(encoding="utf-8").split("=====\n")
    alarmed = [log[:60] for log in logs if error_index.diagnose(log)]
    assert len(logs) >= 25
    assert len(alarmed) <= 0.08 * len(logs), alarmed


def test_what_strangers_write_of_other_things_raises_few_alarms(error_index: ErrorIndex) -> None:
    texts = (ERRORS / "strangers_none.txt").read_text(encoding="utf-8").split("=====\n")
    alarmed = [text[:60] for text in texts if error_index.diagnose(text)]
    assert len(texts) >= 60
    assert len(alarmed) <= 0.08 * len(texts), alarmed


def test_fit_questions() -> None:
    knowledge = build_knowledge(load_content())
    index = NameIndex.build(knowledge.models, knowledge.devices, knowledge.quants, knowledge.aliases)
    right, routed = [], []
    for model, hardware, _, text in rows("questions.tsv"):
        question = parse(text, index)
        devices = [device_of(part) for part in hardware.split(";") if part]
        right.append(same_model(model or None, question, index) and same_hardware(devices, question.hardware, index))
        routed.append(route(text, question) == "fit")
    assert sum(right) / len(right) >= 0.95
    assert sum(routed) / len(routed) >= 0.96


def test_engines() -> None:
    found = [(engine, read_engine(normalise(text)).name or "") for engine, text in own_rows("engines_held_out.tsv")]
    right = sum(engine == name != "" for engine, name in found)
    assert 2 * right / sum((engine != "") + (name != "") for engine, name in found) >= 0.88


def test_routes(term_index: TermIndex, error_index: ErrorIndex) -> None:
    knowledge = build_knowledge(load_content())
    index = NameIndex.build(knowledge.models, knowledge.devices, knowledge.quants, knowledge.aliases)
    right = []
    for where, text in own_rows("routes_held_out.tsv"):
        terms = [hit.score for hit in term_index.define(text)]
        errors = [hit.confidence for hit in error_index.diagnose(text)]
        right.append(route(text, parse(text, index), terms=terms, errors=errors) == where)
    assert sum(right) / len(right) >= 0.92


def test_tales_of_faults_are_told_from_questions_by_the_text_alone() -> None:
    knowledge = build_knowledge(load_content())
    index = NameIndex.build(knowledge.models, knowledge.devices, knowledge.quants, knowledge.aliases)
    right = [route(text, parse(text, index)) == where for where, text in own_rows("routes_told.tsv")]
    assert sum(right) / len(right) >= 0.88


def own_rows(name: str) -> Iterator[list[str]]:
    for line in (ERRORS / name).read_text(encoding="utf-8").splitlines():
        yield line.split("\t")


def device_of(written: str) -> Mapping[str, Any]:
    """Read `2x name@GiB`."""
    count, _, name = written.rpartition("x ") if written[:1].isdigit() and "x " in written[:4] else ("1", "", written)
    name, _, memory = name.partition("@")
    return {"name": name, "count": int(count), **({"vram": int(memory)} if memory else {})}
