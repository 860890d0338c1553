"""The wire bench still runs and still measures something."""

from __future__ import annotations

import pytest

from bench import bot_soak, bot_wire


async def test_bench_runs(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", store_url)
    result = await bot_wire.measure(rounds=1, calls=20, burst=30)
    assert set(result["cases"]) == {
        f"{name} at {n}" for name in ("ping", "fit", "new fit", "mixed fit", "define", "complete") for n in (1, 50)
    }
    assert all(row["per_s"] > 0 and row["lost"] == 0 for row in result["cases"].values())
    assert result["bursts"]["30 fit"]["lost"] == 0
    assert result["bursts"]["90 fit"]["lost"] == 0
    assert result["ready_s"]["bot"] < 15
    bot_wire.print_table(result)


async def test_soak_runs(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", store_url)
    result = await bot_soak.soak(seconds=3, per_s=20)
    assert result["asked"] >= 59
    assert result["lost"] == 0
    assert result["shed"] == 0
    assert result["errors"] == 0
    assert result["cpu_ms_each"] > 0
