"""Other engines' memory against what they report: mlx-lm's peaks and vLLM's profile of an 8B."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import pytest

from knowledge.answers import Answers
from knowledge.asking import usual_quant
from knowledge.catalog import Knowledge
from knowledge.errors import BadInput, KnowledgeError, UnknownName
from knowledge.estimator.engines import ENGINES, check_cache, default_n_ctx, engine_by_name, memory_of, published_quant
from knowledge.estimator.request import ContextParams
from knowledge.estimator.weights import weights
from knowledge.units import GIB, MIB


@pytest.mark.truth
def test_mlx_peaks(answers: Answers, truth_dir: Path) -> None:
    """One machine, one sequence. The constant and the copies were read off these rows: a check of the rule's form."""
    errors: list[float] = []
    with (truth_dir / "memory.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            shared = "nodes=" in row["notes"] and "nodes=1" not in row["notes"]
            if row["engine"] != "mlx-lm" or shared or row["n_parallel"] != "1":
                continue
            bits = row["quant"].lower().removeprefix("q").removesuffix("bit")
            quant = "mlx-bf16" if bits == "bf16" else f"mlx-{bits}bit"
            try:
                shape = answers.model_named(row["model"]).shape
                assert shape is not None
                found = memory_of(ENGINES["mlx"], shape, quant, ContextParams(n_ctx=int(row["n_ctx"])))
            except KnowledgeError:
                continue
            errors.append(abs(found.total_bytes / MIB / float(row["total_mib"]) - 1))
    assert len(errors) > 80
    assert statistics.median(errors) < 0.02
    assert max(errors) < 0.05


def test_vllm_profile_of_an_8b(answers: Answers) -> None:
    """A start-up log of Llama 3 8B in 16 bits: 14.96 GiB of weights, 1.26 GiB of peak activations."""
    shape = answers.model_named("llama-3.1-8b-instruct").shape
    assert shape is not None
    found = memory_of(ENGINES["vllm"], shape, "bf16", ContextParams(n_ctx=8192))
    assert found.weights_bytes == pytest.approx(14.96 * GIB, rel=0.01)
    assert found.compute_bytes == pytest.approx(1.26 * GIB, rel=0.2)


@pytest.mark.parametrize(
    ("engine", "memory_gib", "n_ctx"),
    [
        ("ollama", 12, 4096),
        ("ollama", 24, 32768),
        ("ollama", 47, 32768),
        ("ollama", 48, 131072),
        ("lm-studio", 24, 4096),
        ("llama.cpp", 24, 8192),
        ("vllm", 24, 8192),
    ],
)
def test_contexts_nobody_said(engine: str, memory_gib: int, n_ctx: int) -> None:
    assert default_n_ctx(ENGINES[engine], memory_gib * GIB, 131072) == n_ctx


def test_pages_are_whole(answers: Answers) -> None:
    shape = answers.model_named("llama-3.1-8b-instruct").shape
    assert shape is not None
    for engine in ("vllm", "exllamav3"):
        page = ENGINES[engine].page_tokens
        sizes = {
            memory_of(ENGINES[engine], shape, "bf16", ContextParams(n_ctx=n)).kv_cache_bytes
            for n in (page + 1, 2 * page)
        }
        assert len(sizes) == 1, engine


def test_engines_by_the_names_people_use() -> None:
    assert engine_by_name("LM Studio").id == "lm-studio"
    assert engine_by_name(" llama-server ").id == "llama.cpp"
    with pytest.raises(UnknownName) as caught:
        engine_by_name("notengine")
    assert "vllm" in caught.value.choices


@pytest.mark.parametrize(
    ("model", "published"),
    [
        ("deepseek-r1", "fp8"),
        ("deepseek-v3.2", "fp8"),
        ("deepseek-v4-flash-0731", "mxfp4-fp8"),
        ("deepseek-v4-flash-base", "fp8"),
        ("kimi-k2-instruct-0905", "fp8"),
        ("kimi-k2-thinking", "int4-experts"),
        ("kimi-k2.6", "int4-experts"),
        ("kimi-linear-48b-a3b-instruct", None),
        ("devstral-small-2-24b-instruct-2512", "fp8"),
        ("ministral-3-8b-instruct-2512", "fp8"),
        ("ministral-3-8b-reasoning-2512", None),
        ("mistral-small-4-119b-2603", "fp8"),
        ("mistral-large-3-675b-instruct-2512", "fp8"),
        ("minimax-m2", "fp8"),
        ("gpt-oss-20b", "mxfp4-hf"),
        ("r1-1776", None),
        ("deepseek-v2-lite", None),
        ("qwen3-8b", None),
    ],
)
def test_repositories_in_eight_bits_are_loaded_as_they_are(
    knowledge: Knowledge, model: str, published: str | None
) -> None:
    found = knowledge.models[model]
    assert published_quant(found) == published
    assert usual_quant(found, engine_by_name("vllm")) == (published or "bf16")
    assert usual_quant(found, engine_by_name("transformers")) == (published or "bf16")
    assert usual_quant(found, engine_by_name("mlx")) == "mlx-4bit"


def test_mlx_never_quantises_the_cache_of_a_sliding_window(knowledge: Knowledge) -> None:
    mlx, quantised = engine_by_name("mlx"), ContextParams(type_k="q8_0", type_v="q8_0")
    sliding, full = knowledge.models["gemma-3-12b-it"].shape, knowledge.models["qwen3-8b"].shape
    assert sliding is not None
    assert full is not None
    check_cache(mlx, quantised, full)
    check_cache(mlx, ContextParams(), sliding)
    with pytest.raises(BadInput) as caught:
        check_cache(mlx, quantised, sliding)
    assert caught.value.hint == "One of f16, bf16."


def test_devices_that_share_a_layer_hold_a_latent_row_each_and_heads_once(knowledge: Knowledge) -> None:
    vllm, context = engine_by_name("vllm"), ContextParams(n_ctx=8192)

    def kv(model: str, n_devices: int) -> int:
        shape = knowledge.models[model].shape
        assert shape is not None
        return memory_of(vllm, shape, "fp8", context, n_devices).kv_cache_bytes

    assert kv("deepseek-r1", 8) == 8 * kv("deepseek-r1", 1)
    assert kv("qwen3-8b", 8) == kv("qwen3-8b", 1)  # eight KV heads, one each
    assert kv("qwen3-8b", 16) == 2 * kv("qwen3-8b", 1)
    assert kv("qwen3-8b", 3) == kv("qwen3-8b", 1)  # 32 heads are not split in three: whole layers are


@pytest.mark.parametrize(
    ("model", "quant", "published_gb"),
    [
        ("gpt-oss-20b", "mxfp4-hf", 13.76),
        ("gpt-oss-120b", "mxfp4-hf", 65.25),
        ("kimi-k2-thinking", "int4-experts", 594),
        ("kimi-k2-instruct", "fp8", 1030),
        ("devstral-small-2-24b-instruct-2512", "fp8", 24.9),
        ("minimax-m2", "fp8", 230),
    ],
)
def test_a_published_format_has_the_size_of_the_repository(
    knowledge: Knowledge, model: str, quant: str, published_gb: float
) -> None:
    shape = knowledge.models[model].shape
    assert shape is not None
    assert weights(shape, quant).total_file_bytes / 1e9 == pytest.approx(published_gb, rel=0.003)
