"""How many of a device, and which processors."""

from __future__ import annotations

import pytest

from knowledge.question.counts import count_around, mark
from knowledge.question.cpus import read_cpus, says_cpu_alone
from knowledge.question.names import NameIndex
from knowledge.question.parse import parse
from knowledge.question.text import normalise


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3x3090", 3),
        ("3 x 3090", 3),
        ("3090 24gb pcie x4", 4),
        ("3090 sxm2 24gb x8", 8),
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


FORMS = (
    "2x {}", "{} x2", "{} (x2)", "dual {}", "two {}s", "{}*2", "a pair of {}s", "both my {}s", "2-way {}", "{} qty 2",
    "{}, two of them", "{} (2)", "{} dual", "{} pair", "{} sli", "2 units of {}",
    "{} 两张", "两张{}", "2张{}", "双{}", "{} 두 장", "{} 2장", "{}を2枚", "2枚の{}", "{} 2枚",
    "zwei {}", "{} zwei stück", "2 stück {}", "deux {}", "dos {}", "duas {}", "due {}", "twee {}", "{} 2 stuks",
    "две {}", "{} две штуки", "{} 2 шт", "dwie {}", "{} 2 sztuki", "iki {}", "2 adet {}",
)  # fmt: skip
CARDS = ("rtx 3090", "4090", "rtx 3060 12gb", "rx 7900 xtx", "mi50 32gb", "tesla p40", "a100 80gb", "arc b580", "h100")
MODELS = ("gemma 3 27b", "gpt-oss 120b", "bloom 7b", "qwen3 32b")


@pytest.mark.parametrize("form", FORMS)
def test_two_of_any_card_are_two_in_whatever_words(index: NameIndex, form: str) -> None:
    for at, card in enumerate(CARDS):
        model, said = MODELS[at % len(MODELS)], form.format(card)
        for text in (f"{model} on {said}", f"{said} {model}"):
            assert [one.count for one in parse(text, index).hardware] == [2], text


@pytest.mark.parametrize("text", ["3090 3个月前买的", "3090 24 layers", "3090, a card"])
def test_what_is_no_count_counts_nothing(text: str) -> None:
    assert count_around(mark(text), 0, 4) == 1


LINES = ("legion", "lenovo yoga", "ideapad", "nitro", "surface laptop", "thinkpad p1 gen", "windows", "galaxy book")


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("card", ["3070", "rx 6500m", "snapdragon x elite", "780m"])
def test_the_number_of_a_computers_line_counts_no_cards(index: NameIndex, line: str, card: str) -> None:
    """A Legion 5 with a 3070 was taken for five of them."""
    for number in (2, 5, 7):
        assert [one.count for one in parse(f"{line} {number} {card} qwen3 8b", index).hardware] == [1]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("4090 2 cards qwen3 8b", 2),
        ("4090, two gpus, qwen3 8b", 2),
        ("rtx 3090 2x 24gb qwen3 8b", 2),
        ("4060 ti 4x16gb qwen3 8b", 4),
        ("4090 2x 32gb qwen3 8b", 1),
        ("mining rig 6 3070 qwen3 8b", 6),
    ],
)
def test_cards_are_counted_behind_their_name(index: NameIndex, text: str, count: int) -> None:
    assert [one.count for one in parse(text, index).hardware] == [count]


def test_a_card_in_a_laptops_line_may_be_a_laptops(index: NameIndex) -> None:
    (choice,) = parse("legion 5 3070 qwen3 8b", index).ambiguous
    assert set(choice.choices) == {"nvidia-geforce-rtx-3070-laptop", "nvidia-geforce-rtx-3070"}


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
        ("i7-7700HQ", "Core i7-7700HQ", "cpu-dual-channel-ddr4-2400"),
        ("i7-1165G7", "Core i7-1165G7", "cpu-dual-channel-ddr4-3200"),
        ("i5-1240p with ddr4", "Core i5-1240P", "cpu-dual-channel-ddr4-3200"),
        ("i9-10980XE", "Core i9-10980XE", "cpu-intel-x299-core-i9-ddr4-2666"),
        ("i7 5820k", "Core i7-5820K", "cpu-intel-x99-core-i7-ddr4-2400"),
        ("Ryzen 9 7945HX", "Ryzen 9 7945HX", "cpu-dual-channel-ddr5-5200"),
        ("ryzen 5 7430u", "Ryzen 5 7430U", "cpu-dual-channel-ddr4-3200"),
        ("Ryzen 5 4600G", "Ryzen 5 4600G", "cpu-dual-channel-ddr4-3200"),
        ("core ultra 7 155u", "Core Ultra 7 155U", "cpu-dual-channel-ddr5-5600"),
        ("FX-8350", "FX-8350", "cpu-dual-channel-ddr3-1866"),
        ("Xeon E3-1245 V2", "Xeon E3-1245 v2", "cpu-dual-channel-ddr3-1600"),
        ("xeon e5-2670", "Xeon E5-2670", "cpu-xeon-e5-ddr3-1600"),
        ("Xeon X5675", "Xeon X5675", "cpu-xeon-5600-ddr3-1333"),
        ("pentium gold G6405", "Pentium G6405", "cpu-dual-channel-ddr4-2666"),
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


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("m3 max 300gb/s", "apple-m3-max-30c-gpu"),
        ("Apple M4 Max (410GB/s)", "apple-m4-max-32c-gpu"),
        ("Apple M1 Max 8P+2E+24GPU", "apple-m1-max-24c-gpu"),
        ("M1 Ultra (48 GPU Core) 64GB", "apple-m1-ultra-48c-gpu"),
        ("NVIDIA H100 80GB HBM3", "nvidia-h100-sxm5-80-gb"),
        ("AMD Ryzen 7 8745H w/ Radeon 780M", "amd-ryzen-7-7840hs"),
    ],
)
def test_what_tells_the_versions_of_a_chip_apart(index: NameIndex, text: str, id_: str) -> None:
    found = index.resolve("hardware", text)
    assert (found.ids[0], found.certain) == (id_, True)


def test_the_number_of_a_processor_is_no_context(index: NameIndex) -> None:
    assert parse("qwen3 8b on i7 5820k 64gb", index).n_ctx is None


def test_a_computers_own_name_is_no_card(index: NameIndex) -> None:
    read = parse("lenovo p620 with threadripper pro 5975wx and 2x a6000", index)
    assert [mention.name for mention in read.hardware] == ["Threadripper Pro 5975WX", "RTX A6000"]
