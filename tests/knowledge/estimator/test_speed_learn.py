"""What a measurement teaches: the measured case is met most, its like more than others, as far as is likely."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.estimator.speed_learn import ANY_KIND, GROUPS, TERM_GROUPS, Kind, group_shares, learn
from knowledge.estimator.speed_terms import Load, Rig, decode_terms

RIG = Rig(
    bandwidth_bytes_per_s=1e12,
    shader_flops=4e13,
    matrix_flops=1.6e14,
    generation="ada",
    backend="cuda",
    engine="llama.cpp",
)
BIG = (("stream", 20e-3), ("unpack", 4e-3), ("layer", 1e-3), ("fixed", 1e-4))
SMALL = (("stream", 0.5e-3), ("unpack", 0.2e-3), ("layer", 1e-3), ("fixed", 1e-4))
TOLD = Kind(model_id="one", family="family", quant="Q4_K_M")
times = st.floats(1e-6, 1e-1)
terms_s = st.lists(st.tuples(st.sampled_from(sorted(TERM_GROUPS)), times), min_size=1, max_size=12)


def total(terms: tuple[tuple[str, float], ...], log_ratio: float, told: Kind, asked: Kind) -> float:
    """Log factor on the time of `terms` after they were measured as `told`."""
    learnt = learn(terms, log_ratio, told)
    moved = sum(learnt.of_term(name) * seconds for name, seconds in terms) * learnt.of_whole(asked)
    return math.log(moved / sum(seconds for _, seconds in terms))


def test_every_term_of_a_token_is_in_a_group() -> None:
    assert tuple(name for name, _, _ in decode_terms(RIG, Load(stream_bytes=1e9))) == tuple(TERM_GROUPS)
    assert {group for groups in TERM_GROUPS.values() for group in groups} == set(GROUPS)


@given(terms_s, st.floats(-1.5, 1.5))
def test_the_measured_case_moves_most_of_the_way_and_never_beyond(
    terms: list[tuple[str, float]], log_ratio: float
) -> None:
    moved = total(tuple(terms), log_ratio, TOLD, TOLD)
    assert abs(moved) <= abs(log_ratio) + 1e-9
    assert moved * log_ratio >= -1e-12
    assert abs(moved) >= 0.6 * abs(log_ratio) - 1e-9


@given(st.floats(-1.0, 1.0))
def test_its_like_learns_more_than_a_stranger(log_ratio: float) -> None:
    stranger = abs(total(BIG, log_ratio, TOLD, ANY_KIND))
    cousin = abs(total(BIG, log_ratio, TOLD, Kind(model_id="two", family="family", quant="Q8_0")))
    itself = abs(total(BIG, log_ratio, TOLD, TOLD))
    assert stranger <= cousin + 1e-12 <= itself + 2e-12


def test_slow_launches_are_not_blamed_on_the_memory() -> None:
    learnt = learn(SMALL, 0.5, TOLD)
    assert learnt.of_term("layer") > learnt.of_term("stream")
    other = sum(learnt.of_term(name) * seconds for name, seconds in BIG) * learnt.of_whole(ANY_KIND)
    assert 1.0 <= other / sum(seconds for _, seconds in BIG) < math.exp(0.25)


def test_shares_count_a_term_in_each_of_its_groups() -> None:
    shares = dict(zip(GROUPS, group_shares([("expert", 1.0), ("layer", 3.0)]), strict=True))
    assert shares == {"bandwidth": 0.25, "expert": 0.25, "launch": 0.75, "unpack": 0.0, "depth": 0.0}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (TOLD, TOLD, (True, True, True)),
        (TOLD, ANY_KIND, (False, False, False)),
        (ANY_KIND, ANY_KIND, (False, False, False)),
        (TOLD, Kind(quant="Q4_K_M"), (False, False, True)),
    ],
)
def test_what_is_shared(one: Kind, other: Kind, shared: tuple[bool, bool, bool]) -> None:
    assert one.shared(other) == shared
