"""Cache types the engine itself refuses for a model, before it would start and fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.catalog import Knowledge
from knowledge.errors import BadInput
from knowledge.estimator.buffers import compute_buffer
from knowledge.estimator.cells import Cells
from knowledge.estimator.cells_rank import NOT_ASKED, rank_cells
from knowledge.estimator.fit import estimate
from knowledge.estimator.request import ContextParams, DeviceAsk, FitRequest


def asked(knowledge: Knowledge, model: str, type_k: str, type_v: str, engine: str = "llama.cpp") -> FitRequest:
    context = ContextParams(n_ctx=2048, type_k=type_k, type_v=type_v)
    return FitRequest(model=knowledge.models[model], quant="Q4_K_M", context=context, engine=engine)


@pytest.mark.parametrize(
    ("model", "type_k", "type_v", "subject", "words"),
    [
        ("phi-2", "q8_0", "f16", "type_k", "80 wide"),
        ("phi-2", "f16", "q4_0", "type_v", "80 wide"),
        ("deepseek-v3.1", "q8_0", "f16", "type_v", "one row"),
        ("deepseek-v4-flash-0731", "f16", "q8_0", "type_v", "one row"),
        ("grok-1", "f16", "q8_0", "type_v", "without flash attention"),
    ],
)
def test_what_the_engine_refuses_is_refused_with_what_it_takes(
    knowledge: Knowledge, model: str, type_k: str, type_v: str, subject: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        estimate(asked(knowledge, model, type_k, type_v))
    assert refused.value.subject == subject
    assert words in str(refused.value)
    assert "f16" in refused.value.hint


@pytest.mark.parametrize(
    ("model", "kind"), [("phi-2", "bf16"), ("deepseek-v3.1", "q8_0"), ("grok-1", "f16"), ("qwen3-8b", "q4_0")]
)
def test_what_it_takes_is_answered(knowledge: Knowledge, model: str, kind: str) -> None:
    assert estimate(asked(knowledge, model, kind, kind)).memory.kv_cache_bytes > 0


def test_different_types_of_k_and_v_are_fine_where_they_are_two(knowledge: Knowledge) -> None:
    assert estimate(asked(knowledge, "qwen3-8b", "q8_0", "f16")).memory.kv_cache_bytes > 0


def test_other_engines_have_their_own_rules(knowledge: Knowledge) -> None:
    assert estimate(replace(asked(knowledge, "phi-2", "q8_0", "q8_0", "vllm"), quant="bf16")).memory.kv_cache_bytes > 0


def test_a_ranking_does_not_ask_what_is_refused(knowledge: Knowledge) -> None:
    context = ContextParams(type_k="q8_0", type_v="q8_0")
    models = [knowledge.models["phi-2"], knowledge.models["qwen3-8b"]]
    rig = [DeviceAsk(device=knowledge.devices["nvidia-geforce-rtx-4090"])]
    tier = rank_cells(Cells.build(models, ("Q4_K_M",), (2048,), context=context), rig).tier
    assert tier[0, 0, 0] == NOT_ASKED
    assert tier[1, 0, 0] > NOT_ASKED


def test_grok_has_the_scores_in_its_buffer_whatever_is_asked(knowledge: Knowledge) -> None:
    shape = knowledge.models["grok-1"].shape
    assert shape is not None
    fast, slow = ContextParams(n_ctx=8192), ContextParams(n_ctx=8192, flash_attn=False)
    assert compute_buffer(shape, fast).device_bytes >= shape.n_head * 8192 * 512 * 4
    assert compute_buffer(shape, fast).device_bytes <= compute_buffer(shape, slow).device_bytes
