"""Quick looks say what the whole answer says: the sum, the number that is missing, the whole verdict."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from knowledge.answers import Answers
from knowledge.catalog import Knowledge
from knowledge.errors import KnowledgeError
from knowledge.estimator import looks
from knowledge.estimator.advice import longest_context
from knowledge.estimator.fit import Case, answer_case, case_of, place
from knowledge.estimator.ladders import QUANT_LADDER
from knowledge.estimator.layer_costs import layer_bytes
from knowledge.estimator.request import ContextParams, DeviceAsk, FitRequest
from knowledge.estimator.splits import one_holds
from knowledge.estimator.verdict import lacking_bytes, memory_problem, memory_tier_of
from knowledge.units import GIB


def cases(knowledge: Knowledge, count: int, seed: int) -> Iterator[Case]:
    """Random questions that can be answered, several devices, CPUs and shared memory among them."""
    chance = random.Random(seed)  # noqa: S311 - picks questions, keeps no secret
    models = [model for model in knowledge.models.values() if model.shape]
    devices = list(knowledge.devices.values())
    while count:
        kind = chance.choice(("f16", "f16", "q8_0"))
        request = FitRequest(
            model=chance.choice(models),
            quant=chance.choice(QUANT_LADDER),
            devices=(DeviceAsk(device=chance.choice(devices), count=chance.choice((1, 1, 1, 2, 3))),),
            ram_bytes=chance.choice((None, 16 * GIB, 64 * GIB)),
            context=ContextParams(n_ctx=chance.choice((2048, 8192, 32768)), type_k=kind, type_v=kind),
        )
        try:
            case = case_of(request)
        except KnowledgeError:
            continue
        if case.budget is not None:
            count -= 1
            yield case


def test_what_is_missing_is_what_the_verdict_says(answers: Answers) -> None:
    for case in cases(answers.knowledge, 250, 1):
        assert case.budget is not None
        placed = place(case, case.budget)
        problem = memory_problem(case.budget, placed.memory, placed.placement)
        missing = lacking_bytes(case.budget, placed.memory, placed.placement)
        assert (missing > 0) == bool(problem), case.request
        tier = memory_tier_of(case.budget, placed.memory, placed.placement)
        assert looks.easily_held(case) == (tier == "comfortable"), case.request
        assert looks.is_held(case) == (tier != "no"), case.request


def test_what_one_device_and_the_ram_hold_is_mostly_told_without_a_placement(answers: Answers) -> None:
    n_asked = n_told = 0
    for case in cases(answers.knowledge, 400, 5):
        if case.budget is None or not looks.sum_tells(case) or looks.must_hold_all(case):
            continue
        cost = layer_bytes(case.shape, case.request.quant, case.request.context)
        held = one_holds(cost, case.budget)
        n_asked += 1
        n_told += held is not None
        assert held in (None, looks.lacking(case) <= 0), case.request
    assert n_told > 0.5 * n_asked


def test_the_quick_verdict_is_the_whole_one(answers: Answers) -> None:
    seen = set()
    for case in cases(answers.knowledge, 150, 2):
        tier = answer_case(case).fit_tier
        seen.add(tier)
        assert looks.quick_tier(case) == tier, case.request
        if looks.easily_held(case):
            assert looks.held_decode_mid_tok_s(case) == looks.decode_mid_tok_s(case)
    assert seen == {"no", "trade-offs", "comfortable"}


def test_the_longest_context_is_where_the_verdict_ends(answers: Answers) -> None:
    for case in cases(answers.knowledge, 40, 3):
        answer = answer_case(case)
        context = case.request.context

        def holds(n_steps: int, case: Case = case, tier: str | None = answer.fit_tier) -> bool:
            longer = looks.at_n_ctx(case.request.context, n_steps * 256)
            found = looks.memory_tier(case, context=longer)
            return found == "comfortable" if tier == "comfortable" else found != "no"

        most = max(case.shape.n_ctx_train, case.shape.n_ctx_rope) // 256
        longest = (longest_context(case, answer) or 0) // 256
        assert longest == 0 or holds(longest), (case.request, context)
        assert longest == most or not holds(longest + 1), (case.request, context)


def test_a_sum_needs_a_budget(answers: Answers) -> None:
    model = answers.knowledge.models["qwen3-8b"]
    case = case_of(FitRequest(model=model, quant="Q4_K_M"))
    assert not looks.is_held(case)
    assert looks.memory_tier(case) == "no"
    assert looks.decode_mid_tok_s(case) is None
    with pytest.raises(ValueError, match="budget"):
        looks.excess_bytes(case)
