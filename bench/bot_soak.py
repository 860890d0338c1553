"""A long run of the real bot process: is anything lost, does memory grow, does the event loop stall.

    python -m bench.bot_soak [--seconds 600] [--per-s 170] [--json]

A mix of commands and autocomplete of 997 people at a steady rate, against the stand-in in this process. Stalls and
answers are read from the bot's own /metrics, memory from /proc. What happens while models are still being compiled, in
the first seconds, is shown apart. Needs a synced store (DATABASE_URL); judges nothing but lost and late answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.bot_wire import GUILDS, SAMPLED, Ask, NewFit, complete, define, fit, is_shed, start, store_url
from bot import serve
from bot.standin import StandIn
from tests.bot.process import BotProcess


@dataclass
class Seen:
    """What came of the interactions: `lost` were never answered, `late` after three seconds, `shed` told "busy"."""

    asked: int = 0
    shed: int = 0
    lost: int = 0
    late: int = 0
    late_s: list[float] = field(default_factory=list)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def scraped(port: int) -> dict[str, float]:
    """The bot's metrics now, by their name with labels."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        text = await response.text()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in text.splitlines())
        if name and not name.startswith("#")
    }


def stalls(metrics: dict[str, float], cause: str) -> float:
    """How often the loop was later than 50 ms since the process began: for its "own" work, or for the "machine" 's."""
    return metrics[f'runlocalai_bot_loop_stalls_total{{cause="{cause}"}}']


async def ask_at_rate(discord: StandIn, seconds: float, per_s: float) -> Seen:
    """Ask a mix at a steady rate, whatever comes back."""
    seen, mix = Seen(), (fit, complete, define, complete, fit, complete, NewFit(), complete)
    waiting: set[asyncio.Task[None]] = set()

    async def one(ask: Ask, number: int) -> None:
        try:
            exchange = await ask(discord, number)
        except TimeoutError:
            seen.lost += 1
            return
        seen.shed += is_shed(exchange)
        seen.late += exchange.latency_s > 3
        seen.late_s.append(exchange.latency_s)
        discord.exchanges.pop(exchange.token, None)

    began = time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        while seen.asked < spent * per_s:
            task = asyncio.create_task(one(mix[seen.asked % len(mix)], seen.asked // len(mix)))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            seen.asked += 1
        if len(discord.world.messages) > 2_000:
            discord.world.messages.clear()
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    return seen


async def soak(seconds: float, per_s: float) -> dict[str, Any]:
    """All figures."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        url = store_url(Path(folder))
        async with StandIn(rules=SAMPLED, guild_ids=GUILDS) as discord:
            bot, ready_s, _ = await start(discord, Path(folder), url, fit, BOT_HEALTH_PORT=str(port))
            try:
                await bot.until_logged("models compiled", 300)
                at_start, ready_rss = await scraped(port), bot.rss_bytes()
                await ask_at_rate(discord, min(20.0, seconds / 4), per_s)
                return await _measured(bot, discord, port, at_start, (seconds, per_s, ready_s, ready_rss))
            finally:
                await bot.stop()


async def _measured(
    bot: BotProcess, discord: StandIn, port: int, at_start: dict[str, float], asked: tuple[float, float, float, int]
) -> dict[str, Any]:
    seconds, per_s, ready_s, ready_rss = asked
    before, rss, cpu_s = await scraped(port), bot.rss_bytes(), bot.cpu_s()
    seen = await ask_at_rate(discord, seconds, per_s)
    after = await scraped(port)
    late = sorted(seen.late_s)
    return {
        "seconds": seconds,
        "asked": seen.asked,
        "lost": seen.lost,
        "late": seen.late,
        "shed": seen.shed,
        "p50_ms": 1000 * late[len(late) // 2],
        "p99_ms": 1000 * late[len(late) * 99 // 100],
        "worst_ms": 1000 * late[-1],
        "cpu_ms_each": 1000 * (bot.cpu_s() - cpu_s) / max(seen.asked, 1),
        "rss_mib_before": rss / 2**20,
        "rss_mib_after": bot.rss_bytes() / 2**20,
        "rss_mib_growth_per_100000": (bot.rss_bytes() - rss) / 2**20 * 100_000 / max(seen.asked, 1),
        "stalls_over_50_ms": stalls(after, "own") - stalls(before, "own"),
        "stalls_over_50_ms_of_the_machine": stalls(after, "machine") - stalls(before, "machine"),
        "worst_stall_ms_since_start": 1000 * after["runlocalai_bot_loop_lag_worst_seconds"],
        "stalls_over_50_ms_while_compiling": stalls(at_start, "own"),
        "rss_mib_ready": ready_rss / 2**20,
        "errors": after['runlocalai_bot_events_total{event="errors"}'],
        "ready_s": ready_s,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 where an answer was lost or late."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--per-s", type=float, default=170)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    result = serve.run(soak(args.seconds, args.per_s))
    if args.json:
        print(json.dumps(result, indent=2))
    else:
        for name, value in result.items():
            print(f"{name:<36}{value:>12.2f}")
    return 1 if result["lost"] or result["late"] else 0


if __name__ == "__main__":
    sys.exit(main())
