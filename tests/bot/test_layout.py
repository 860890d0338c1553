"""Whatever stands on the cards, what is sent keeps Discord's limits; a bar is as long as it should be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components import layout
from bot.layout import (
    CARDS,
    DESCRIPTION,
    FIELD_NAME,
    FIELD_VALUE,
    FIELDS,
    FOOTER,
    TITLE,
    TOTAL,
    Card,
    Field,
    Reply,
    bar,
    size,
    within_limits,
)
from bot.standin.limits_message import message_problems
from bot.text import units

TEXT = st.text(max_size=60) | st.sampled_from(
    ["x" * 5000, "𝕏" * 900, "word " * 500, "```sh\n" + "a b\n" * 400 + "```", "   "]
)
FIELD = st.builds(Field, name=TEXT, value=TEXT)
CARD = st.builds(
    Card,
    title=TEXT.map(lambda text: "t" + text),
    description=TEXT,
    fields=st.lists(FIELD, max_size=30).map(tuple),
    footer=TEXT,
)


@given(st.lists(CARD, min_size=1, max_size=12).map(tuple))
def test_every_reply_is_within_all_limits(cards: tuple[Card, ...]) -> None:
    kept = within_limits(cards)
    assert sum(size(card) for card in kept) <= TOTAL
    assert message_problems({"flags": 1 << 15, "components": layout(Reply(cards=cards))}) == []


def test_last_fields_give_way_first() -> None:
    fields = tuple(Field(name=f"field {number}", value=f"{number} " * 400) for number in range(8))
    (kept,) = within_limits((Card(title="t", description="d" * 2000, fields=fields),))
    assert [field.name for field in kept.fields] == [f"field {number}" for number in range(len(kept.fields))]
    assert len(kept.fields) < 8
    assert kept.description == "d" * 2000


def test_what_fits_is_left_as_it_is() -> None:
    card = Card(title="t", description="d", fields=(Field(name="a", value="b"),), footer="f")
    assert within_limits((card,)) == (card,)


@pytest.mark.parametrize(
    ("used", "total", "expected"),
    [(0, 10, "░░░░"), (10, 10, "████"), (20, 10, "████"), (5, 10, "██░░"), (1, 0, "░░░░")],
)
def test_bar(used: float, total: float, expected: str) -> None:
    assert bar(used, total, 4) == expected


@pytest.mark.parametrize(("used", "expected"), [(0, ""), (3, "▊"), (8, "██"), (9, "██▎"), (16, "████"), (99, "████")])
def test_fine_bar(used: float, expected: str) -> None:
    assert bar(used, 16, 4, fine=True) == expected


@given(st.floats(0, 1e12), st.floats(1, 1e12), st.integers(1, 40))
def test_bar_has_its_width(used: float, total: float, width: int) -> None:
    assert len(bar(used, total, width)) == width
    assert len(bar(used, total, width, fine=True)) <= width


@given(st.lists(CARD, min_size=1, max_size=5).map(tuple))
def test_small_cards_are_within_the_limits_of_large_ones(cards: tuple[Card, ...]) -> None:
    """What is let through by its characters alone is what the careful way would have left as it is."""
    if within_limits(cards) is cards:
        assert len(cards) <= CARDS
        assert sum(size(card) for card in cards) <= TOTAL
        for card in cards:
            assert units(card.title) <= TITLE
            assert units(card.description) <= DESCRIPTION
            assert units(card.footer) <= FOOTER
            assert len(card.fields) <= FIELDS[len(cards)]
            assert all(units(one.name) <= FIELD_NAME and units(one.value) <= FIELD_VALUE for one in card.fields)
            assert all(one.value.strip() and one.name == one.name.strip() for one in card.fields)
