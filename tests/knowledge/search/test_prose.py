"""Likeness of descriptions and classes: what the measures promise, and that arrays add up as lists would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.prose import COVERAGE_HALF, NOT_ALIKE, Document, ProseIndex, Reading

WORDS = ["gpu", "memory", "slow", "crash", "template", "proxy", "download", "driver", "empty", "thread"]
DOCUMENTS = st.lists(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), max_size=4).map(
        lambda phrases: Document(text="\n".join(phrases) or "other", phrases=tuple(phrases))
    ),
    min_size=1,
    max_size=8,
)


def index(*phrases: str) -> ProseIndex:
    return ProseIndex([Document(text=phrase, phrases=(phrase,)) for phrase in phrases])


def test_the_class_that_says_it_is_nearest() -> None:
    found = index("the driver is old", "the template is broken", "the proxy refuses").score(
        "my template broke", 3, set()
    )
    assert (found[0].number, found[0].phrase) == (1, "the template is broken")
    assert found[0].opening > 0 < found[0].said


def test_a_text_that_shares_nothing_is_like_nothing() -> None:
    assert index("the driver is old", "the template is broken").score("zebra quagga", 5, {0, 1}) == []
    assert NOT_ALIKE.opening == 0


def test_no_classes_and_no_text() -> None:
    assert ProseIndex([]).score("anything at all", 5, set()) == []
    assert index("the driver is old").score("", 5, {0}) == []


def test_what_is_always_wanted_comes_too() -> None:
    found = index("driver driver old", "driver new", "driver").score("driver old", 1, {1, 2})
    assert {like.number for like in found} == {0, 1, 2}


def test_what_most_phrases_say_is_the_core() -> None:
    phrases = ("slow answer", "slow start", "slow", "driver", "slow prompt", "slow again")
    (core,) = ProseIndex([Document(text="\n".join(phrases), phrases=phrases)]).core
    assert "@slow" in core
    assert "driver" not in core


@given(DOCUMENTS, st.lists(st.sampled_from([*WORDS, "zebra"]), max_size=8).map(" ".join))
def test_measures_are_shares_and_coverage_adds_up(documents: list[Document], text: str) -> None:
    prose = ProseIndex(documents)
    found = prose.score(text, 20, set())
    assert len({like.number for like in found}) == len(found)
    for like in found:
        assert 0 <= like.opening <= like.anywhere <= 1
        assert 0 <= like.bm25 < 1
        assert -1e-6 <= like.said <= like.explained + 1e-6 <= 1 + 2e-6
        assert like.opening == pytest.approx(best_coverage(prose, documents[like.number], prose.read(text)), abs=1e-5)


def best_coverage(prose: ProseIndex, document: Document, reading: Reading) -> float:
    """The same sum word by word."""
    best = 0.0
    for phrase in document.phrases:
        bag = {token for sentence in prose.read(phrase).opening for token in sentence}
        full = sum(prose.idf(token) for token in bag)
        got = sum(prose.idf(token) for token in bag & reading.said)
        best = max(best, got * got / (full * (got + COVERAGE_HALF))) if full else best
    return best
