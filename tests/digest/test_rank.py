"""Ranking: what is folded, what comes first, and how well it agrees with editors."""

from __future__ import annotations

import csv
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.cluster import Cluster, Told, cluster
from digest.commands.rank import read_entries
from digest.names import mentions, squash
from digest.rank import rank
from digest.settings import SOURCES_DIR
from digest.sources import load_sources, organisations

GATE_MEAN, GATE_WORST = 0.6, 0.45
"""Precision of the first 20 against four months that editors judged; these may rise, never fall."""

MAKERS = frozenset({"otterlab", "qwen"})
PACKAGERS = frozenset({"mlx-community"})


def repo(name: str, day: str = "2026-04-10") -> Told:
    url = f"https://huggingface.co/{name}"
    return Told(
        source=f"huggingface:{name.partition('/')[0]}", kind="model_listing", url=url, title=name, published=day
    )


def post(title: str, votes: int = 0, kind: str = "discussion") -> Told:
    return Told(
        source="a forum", kind=kind, url=f"https://f.example.org/{len(title)}", title=title, votes=votes or None
    )


def release(tag: str, day: str = "2026-04-10", source: str = "ollama/ollama") -> Told:
    return Told(
        source=source, kind="github_release", url=f"https://github.com/{source}/{tag}", title=tag, published=day
    )


def clusters(*rows: Told) -> list[Cluster]:
    return cluster(rows, makers=MAKERS, packagers=PACKAGERS)


def test_sizes_repacks_tunes_and_talk_are_one_release() -> None:
    (item,) = clusters(
        repo("otterlab/Otter-2-8B"),
        repo("otterlab/Otter-2-30B-A3B", "2026-04-12"),
        repo("otterlab/Otter-2-8B-FP8"),
        repo("mlx-community/Otter-2-8B-4bit"),
        repo("someone/Otter-2-8B-abliterated"),
        Told(source="ollama library", kind="model_listing", url="https://ollama.com/library/otter-2", title="otter-2"),
        post("Otter 2 released!", 900),
        post("Introducing Otter 2", kind="blog"),
    )
    assert item.title == "Otter 2 (8B, 30B-A3B)"
    assert (len(item.lead), len(item.repacks), len(item.tuned), len(item.library)) == (3, 1, 1, 1)
    assert (len(item.talk), len(item.press)) == (1, 1)


def test_a_later_size_that_was_taken_up_stands_alone_and_a_quiet_one_does_not() -> None:
    first, second = repo("qwen/Qwen9-27B", "2026-04-02"), repo("qwen/Qwen9-4B", "2026-04-20")
    quiet = clusters(first, second)
    posts = [post(f"Qwen9-{size} is out {n * '!'}", 100) for n in range(1, 4) for size in ("27B", "4B")]
    talked = clusters(first, second, *posts)
    assert [item.title for item in quiet] == ["Qwen9 (27B, 4B)"]
    assert sorted(item.title for item in talked) == ["Qwen9-27B", "Qwen9-4B"]


def test_a_familys_name_from_elsewhere_is_no_release_of_its_maker() -> None:
    items = clusters(repo("qwen/Qwen9-27B"), repo("otterlab/Qwen9-27B-Otter"))
    assert [item.title for item in items] == ["Qwen9-27B"]
    assert len(items[0].repacks) == 1


def test_builds_are_one_line_and_candidates_do_not_count() -> None:
    builds = [release(f"b{n}", source="ggml-org/llama.cpp") for n in range(9000, 9040)]
    versions = [release(tag) for tag in ("v0.21.0-rc0", "v0.21.0", "v0.21.1", "v0.21.1-rc1")]
    titles = {item.title: len(item.lead) for item in clusters(*builds, *versions)}
    assert titles == {"llama.cpp b9000 to b9039 (40 builds)": 40, "ollama 0.21.1 (4 releases)": 2}


def test_a_thread_that_is_a_link_to_a_repository_is_that_repository() -> None:
    (item,) = clusters(post("otterlab/Otter-Voice-2 · Hugging Face", 300))
    assert (item.kind, item.title, len(item.talk)) == ("model", "Otter-Voice-2", 1)


def test_order() -> None:
    ranked = rank(
        [
            repo("nobody/Thing-1B"),
            repo("otterlab/Otter-2-8B"),
            post("Otter 2 is here", 800),
            repo("otterlab/Otter-Embedding-0.3B"),
            post("Why do I love my old laptop?", 900),
            release("v0.21.3"),
            post("Claude Opus 9 released", 2000),
        ],
        makers=MAKERS,
        packagers=PACKAGERS,
    )
    titles = [item.item.title for item in ranked]
    assert titles[0] == "Otter-2-8B"
    assert titles.index("Otter-2-8B") < titles.index("Thing-1B")
    assert all(item.why for item in ranked if item.item.kind != "story")


@given(st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_entries(shuffle: random.Random) -> None:
    rows = [
        repo("otterlab/Otter-2-8B"),
        repo("otterlab/Otter-2-30B", "2026-04-25"),
        repo("qwen/Qwen9-27B"),
        post("Otter 2 out", 90),
    ]
    rows += [repo("mlx-community/Otter-2-30B-4bit"), release("v1.0.0"), release("v1.0.1")]
    mixed = rows.copy()
    shuffle.shuffle(mixed)
    first, second = (
        [(item.item.title, item.score) for item in rank(order, makers=MAKERS, packagers=PACKAGERS)]
        for order in (rows, mixed)
    )
    assert first == second


def agrees(item: Cluster, truth_title: str) -> bool:
    """Say whether an item is what an editor named: its words, up to the sizes, stand in one of the item's names."""
    head = re.split(r"[(/,]", truth_title)[0]
    words = set(re.findall(r"[a-z0-9.]+", head.lower()))
    for name in (item.title, *(row.title for row in (*item.lead, *item.library))):
        if mentions(name, (squash(head),)) or (
            len(words) > 1 and words <= set(re.findall(r"[a-z0-9.]+", name.lower()))
        ):
            return True
    return False


@pytest.mark.truth
def test_agreement_with_editors(truth_dir: Path) -> None:
    makers, packagers = organisations(load_sources(SOURCES_DIR))
    with (truth_dir / "digest" / "releases.csv").open(encoding="utf-8") as handle:
        judged = [row for row in csv.DictReader(handle) if row["local_relevant"] == "1"]
    precisions = []
    for file in sorted((truth_dir / "digest").glob("entries-*.jsonl")):
        month = file.stem.removeprefix("entries-")
        titles = [row["title"] for row in judged if row["month"] == month]
        best = rank(read_entries(file), makers=makers, packagers=packagers)[:20]
        precisions.append(sum(any(agrees(item.item, title) for title in titles) for item in best) / 20)
    assert len(precisions) == 4
    assert sum(precisions) / 4 >= GATE_MEAN, precisions
    assert min(precisions) >= GATE_WORST, precisions


@pytest.mark.truth
def test_the_foremost_releases_are_found(truth_dir: Path) -> None:
    makers, packagers = organisations(load_sources(SOURCES_DIR))
    file = truth_dir / "digest" / "entries-2026-04.jsonl"
    best = [item.item for item in rank(read_entries(file), makers=makers, packagers=packagers)[:10]]
    for title in ("Gemma 4", "Kimi K2.6", "DeepSeek V4", "GLM-5.1", "Qwen3.6-35B-A3B", "Qwen3.6-27B"):
        assert any(agrees(item, title) for item in best), title
    assert json.dumps([item.title for item in best])
