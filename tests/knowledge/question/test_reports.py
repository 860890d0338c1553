"""Tales of faults are told from questions, whatever model and machine they name."""

from __future__ import annotations

import pytest

from knowledge.question.reports import asks_anything, tells_what_came_of_it, tells_what_it_does


@pytest.mark.parametrize(
    ("text", "came", "does", "asks"),
    [
        ("tried the new build but it crashed", True, False, False),
        ("it says no such file", True, False, False),
        ("unable to start the server", True, False, False),
        ("worked yesterday, not now", False, True, False),
        ("gives only question marks", False, True, False),
        ("uses only the first gpu of two", False, True, False),
        ("rx 7800: someerrornobinary", False, True, False),
        ("would a bigger card help", False, False, True),
        ("is a mac mini enough", False, False, True),
        ("4090, 70b, how fast", False, False, True),
        ("qwen 14b on a 3060", False, False, False),
    ],
)
def test_what_a_text_tells(text: str, came: bool, does: bool, asks: bool) -> None:
    assert (tells_what_came_of_it(text), tells_what_it_does(text), asks_anything(text)) == (came, does, asks)
