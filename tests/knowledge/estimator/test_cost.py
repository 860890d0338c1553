"""Cost against an API: arithmetic checked by hand, monotone in every price, refusals with ranges."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import BadInput
from knowledge.estimator.cost import AMORTISE_MONTHS, LEAST_SAVING, Cost, CostInputs, cost_of, machine_watts

GIVEN = CostInputs(
    device_price=1600.0,
    watts=360.0,
    kwh_price=0.25,
    decode_tok_s=50.0,
    prefill_tok_s=2000.0,
    input_price=0.3,
    output_price=2.4,
)
INPUTS = st.builds(
    CostInputs,
    device_price=st.floats(1, 1e5),
    watts=st.floats(1, 9e3),
    kwh_price=st.floats(0, 5),
    decode_tok_s=st.floats(0.1, 1e4),
    prefill_tok_s=st.floats(1, 1e5),
    input_price=st.floats(0, 20),
    output_price=st.floats(0, 100),
    inputs_per_output=st.floats(0, 100),
    tokens_per_month=st.one_of(st.none(), st.floats(1, 1e12)),
)


def test_by_hand() -> None:
    found = cost_of(replace(GIVEN, tokens_per_month=20e6))
    seconds = 1e6 / 50 + 3 * 1e6 / 2000  # 21,500
    assert found.kwh_per_mtok == pytest.approx(360 * seconds / 3.6e6)  # 2.15
    assert found.local_per_mtok == pytest.approx(2.15 * 0.25)
    assert found.cloud_per_mtok == pytest.approx(2.4 + 3 * 0.3)
    assert found.break_even_tokens == pytest.approx(1600 / (3.3 - 0.5375) * 1e6)
    assert found.months == pytest.approx(1600 / (3.3 - 0.5375) / 20)
    assert found.most_tokens_per_month == pytest.approx(30 * 86400 * 1e6 / seconds)
    assert found.reachable


def test_an_api_cheaper_than_electricity_is_never_paid_back() -> None:
    found = cost_of(replace(GIVEN, input_price=0.0, output_price=0.1))
    assert (found.break_even_tokens, found.break_even_tokens_per_month, found.months) == (None, None, None)
    assert not found.reachable


def test_more_than_the_device_can_write_is_not_reachable() -> None:
    most = cost_of(GIVEN).most_tokens_per_month
    assert cost_of(replace(GIVEN, tokens_per_month=most * 0.99)).reachable
    assert not cost_of(replace(GIVEN, tokens_per_month=most * 1.01)).reachable


def months_or_never(cost: Cost) -> float:
    return math.inf if cost.break_even_tokens is None else cost.break_even_tokens


@given(given=INPUTS, more=st.floats(0.01, 10))
def test_break_even_is_monotone_in_every_price(given: CostInputs, more: float) -> None:
    base = months_or_never(cost_of(given))
    dearer = replace(given, device_price=given.device_price * (1 + more))
    assert months_or_never(cost_of(dearer)) >= base
    assert months_or_never(cost_of(replace(given, kwh_price=given.kwh_price + more))) >= base
    assert months_or_never(cost_of(replace(given, watts=given.watts * (1 + more)))) >= base
    assert months_or_never(cost_of(replace(given, output_price=given.output_price + more))) <= base
    assert months_or_never(cost_of(replace(given, input_price=given.input_price + more))) <= base
    assert months_or_never(cost_of(replace(given, decode_tok_s=given.decode_tok_s * (1 + more)))) <= base


@given(given=INPUTS)
def test_figures_hang_together(given: CostInputs) -> None:
    found = cost_of(given)
    if found.break_even_tokens is not None and found.break_even_tokens_per_month is not None:
        assert found.break_even_tokens_per_month * AMORTISE_MONTHS == pytest.approx(found.break_even_tokens)
        saved = found.break_even_tokens / 1e6 * (found.cloud_per_mtok - found.local_per_mtok)
        assert saved == pytest.approx(given.device_price, rel=1e-6)
    else:
        assert found.cloud_per_mtok <= found.local_per_mtok + LEAST_SAVING


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_price", -1.0),
        ("watts", 0.0),
        ("kwh_price", -0.1),
        ("kwh_price", math.nan),
        ("input_price", math.inf),
        ("tokens_per_month", 0.0),
        ("inputs_per_output", -1.0),
        ("decode_tok_s", 0.0),
    ],
)
def test_figures_out_of_range_are_named_with_the_range(name: str, value: float) -> None:
    with pytest.raises(BadInput) as caught:
        cost_of(replace(GIVEN, **{name: value}))
    assert caught.value.subject == name
    assert caught.value.hint.startswith("Give")


def test_a_desktop_draws_more_than_its_cards() -> None:
    assert machine_watts(350, 2, unified=False) == pytest.approx(0.7 * 700 + 60)
    assert machine_watts(120, 1, unified=True) == pytest.approx(84)
