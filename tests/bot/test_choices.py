"""Autocomplete choices are what Discord takes, whatever the index offers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.choices import choices, typed
from bot.standin.limits_message import callback_problems

PAIRS = st.lists(st.tuples(st.text(max_size=130), st.text(max_size=130) | st.just("𝕏" * 80)), max_size=60)


@given(PAIRS)
def test_choices_are_taken_by_discord(pairs: list[tuple[str, str]]) -> None:
    made = choices(pairs)
    body = {"type": 8, "data": {"choices": [{"name": name, "value": value} for value, name in made]}}
    assert callback_problems(body) == []
    assert len({value for value, _ in made}) == len(made)


def test_order_is_kept_and_long_names_are_cut() -> None:
    made = choices([("a", "first"), ("b", "n" * 200), ("a", "again"), ("c", "")])
    assert [value for value, _ in made] == ["a", "b", "c"]
    assert len(made[1][1]) <= 100
    assert made[2] == ("c", "c")


@given(st.text(max_size=500))
def test_typed_is_one_short_line(text: str) -> None:
    line = typed(text)
    assert len(line) <= 100
    assert "\n" not in line
