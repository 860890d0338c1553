"""The file type an answer recommends: good if it can be, never at the price of a chat that crawls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.estimator.advice import estimate_detailed
from knowledge.estimator.best_type import best_quant
from knowledge.estimator.fit import case_of, estimate
from knowledge.estimator.ladders import QUANT_LADDER
from knowledge.estimator.request import ContextParams, FitRequest
from knowledge.estimator.thresholds import CHAT_FLUID_TOK_S, CHAT_SLOW_TOK_S

RIGS = (
    ("RTX 3060 12GB", 32.0),
    ("RTX 3050 Laptop", 16.0),
    ("i7-13700K", 64.0),
    ("RTX 4090", 64.0),
    ("2x RTX 3090", 64.0),
    ("M4 Pro 24GB", None),
)
MODELS = ("qwen3-8b", "qwen3-32b", "qwen3.6-35b-a3b", "llama-3.3-70b-instruct", "gemma-3-12b-it")


def asked(answers: Answers, model: str, on: str, ram_gib: float | None, n_ctx: int = 8192) -> FitRequest:
    hardware = answers.hardware_asks(on)
    return answers.request(model=model, hardware=hardware, ram_gib=ram_gib, context=ContextParams(n_ctx=n_ctx))


def speed(request: FitRequest, quant: str) -> float:
    answer = estimate(replace(request, quant=quant))
    return answer.decode_tok_s.mid if answer.decode_tok_s is not None else 0.0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("on", "ram_gib"), RIGS)
def test_a_better_file_is_taken_only_while_the_chat_keeps_its_pace(
    answers: Answers, model: str, on: str, ram_gib: float | None
) -> None:
    request = asked(answers, model, on, ram_gib)
    best = best_quant(case_of(request))
    if best is None or best not in QUANT_LADDER[: QUANT_LADDER.index("Q4_K_M")]:
        return
    taken = estimate(replace(request, quant=best))
    usual = speed(request, "Q4_K_M")
    reached = max((limit for limit in (CHAT_SLOW_TOK_S, CHAT_FLUID_TOK_S) if usual >= limit), default=0.0)
    assert taken.fit_tier == "comfortable" or speed(request, best) >= reached > 0.0


def test_what_spills_over_already_is_not_made_larger(answers: Answers) -> None:
    long = asked(answers, "llama-3.1-8b-instruct", "RTX 3060 12GB", 16.0, n_ctx=131072)
    assert best_quant(case_of(long)) in {"Q4_K_M", "IQ4_XS", "Q5_K_M"}
    slow = asked(answers, "qwen3-32b", "i7-13700K", 64.0)
    assert best_quant(case_of(slow)) in {"Q4_K_M", "IQ4_XS"}
    # a two-bit file would fit the card: it is no file to recommend beside a good one that runs slowly
    crowded = asked(answers, "deepseek-r1-distill-qwen-32b", "RTX 3060 12GB", 32.0)
    assert best_quant(case_of(crowded)) in {"Q4_K_M", "IQ4_XS", "Q3_K_M"}


def test_what_fits_well_is_taken_well(answers: Answers) -> None:
    hardware = [HardwareAsk(name="RTX 4090")]
    assert estimate_detailed(answers.request(model="qwen3-8b", hardware=hardware)).best_quant == "Q8_0"
