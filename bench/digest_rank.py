"""How long clustering and ranking take: a month of 20,000 made-up entries on one core, and how that grows.

The entries have the forms real months have: repositories, repacks, fine-tunes, library listings, releases, builds,
posts and threads. Times are of the processor, so that other processes do not count. Nothing is asserted here; the test
asserts that the figures are there and grow about as the month does.
"""

from __future__ import annotations

import argparse
import json
import random
import time

from digest.rank import rank
from digest.told import Told

MAKERS = frozenset({"otterlab", "heron", "qwen"})
PACKAGERS = frozenset({"mlx-community"})
SYLLABLES = ("ko", "ra", "mi", "ta", "lu", "ne", "vo", "ber", "dan", "gol", "sel", "tin")


def month_of(size: int) -> list[Told]:
    """Return a month of `size` entries, the same each time."""
    dice = random.Random(size)  # noqa: S311 - made-up data, the same each time
    families = ["".join(dice.choices(SYLLABLES, k=3)).capitalize() for _ in range(size // 12 + 2)]
    return [_entry(dice, families, number) for number in range(size)]


def _entry(dice: random.Random, families: list[str], number: int) -> Told:
    family, day = dice.choice(families), f"2026-04-{dice.randint(1, 30):02d}"
    name = f"{family}-{dice.choice(('1', '2', '2.5', '3'))}-{dice.choice((1, 4, 8, 30, 70))}B"
    pick = dice.random()
    if pick < 0.6:
        org = dice.choice(("otterlab", "heron", "mlx-community", "Qwen", f"user{number % 900}"))
        title = f"{org}/{name}{dice.choice(('', '-FP8', '-heretic', '-GGUF', '-AWQ-4bit', f'-tune{number}'))}"
        return Told(
            source=f"huggingface:{org}", kind="model_listing", url=f"https://h/{number}", title=title, published=day
        )
    if pick < 0.62:
        return Told(
            source="ollama library",
            kind="model_listing",
            url=f"https://o/{number}",
            title=family.lower(),
            published=day,
        )
    if pick < 0.8:
        tag = dice.choice((f"v0.{number % 50}.{number % 7}", f"b{number}", f"v0.{number % 50}.0-rc1"))
        notes = f"* Fix number {number}\n* Add {family} support"
        return Told(
            source=f"org{number % 150}/tool{number % 150}",
            kind="github_release",
            url=f"https://g/{number}",
            title=tag,
            published=day,
            summary=notes,
        )
    said = dice.choice((f"{name} is out", f"Introducing {family}Kit{number}", f"Why is {family} slow? {number}"))
    kind = dice.choice(("blog", "discussion"))
    votes = dice.randint(0, 3000) if kind == "discussion" else None
    return Told(
        source=f"{kind} {number % 40}", kind=kind, url=f"https://p/{number}", title=said, published=day, votes=votes
    )


def measure(size: int, rounds: int) -> dict[str, float]:
    """Return the best of some rounds for a month of `size` entries: seconds, microseconds an entry, items made."""
    told = month_of(size)
    took, items = [], 0
    for _ in range(rounds):
        start = time.process_time()
        items = len(rank(told, makers=MAKERS, packagers=PACKAGERS))
        took.append(time.process_time() - start)
    return {"entries": size, "items": items, "s": min(took), "us_per_entry": min(took) / size * 1e6}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_500, 5_000, 10_000, 20_000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = [measure(size, args.rounds) for size in args.sizes]
    if args.json:
        print(json.dumps({"digest_rank": rows}))
        return 0
    print(f"{'entries':>8s} {'items':>7s} {'seconds':>8s} {'µs an entry':>12s}")
    for row in rows:
        print(f"{row['entries']:8.0f} {row['items']:7.0f} {row['s']:8.2f} {row['us_per_entry']:12.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
