"""Presses of one card at the same moment: they add up, the newest stays, and what failed is forgotten."""

from __future__ import annotations

from dataclasses import replace

from bot.latest import MOST, Latest
from bot.state import Asked

BASE = Asked(model="m", quant="Q4_K_M", n_ctx=4096)


def test_changes_made_on_the_same_card_add_up() -> None:
    latest = Latest()
    latest.change(1, 10, BASE, lambda asked: replace(asked, quant="Q8_0"))
    both = latest.change(1, 11, BASE, lambda asked: replace(asked, n_ctx=8192))
    assert (both.quant, both.n_ctx) == ("Q8_0", 8192)
    third = latest.change(1, 12, BASE, lambda asked: replace(asked, type_kv="q8_0"))
    assert (third.quant, third.n_ctx, third.type_kv) == ("Q8_0", 8192, "q8_0")
    assert not latest.is_newest(1, 11)
    assert latest.is_newest(1, 12)


def test_a_press_of_the_card_as_it_then_stands_is_taken_as_it_is() -> None:
    latest = Latest()
    shown = latest.change(1, 10, BASE, lambda asked: replace(asked, quant="Q8_0"))
    back = latest.change(1, 11, shown, lambda asked: replace(asked, quant="Q4_K_M"))
    assert back == BASE
    again = latest.change(1, 12, BASE, lambda asked: replace(asked, n_ctx=8192))
    assert again == replace(BASE, n_ctx=8192)


def test_other_cards_are_other_cards_and_what_failed_is_forgotten() -> None:
    latest = Latest()
    latest.change(1, 10, BASE, lambda asked: replace(asked, quant="Q8_0"))
    assert latest.change(2, 11, BASE, lambda asked: asked) == BASE
    latest.forget(1)
    assert not latest.pressed(1)
    assert latest.change(1, 12, BASE, lambda asked: asked) == BASE


def test_an_older_press_does_not_pass_for_the_newest() -> None:
    latest = Latest()
    latest.note(1, 11)
    latest.note(1, 10)
    assert latest.is_newest(1, 11)
    assert not latest.is_newest(1, 10)
    assert latest.is_newest(2, 5)


def test_no_more_than_the_bound_is_kept() -> None:
    latest = Latest()
    for card in range(MOST + 10):
        latest.note(card, 1)
    assert not latest.pressed(9)
    assert latest.pressed(10)


def test_a_card_has_one_turn_for_all() -> None:
    latest = Latest()
    turn = latest.turn(1)
    assert latest.turn(1) is turn
    assert latest.turn(2) is not turn
