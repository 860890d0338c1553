"""The physics gate: the impossible is named, the merely fast is not, and the catalogue does not contradict itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.content_loader import load_content
from knowledge.estimator.physics import device_flags, roofline_flags

DEVICES = {device.id: device for device in load_content().devices}
CARD = DEVICES["nvidia-geforce-rtx-4090"]


@pytest.mark.parametrize(
    ("decode_tok_s", "host_bytes", "flagged"),
    [
        (140.0, 0.0, False),
        (205.0, 0.0, False),
        (260.0, 0.0, True),
        (14.8, 18.5e9, True),  # a published row: half of a 70B model in DDR5
        (3.5, 18.5e9, False),
    ],
)
def test_decode_above_the_roofline_is_flagged(decode_tok_s: float, host_bytes: float, flagged: bool) -> None:
    flags = roofline_flags(
        CARD,
        read_bytes_per_token=4.9e9,
        active_params=8e9,
        decode_tok_s=decode_tok_s,
        host_read_bytes=host_bytes,
        host_bytes_per_s=90e9,
    )
    assert bool(flags) == flagged
    assert all(CARD.name in flag and "tok/s" in flag for flag in flags)


@pytest.mark.parametrize(("prefill_tok_s", "flagged"), [(9000.0, False), (100_000.0, True)])
def test_prefill_above_the_roofline_is_flagged(prefill_tok_s: float, flagged: bool) -> None:
    flags = roofline_flags(CARD, read_bytes_per_token=4.9e9, active_params=8e9, prefill_tok_s=prefill_tok_s)
    assert bool(flags) == flagged


def test_several_devices_may_be_faster() -> None:
    assert roofline_flags(CARD, read_bytes_per_token=4.9e9, active_params=8e9, decode_tok_s=300.0)
    assert not roofline_flags(CARD, read_bytes_per_token=4.9e9, active_params=8e9, decode_tok_s=300.0, n_devices=2)


def test_nothing_known_nothing_flagged() -> None:
    blank = replace(CARD, bandwidth_bytes_per_s=None, fp16_flops=None)
    assert not roofline_flags(blank, read_bytes_per_token=1, active_params=1, decode_tok_s=1e9, prefill_tok_s=1e9)


@pytest.mark.parametrize(
    "change",
    [
        {"bandwidth_bytes_per_s": 1008.0},
        {"bandwidth_bytes_per_s": 90e12},
        {"fp16_flops": 1e9},
        {"memory_bytes": 0},
        {"memory_bytes": 7, "memory_options_bytes": (8, 16)},
    ],
)
def test_contradictions_in_a_row_are_flagged(change: dict[str, object]) -> None:
    assert device_flags(replace(CARD, **change))  # type: ignore[arg-type]


def test_the_catalogue_is_possible() -> None:
    assert [flag for device in DEVICES.values() for flag in device_flags(device)] == []
