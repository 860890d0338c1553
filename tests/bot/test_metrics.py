"""The metrics hold every name an operator's dashboard relies on, and a stall of the event loop is seen."""

from __future__ import annotations

import asyncio
import time

from bot.metrics import Metrics, waited_for_a_core_s


def test_every_series_is_there_from_the_start() -> None:
    text = Metrics().text().decode()
    for line in (
        'runlocalai_bot_ack_seconds_count{kind="command"} 0.0',
        'runlocalai_bot_shed_total{reason="expired"} 0.0',
        'runlocalai_bot_events_total{event="failed completions"} 0.0',
        "runlocalai_bot_loop_lag_seconds_count 0.0",
        'runlocalai_bot_loop_stalls_total{cause="own"} 0.0',
        "process_resident_memory_bytes ",
    ):
        assert line in text, text


def test_counts_are_shown() -> None:
    metrics = Metrics()
    metrics.acked(2, 0.2)
    metrics.acked(99, 0.2)
    metrics.shed("busy")
    metrics.counts["errors"] += 2
    assert metrics.value("ack_seconds_count", kind="command") == 1
    assert metrics.value("ack_seconds_bucket", kind="command", le="0.25") == 1
    assert metrics.value("ack_seconds_bucket", kind="command", le="0.1") == 0
    assert metrics.value("shed_total", reason="busy") == 1
    assert metrics.value("events_total", event="errors") == 2


async def test_a_stall_is_seen() -> None:
    metrics = Metrics()
    probing = asyncio.create_task(metrics.probe())
    await asyncio.sleep(0.01)
    time.sleep(0.3)  # noqa: ASYNC251 -- what must not happen in the bot
    await asyncio.sleep(0.1)
    probing.cancel()
    assert metrics.worst_lag_s > 0.15
    assert metrics.value("loop_lag_worst_seconds") == metrics.worst_lag_s
    assert metrics.value("loop_stalls_total", cause="own") >= 1


def test_waiting_for_a_core_only_grows() -> None:
    before = waited_for_a_core_s()
    assert 0 <= before <= waited_for_a_core_s()
