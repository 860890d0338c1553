"""Measures which terms the matcher names for questions people asked, and fits its weights. Changes nothing.

The weights are fitted on labelled questions by ridge-regularised maximum likelihood; a question's figures "left out"
come from weights that saw no question, labelled or our own, about the same term. The sets in `MEASURED` are reported;
those in `DEVELOPMENT` too are in-sample, and own/README.md tells what they read when written.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge.catalog import Term
from knowledge.search.define import TermIndex
from knowledge.search.readings import TERM_FEATURES
from knowledge.search.term_weights import TERM_BONUS, TERM_WEIGHTS

Floats = NDArray[np.float64]

FOLDS: Final = 5
SALTS: Final = ("", "a", "b")
"""Ways to part the terms into folds; figures are means over them."""
RIDGE: Final = 0.0003
STEPS: Final = 500
OWN: Final = Path(__file__).parent / "own"
DEVELOPMENT: Final = (
    *("definitions.tsv", "definitions_fresh.tsv", "definitions_forms.tsv", "definitions_titles.tsv"),
    *("definitions_chatter.tsv", "definitions_strangers.tsv", "definitions_drawn.tsv", "definitions_drawn_again.tsv"),
    "definitions_newcomers.tsv",
)
MEASURED: Final = (
    *("held_out", "strangers", "drawn", "drawn_again", "newcomers", "newcomers_again", "abroad", "abroad_again"),
    *("newcomers_third", "stories"),
)
"""Sets of our own whose figures are reported: `definitions_NAME.tsv`."""
LABELLED_COUNT: Final = 8.0
"""So much a labelled question counts in the fit; one of our own counts 1."""
CUE_COUNT: Final = 0.1
CUE_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the ids of the terms it asks about; none where it asks about no term."""

    text: str
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cases:
    """Questions laid out for fitting: readings × numbers, which readings are there, and which one is right."""

    questions: tuple[Question, ...]
    readings: tuple[tuple[frozenset[str], ...], ...]
    features: Floats
    real: NDArray[np.bool_]
    right: NDArray[np.bool_]
    counts: Floats
    """How much each question counts in a fit."""


