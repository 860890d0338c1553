"""The same question in other dress gets the same answer: every shipped term in many ways to ask, alone and in pairs."""

from __future__ import annotations

import pytest

from knowledge.catalog import Term
from knowledge.search.define import TermIndex

ALONE = (
    "what is {}?",
    "{} meaning",
    "can someone explain {} to me pls",
    "what's the point of {}",
    "{} in ollama",
    "I keep seeing {} everywhere, what is that",
    "people talk about {}, what is it",
    "i dont get {}",
    "noob here, {}?",
    "was ist {}",
    "c'est quoi {}",
    "qué es {}",
    "cos'è {}",
    "{}是什么",
    "{}とは",
    "что такое {}",
)
PAIRS = (
    "{} vs {}",
    "{} or {} on a 3090?",
    "difference between {} and {}",
    "{} / {}",
    "is {} better than {}",
    "{} instead of {}?",
    "how does {} differ from {}",
)
PLACES = ("rocm on windows?", "triton on arch linux", "mlc llm on android")


@pytest.mark.parametrize("way", ALONE)
def test_each_term_is_found_however_it_is_asked_for(terms: tuple[Term, ...], term_index: TermIndex, way: str) -> None:
    asked = [(term.id, {hit.id for hit in term_index.define(way.format(term.term))}) for term in terms]
    wrong = [(id_, found) for id_, found in asked if found != {id_}]
    assert len(wrong) <= 0.01 * len(terms), wrong


@pytest.mark.parametrize("way", PAIRS)
def test_both_sides_are_found_however_they_are_compared(
    terms: tuple[Term, ...], term_index: TermIndex, way: str
) -> None:
    half = len(terms) // 2
    pairs = list(zip(terms[:half], terms[half:], strict=False))
    asked = [(a.id, b.id, {hit.id for hit in term_index.define(way.format(a.term, b.term))}) for a, b in pairs]
    wrong = [one for one in asked if one[2] != set(one[:2])]
    assert len(wrong) <= 0.02 * len(pairs), wrong


@pytest.mark.parametrize("question", PLACES)
def test_where_it_runs_is_not_asked_about(term_index: TermIndex, question: str) -> None:
    assert len(term_index.define(question)) == 1


@pytest.mark.parametrize("question", ["temperature in berlin", "tokens in monopoly", "a seed in the garden"])
def test_an_everyday_word_in_a_place_is_no_term(term_index: TermIndex, question: str) -> None:
    assert term_index.define(question) == ()
