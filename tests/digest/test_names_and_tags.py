"""Names and tags: what is one release, what is packaging, which tag is a version people wait for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.families import home_of, split_families
from digest.mentions import NameIndex
from digest.names import aliases, read_name, squash
from digest.tags import read_tag


@pytest.mark.parametrize(
    ("name", "key", "sizes", "packaged"),
    [
        ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4", "nemotron3", ("30B-A3B",), True),
        ("google/gemma-4-E2B-it", "gemma4", ("E2B",), False),
        ("mlx-community/Kimi-K2.6-mlx-DQ3_K_M-q8", "kimik2.6", (), True),
        ("Qwen/Qwen3-4B-Instruct-2507", "qwen3", ("4B",), False),
        ("openai/gpt-oss-120b", "gptoss", ("120B",), False),
        ("deepseek-ai/DeepSeek-V4-Pro-Base", "deepseekv4", (), False),
        ("openbmb/MiniCPM-V-4_5", "minicpmv4.5", (), False),
        ("MiniMaxAI/MiniMax-M2.7", "minimaxm2.7", (), False),
        ("mistral-large-3", "mistral3", (), False),
        ("poolside/Laguna-S-2.1", "laguna2.1", (), False),
        ("someone/Laguna-2.1-Q4_K_M-GGUF", "laguna2.1", (), True),
        ("IQuestLab/IQuest-Q1", "iquestq1", (), False),
        ("LGAI-EXAONE/K-EXAONE-236B-A23B", "kexaone", ("236B-A23B",), False),
    ],
)
def test_read_name(name: str, key: str, sizes: tuple[str, ...], packaged: bool) -> None:
    found = read_name(name)
    assert (found.key, found.sizes, found.packaged) == (key, sizes, packaged)


@pytest.mark.parametrize("writing", ["Gemma 4", "gemma-4", "Gemma4", "GEMMA  4", "gemma_4"])
def test_writings_of_one_name_meet(writing: str) -> None:
    assert squash(writing) == "gemma4"


KEYS = ("glm5", "glm5.1", "qwen3.6", "gemma4", "kimik2.6")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GLM-5.1 is out", ("glm5.1",)),
        ("GLM-5 is out", ("glm5",)),
        ("Qwen3.6-27B released!", ("qwen3.6",)),
        ("Qwen 3.6 35B", ("qwen3.6",)),
        ("GLM-5V is another model", ()),
        ("Qwen3.6's new sizes", ("qwen3.6",)),
        ("Gemma 40 does not exist", ()),
        ("Kimi K2.6 against Gemma 4", ("gemma4", "kimik2.6")),
        ("nothing of the kind", ()),
    ],
)
def test_mentions(text: str, found: tuple[str, ...]) -> None:
    assert NameIndex(KEYS).find(text) == found


@given(
    st.lists(st.sampled_from(["glm", "5", "5.1", "qwen3.6", "27b", "v4", "max", "gemma", "4", "is", "out"]), max_size=9)
)
def test_the_index_finds_what_a_look_at_every_name_finds(words: list[str]) -> None:
    names = ("glm5", "glm5.1", "qwen3.6", "qwen3.6max", "gemma4", "v4max")
    text = " ".join(words)
    pieces = [
        squash(" ".join(words[first:last])) for first in range(len(words)) for last in range(first + 1, len(words) + 1)
    ]
    present = {name for name in names if name in pieces}
    longest = {name for name in present if not any(other != name and other.startswith(name) for other in present)}
    assert set(NameIndex(names).find(text)) == longest


def test_short_names_are_not_looked_for() -> None:
    assert NameIndex(["r1", "r"]).find("R1 and R") == ()


@pytest.mark.parametrize(
    ("name", "spoken"),
    [("moonshotai/Kimi-K2.6", "kimi2.6"), ("zai-org/GLM-5", "glm5.0"), ("MiniMaxAI/MiniMax-M2.5", "minimax2.5")],
)
def test_what_people_leave_out_of_a_name(name: str, spoken: str) -> None:
    assert spoken in aliases(read_name(name))


def test_a_family_glued_to_another_word() -> None:
    assert split_families("supergemma4-26b") == "super gemma4-26b"
    assert split_families("translategemma-4b-it") == "translate gemma-4b-it"
    assert split_families("gemma4") == "gemma4"


def test_homes() -> None:
    assert home_of("qwen3.6") == "qwen"
    assert home_of("kexaone") == "lgai-exaone"
    assert home_of("rnj1") is None
    assert (home_of("diffusiongemma"), home_of("gemmathewriter")) == ("google", "google")
    assert (home_of("hy3"), home_of("hypernova"), home_of("kimik2")) == ("tencent", None, "moonshotai")


@given(st.text(max_size=80))
def test_any_name_can_be_read(name: str) -> None:
    found = read_name(name)
    assert found.key == squash(found.key)
    assert all(size for size in found.sizes)


@pytest.mark.parametrize(
    ("tag", "version", "stable", "major", "minor"),
    [
        ("v1.0.0", (1, 0, 0), True, True, True),
        ("v0.21.0", (0, 21, 0), True, False, True),
        ("v0.21.3", (0, 21, 3), True, False, False),
        ("v4.3", (4, 3), True, False, True),
        ("v207", (207,), True, False, False),
        ("v0.20.5-rc2", (0, 20, 5), False, False, False),
        ("0.32a1", (0, 32), False, False, False),
        ("v0.5.0-beta", (0, 5, 0), False, False, False),
        ("v0.7.2.post1", (0, 7, 2), True, False, False),
        ("2025-02", (2025, 2, 0), True, False, True),
        ("May-2025-v2", (2025, 5, 2), True, False, False),
        ("Best-2025", (), False, False, False),
        ("b8148", (), False, False, False),
        ("master-576-6a9cb31", (), False, False, False),
        ("nightly-2026-04-01", (), False, False, False),
        ("The big one", (), False, False, False),
    ],
)
def test_tags(tag: str, version: tuple[int, ...], stable: bool, major: bool, minor: bool) -> None:
    found = read_tag(tag)
    assert (found.version, found.stable, found.is_major, found.is_minor) == (version, stable, major, minor)


@pytest.mark.truth
def test_builds_and_candidates_of_real_tags(truth_dir: object) -> None:
    import csv
    from pathlib import Path

    with (Path(str(truth_dir)) / "digest" / "tool_tags.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    right = sum(read_tag(row["tag"]).stable == (row["prerelease_or_build"] == "0") for row in rows)
    assert right / len(rows) > 0.97, right / len(rows)
