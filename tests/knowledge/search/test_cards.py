"""Cards as people name them in a chat."""

from __future__ import annotations

import pytest

from knowledge.search.cards import concepts, makers


@pytest.mark.parametrize(
    ("word", "maker"),
    [
        ("3090", "nvidia"),
        ("gtx1660super", "nvidia"),
        ("rtx4090", "nvidia"),
        ("p40", "nvidia"),
        ("7900xt", "amd"),
        ("rx6600", "amd"),
        ("mi50", "amd"),
        ("780m", "amd"),
        ("a770", "intel"),
        ("b580", "intel"),
    ],
)
def test_the_maker_is_read_off_the_name(word: str, maker: str) -> None:
    assert makers([word]) == {maker}


@pytest.mark.parametrize("word", ["8080", "11434", "q4", "70b", "2048", "b9300", "12gb", "gemma", "1x", ""])
def test_ports_sizes_and_builds_are_no_cards(word: str) -> None:
    assert makers([word]) == set()
    assert concepts([word]) == []


def test_two_of_a_kind_are_several_cards() -> None:
    assert concepts(["2x3060"]) == ["@gpu", "@multigpu"]
    assert concepts(["1x3060"]) == ["@gpu"]
    assert concepts(["4xmi50"]) == ["@gpu", "@amd", "@multigpu"]
