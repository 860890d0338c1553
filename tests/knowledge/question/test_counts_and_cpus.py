"""How many of a device, and which processors."""

from __future__ import annotations

import pytest

from knowledge.question.counts import count_around, mark
from knowledge.question.cpus import read_cpus, says_cpu_alone
from knowledge.question.names import NameIndex
from knowledge.question.text import normalise


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3x3090", 3),
        ("3 x 3090", 3),
        ("3*3090", 3),
        ("(2x) 3090", 1),
        ("two 3090s", 2),
        ("dual 3090", 2),
        ("a pair of used 3090s", 2),
        ("quad 3090", 4),
        ("eight 3090 gpus", 8),
        ("4 gpu 3090", 4),
        ("a single 3090", 1),
        ("my 3090", 1),
        ("8张3090", 8),
        ("双3090", 2),
        ("两张3090", 2),
        ("zwei 3090", 2),
        ("3090 x2", 2),
        ("3090 (x2)", 2),
        ("3090 24gx2", 2),
        ("3090x4", 4),
        ("two nvidia rtx 3090", 2),
        ("q4 3090", 1),
        ("llama 3 3090", 3),
    ],
)
def test_counts(text: str, count: int) -> None:
    marked = mark(text)
    start = marked.index("3090")
    assert count_around(marked, start, start + 4) == count


@pytest.mark.parametrize("text", ["mixtral 8x7b", "8x22b instruct", "rx 7800 xt", "a100x", "1024x1024 images"])
def test_names_with_an_x_stay_whole(text: str) -> None:
    assert mark(text) == text


@pytest.mark.parametrize(
    ("text", "name", "platform"),
    [
        ("EPYC 9354", "EPYC 9354", "cpu-epyc-9004-genoa-ddr5-4800"),
        ("epyc 7742", "EPYC 7742", "cpu-epyc-7002-rome-ddr4-3200"),
        ("epyc 9575F", "EPYC 9575F", "cpu-epyc-9005-turin-ddr5-6000"),
        ("Ryzen 9 3950X", "Ryzen 9 3950X", "cpu-ryzen-5000-am4-ddr4-3200"),
        ("R9-3950x", "Ryzen 9 3950X", "cpu-ryzen-5000-am4-ddr4-3200"),
        ("ryzen 7 9800x3d", "Ryzen 7 9800X3D", "cpu-ryzen-9000-am5-ddr5-5600"),
        ("i5-13600k", "Core i5-13600K", "cpu-intel-core-12th-14th-gen-ddr5-5600"),
        ("I7 4790k", "Core i7-4790K", "cpu-dual-channel-ddr3-1600"),
        ("intel i7 4th gen", "Core i7 4th gen", "cpu-dual-channel-ddr3-1600"),
        ("Xeon W7-2475X", "Xeon W7-2475X", "cpu-xeon-w-2400-2500-ddr5-4800"),
        ("e5-2680 v4", "Xeon E5-2680 v4", "cpu-xeon-e5-v4-ddr4-2400"),
        ("Xeon Gold 6248", "Xeon 6248", "cpu-xeon-scalable-2nd-gen-ddr4-2933"),
        ("xeon 8480+", "Xeon 8480+", "cpu-xeon-scalable-4th-gen-ddr5-4800"),
        ("threadripper pro 5965wx", "Threadripper Pro 5965WX", "cpu-threadripper-pro-3000wx-5000wx-ddr4-3200"),
        ("core ultra 9 285k", "Core Ultra 9 285K", "cpu-intel-core-ultra-200s-ddr5-6400"),
    ],
)
def test_processors_sit_on_their_platform(index: NameIndex, text: str, name: str, platform: str) -> None:
    (found,) = read_cpus(normalise(text), index.devices)
    assert found.name == name
    assert found.platforms[0] == platform


def test_a_bare_number_is_a_processor_only_beside_its_memory(index: NameIndex) -> None:
    assert [cpu.name for cpu in read_cpus("2× 8168, 512g ddr4", index.devices)] == ["Xeon 8168"]
    assert read_cpus("2× 8168 tokens", index.devices) == []


@pytest.mark.parametrize(("text", "alone"), [("65b on the cpu", True), ("cpu-only", True), ("cpu offload", False)])
def test_running_on_the_processor_alone(text: str, alone: bool) -> None:
    assert says_cpu_alone(text) is alone
