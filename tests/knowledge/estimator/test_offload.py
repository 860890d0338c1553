"""The placement rules on made-up layers, where every expected figure can be added up by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.estimator.fill import plan
from knowledge.estimator.layer_costs import Fraction, LayerBytes
from knowledge.estimator.offload import DeviceLoad, device_bytes, placement, split_of

MARGIN = 10


def left_out(experts: int) -> Callable[[Fraction, int], int]:
    """What a device leaves out of a made-up layer of which it holds a fraction: up, gate and down are a third each."""
    share: dict[Fraction, int] = {"attn": experts, "up": 2 * experts // 3, "gate": experts // 3, "moe": experts}
    return lambda fraction, _layer: share[fraction]


def cost(
    n_layer: int = 4,
    dense: int = 100,
    experts: int = 0,
    kv: int = 7,
    output: int = 50,
    compute: int = 20,
    copy: int = 0,
) -> LayerBytes:
    def running(size: int) -> tuple[int, ...]:
        return tuple(accumulate([size] * n_layer, initial=0))

    return LayerBytes(
        dense=running(dense),
        experts=running(experts),
        kv_cache=running(kv),
        recurrent=running(0),
        output=output,
        token_embd_host=33,
        cpu_output=33,
        compute_device=compute,
        compute_headless=lambda: compute - 8,
        compute_rest=lambda head: compute if head else compute - 8,
        compute_lent=lambda head: copy + (compute if head else compute - 8),
        compute_experts=lambda head: copy + (compute if head else compute - 8),
        compute_parted=lambda _first, _fraction: copy + compute,
        compute_helper=lambda _stop, _first: copy + compute - 8,
        compute_front=lambda: compute - 8,
        compute_pipelined=(compute + 5, compute + 2),
        compute_host=3,
        compute_cpu=compute,
        least_copy=copy,
        left_out=left_out(experts),
    )


WHOLE = 4 * (100 + 7) + 50 + 20


def test_everything_on_one_device_when_the_margin_is_left() -> None:
    got = plan(cost(), [WHOLE + MARGIN], margin_bytes=MARGIN)
    assert got.fits
    assert got.n_gpu_layers == 5
    assert got.memory.weights_bytes == 450
    assert got.memory.kv_cache_bytes == 28
    assert got.memory.host_weights_bytes == 33
    assert got.device_bytes == (WHOLE,)


def test_one_byte_short_of_the_margin_moves_the_first_layer_to_the_host() -> None:
    got = plan(cost(), [WHOLE + MARGIN - 1], margin_bytes=MARGIN)
    assert not got.fits
    assert got.n_gpu_layers == 4
    assert got.memory.host_weights_bytes == 133
    assert got.memory.host_kv_cache_bytes == 7


def test_nothing_fits_on_a_device_without_room() -> None:
    got = plan(cost(), [5], margin_bytes=MARGIN)
    assert got.n_gpu_layers == 0
    assert got.device_bytes == (0,)
    assert got.memory.weights_bytes == 0
    assert got.memory.host_weights_bytes == 33 + 400 + 50


def test_experts_leave_first_and_return_front_to_back() -> None:
    c = cost(dense=10, experts=100)
    whole = 4 * 117 + 50 + 20
    assert plan(c, [whole + MARGIN], margin_bytes=MARGIN).fits
    got = plan(c, [whole + MARGIN - 150], margin_bytes=MARGIN)
    assert got.n_gpu_layers == 5
    assert got.n_cpu_moe > 0
    assert got.memory.kv_cache_bytes == 28
    assert got.device_bytes[0] <= whole - 150


def test_copies_for_host_weights_are_charged_only_when_something_is_on_the_host() -> None:
    assert plan(cost(copy=9), [WHOLE + MARGIN], margin_bytes=MARGIN).device_bytes == (WHOLE,)
    partial = split_of(cost(copy=9), [10_000], 3)
    assert partial.device_bytes == (2 * 107 + 50 + 20 + 9,)


def test_two_equal_devices_share_by_free_memory() -> None:
    got = plan(cost(n_layer=5), [1000, 1000], margin_bytes=MARGIN)
    assert [load.n_layer for load in got.loads] == [3, 3]
    assert got.memory.compute_bytes == 25 + 22


def test_asked_layers_are_split_in_proportion() -> None:
    got = split_of(cost(), [300, 100], 5)
    assert [load.n_layer for load in got.loads] == [4, 1]


@given(
    n_layer=st.integers(1, 60),
    dense=st.integers(1, 10**9),
    experts=st.sampled_from([0, 1, 5 * 10**8]),
    kv=st.integers(0, 10**8),
    free=st.lists(st.integers(0, 10**11), min_size=1, max_size=4),
)
def test_split_sums_equal_totals_and_targets_hold(
    n_layer: int, dense: int, experts: int, kv: int, free: list[int]
) -> None:
    c = cost(n_layer=n_layer, dense=dense, experts=experts, kv=kv)
    got = plan(c, free, margin_bytes=MARGIN)
    memory = got.memory
    assert memory.weights_bytes + memory.host_weights_bytes == n_layer * (dense + experts) + 50 + 33
    assert memory.kv_cache_bytes + memory.host_kv_cache_bytes == n_layer * kv
    for used, room, load in zip(got.device_bytes, free, got.loads, strict=True):
        # those behind work in turn only once the first has the rest, and the engine does not look back at them
        assert load.n_layer == 0 or (got.fits and len(free) > 1) or used <= room - MARGIN
    assert got.fits == (memory.host_weights_bytes == 33)


@given(free=st.integers(0, 2000))
def test_more_memory_never_places_fewer_layers(free: int) -> None:
    assert (
        plan(cost(), [free + 1], margin_bytes=MARGIN).n_gpu_layers
        >= plan(cost(), [free], margin_bytes=MARGIN).n_gpu_layers
    )


@pytest.mark.parametrize("n_part", [0, 1, 3])
def test_partial_layers_keep_their_experts_on_the_host(n_part: int) -> None:
    got = placement(cost(experts=1000), [DeviceLoad(5, n_part)])
    on_host = max(0, n_part - 1) * 1000  # the output unit is the last of the partial ones and has no experts
    assert got.memory.host_weights_bytes == 33 + on_host


def test_a_front_device_holds_a_part_of_a_layer_whose_rest_is_on_the_next() -> None:
    c = cost(n_layer=6, dense=10, experts=90)
    room = 3 * (10 + 7 + 90) + (10 + 7 + 30) + 20 + 5
    got = plan(c, [room + MARGIN, 10_000 + MARGIN], margin_bytes=MARGIN)
    assert got.fits  # split by free memory, all of it goes to the second; so that is not it
    got = plan(c, [room + MARGIN, 2 * 107 + 60 + 50 + 40 + MARGIN], margin_bytes=MARGIN)
    assert got.fits
    assert got.n_cpu_moe == 0
    front, back = got.loads
    assert (front.n_layer, front.n_part, front.spills) == (4, 1, True)
    assert back.n_layer == 3
    assert got.memory.weights_bytes == 6 * 100 + 50
    assert got.memory.host_weights_bytes == 33
    assert max(got.device_bytes[0] - room, got.device_bytes[1] - (2 * 107 + 60 + 50 + 40)) <= 0


@given(
    n_layer=st.integers(1, 30),
    dense=st.integers(1, 10**6),
    experts=st.integers(1, 10**8),
    share=st.lists(st.floats(0, 1.2), min_size=1, max_size=4),
)
def test_parts_add_up_and_no_device_is_overfilled(n_layer: int, dense: int, experts: int, share: list[float]) -> None:
    c = cost(n_layer=n_layer, dense=dense, experts=experts)
    whole = n_layer * (dense + experts + 7) + 70
    free = [round(part * whole / len(share) * 1.5) for part in share]
    got = plan(c, free, margin_bytes=MARGIN)
    assert got.memory.weights_bytes + got.memory.host_weights_bytes == n_layer * (dense + experts) + 50 + 33
    assert sum(got.device_bytes) == got.memory.total_bytes
    for device, (used, room) in enumerate(zip(got.device_bytes, free, strict=True)):
        assert used == device_bytes(c, got.loads, device)
        # the engine looks at one device at a time: those before it work in turn once nothing is left on the host
        in_turn = got.fits and not any(load.n_part for load in got.loads)
        assert not got.loads[device].n_layer or in_turn or used <= room - MARGIN
    assert not got.loads[-1].spills
    assert all(0 <= load.n_part <= load.n_layer for load in got.loads)


def test_layers_asked_to_keep_their_experts_in_ram_all_do() -> None:
    got = split_of(cost(experts=1000), [10_000], 5, n_cpu_moe=3)
    assert got.n_cpu_moe == 3
    assert got.memory.host_weights_bytes == 33 + 3000
