"""Ranking: what comes first and why, what must not change it, and how well it agrees with editors."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.__main__ import main
from digest.cluster import cluster
from digest.rank import WEIGHTS, first_dates, rank, score
from digest.signals import known_since, signals, sources_of
from digest.told import Told
from tests.digest.told_by import MAKERS, PACKAGERS, a_month, clusters, library, post, ranked, release, repo

GATES = {
    "recall": (0.85, 0.7),
    "precision": (0.9, 0.8),
    "left_out_recall": (0.83, 0.7),
    "left_out_precision": (0.85, 0.75),
}
"""Mean and worst month of four that editors judged; these may rise, never fall."""


def test_order() -> None:
    items = ranked(
        repo("nobody/Thing-1B"),
        repo("otterlab/Otter-2-8B"),
        post("Otter 2 is here", 800),
        library("otter-2"),
        repo("otterlab/Otter-Embedding-0.3B"),
        post("Why do I love my old laptop?", 900),
        post("StoatKV is out: 2x faster on old cards", 500),
        release("v0.21.3"),
        post("Claude Opus 9 released", 2000),
    )
    titles = [item.item.title for item in items]
    assert titles[:2] == ["Otter-2-8B", "StoatKV"]
    assert titles.index("Otter-2-8B") < titles.index("Thing-1B")
    assert titles.index("StoatKV") < titles.index("Why do I love my old laptop?")


def test_the_reasons_are_facts_in_sentences() -> None:
    (item,) = ranked(
        repo("otterlab/Otter-2-8B", "2026-04-02", "chat; 8.2B"),
        repo("otterlab/Otter-2-30B-A3B", "2026-04-02", "chat; 30.5B"),
        repo("mlx-community/Otter-2-8B-4bit"),
        repo("someone/Otter-2-8B-heretic"),
        library("otter-2"),
        post("Otter 2 is out", 900, source="r/LocalLLaMA"),
        post("Otter 2 at home", 101, source="r/LocalLLaMA"),
    )
    assert item.why == (
        "Published by otterlab on 2 April. 8.2B to 30.5B weights, the smallest for an 8 GB card at 4 bits. "
        "Repacked by 1 other and tuned once. "
        "Told by 3 independent sources (its maker, the Ollama library and r/LocalLLaMA); 1,001 votes in 2 threads."
    )


def test_a_makers_own_blog_is_no_further_source() -> None:
    rows = [repo("otterlab/Otter-2-8B"), post("Introducing Otter 2", kind="blog", source="feed_otterlab_news")]
    rows.append(library("otter-2"))
    rows.append(post("Otter 2 runs in Ollama", kind="blog", source="feed_ollama"))
    (item,) = clusters(*rows)
    assert sources_of(item) == ("its maker", "ollama library")


def test_reasons_of_a_program_and_a_story() -> None:
    tool, story = ranked(
        release("v1.1.0", source="stoat/stoat", summary="* Add a quiet mode\n* Fix the crash on start"),
        release("v1.1.1", source="stoat/stoat", summary="* Fix a leak"),
        post("Marten Labs builds a new office", 40, day="2026-04-12"),
    )
    assert tool.why == (
        "2 releases of stoat/stoat this month; v1.1.0 opened a new line. Its notes tell of 1 feature and 2 fixes."
    )
    assert story.why == "Talked about in a forum on 12 April, 40 votes."


def test_a_family_long_known_is_no_new_one() -> None:
    known = first_dates(
        [("otterlab/Otter-2-8B", "2025-06-01"), ("Otter-2-30B", "2025-09-01"), ("Heron-9", "2026-03-20")]
    )
    fresh, old = clusters(repo("otterlab/Otter-2-70B"), repo("heron/Heron-9"))
    assert (known_since(old, known), known_since(fresh, known)) == ("2025-06-01", "")
    lines = {
        item.item.title: item.why
        for item in rank(
            [repo("otterlab/Otter-2-70B"), repo("heron/Heron-9")], makers=MAKERS, packagers=PACKAGERS, known=known
        )
    }
    assert "Another size or edition of a family known since June 2025." in lines["Otter-2-70B"]
    assert "A new family or version." in lines["Heron-9"]


def test_every_signal_has_its_weight() -> None:
    items = clusters(repo("otterlab/Otter-2-8B"), release("v1.0.0"), post("Something is out", 5))
    names = {name for item in items for name in signals(item, MAKERS, {})}
    assert names == set(WEIGHTS)
    assert score({"maker": 1.0, "library": 1.0}) == pytest.approx(WEIGHTS["maker"] + WEIGHTS["library"])


def test_what_threads_announce_counts_alike_with_and_without_a_repository_of_an_unknown_maker() -> None:
    thread = post("Marten Voice V2 is out: a voice in 20 MB", 700)
    (story,), (model,) = ranked(thread), ranked(thread, repo("martens/Marten-Voice-V2"))
    assert (story.item.kind, model.item.kind) == ("story", "model")
    assert model.score == pytest.approx(story.score, rel=0.15)


def scores(rows: list[Told]) -> list[tuple[float, str]]:
    return [(item.score, item.item.title) for item in rank(rows, makers=MAKERS, packagers=PACKAGERS)]


@given(st.randoms(use_true_random=False), st.integers(0, 50))
def test_the_order_does_not_depend_on_the_order_of_entries(dice: random.Random, size: int) -> None:
    rows = a_month(dice, size)
    first = scores(rows)
    dice.shuffle(rows)
    assert scores(rows) == first


@given(st.randoms(use_true_random=False), st.integers(1, 50))
def test_a_duplicate_changes_nothing(dice: random.Random, size: int) -> None:
    rows = a_month(dice, size)
    again = [replace(row, url=row.url.replace("https://", "http://") + "/") for row in dice.choices(rows, k=5)]
    assert scores(rows + again) == scores(rows)


@given(
    st.sampled_from(
        [repo("mlx-community/Otter-2-8B-8bit"), library("otter-2"), post("Otter 2 works", 10, day="2026-04-20")]
    )
)
def test_whoever_takes_a_release_up_never_lowers_it(more: Told) -> None:
    rows = [repo("otterlab/Otter-2-8B"), repo("mlx-community/Otter-2-8B-4bit"), post("Otter 2 is out", 90)]
    assert ranked(*rows, more)[0].score >= ranked(*rows)[0].score


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_more_votes_never_lower_a_story(few: int, more: int) -> None:
    first, second = (scores([post("StoatKV is out", votes)])[0][0] for votes in sorted((few, more)))
    assert first <= second


anything = st.text(max_size=60) | st.text("ab/.-_ 0123456789BQK:()", max_size=40)


@given(
    st.lists(
        st.builds(
            Told,
            source=anything,
            kind=st.sampled_from(["model_listing", "github_release", "blog", "discussion", "?"]),
            url=anything,
            title=anything,
            published=st.sampled_from(["", "2026-04-02", "2026-04-02T10:00:00Z", "2026-99-99", "soon"]),
            summary=anything,
            votes=st.none() | st.integers(0, 10**7),
        ),
        max_size=12,
    )
)
def test_whatever_strangers_write_is_ranked(rows: list[Told]) -> None:
    items = rank(rows, makers=MAKERS, packagers=PACKAGERS)
    assert {row.title for row in rows} <= {row.title for item in items for row in item.item.entries()} | {
        row.title
        for row in rows
        for other in rows
        if row is not other and row.title.casefold() == other.title.casefold()
    }
    assert all(item.why.endswith(".") and item.score == item.score for item in items)


def test_every_cluster_is_ranked() -> None:
    rows = a_month(random.Random(7), 300)  # noqa: S311 - a made-up month, the same each time
    assert len(rank(rows, makers=MAKERS, packagers=PACKAGERS)) == len(cluster(rows, makers=MAKERS, packagers=PACKAGERS))


@pytest.mark.truth
def test_agreement_with_editors(truth_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--evaluate", str(truth_dir / "digest"), "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert len(table["months"]) == 4
    for name, (mean, worst) in GATES.items():
        assert table["mean"][name] >= mean, (name, table["mean"])
        assert table["worst"][name] >= worst, (name, table["worst"])


@pytest.mark.truth
def test_the_foremost_releases_are_first(truth_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = truth_dir / "digest" / "entries-2026-04.jsonl"
    assert main(["rank", "--month", "2026-04", "--entries", str(file), "--limit", "10", "--json"]) == 0
    titles = " | ".join(item["title"] for item in json.loads(capsys.readouterr().out)["items"])
    assert all(
        name in titles for name in ("Gemma 4", "Kimi-K2.6", "DeepSeek V4", "GLM-5.1", "Qwen3.6-35B", "Qwen3.6-27B")
    )
