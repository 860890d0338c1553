"""Normal form, atoms and squashed keys: what spacing and width may not change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import BadInput
from knowledge.question.text import MAX_READ_CHARS, Atoms, bounded, normalise, same_name_keys, squash


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("GPT-OSS 120B", "gptoss120b"),
        ("gpt oss 120b", "gptoss120b"),
        ("RTX4060Ti", "rtx4060ti"),
        ("rtx 4060 ti", "rtx4060ti"),
        ("Qwen3.6 35B-A3B", "qwen3.6_35ba3b"),
        ("qwen3.6-35b-a3b", "qwen3.6_35ba3b"),
        ("llama 3 8b", "llama3_8b"),
        ("ｇｅｍｍａ　３", "gemma3"),
        ("ryzen\u200b ai\u202e max+", "ryzenaimax+"),
    ],
)
def test_the_same_name_has_the_same_key(written: str, key: str) -> None:
    assert squash(normalise(written)) == key


def test_two_numbers_never_run_together() -> None:
    assert squash("llama 3 8b") != squash("llama 38b")


def test_versions_are_also_written_without_their_dot() -> None:
    assert same_name_keys("qwen3.6_27b") == ("qwen3.6_27b", "qwen3_6_27b", "qwen36_27b")
    assert same_name_keys("phi4") == ("phi4",)


@given(st.text(max_size=200))
def test_atoms_and_squash_agree_and_spans_point_at_the_words(text: str) -> None:
    low = normalise(text)
    atoms = Atoms(low)
    assert atoms.key == squash(low)
    assert [low[start:end] for start, end in atoms.spans] == atoms.words
    assert len(atoms.starts) == len(atoms.ends) == len(atoms.words)


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.lists(st.sampled_from(["gemma", "3", "27", "b", "it", "q"]), min_size=1, max_size=6), st.sampled_from(" -_"))
def test_the_separator_does_not_matter(words: list[str], separator: str) -> None:
    assert squash(separator.join(words)) == squash(" ".join(words))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert bounded("a" * 10) == ("a" * 10, False)
    read, truncated = bounded("a" * (MAX_READ_CHARS + 1))
    assert truncated
    assert len(read) == MAX_READ_CHARS


@pytest.mark.parametrize("text", ["", "   \n\t"])
def test_an_empty_text_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput, match="empty"):
        bounded(text)


def test_an_absurdly_long_text_is_bad_input() -> None:
    with pytest.raises(BadInput, match="too long"):
        bounded("x" * 25_000_001)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rtx  3060\t12gb", "rtx 3060 12gb"),
        ("RTX\u20113060 \u221212", "rtx-3060 -12"),
        ("Qwen3\u00a08B", "qwen3 8b"),
        ("a\nb", "a\nb"),
    ],
)
def test_spaces_and_hyphens_are_of_one_kind(typed: str, meant: str) -> None:
    assert normalise(typed) == meant
