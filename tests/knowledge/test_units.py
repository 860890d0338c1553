"""Sizes as people read them."""

from __future__ import annotations

import pytest

from knowledge.units import GIB, gib_text, gib_texts


@pytest.mark.parametrize(
    ("size", "other", "texts"),
    [
        (7.6 * GIB, 7.5 * GIB, ("7.6 GiB", "7.5 GiB")),
        (7.52 * GIB, 7.46 * GIB, ("7.52 GiB", "7.46 GiB")),
        (7.502 * GIB, 7.501 * GIB, ("7.502 GiB", "7.501 GiB")),
        (8 * GIB, 8 * GIB, ("8.000 GiB", "8.000 GiB")),
    ],
)
def test_sizes_that_are_compared_look_different(size: float, other: float, texts: tuple[str, str]) -> None:
    assert gib_texts(size, other) == texts


def test_below_a_tenth_of_a_gib_it_is_mib() -> None:
    assert gib_text(GIB / 20) == "51 MiB"
