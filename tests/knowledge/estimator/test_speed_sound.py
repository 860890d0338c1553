"""Soundness of speeds over the whole catalogue, where no row tells: more of everything is never slower.

Each shape of `SHAPES` on each device whose bandwidth is known, with the committed constants.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

import pytest

from knowledge.catalog import Device
from knowledge.estimator.speed import Part, SpeedInputs, decode_s, prefill_s, rig_of
from knowledge.estimator.speed_loads import load_of
from knowledge.estimator.speed_terms import Load, Rig, dequant_cost
from knowledge.estimator.weights import weights
from tests.knowledge.estimator.test_speed import DEVICES, SHAPES

N_PROMPT = 512
ROUNDING = 1e-9


@lru_cache(maxsize=64)
def the_load(shape: str, quant: str = "Q4_K_M", depth: int = 0) -> Load:
    return load_of(SHAPES[shape], weights(SHAPES[shape], quant), depth=depth)


def seconds(rig: Rig, load: Load) -> tuple[float, float]:
    inputs = SpeedInputs(parts=(Part(rig=rig, load=load),))
    return float(decode_s(inputs)), float(prefill_s(inputs, float(N_PROMPT)))


def rigs() -> list[tuple[Device, Rig]]:
    found = [(device, rig_of(device)) for device in DEVICES.values()]
    return [(device, rig) for device, rig in found if rig is not None]


RIGS = rigs()


def at_least(one: Rig, other: Rig) -> bool:
    """Whether a processor has as much of everything as another, of which the same is known."""
    return (
        (one.matrix_flops is None) == (other.matrix_flops is None)
        and one.bandwidth_bytes_per_s >= other.bandwidth_bytes_per_s
        and one.shader_flops >= other.shader_flops
        and (one.matrix_flops or 0.0) >= (other.matrix_flops or 0.0)
    )


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_card_with_more_of_everything_is_never_slower_than_its_sister(shape: str) -> None:
    families: dict[tuple[object, ...], list[tuple[Device, Rig, tuple[float, float]]]] = defaultdict(list)
    for device, rig in RIGS:
        alike = (device.vendor, rig.generation, rig.backend, rig.unified_memory, rig.two_dies)
        families[alike].append((device, rig, seconds(rig, the_load(shape))))
    worse = [
        (one[0].id, other[0].id, one[2], other[2])
        for family in families.values()
        for one in family
        for other in family
        if at_least(one[1], other[1])
        and (one[2][0] > other[2][0] * (1 + ROUNDING) or one[2][1] > other[2][1] * (1 + ROUNDING))
    ]
    assert worse == []


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_more_context_is_never_faster_on_any_device(shape: str) -> None:
    loads = [the_load(shape, depth=depth) for depth in (0, 512, 4096, 32768, 131072)]
    for device, rig in RIGS:
        taken = [seconds(rig, load) for load in loads]
        for less, more in pairwise(taken):
            assert less[0] <= more[0] * (1 + ROUNDING), device.id
            assert less[1] <= more[1] * (1 + ROUNDING), device.id


def test_a_weight_with_more_bits_of_one_kind_is_no_less_work_to_unpack() -> None:
    assert dequant_cost("q4_k") <= dequant_cost("q5_k") <= dequant_cost("q6_k")
    assert dequant_cost("q4_0") <= dequant_cost("q5_0")


LADDER = ("Q4_K_M", "Q5_K_M", "Q6_K")
"""Files of types that are unpacked alike: fewer bits are fewer bytes and no more work. (Q3_K and Q2_K keep high bits in
fields of their own, Q8_0 has none: which of them is faster depends on the processor.)"""


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_smaller_file_of_the_same_kind_is_never_slower_on_any_device(shape: str) -> None:
    loads = [the_load(shape, quant) for quant in LADDER]
    for device, rig in RIGS:
        if rig.on_cpu:
            continue  # a CPU's kernels differ in work of their own: `cpu.CPU_WORK` has q5_k above q6_k
        taken = [seconds(rig, load)[0] for load in loads]
        assert taken == sorted(taken), device.id


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_no_device_is_beyond_its_roofline(shape: str) -> None:
    load = the_load(shape)
    for device, rig in RIGS:
        decode, prompt = seconds(rig, load)
        assert decode * rig.bandwidth_bytes_per_s >= load.stream_bytes + load.expert_bytes, device.id
        if rig.matrix_flops is not None and not rig.on_cpu:
            operations = 2.0 * N_PROMPT * (load.dense_params + load.expert_params)
            assert operations / prompt <= rig.matrix_flops, device.id
