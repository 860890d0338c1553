"""Speculative decoding: the arithmetic of drafts, what they take, which are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answers, HardwareAsk
from knowledge.beside import MODEL_DRAFT_MAX, MTP_DRAFT_MAX, Beside, with_beside
from knowledge.catalog import Knowledge
from knowledge.errors import BadInput
from knowledge.estimator.draft import (
    FURTHER_TOKEN,
    CheckCost,
    check_s,
    draft_bytes,
    drafted_per_check,
    mtp_layers,
    speculation_of,
    speedup,
    tokens_per_check,
)
from knowledge.estimator.fit import estimate
from knowledge.estimator.request import ContextParams, DraftAsk, FitAnswer, Interval

COSTS = st.builds(
    CheckCost,
    step_s=st.floats(1e-3, 1.0),
    draft_s=st.floats(1e-5, 1.0),
    token_s=st.floats(0.0, 0.1),
    expert_share=st.floats(0.0, 0.95),
    used_share=st.floats(0.01, 1.0),
)
CHANCE = st.floats(0.0, 1.0)
COUNT = st.integers(1, 64)
PLAIN = Interval(low=30.0, mid=40.0, high=50.0)


def fit(answers: Answers, model: str, on: str, **said: object) -> FitAnswer:
    request = answers.request(model=model, hardware=[HardwareAsk(name=on)], quant="Q4_K_M")
    return estimate(with_beside(answers, request, Beside(**said)))  # type: ignore[arg-type]


@given(cost=COSTS, n_max=COUNT, further=st.floats(0.0, 0.5))
def test_a_draft_that_is_never_right_is_never_faster(cost: CheckCost, n_max: int, further: float) -> None:
    assert speedup(cost, 0.0, n_max, further) < 1.0


@given(acceptance=CHANCE, n_max=COUNT)
def test_a_check_yields_one_to_all_tokens(acceptance: float, n_max: int) -> None:
    assert 1.0 <= tokens_per_check(acceptance, n_max) <= n_max + 1 + 1e-9
    assert 1.0 <= drafted_per_check(acceptance, n_max) <= n_max + 1e-9


@given(cost=COSTS, n_tokens=st.floats(1.0, 64.0), further=st.floats(0.0, 0.5))
def test_a_check_is_never_quicker_than_a_plain_step(cost: CheckCost, n_tokens: float, further: float) -> None:
    assert check_s(cost, n_tokens, further) >= cost.step_s * (1 - 1e-9)


@given(cost=COSTS, n_max=COUNT)
def test_the_interval_is_in_order_and_holds_the_plain_one_scaled(cost: CheckCost, n_max: int) -> None:
    found = speculation_of(DraftAsk(n_max=n_max), PLAIN, cost)
    assert found.speedup.low <= found.speedup.mid <= found.speedup.high
    assert found.decode_tok_s.low <= found.decode_tok_s.mid <= found.decode_tok_s.high
    assert found.decode_tok_s.mid == pytest.approx(PLAIN.mid * found.speedup.mid)


def test_one_drafted_token_as_deepseek_reports_it() -> None:
    """DeepSeek-V3's report: 0.85 to 0.9 of second tokens kept makes 1.8 times the speed of a served model."""
    served = CheckCost(step_s=1.0, draft_s=1 / 61, token_s=0.0)  # large batches: experts are read anyway
    assert speedup(served, 0.875, 1, FURTHER_TOKEN.high) == pytest.approx(1.8, abs=0.05)


@pytest.mark.parametrize(
    ("model", "on", "said"),
    [
        ("qwen3-32b", "RTX 4090", {"draft": "qwen3-0.6b"}),
        ("llama-3.3-70b-instruct", "2x RTX 3090", {"draft": "llama-3.2-1b-instruct"}),
        ("qwen3.6-27b", "RTX 3090", {"draft": "mtp"}),
        ("qwen3-8b", "M4 Max 64GB", {"draft": "qwen3-0.6b"}),
        ("qwen3-8b", "Ryzen 9 7950X", {"draft": "qwen3-0.6b"}),
    ],
)
def test_drafts_people_use(answers: Answers, model: str, on: str, said: dict[str, object]) -> None:
    plain, drafted = fit(answers, model, on), fit(answers, model, on, **said)
    assert drafted.memory.draft_bytes > 0
    assert drafted.memory.total_bytes == plain.memory.total_bytes + drafted.memory.draft_bytes
    assert drafted.decode_tok_s is not None
    assert plain.decode_tok_s is not None
    assert drafted.decode_tok_s.mid == pytest.approx(plain.decode_tok_s.mid)
    assert drafted.speculation is not None
    assert drafted.speculation.speedup.high > 1.2
    assert any(text.startswith("drafts by") for text in drafted.assumptions)


