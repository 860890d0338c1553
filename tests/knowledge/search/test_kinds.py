"""Sizes, amounts, quants and cards are told apart by how they are written."""

from __future__ import annotations

import pytest

from knowledge.search.kinds import kind_of


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("70b", "~params"),
        ("a3b", "~params"),
        ("24gb", "~bytes"),
        ("gigs", "~bytes"),
        ("32k", "~tokens"),
        ("8192", "~tokens"),
        ("q4_k_m", "~quant"),
        ("iq3_xxs", "~quant"),
        ("4bit", "~quant"),
        ("2080ti", "~card"),
        ("7900xtx", "~card"),
        ("00001-of-00004", "~part"),
        ("qwen3.5", "~family"),
        ("model", None),
        ("2026", None),
        ("b", None),
    ],
)
def test_kinds(word: str, kind: str | None) -> None:
    assert kind_of(word) == kind
