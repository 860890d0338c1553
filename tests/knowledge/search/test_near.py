"""Words found by what deleting letters leaves of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.near import NearWords, deletions

WORDS = st.text("abcdé", min_size=2, max_size=7)


def test_deletions_of_a_word() -> None:
    assert deletions("abc", 1) == {"abc", "ab", "ac", "bc"}
    assert deletions("abc", 2) == {"abc", "ab", "ac", "bc", "a", "b", "c"}
    assert deletions("", 2) == {""}


@given(st.sets(WORDS, max_size=20), WORDS, st.integers(0, 2))
def test_the_words_that_leave_a_text_are_found(words: set[str], left: str, edits: int) -> None:
    near = NearWords((word, edits) for word in sorted(words))
    assert sorted(near.of(left)) == sorted(word for word in words if left in deletions(word, edits))


def test_no_words_are_no_fault() -> None:
    assert list(NearWords(()).of("kv")) == []
