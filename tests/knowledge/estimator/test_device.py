"""Device facts: generations, backends, arithmetic rates and memory budgets of devices people own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog import Device
from knowledge.content_loader import load_content
from knowledge.estimator.device import (
    bandwidth,
    default_backend,
    generation,
    matrix_flops,
    overhead_bytes,
    shader_flops,
    unpack_ops,
    usable_memory_bytes,
)
from knowledge.units import GIB, MIB


@lru_cache(maxsize=1)
def devices() -> Mapping[str, Device]:
    return {device.id: device for device in load_content().devices}


@pytest.mark.parametrize(
    ("device_id", "expected"),
    [
        ("nvidia-tesla-p40", "pascal"),
        ("nvidia-tesla-v100-pcie-16-gb", "volta"),
        ("nvidia-geforce-rtx-2080", "turing"),
        ("nvidia-geforce-rtx-3090", "ampere"),
        ("nvidia-a100-pcie-80-gb", "ampere-hbm"),
        ("nvidia-jetson-agx-orin-64-gb", "ampere-soc"),
        ("nvidia-geforce-rtx-4090", "ada"),
        ("nvidia-h100-pcie-80-gb", "hopper"),
        ("nvidia-geforce-rtx-5090", "blackwell"),
        ("amd-radeon-rx-6800-xt", "rdna2"),
        ("amd-radeon-rx-7900-xtx", "rdna3"),
        ("amd-radeon-rx-9070-xt", "rdna4"),
        ("amd-ryzen-ai-max-plus-395", "rdna35"),
        ("apple-m1-8c-gpu", "m1"),
        ("apple-m5-max-40c-gpu", "m5"),
        ("intel-arc-b580", "xe2"),
        ("intel-arc-a770", "xe"),
        ("cpu-dual-channel-ddr5-5600", "cpu"),
    ],
)
def test_generation(device_id: str, expected: str) -> None:
    assert generation(devices()[device_id]) == expected


@pytest.mark.parametrize(
    ("device_id", "expected"),
    [
        ("nvidia-geforce-rtx-4090", "cuda"),
        ("nvidia-tesla-k20x", "vulkan"),
        ("amd-radeon-rx-7900-xtx", "vulkan"),
        ("apple-m4-max-40c-gpu", "metal"),
        ("intel-arc-b580", "vulkan"),
        ("cpu-dual-channel-ddr5-5600", "cpu"),
        ("qualcomm-snapdragon-8-gen-3", "cpu"),
        ("apple-iphone-16-pro", "metal"),
        ("qualcomm-snapdragon-x-elite-x1e-80-100", "opencl"),
    ],
)
def test_default_backend(device_id: str, expected: str) -> None:
    assert default_backend(devices()[device_id]) == expected


@pytest.mark.parametrize(
    ("device_id", "teraflops"),
    [
        # fp32 rates of the makers' sheets
        ("nvidia-geforce-rtx-3090", 35.6),
        ("nvidia-geforce-rtx-4090", 82.6),
        ("nvidia-geforce-rtx-2080", 10.1),
        ("nvidia-a100-pcie-80-gb", 19.5),
        ("nvidia-tesla-v100-pcie-16-gb", 14.0),
        ("nvidia-rtx-6000-ada-generation", 91.1),
        ("nvidia-geforce-gtx-1080-ti", 11.3),
        ("amd-radeon-rx-6800-xt", 20.7),
        ("apple-m1-max-32c-gpu", 10.4),
        ("intel-arc-b580", 13.7),
    ],
)
def test_shader_rate_is_the_sheets(device_id: str, teraflops: float) -> None:
    rate = shader_flops(devices()[device_id])
    assert rate is not None
    assert rate / 1e12 == pytest.approx(teraflops, rel=0.05)


def test_second_issue_port_counts_where_there_is_one() -> None:
    turing, ampere = devices()["nvidia-geforce-rtx-2080"], devices()["nvidia-geforce-rtx-3090"]
    assert unpack_ops(turing) == 2 * (shader_flops(turing) or 0)
    assert unpack_ops(ampere) == shader_flops(ampere)


def test_geforce_and_workstation_cards_compare_at_the_full_matrix_rate() -> None:
    card, pro = devices()["nvidia-geforce-rtx-4090"], devices()["nvidia-rtx-6000-ada-generation"]
    assert (matrix_flops(pro) or 0) / (matrix_flops(card) or 1) == pytest.approx(91.1 / 82.6, rel=0.05)


def test_m5_prompts_use_neural_accelerators() -> None:
    m5 = devices()["apple-m5-max-40c-gpu"]
    assert matrix_flops(m5) == 4 * (m5.fp16_flops or 0)


@pytest.mark.parametrize(
    ("device_id", "memory_gib", "low", "high"),
    [
        ("nvidia-geforce-rtx-4090", None, 24, 24),
        ("apple-m4-10c-gpu", 16, 10.6, 10.7),
        ("apple-m4-max-40c-gpu", 36, 23.9, 24.1),
        ("apple-m4-max-40c-gpu", 128, 96, 96),
        ("amd-ryzen-ai-max-plus-395", 128, 96, 96),
        ("amd-ryzen-7-8845hs", 32, 16, 16),
        ("cpu-dual-channel-ddr5-5600", 64, 58, 62),
        ("nvidia-jetson-agx-orin-64-gb", 64, 58, 62),
        ("nvidia-gb10", 128, 112, 118),
    ],
)
def test_usable_memory(device_id: str, memory_gib: int | None, low: float, high: float) -> None:
    memory = None if memory_gib is None else memory_gib * GIB
    usable = usable_memory_bytes(devices()[device_id], memory)
    assert usable is not None
    assert low <= usable / GIB <= high


def test_linux_lets_strix_halo_have_more() -> None:
    halo = devices()["amd-ryzen-ai-max-plus-395"]
    assert usable_memory_bytes(halo, 128 * GIB, os_name="linux") == 112 * GIB


def test_shared_memory_comes_from_the_machines_ram() -> None:
    apu = devices()["amd-ryzen-7-8845hs"]
    assert usable_memory_bytes(apu, None, 64 * GIB) == 32 * GIB


@given(st.sampled_from(sorted(devices())), st.integers(min_value=1, max_value=2**42))
def test_never_more_usable_than_there_is(device_id: str, memory: int) -> None:
    usable = usable_memory_bytes(devices()[device_id], memory)
    assert usable is not None
    assert 0 <= usable <= memory


def test_unknown_memory_stays_unknown() -> None:
    card = replace(devices()["nvidia-geforce-rtx-4090"], memory_bytes=None)
    apple = replace(devices()["apple-m4-10c-gpu"], memory_bytes=None)
    assert usable_memory_bytes(card) is None
    assert usable_memory_bytes(apple) is None


@pytest.mark.parametrize(
    ("device_id", "backend", "low_mib", "high_mib"),
    [
        ("nvidia-geforce-rtx-4090", None, 300, 600),
        ("amd-radeon-rx-7900-xtx", "rocm", 300, 1000),
        ("amd-radeon-rx-7900-xtx", "vulkan", 100, 600),
        ("amd-ryzen-ai-max-plus-395", "vulkan", 1700, 2500),
        ("apple-m4-max-40c-gpu", None, 100, 600),
        ("cpu-dual-channel-ddr5-5600", None, 0, 0),
    ],
)
def test_overhead(device_id: str, backend: str | None, low_mib: int, high_mib: int) -> None:
    assert low_mib <= overhead_bytes(devices()[device_id], backend) / MIB <= high_mib


def test_every_catalogue_device_has_a_generation_and_a_backend() -> None:
    for device in devices().values():
        assert generation(device)
        assert default_backend(device) in {"cuda", "rocm", "vulkan", "metal", "sycl", "opencl", "cpu"}
        rate = bandwidth(device)
        assert rate is None or rate > 0
        ops = shader_flops(device)
        assert ops is None or (device.fp16_flops or 0) / 32.5 <= ops <= (device.fp16_flops or 0)


@pytest.mark.parametrize(
    ("device_id", "teraflops"),
    [
        ("amd-radeon-rx-580", 6.2),
        ("amd-radeon-rx-vega-64", 12.7),
        ("nvidia-geforce-rtx-4090-48gb-modded", 82.6),
        ("nvidia-geforce-rtx-2080-ti-22gb-modded", 13.4),
        ("nvidia-geforce-mx550", 2.7),
        ("nvidia-b200", 72.0),
        ("nvidia-h100-sxm5-80-gb", 64.0),
        ("nvidia-jetson-agx-orin-64-gb", 5.3),
        ("nvidia-jetson-t5000", 8.1),
        ("nvidia-jetson-tx1", 0.51),
        ("amd-instinct-mi210", 22.6),
        ("amd-instinct-mi300x", 81.7),
        ("amd-instinct-mi355x", 78.6),
        ("qualcomm-snapdragon-x-elite-x1e-84-100", 4.6),
        ("intel-uhd-graphics-770", 0.8),
        ("intel-arc-graphics-8-xe-meteor-lake-core-ultra-7-155h", 4.6),
        ("intel-arc-pro-b60-dual-48g", 12.3),
    ],
)
def test_shader_rates_as_the_makers_state_them(device_id: str, teraflops: float) -> None:
    assert (shader_flops(devices()[device_id]) or 0) / 1e12 == pytest.approx(teraflops, rel=0.05)


@pytest.mark.parametrize(
    ("device_id", "teraflops"),
    [
        ("nvidia-geforce-rtx-4090", 330),  # fp16 with fp16 accumulation, half of the 661 dense int8 TOPS
        ("nvidia-rtx-6000-ada-generation", 364),
        ("nvidia-geforce-gtx-1080-ti", 22.7),  # dp4a: half of 45 TOPS, beside an fp16 rate of 1/64
        ("nvidia-tesla-p100-pcie-16-gb", 19.0),  # no dp4a
        ("nvidia-jetson-agx-orin-64-gb", 42.6),
        ("amd-radeon-rx-7900-xtx", 122.8),
        ("apple-m5-10c-gpu", 22.8),
    ],
)
def test_matrix_rates_count_the_integer_units(device_id: str, teraflops: float) -> None:
    assert (matrix_flops(devices()[device_id]) or 0) / 1e12 == pytest.approx(teraflops, rel=0.05)


@pytest.mark.parametrize(
    ("device_id", "name"),
    [
        ("nvidia-geforce-gtx-1660-ti", "turing-gtx"),
        ("nvidia-quadro-t1200-mobile", "turing-gtx"),
        ("nvidia-geforce-rtx-2060", "turing"),
        ("nvidia-tesla-t4", "turing"),
        ("apple-iphone-15-pro", "m3"),
        ("apple-macbook-neo-a18-pro", "m4"),
        ("apple-m1-8c-gpu", "m1"),
    ],
)
def test_generations_that_a_name_alone_does_not_tell(device_id: str, name: str) -> None:
    assert generation(devices()[device_id]) == name
