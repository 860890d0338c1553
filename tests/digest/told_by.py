"""Made-up entries as sources show them, for the tests of folding and ranking."""

from __future__ import annotations

import random

from digest.cluster import cluster
from digest.rank import Ranked, rank
from digest.told import Cluster, Told

MAKERS = frozenset({"otterlab", "qwen", "heron"})
PACKAGERS = frozenset({"mlx-community"})


def repo(name: str, day: str = "2026-04-10", summary: str = "") -> Told:
    """A model repository."""
    source = f"huggingface:{name.partition('/')[0]}"
    url = f"https://huggingface.co/{name}"
    return Told(source=source, kind="model_listing", url=url, title=name, published=day, summary=summary)


def library(name: str, day: str = "2026-04-11") -> Told:
    """A model in the Ollama library."""
    url = f"https://ollama.com/library/{name}"
    return Told(source="ollama library", kind="model_listing", url=url, title=name, published=day)


def post(
    title: str, votes: int = 0, kind: str = "discussion", day: str = "2026-04-12", source: str = "a forum"
) -> Told:
    """A thread, or with `kind="blog"` a post."""
    url = f"https://f.example.org/{title.replace(' ', '-')}"
    return Told(source=source, kind=kind, url=url, title=title, votes=votes or None, published=day)


def release(tag: str, day: str = "2026-04-10", source: str = "ollama/ollama", summary: str = "") -> Told:
    """A release on GitHub."""
    url = f"https://github.com/{source}/releases/tag/{tag}"
    return Told(source=source, kind="github_release", url=url, title=tag, published=day, summary=summary)


def clusters(*rows: Told) -> list[Cluster]:
    """The clusters of some entries."""
    return cluster(rows, makers=MAKERS, packagers=PACKAGERS)


def ranked(*rows: Told) -> list[Ranked]:
    """The ranking of some entries."""
    return rank(rows, makers=MAKERS, packagers=PACKAGERS)


def a_month(dice: random.Random, size: int) -> list[Told]:
    """A month of `size` entries of every kind, with families, copies, builds, threads and posts among them."""
    syllables = ("ko", "ra", "mi", "ta", "lu", "ne", "vo", "ber", "dan", "gol")
    families = ["".join(dice.choices(syllables, k=3)).capitalize() for _ in range(max(2, size // 20))]
    orgs = ("otterlab", "heron", "mlx-community", "someone", "nobody", "Qwen")
    rows = []
    for number in range(size):
        family, version = dice.choice(families), dice.choice(("1", "2", "2.5"))
        name, day = f"{family}-{version}-{dice.choice((1, 4, 8, 30))}B", f"2026-04-{dice.randint(1, 30):02d}"
        pick = dice.random()
        if pick < 0.55:
            rows.append(repo(f"{dice.choice(orgs)}/{name}{dice.choice(('', '-FP8', '-abliterated', '-4bit'))}", day))
        elif pick < 0.6:
            rows.append(library(f"{family.lower()}{version}", day))
        elif pick < 0.75:
            tag = dice.choice((f"v0.{number}.0", f"b{number}", f"v0.{number}.1-rc1"))
            rows.append(release(tag, day, source=f"{family.lower()}/{family.lower()}.cpp"))
        else:
            said = dice.choice(
                (f"{name} is out", f"Introducing {family}Kit {number}", f"why is {family} slow? {number}")
            )
            rows.append(post(said, dice.randint(0, 2000), dice.choice(("blog", "discussion")), day))
    return rows
