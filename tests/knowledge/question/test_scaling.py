"""A catalogue ten times as large: reading and completing grow far less than it does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from knowledge.catalog import Alias, Device, Model
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse

TIMES = 10
QUESTION = "will qwen3 8b q4_k_m with 32k ctx run on 2x 3090 and 64 gb ram in ollama?"
SLACK = 4.0
"""The least of many repeats hardly feels a loaded machine; this much may differ all the same."""


@pytest.fixture(scope="module")
def larger(index: NameIndex) -> NameIndex:
    """The shipped catalogue and nine synthetic copies of it under other names."""
    models: dict[str, Model] = dict(index.models)
    devices: dict[str, Device] = dict(index.devices)
    for copy in range(1, TIMES):
        for model in index.models.values():
            id_ = f"copy{copy}-{model.id}"
            models[id_] = replace(model, id=id_, name=f"Copy{copy}-{model.name}", repos=(), base_id=None)
        for device in index.devices.values():
            id_ = f"copy{copy}-{device.id}"
            devices[id_] = replace(device, id=id_, name=f"Copy{copy} {device.name}")
    aliases = [Alias(kind="model", text="qwen3 8b", id="qwen3-8b", evidence="curated")]
    return NameIndex.build(models, devices, index.quants, aliases)


def least_seconds(call: Callable[[], object], repeats: int = 60) -> float:
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def test_reading_grows_no_faster_than_the_root_of_the_catalogue(index: NameIndex, larger: NameIndex) -> None:
    small = least_seconds(lambda: parse(QUESTION, index))
    large = least_seconds(lambda: parse(QUESTION, larger))
    assert large <= SLACK * math.sqrt(TIMES) * small


@pytest.mark.parametrize("typed", ["", "qwen3 8b", "3090", "llama", "b"])
def test_completing_grows_no_faster_than_the_root_of_the_catalogue(
    index: NameIndex, larger: NameIndex, typed: str
) -> None:
    small = least_seconds(lambda: index.complete("model", typed))
    large = least_seconds(lambda: larger.complete("model", typed))
    assert large <= SLACK * math.sqrt(TIMES) * max(small, 2e-5)


def test_reading_grows_linearly_with_the_text(index: NameIndex) -> None:
    short = least_seconds(lambda: parse(QUESTION * 10, index), 9)
    long = least_seconds(lambda: parse(QUESTION * 100, index), 9)
    assert long <= SLACK * 10 * short
