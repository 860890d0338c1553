"""Titles: releases are named as editors write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.names import read_name, squash
from digest.titles import library_title, release_title
from tests.digest.told_by import library, repo


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["Qwen/Qwen3.6-35B-A3B"], "Qwen3.6-35B-A3B"),
        (["google/gemma-4-E2B-it", "google/gemma-4-31B-it"], "Gemma 4 (E2B, 31B)"),
        (["google/gemma-3-270m-it"], "Gemma 3 270M"),
        (["openai/gpt-oss-120b", "openai/gpt-oss-20b"], "gpt-oss (120B, 20B)"),
        (["deepseek-ai/DeepSeek-V4-Flash", "deepseek-ai/DeepSeek-V4-Pro-Base"], "DeepSeek V4 (Flash, Pro)"),
        (["XiaomiMiMo/MiMo-V2.5", "XiaomiMiMo/MiMo-V2.5-Pro"], "MiMo V2.5 (Pro)"),
        (["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-FP8"], "Nemotron 3 Nano"),
        (["ibm-granite/granite-4.1-8b", "ibm-granite/granite-4.1-3b"], "Granite 4.1 (8B, 3B)"),
    ],
)
def test_repositories(names: list[str], title: str) -> None:
    assert release_title([(repo(name), read_name(name)) for name in names]) == title


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("glm-ocr", "GLM-OCR"),
        ("nemotron3", "Nemotron 3"),
        ("medgemma1.5", "MedGemma 1.5"),
        ("functiongemma", "FunctionGemma"),
        ("mistral-large-3", "Mistral Large 3"),
        ("deepseek-v3.1", "DeepSeek V3.1"),
        ("qwen3-next", "Qwen3 Next"),
    ],
)
def test_library_listings(name: str, title: str) -> None:
    assert library_title([library(name)], []) == title


def test_a_size_that_most_repackers_agree_on_is_told() -> None:
    copies = [repo(f"someone{n}/Otter-Coder-30B-A3B-{kind}") for n, kind in enumerate(("AWQ", "FP8", "4bit"))]
    odd = repo("someone/Otter-Coder-42B-merge")
    assert library_title([library("otter-coder")], [*copies, odd]) == "Otter Coder 30B-A3B"
    assert library_title([library("otter-coder")], [copies[0], odd]) == "Otter Coder"


@given(st.text("aA1. -", min_size=1, max_size=20).filter(lambda text: bool(squash(text))))
def test_a_title_keeps_its_letters_and_numbers(name: str) -> None:
    title = library_title([library(name)], [])
    assert sorted(c for c in title.lower() if c.isalnum()) == sorted(c for c in name.lower() if c.isalnum())
