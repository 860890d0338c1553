"""Vision projectors: weights against published files, buffers against a start-up log, who sees and who does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.catalog import Knowledge
from knowledge.errors import BadInput, Unanswerable
from knowledge.estimator.projector import PROJECTOR_TYPES, UNKNOWN_BUFFER_BYTES, projector_of
from knowledge.estimator.towers import find_tower
from knowledge.units import MIB


@pytest.mark.parametrize(
    ("model", "size_bytes"),
    [
        ("gemma-3-4b-it", 851_251_104),  # mmproj-model-f16.gguf of ggml-org/gemma-3-4b-it-GGUF
        ("qwen3.5-4b", 644.26 * MIB),  # a log in llama.cpp#22673
        ("mistral-small-3.2-24b-instruct-2506", 837.36 * MIB),  # a log in llama.cpp#16842
    ],
)
def test_weights_are_those_of_published_files(knowledge: Knowledge, model: str, size_bytes: float) -> None:
    assert projector_of(knowledge.models[model]).weights_bytes == pytest.approx(size_bytes, rel=0.002)


def test_the_buffer_is_that_of_a_start_up_log(knowledge: Knowledge) -> None:
    found = projector_of(knowledge.models["qwen3.5-4b"])  # 1472 × 1472 pixels, llama.cpp#22673
    assert found.compute_bytes == pytest.approx(223.30 * MIB, rel=0.002)
    assert found.image_tokens == (1472 // 32) ** 2


def test_towers_agree_with_the_catalogues_own_counts(knowledge: Knowledge) -> None:
    """The catalogue's counts are differences of totals, wrong where embeddings are tied; most agree with the widths."""
    shares = [
        projector_of(model).weights_bytes / 2 / model.n_params_vision
        for model in knowledge.models.values()
        if find_tower(model) is not None and model.n_params_vision
    ]
    assert len(shares) > 100
    assert sum(0.95 < share < 1.05 for share in shares) / len(shares) > 0.75


def test_smaller_types_take_less(knowledge: Knowledge) -> None:
    model = knowledge.models["gemma-3-27b-it"]
    sizes = {kind: projector_of(model, kind).weights_bytes for kind in PROJECTOR_TYPES}
    assert sizes["f32"] > sizes["f16"] == sizes["bf16"] > sizes["q8_0"]


def test_without_flash_attention_all_scores_are_kept(knowledge: Knowledge) -> None:
    model = knowledge.models["gemma-3-27b-it"]
    with_it, without = (projector_of(model, flash_attn=on).compute_bytes for on in (True, False))
    assert without - with_it > 16 * 4096**2 * 4 * 0.9


def test_what_is_not_known_is_said(knowledge: Knowledge) -> None:
    counted = projector_of(knowledge.models["minicpm-v-4.5"])
    assert counted.image_tokens is None
    assert counted.compute_bytes == UNKNOWN_BUFFER_BYTES
    assert "not known" in counted.said
    with pytest.raises(BadInput, match="does not see"):
        projector_of(knowledge.models["qwen3-8b"])
    with pytest.raises(BadInput, match="A projector in"):
        projector_of(knowledge.models["gemma-3-27b-it"], "q4_k")
    unknown = replace(knowledge.models["minicpm-v-4.5"], n_params_vision=None)
    with pytest.raises(Unanswerable, match="not known"):
        projector_of(unknown)


def test_a_larger_vision_part_than_the_familys_tower_is_taken_by_its_count(knowledge: Knowledge) -> None:
    model = knowledge.models["mistral-medium-3.5-128b"]
    assert projector_of(model).weights_bytes == pytest.approx(2 * (model.n_params_vision or 0), rel=1e-6)