def read_questions(truth_dir: Path) -> list[Question]:
    """Read glossary_questions.jsonl."""
    lines = (truth_dir / "glossary_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(row["text"], frozenset(row["expected"])) for row in map(json.loads, lines)]


def lay_out(questions: Sequence[Question], index: TermIndex) -> Cases:
    """Lay out the readings of every question; right are those with most of the expected terms and nothing else."""
    found = [index.readings(question.text) for question in questions]
    most = max(len(readings) for readings in found)
    features = np.zeros((len(found), most, len(TERM_FEATURES)))
    real = np.zeros((len(found), most), dtype=bool)
    right = np.zeros((len(found), most), dtype=bool)
    for n, (question, readings) in enumerate(zip(questions, found, strict=True)):
        features[n, : len(readings)] = [reading.features for reading in readings]
        real[n, : len(readings)] = True
        worth = [_worth(question.expected, frozenset(reading.ids)) for reading in readings]
        right[n, : len(readings)] = [value == max(worth) for value in worth]
    sets = tuple(tuple(frozenset(reading.ids) for reading in readings) for readings in found)
    return Cases(tuple(questions), sets, features, real, right, np.ones(len(questions)))


def _worth(expected: frozenset[str], found: frozenset[str]) -> float:
    """How good an answer is: 1 for the exact set, less for some of it, least where nothing is right."""
    every = expected | found
    return len(expected & found) / len(every) if every else 1.0


def chances(cases: Cases, weights: Floats, rows: NDArray[np.bool_] | slice = slice(None)) -> Floats:
    """Give each reading's probability."""
    return _softmax(cases.features[rows] @ weights, cases.real[rows])


def _softmax(scores: Floats, real: NDArray[np.bool_]) -> Floats:
    kept = np.where(real, scores, -np.inf)
    odds: Floats = np.exp(kept - kept.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def fit(cases: Cases, rows: NDArray[np.bool_] | slice = slice(None)) -> Floats:
    """Fit the weights by ridge-regularised maximum likelihood of a right reading, with Adam from zero."""
    counts, features, real, right = cases.counts[rows], cases.features[rows], cases.real[rows], cases.right[rows]
    flat = np.ascontiguousarray(features).reshape(-1, len(TERM_FEATURES))
    weights = np.zeros(len(TERM_FEATURES))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        shares = _softmax((flat @ weights).reshape(real.shape), real)
        wanted = shares * right
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
        slope = ((shares - wanted) * counts[:, None]).reshape(-1) @ flat / counts.sum()
        gradient = slope + RIDGE * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights = weights - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights


def cross_validate(cases: Cases, salt: str = "") -> Floats:
    """Give every reading's probability from weights fitted without the questions about the same terms."""
    folds = np.array([_fold(question, salt) for question in cases.questions])
    shares = np.zeros(cases.real.shape)
    for fold in range(FOLDS):
        shares[folds == fold] = chances(cases, fit(cases, folds != fold), folds == fold)
    return shares


def _fold(question: Question, salt: str) -> int:
    key = salt + (min(question.expected) if question.expected else question.text)
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % FOLDS


def named(cases: Cases, shares: Floats, bonus: float = TERM_BONUS) -> list[frozenset[str]]:
    """Give the terms named for each question at these probabilities."""
    found = []
    for readings, row in zip(cases.readings, shares.tolist(), strict=True):
        worth = [share * math.exp(bonus) if ids else share for ids, share in zip(readings, row, strict=False)]
        found.append(readings[worth.index(max(worth))])
    return found


def figures(questions: Sequence[Question], got: Sequence[frozenset[str]]) -> dict[str, float]:
    """Give the shares of exact sets, of questions with at least one right term, and of strangers refused."""
    pairs = list(zip(questions, got, strict=True))
    return {
        "rows": len(pairs),
        "exact": _share([found == question.expected for question, found in pairs]),
        "at_least_one": _share([bool(found & question.expected) for question, found in pairs if question.expected]),
        "out_of_scope_refused": _share([not found for question, found in pairs if not question.expected]),
    }


def read_own(name: str) -> list[Question]:
    """Read terms and question of each row of a file in `own` (its README tells the form)."""
    rows = (line.split("\t", 1) for line in (OWN / name).read_text(encoding="utf-8").splitlines())
    return [Question(text, frozenset(id_ for id_ in ids.split(",") if id_)) for ids, text in rows]


def cues_left_out(terms: Sequence[Term]) -> Iterator[Cases]:
    """Lay out the terms' own cues as questions, each before an index that lacks it."""
    for part in range(CUE_PARTS):
        kept = [replace(t, cues=tuple(c for n, c in enumerate(t.cues) if n % CUE_PARTS != part)) for t in terms]
        questions = [Question(c, frozenset({t.id})) for t in terms for c in t.cues[part::CUE_PARTS]]
        yield lay_out(questions, TermIndex.build(kept))


def joined(parts: Sequence[tuple[Cases, float]]) -> Cases:
    """Give the rows of all parts, padded to the longest list of readings; a row counts as often as its part says."""
    most = max(part.real.shape[1] for part, _ in parts)
    gaps = [(part, (0, most - part.real.shape[1])) for part, _ in parts]
    return Cases(
        tuple(question for part, _ in parts for question in part.questions),
        tuple(readings for part, _ in parts for readings in part.readings),
        np.concatenate([np.pad(part.features, ((0, 0), gap, (0, 0))) for part, gap in gaps]),
        np.concatenate([np.pad(part.real, ((0, 0), gap)) for part, gap in gaps]),
        np.concatenate([np.pad(part.right, ((0, 0), gap)) for part, gap in gaps]),
        np.concatenate([np.full(len(part.questions), count) for part, count in parts]),
    )


def fit_shipped(truth_dir: Path, terms: Sequence[Term]) -> Floats:
    """Fit the weights as they are shipped: labelled questions, our own, and the cues left out (about a minute)."""
    index = TermIndex.build(terms)
    parts = [(lay_out(read_questions(truth_dir), index), LABELLED_COUNT), (_own(index), 1.0)]
    return fit(joined([*parts, *((cues, CUE_COUNT) for cues in cues_left_out(terms))]))


def _own(index: TermIndex) -> Cases:
    return lay_out([question for name in DEVELOPMENT for question in read_own(name)], index)


def asked(questions: Sequence[Question], index: TermIndex) -> list[frozenset[str]]:
    """Give the terms that the product names for each question."""
    return [frozenset(hit.id for hit in index.define(question.text)) for question in questions]


def evaluate_glossary(truth_dir: Path, index: TermIndex) -> dict[str, Any]:
    """Measure `define`: as it is shipped, with terms left out of the fit, and on sets of our own."""
    questions = read_questions(truth_dir)
    got = asked(questions, index)
    cases = joined([(lay_out(questions, index), LABELLED_COUNT), (_own(index), 1.0)])
    plain = [frozenset(hit.id for hit in index.certain(question.text)) for question in questions]
    parted = [named(cases, cross_validate(cases, salt)) for salt in SALTS]
    weighed = [[sure or found for sure, found in zip(plain, got, strict=False)] for got in parted]
    left_out = [figures(questions, got) for got in weighed]
    reported = {name: read_own(f"definitions_{name}.tsv") for name in MEASURED}
    misses = [
        {"question": question.text, "got": sorted(found), "expected": sorted(question.expected)}
        for question, found in zip(questions, got, strict=True)
        if found != question.expected
    ]
    return {
        **figures(questions, got),
        **{
            f"terms_left_out_{name}": sum(one[name] for one in left_out) / len(left_out)
            for name in left_out[0]
            if name != "rows"
        },
        **{
            f"own_{name}_{figure}": value
            for name, own in reported.items()
            for figure, value in figures(own, asked(own, index)).items()
        },
        "misses": misses,
    }


def shipped() -> Floats:
    """Give the product's weights."""
    return np.array(TERM_WEIGHTS)


def _share(outcomes: list[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0
