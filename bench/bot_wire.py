"""How fast the bot answers over the wire, beside the ceiling: a discord.py process that only says "pong".

    python -m bench.bot_wire [--rounds 5] [--calls 1000] [--burst 2000] [--json]

Both processes are real, each talks to its own loopback Discord in this process, and their rounds are interleaved, so
that a busy machine slows both alike: the ratio is the figure to watch. Latency runs from the event leaving the stand-
in to the answer's headers arriving. Needs a synced store (DATABASE_URL); judges nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from random import Random
from typing import Any

from bot import serve
from bot.standin import StandIn
from bot.standin.exchange import Exchange
from bot.standin.payloads import APP_ID, GUILD_ID, USER_ID
from bot.standin.rules import Rules
from bot.standin.server import Where
from knowledge.settings import Settings
from knowledge.store.bot_store import BotStore
from knowledge.store.db import engine
from knowledge.store.queries import load_knowledge
from tests.bot.conftest import copied
from tests.bot.process import BotProcess, environment

MODELS = ("qwen3-8b", "llama-3.1-8b-instruct", "gemma-3-27b-it", "gpt-oss-20b", "qwen3-30b-a3b")
DEVICES = ("nvidia-geforce-rtx-3060-12-gb", "nvidia-geforce-rtx-4090", "nvidia-geforce-rtx-3090")
GUILDS = tuple(GUILD_ID + n for n in range(40))
DESCRIPTORS = 1024
"""So many files a process may have open in a burst: what a machine gives unless told otherwise."""

SAMPLED = Rules(judged_every=50)
"""Two per cent of the answers are held to Discord's limits: judging one takes this process as long as making it takes
the bot."""

SETTLED_S = 3.0
"""So long after a burst what it took has been given back."""

PONG = Path(__file__).with_name("pong_bot.py")
BOT = ("-OO", "-m", "bot")
"""As the Procfile starts it."""

RATIOS = ("cpu_ms", "p99_ms")
TYPED = ("qw", "llama 3", "gemma3 27", "gpt-oss", "mistral")

Ask = Callable[[StandIn, int], Awaitable[Exchange]]


@dataclass(frozen=True, slots=True)
class Round:
    """One round of calls: latencies, calls a second, processor time each.

    `lost`: how many were not answered in three seconds; `shed`: were told that the bot is busy.
    """

    p50_ms: float
    p99_ms: float
    per_s: float
    cpu_ms: float
    lost: int
    shed: int


def who(number: int) -> Where:
    """Who asks, and where: 997 people in 40 servers in turn, as neither a person nor a server may ask so fast alone."""
    return {"user_id": USER_ID + number % 997, "guild_id": GUILDS[number % len(GUILDS)], "timeout_s": 30}


async def ping(discord: StandIn, number: int) -> Exchange:
    """The trivial command."""
    return await discord.slash("ping", **who(number))


async def fit(discord: StandIn, number: int) -> Exchange:
    """A fit question out of 465: most were asked before and are remembered, as in a server's day."""
    options = {"model": MODELS[number % 5], "hardware": DEVICES[number // 5 % 3], "context": 1024 * (1 + number % 31)}
    return await discord.slash("fit", options, **who(number))


class NewFit:
    """A fit question never asked before: what `fit` costs when nothing is remembered."""

    def __init__(self) -> None:
        self._asked = itertools.count()

    async def __call__(self, discord: StandIn, number: int) -> Exchange:
        """Ask the next one."""
        options = {
            "model": MODELS[number % 5],
            "hardware": DEVICES[number // 5 % 3],
            "context": 1000 + next(self._asked),
        }
        return await discord.slash("fit", options, **who(number))


class MixedFit:
    """Fit questions as a server asks them: models and cards by Zipf's law, most without a context of their own.

    Who is how popular is drawn by lot over the whole catalogue, so that no architecture is favoured; a part of them is
    new, another asked before, and the process finds out which.
    """

    CONTEXTS = (None, None, None, 8192, 16384, 32768)
    SEED = 7

    def __init__(self, models: Sequence[str], devices: Sequence[str]) -> None:
        self._lot = Random(self.SEED)  # noqa: S311 -- a bench keeps no secret
        self._models, self._devices = self._ranked(models), self._ranked(devices)

    def _ranked(self, ids: Sequence[str]) -> tuple[list[str], list[float]]:
        names = self._lot.sample(sorted(ids), len(ids))
        return names, list(itertools.accumulate(1 / rank for rank in range(1, len(names) + 1)))

    async def __call__(self, discord: StandIn, number: int) -> Exchange:
        """Ask the next one."""
        (models, shares), (devices, parts) = self._models, self._devices
        options: dict[str, Any] = {
            "model": self._lot.choices(models, cum_weights=shares)[0],
            "hardware": self._lot.choices(devices, cum_weights=parts)[0],
        }
        if (context := self._lot.choice(self.CONTEXTS)) is not None:
            options["context"] = context
        return await discord.slash("fit", options, **who(number))


def mixed_fit(url: str) -> MixedFit:
    """Questions over what a store knows: every model of a known shape, every card and machine."""
    store = engine(url)
    known = load_knowledge(store)
    store.dispose()
    models = [model.id for model in known.models.values() if model.shape is not None]
    return MixedFit(models, [device.id for device in known.devices.values() if device.memory_bytes])


async def define(discord: StandIn, number: int) -> Exchange:
    """A glossary question."""
    return await discord.slash("define", {"term": "what is a kv cache"}, **who(number))


async def complete(discord: StandIn, number: int) -> Exchange:
    """Autocomplete over the models, a few letters typed."""
    return await discord.autocomplete("fit", "model", TYPED[number % 5], **who(number))


def is_shed(exchange: Exchange) -> bool:
    """Whether an answer says no more than that the bot is busy: no card, or no choices at all."""
    parts = exchange.components
    return not exchange.choices if exchange.kind == 4 else bool(parts) and parts[0]["type"] == 10


async def play(discord: StandIn, bot: BotProcess, ask: Ask, calls: int, in_flight: int) -> Round:
    """Ask `calls` times, `in_flight` at once."""
    gate = asyncio.Semaphore(in_flight)
    late: list[float] = []
    lost = shed = 0

    async def one(number: int) -> None:
        nonlocal lost, shed
        async with gate:
            try:
                exchange = await ask(discord, number)
            except TimeoutError:
                lost += 1
                return
        late.append(exchange.latency_s)
        shed += is_shed(exchange)

    cpu_s, began = bot.cpu_s(), time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(calls)))
    wall_s = time.perf_counter() - began
    discord.forget()
    done = sorted(late) or [float("inf")]
    return Round(
        p50_ms=1000 * done[len(done) // 2],
        p99_ms=1000 * done[min(len(done) - 1, len(done) * 99 // 100)],
        per_s=len(late) / wall_s,
        cpu_ms=1000 * (bot.cpu_s() - cpu_s) / calls,
        lost=lost + sum(latency > 3 for latency in late),
        shed=shed,
    )


async def start(
    discord: StandIn, folder: Path, url: str, first: Ask, script: Sequence[str] = BOT, **env: str
) -> tuple[BotProcess, float, float]:
    """Start a process and ask it as soon as it has identified; also the seconds to either: ready, first answer.

    Its code is compiled before, as it is for every start but a version's first.
    """
    if script is BOT:
        compiling = await asyncio.create_subprocess_exec(
            sys.executable, "-OO", "-c", "import bot.serve", env=environment(folder)
        )
        await compiling.wait()
    began = time.perf_counter()
    bot = await BotProcess.start(discord, folder, url, script=script, **env)
    await discord.until_ready()
    ready_s = time.perf_counter() - began
    await first(discord, 0)
    answered_s = time.perf_counter() - began
    await discord.until_commands()
    return bot, ready_s, answered_s


def store_url(folder: Path) -> str:
    """A store that has the same content and has registered no commands: of an SQLite store, a copy."""
    url = Settings.from_env().database_url
    if url.startswith("sqlite:///"):
        copy = folder / "store.db"
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as ours, closing(sqlite3.connect(copy)) as theirs:
            ours.backup(theirs)
        url = f"sqlite:///{copy}"
    store = engine(url)
    BotStore(store).registered(APP_ID, "none of these", now=datetime.now(UTC))
    store.dispose()
    return url


async def measure(rounds: int, calls: int, burst: int) -> dict[str, Any]:
    """All figures: medians over the rounds, beside the ceiling's."""
    with tempfile.TemporaryDirectory() as folder:
        url = store_url(Path(folder))
        if url.startswith("sqlite:///"):  # a copy: what was registered stands in it, and this Discord has no commands
            url = copied(url, Path(folder))
        cases: list[tuple[str, bool, Ask]] = [
            ("ping", False, ping),
            ("fit", True, fit),
            ("new fit", True, NewFit()),
            ("mixed fit", True, mixed_fit(url)),
            ("define", True, define),
            ("complete", True, complete),
        ]
        async with StandIn(rules=SAMPLED, guild_ids=GUILDS) as ours, StandIn(rules=SAMPLED, guild_ids=GUILDS) as theirs:
            bot, ready_s, answered_s = await start(ours, Path(folder), url, fit)
            await bot.until_logged("models compiled", 300)
            ready_mib = bot.rss_bytes() / 2**20
            pong, pong_ready_s, pong_answered_s = await start(theirs, Path(folder), url, ping, (str(PONG),))
            try:
                played: dict[tuple[str, int], list[Round]] = {}
                for in_flight in (1, 50):
                    for _ in range(rounds):
                        for name, is_ours, ask in cases:
                            at, process = (ours, bot) if is_ours else (theirs, pong)
                            n = calls if in_flight > 1 else max(calls // 5, 10)
                            played.setdefault((name, in_flight), []).append(await play(at, process, ask, n, in_flight))
                for process in (bot, pong):
                    resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
                bursts = {
                    f"{n} {name}": asdict(await play(at, p, ask, n, n))
                    for n in (burst, 3 * burst)
                    for name, at, p, ask in (("ping", theirs, pong, ping), ("fit", ours, bot, fit))
                }
                rss_mib = bot.rss_bytes() / 2**20
                await asyncio.sleep(SETTLED_S)
                settled_mib = bot.rss_bytes() / 2**20
            finally:
                codes = [await bot.stop(), await pong.stop()]
    table = {f"{name} at {in_flight}": _median(rows) for (name, in_flight), rows in played.items()}
    start_s = {"bot": ready_s, "pong": pong_ready_s}
    first_s = {"bot": answered_s, "pong": pong_answered_s}
    return {
        "rounds": rounds,
        "calls": calls,
        "burst": burst,
        "ready_s": start_s,
        "first_answer_s": first_s,
        "rss_mib_ready": ready_mib,
        "rss_mib": rss_mib,
        "rss_mib_settled": settled_mib,
        "cases": table,
        "bursts": bursts,
        "exit": codes,
    }


def _median(rows: list[Round]) -> dict[str, float]:
    columns = [asdict(row) for row in rows]
    out = {name: statistics.median(column[name] for column in columns) for name in columns[0]}
    return {**out, "lost": sum(row.lost for row in rows), "shed": sum(row.shed for row in rows)}


def print_table(result: dict[str, Any]) -> None:
    """The figures as a table, each beside its share of the ceiling."""
    print(f"medians of {result['rounds']} interleaved rounds of {result['calls']} calls")
    ready, first = result["ready_s"], result["first_answer_s"]
    print(f"ready after {ready['bot']:.2f} s (ceiling {ready['pong']:.2f}), first answer after {first['bot']:.2f}")
    print(
        f"{result['rss_mib_ready']:.0f} MiB resident with all models compiled, {result['rss_mib']:.0f} after bursts, "
        f"{result['rss_mib_settled']:.0f} once it had time to give back"
    )
    print(f"{'case':<16}{'p50 ms':>9}{'p99 ms':>9}{'per s':>9}{'cpu ms':>9}{'lost':>6}  of ceiling: per s, cpu, p99")
    for name, row in result["cases"].items():
        ceiling = result["cases"][f"ping at {name.rsplit(' ', 1)[1]}"]
        share = " ".join(
            (
                f"{row['per_s'] / ceiling['per_s']:>8.0%}",
                *(f"{row[key] / (ceiling[key] or nan):>6.2f}" for key in RATIOS),
            )
        )
        columns = f"{row['p50_ms']:>9.2f}{row['p99_ms']:>9.2f}{row['per_s']:>9.0f}{row['cpu_ms']:>9.2f}"
        print(f"{name:<16}{columns}{row['lost']:>6.0f}{share}")
    for name, row in result["bursts"].items():
        late = f"p99 {row['p99_ms'] / 1000:.2f} s, {row['lost']:.0f} lost or later than 3 s, {row['shed']:.0f} busy"
        print(f"burst of {name}: {late}")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 where an answer was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--burst", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    result = serve.run(measure(args.rounds, args.calls, args.burst))
    if args.json:
        print(json.dumps(result, indent=2))
    else:
        print_table(result)
    return 1 if any(row["lost"] for row in (*result["cases"].values(), *result["bursts"].values())) else 0


if __name__ == "__main__":
    sys.exit(main())