def test_a_stated_acceptance_replaces_the_published_range(answers: Answers) -> None:
    said = fit(answers, "qwen3-32b", "RTX 4090", draft="qwen3-0.6b", draft_acceptance=0.0).speculation
    assert said is not None
    assert said.speedup.high < 1.0
    assert said.acceptance == Interval(low=0.0, mid=0.0, high=0.0)


def test_usual_numbers_of_drafted_tokens(answers: Answers) -> None:
    model = fit(answers, "qwen3-32b", "RTX 4090", draft="qwen3-0.6b").speculation
    own = fit(answers, "qwen3.6-27b", "RTX 4090", draft="mtp").speculation
    assert model is not None
    assert own is not None
    assert (model.n_max, own.n_max) == (MODEL_DRAFT_MAX, MTP_DRAFT_MAX)


@pytest.mark.parametrize(
    ("model", "said", "words"),
    [
        ("qwen3-8b", {"draft": "gemma-3-1b-it"}, "another tokenizer"),
        ("mistral-7b-instruct-v0.1", {"draft": "tinyllama-1.1b-chat-v1.0"}, "another tokenizer"),
        ("qwen3-8b", {"draft": "mtp"}, "no multi-token-prediction layers"),
        ("qwen3-8b", {"draft": "qwen3-0.6b", "draft_max": 0}, "drafted tokens"),
        ("qwen3-8b", {"draft": "qwen3-0.6b", "draft_max": 65}, "drafted tokens"),
        ("qwen3-8b", {"draft": "qwen3-0.6b", "draft_acceptance": 1.5}, "acceptance"),
        ("qwen3-8b", {"draft": "no such model at all"}, "No model called"),
    ],
)
def test_drafts_that_cannot_work_are_refused(answers: Answers, model: str, said: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        fit(answers, model, "RTX 4090", **said)
    assert caught.value.hint or caught.value.choices


def test_an_engine_without_drafts_says_so(answers: Answers) -> None:
    request = answers.request(model="qwen3-32b", hardware=[HardwareAsk(name="RTX 4090")], engine="ollama")
    with pytest.raises(BadInput, match="no speculative decoding"):
        estimate(with_beside(answers, request, Beside(draft="qwen3-0.6b")))


@given(n_ctx=st.integers(512, 30_000), more=st.integers(1, 4_000), n_max=st.integers(1, 16))
def test_a_draft_takes_more_in_a_longer_context(knowledge: Knowledge, n_ctx: int, more: int, n_max: int) -> None:
    model, small = knowledge.models["qwen3-32b"], knowledge.models["qwen3-0.6b"]
    assert model.shape is not None
    ask = DraftAsk(shape=small.shape, name=small.name, family=small.family, n_max=n_max)
    short, long = (
        draft_bytes(model.shape, "Q4_K_M", model.name, ContextParams(n_ctx=n), ask) for n in (n_ctx, n_ctx + more)
    )
    assert 0 < short <= long


def test_recurrent_state_is_kept_for_every_drafted_token(knowledge: Knowledge) -> None:
    """A log shows 188.44 MiB of state for Qwen3.6-35B-A3B with two drafted tokens, three times the plain one's."""
    model = knowledge.models["qwen3.6-35b-a3b"]
    assert model.shape is not None
    two, three = (
        draft_bytes(model.shape, "Q4_K_M", model.name, ContextParams(n_ctx=65536), DraftAsk(n_max=n)) for n in (2, 3)
    )
    assert (three - two) * 3 == pytest.approx(188.44 * 2**20, rel=0.01)


@pytest.mark.parametrize(
    ("model", "count"),
    [
        ("deepseek-r1", 1),
        ("glm-4.5-air", 1),
        ("qwen3-next-80b-a3b-instruct", 1),
        ("qwen3-8b", 0),
        ("llama-3.3-70b-instruct", 0),
    ],
)
def test_who_is_published_with_layers_that_predict(knowledge: Knowledge, model: str, count: int) -> None:
    found = knowledge.models[model]
    assert found.shape is not None
    assert mtp_layers(found.shape, found.name) == count


def test_distilled_models_have_none(knowledge: Knowledge) -> None:
    for model in knowledge.models.values():
        if "distill" in model.id and model.shape is not None and model.shape.arch in {"llama", "qwen2"}:
            assert mtp_layers(model.shape, model.name) == 0, model.id


def test_a_draft_leaves_the_placement_less_room(answers: Answers) -> None:
    request = answers.request(model="qwen3-32b", hardware=[HardwareAsk(name="RTX 3090")], quant="Q5_K_M", ram_gib=64)
    without = estimate(request)
    drafted = estimate(with_beside(answers, request, Beside(draft="qwen3-4b")))
    assert (drafted.n_gpu_layers or 0) < (without.n_gpu_layers or 0)
    assert drafted.available_bytes == without.available_bytes
    assert replace(drafted.memory, draft_bytes=0).total_bytes <= without.memory.total_bytes
