"""Ranking: the same figures as a single answer, one model a base, in order, and nothing that does not run."""

from __future__ import annotations

import pytest

from knowledge.answers import Answers, HardwareAsk
from knowledge.catalog import Knowledge
from knowledge.errors import BadInput
from knowledge.estimator.rank import Ranked, RankTable, counted_on, rank
from knowledge.estimator.request import ContextParams
from knowledge.units import GIB


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


@pytest.fixture(scope="module")
def table(knowledge: Knowledge) -> RankTable:
    """Every third model, at two contexts."""
    return RankTable.build(list(knowledge.models.values())[::3], (8192, 32768))


def names(rows: list[Ranked]) -> list[tuple[str, str, str, int]]:
    return [(row.model.id, row.quant, row.fit_tier, row.total_bytes) for row in rows]


@pytest.mark.parametrize("n_ctx", [8192, 32768, 10000])
@pytest.mark.parametrize(
    ("on", "ram_gib"),
    [("RTX 3060 12GB", 32), ("RTX 3060 12GB", None), ("2x RTX 3090", 64), ("M4 Max 64GB", None), ("Raspberry Pi 5", 8)],
)
def test_a_table_ranks_as_the_search_does(
    table: RankTable, answers: Answers, on: str, ram_gib: int | None, n_ctx: int
) -> None:
    devices = answers.device_asks([HardwareAsk(name=on)])
    ram_bytes = None if ram_gib is None else ram_gib * GIB
    searched = rank(table.cells.models, devices, ram_bytes=ram_bytes, n_ctx=n_ctx)
    looked_up = table.rank(devices, ram_bytes=ram_bytes, n_ctx=n_ctx)
    assert names(looked_up) == names(searched)
    assert [row.decode_tok_s for row in looked_up] == pytest.approx([row.decode_tok_s for row in searched], rel=1e-9)


def test_a_table_names_what_a_rig_lacks(table: RankTable, answers: Answers) -> None:
    with pytest.raises(BadInput, match="devices in one machine"):
        table.rank(answers.device_asks([HardwareAsk(name="RTX 4090", count=16)]) * 2)


def test_a_tool_for_one_task_is_no_company_for_a_chat(answers: Answers) -> None:
    chats = {row.model.name for row in answers.best([HardwareAsk(name="Raspberry Pi 5")], use="chat", limit=30)}
    seeing = {row.model.name for row in answers.best([HardwareAsk(name="Raspberry Pi 5")], use="vlm", limit=30)}
    assert not any("OCR" in name or "Guard" in name for name in chats)
    assert any("OCR" in name for name in seeing)


def test_a_model_with_a_file_type_of_its_own_is_ranked_in_that(answers: Answers) -> None:
    rows = {row.model.id: row for row in answers.best([HardwareAsk(name="RTX 5090")], ram_gib=64, limit=60)}
    assert rows["gpt-oss-20b"].quant == "MXFP4_MOE"
    assert {row.quant for id_, row in rows.items() if id_.startswith("gpt-oss")} == {"MXFP4_MOE"}
    table = RankTable.build([row.model for row in rows.values()])
    devices = answers.device_asks([HardwareAsk(name="RTX 5090")])
    looked_up = table.rank(devices, ram_bytes=64 * GIB, limit=60)
    assert names(looked_up) == names(rank(table.cells.models, devices, ram_bytes=64 * GIB, limit=60))


def test_a_shared_memory_nobody_measured_is_not_taken_for_the_largest(answers: Answers) -> None:
    for on, gib in (("Ryzen 7 7840U", 16), ("M2 Max", 32), ("M3 Ultra", 96), ("Raspberry Pi 5", 16)):
        asks = [HardwareAsk(name=on)]
        ranked, devices = answers.best(asks, limit=5), answers.device_asks(asks)
        assert max(row.total_bytes for row in ranked) <= gib * GIB
        assert f"{gib} GiB" in counted_on(ranked, devices)
        named = answers.best([HardwareAsk(name=on, memory_gib=gib)], limit=5)
        assert names(ranked) == names(named)
    assert counted_on(ranked, answers.device_asks([HardwareAsk(name="M2 Max", memory_gib=96)])) == ""


def test_what_many_use_goes_before_what_hardly_anybody_does(answers: Answers) -> None:
    for use in ("chat", "code", "reasoning", "vlm", "embedding"):
        for on in ("RTX 3060 12GB", "RTX 4090", "M4 Pro 48GB"):
            ranked = answers.best([HardwareAsk(name=on)], use=use, limit=5)
            assert sum(row.model.downloads >= 10_000 for row in ranked) >= 4, (use, on)
            assert not any(row.model.name.lower().endswith("-base") for row in ranked if row.model.writes_text)
