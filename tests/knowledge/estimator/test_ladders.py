"""Smaller files are offered whatever type was asked for, on whatever engine, and each keeps its word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.engines import ENGINES
from knowledge.estimator.fit import estimate
from knowledge.estimator.ladders import ladder_of, smaller_types
from knowledge.estimator.request import ContextParams, FitRequest
from knowledge.estimator.weights import weights

RANK = {"no": 0, "trade-offs": 1, "comfortable": 2}


def request(answers: Answers, model: str, on: str, engine: str, quant: str = "") -> FitRequest:
    return answers.request(
        model=model,
        hardware=[HardwareAsk(name=on)],
        quant=quant,
        ram_gib=None,
        context=ContextParams(n_ctx=8192),
        engine=engine,
    )


@pytest.mark.parametrize("engine", list(ENGINES))
def test_each_step_of_a_ladder_is_smaller(answers: Answers, engine: str) -> None:
    shape = answers.knowledge.models["llama-3.1-8b-instruct"].shape
    assert shape is not None
    sizes = [weights(shape, quant).total_file_bytes for quant in ladder_of(ENGINES[engine])]
    assert len(sizes) >= 3
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("quant", ["F16", "BF16", "Q5_K_S", "UD-Q8_K_XL", "Q4_0", "IQ2_XS", "i1-Q4_K_S"])
def test_a_type_beside_the_ladder_stands_where_its_size_puts_it(answers: Answers, quant: str) -> None:
    shape = answers.knowledge.models["llama-3.1-8b-instruct"].shape
    assert shape is not None
    smaller = smaller_types(ENGINES["llama.cpp"], shape, quant)
    size = weights(shape, quant).total_file_bytes
    assert smaller
    assert all(weights(shape, other).total_file_bytes < size for other in smaller)


@pytest.mark.parametrize(
    ("model", "on", "engine", "quant", "words"),
    [
        ("qwen3 32b", "RTX 4090", "vllm", "", "awq-int4 instead of bf16"),
        ("qwen3 32b", "RTX 4090", "transformers", "", "bnb-4bit instead of bf16"),
        ("qwen3 32b", "M4 Max 36GB", "mlx", "mlx-6bit", "mlx-4bit instead of mlx-6bit"),
        ("llama 3.3 70b", "RTX 3090", "exllamav3", "", "exl3-2bpw instead of exl3"),
        ("llama 3.1 8b", "RTX 3060 12GB", "llama.cpp", "F16", "Q8_0 instead of F16"),
        ("llama 3.1 8b", "RTX 3060 12GB", "ollama", "BF16", "Q8_0 instead of BF16"),
        ("gpt-oss-120b", "RTX 5090", "vllm", "", "llama.cpp with a MXFP4_MOE file and"),
        ("qwen3 32b", "RTX 4090", "vllm", "", "llama.cpp with a Q4_K_M file"),
    ],
)
def test_a_smaller_file_or_another_engine_is_offered(
    answers: Answers, model: str, on: str, engine: str, quant: str, words: str
) -> None:
    answer = estimate_detailed(request(answers, model, on, engine, quant))
    assert any(words in change.text for change in answer.changes), answer.changes


@pytest.mark.parametrize("engine", ["vllm", "transformers", "mlx", "exllamav3"])
@pytest.mark.parametrize("model", ["qwen3 32b", "llama 3.1 8b", "mistral small 3.2", "gemma 3 27b", "qwen3 30b a3b"])
def test_the_best_type_and_the_smaller_file_keep_their_word(answers: Answers, engine: str, model: str) -> None:
    asked = request(answers, model, "M4 Pro 48GB" if engine == "mlx" else "RTX 4090", engine)
    answer = estimate_detailed(asked)
    assert answer.best_quant in ladder_of(ENGINES[engine])
    assert estimate(replace(asked, quant=answer.best_quant)).fit_tier in {"trade-offs", "comfortable"}
    for change in answer.changes:
        if change.axis == "quant":
            quant = change.text.split()[0]
            better = estimate(replace(asked, quant=quant)).fit_tier
            assert RANK[better or "no"] > RANK[answer.fit_tier or "no"]


def test_what_fits_is_within_the_room_it_is_shown_against(answers: Answers) -> None:
    for engine in ("llama.cpp", "vllm", "transformers", "exllamav3"):
        for model in ("llama 3.2 1b", "llama 3.1 8b", "gemma 3 12b", "qwen3 14b"):
            for on in ("RTX 3050 8GB", "RTX 4070", "RTX 3090"):
                answer = estimate(request(answers, model, on, engine))
                if answer.fit_tier != "no":
                    assert answer.room_bytes is not None
                    assert answer.memory.total_bytes <= answer.room_bytes, (engine, model, on)
