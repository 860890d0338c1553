"""Ranking: the same figures as a single answer, one model a base, in order, and nothing that does not run."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.errors import BadInput
from knowledge.estimator.request import ContextParams


@pytest.mark.parametrize(("on", "ram_gib"), [("RTX 3060 12GB", 32.0), ("M4 Max 64GB", None), ("RTX 4060 Ti 8GB", 16.0)])
def test_rank_is_the_single_answer(answers: Answers, on: str, ram_gib: float | None) -> None:
    asks = [HardwareAsk(name=on)]
    ranked = answers.best(asks, ram_gib=ram_gib, limit=5)
    assert len(ranked) == 5
    assert [row.score for row in ranked] == sorted((row.score for row in ranked), reverse=True)
    bases = [row.model.base_id or row.model.id for row in ranked]
    assert len(set(bases)) == len(bases)
    for row in ranked:
        context = ContextParams(n_ctx=8192)
        request = answers.request(model=row.model.id, hardware=asks, quant=row.quant, ram_gib=ram_gib, context=context)
        single = answers.estimate(request, detailed=False)
        assert single.fit_tier == row.fit_tier
        assert single.decode_tok_s is not None
        assert single.decode_tok_s.mid == pytest.approx(row.decode_tok_s)
        assert single.memory.total_bytes + single.memory.host_total_bytes == row.total_bytes


def test_a_small_board_gets_small_models(answers: Answers) -> None:
    ranked = answers.best([HardwareAsk(name="Raspberry Pi 5")], limit=3)
    assert all((row.model.params_active or 0) < 3e9 for row in ranked)


def test_bad_uses_and_missing_hardware_are_named(answers: Answers) -> None:
    with pytest.raises(BadInput, match="no use"):
        answers.best([HardwareAsk(name="RTX 4090")], use="world peace")
    with pytest.raises(BadInput, match="which hardware"):
        answers.best([])
