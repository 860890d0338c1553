"""Folding: one item a release, whoever told of it; nothing lost, nothing dependent on the order entries come in."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.cluster import cluster
from digest.told import Told
from tests.digest.told_by import MAKERS, PACKAGERS, a_month, clusters, library, post, release, repo

LABELLED: dict[str, list[Told]] = {
    "Otter 2": [
        repo("otterlab/Otter-2-8B", "2026-04-02"),
        repo("otterlab/Otter-2-30B-A3B", "2026-04-03"),
        repo("otterlab/Otter-2-8B-FP8", "2026-04-03"),
        repo("mlx-community/Otter-2-8B-4bit", "2026-04-04"),
        repo("someone/Otter-2-30B-A3B-AWQ", "2026-04-05"),
        repo("someone/Dark-Otter-2-8B-abliterated", "2026-04-08"),
        repo("nobody/nobody-Otter-2-8B-GGUF", "2026-04-09"),
        library("otter-2", "2026-04-04"),
        post("Otter 2 is out", 900),
        post("Otter-2 30B on an old card", 80),
        post("Introducing Otter 2", kind="blog"),
    ],
    "Qwen9 27B": [
        repo("Qwen/Qwen9-27B", "2026-04-05"),
        repo("someone/superqwen9-27b-uncensored", "2026-04-07"),
        repo("mlx-community/Qwen9-27B-8bit", "2026-04-07"),
        post("Qwen9 27B released!", 400, day="2026-04-05"),
        post("Qwen 9 27B is here to stay", 90, day="2026-04-06"),
        post("Qwen9-27B: how I run it", 300, day="2026-04-30"),
    ],
    "Qwen9 4B": [
        repo("Qwen/Qwen9-4B", "2026-04-20"),
        repo("mlx-community/Qwen9-4B-8bit", "2026-04-21"),
        post("Qwen9-4B released", 300, day="2026-04-20"),
        post("Qwen9 4b on a phone", 200, day="2026-04-22"),
    ],
    "Heron K2.5": [
        repo("heron/Heron-K2.5", "2026-04-11"),
        library("heron-k2.5"),
        post("Heron 2.5 beats what I had", 120),
    ],
    "Heron K2": [repo("heron/Heron-K2", "2026-04-01"), post("Heron K2 is out", 70, day="2026-04-01")],
    "WeaselKV": [
        post("WeaselKV: half the cache for nothing", 500),
        post("Tried WeaselKV on three cards", 100),
        post("Introducing WeaselKV", kind="blog", source="weasel blog"),
    ],
    "stoat.cpp": [
        release("v1.1.0", source="stoat/stoat.cpp"),
        release("v1.1.1-rc0", source="stoat/stoat.cpp"),
        post("stoat.cpp - run models in a browser", 60),
    ],
    "Marten Voice V2": [post("Marten Voice V2 is out: a voice in 20 MB", 700), post("Marten Voice V2 on a Pi", 50)],
    "a question": [post("Which card should I buy?", 800)],
}
"""Labelled by hand: what belongs to one release. The names are made up, the forms are those seen in real months."""


def pairs_right(rows: list[Told]) -> tuple[float, float]:
    """Precision and recall of pairs: two entries are together when they share a cluster."""
    label = {row.url: name for name, group in LABELLED.items() for row in group}
    found: dict[str, set[int]] = {row.url: set() for row in rows}
    for number, item in enumerate(cluster(rows, makers=MAKERS, packagers=PACKAGERS)):
        for row in item.entries():
            found[row.url].add(number)
    count = Counter(
        (bool(found[one] & found[two]), label[one] == label[two]) for one, two in itertools.combinations(found, 2)
    )
    right = count[True, True]
    return right / (right + count[True, False]), right / (right + count[False, True])


def test_pairs_of_a_labelled_month() -> None:
    precision, recall = pairs_right([row for group in LABELLED.values() for row in group])
    assert precision >= 0.95
    assert recall >= 0.95


def test_sizes_repacks_tunes_and_talk_are_one_release() -> None:
    (item,) = clusters(
        repo("otterlab/Otter-2-8B"),
        repo("otterlab/Otter-2-30B-A3B", "2026-04-12"),
        repo("otterlab/Otter-2-8B-FP8"),
        repo("mlx-community/Otter-2-8B-4bit"),
        repo("someone/Otter-2-8B-abliterated"),
        library("otter-2"),
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
    items = clusters(repo("qwen/Qwen9-27B"), repo("otterlab/Qwen9-27B-Otter"), repo("nobody/My-Qwen9-27B"))
    assert [item.title for item in items] == ["Qwen9-27B"]
    assert len(items[0].repacks) == 2


def test_variants_of_one_day_go_under_their_family() -> None:
    names = ("Otter-Voice-2", "Otter-Voice-2-Earth", "Otter-Voice-2-Fire")
    (item,) = clusters(*(repo(f"otterlab/{name}") for name in names))
    assert item.title == "Otter-Voice-2"
    assert len(item.lead) == 3


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Marten is out", "model"),
        ("my marten ate a cable", "story"),
        ("Solar is out", "story"),
        ("A marten? No.", "story"),
    ],
)
def test_a_name_that_is_one_short_word_is_found_as_its_maker_writes_it(title: str, kind: str) -> None:
    items = clusters(repo("otterlab/Marten"), repo("otterlab/Solar"), post(title, 90))
    (home,) = (item for item in items if any(row.title == title for row in item.entries()))
    assert home.kind == kind


def test_sizes_of_an_unknown_maker_are_its_own() -> None:
    (item,) = clusters(repo("martens/Ferret-1-9B"), repo("martens/Ferret-1-35B"), repo("someone/Ferret-1-9B-GGUF"))
    assert (item.title, len(item.lead), len(item.repacks)) == ("Ferret 1 (35B, 9B)", 2, 1)


def test_repacks_of_models_of_other_months_are_one_item() -> None:
    items = clusters(
        repo("mlx-community/Qwen7-4B-4bit"), repo("mlx-community/Qwen7-4B-8bit"), repo("a/Qwen7-4B-heretic")
    )
    assert [(item.title, len(item.entries())) for item in items] == [("Qwen7", 3)]


def test_a_thread_that_is_a_link_to_a_repository_is_that_repository() -> None:
    (item,) = clusters(post("otterlab/Otter-Voice-2 · Hugging Face", 300))
    assert (item.kind, item.title, len(item.talk)) == ("model", "Otter-Voice-2", 1)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["Marten Voice V2 is out: a voice in 20 MB"], "Marten Voice V2"),
        (["Stoat Labs — Announcing 2-bit Weasel: small and quick"], "2-bit Weasel"),
        (["Otterlab has released OtterCache."], "OtterCache"),
        (["stoat.cpp cache sharing was merged"], "stoat.cpp cache sharing"),
        (["Polecat 3.0"], "Polecat 3.0"),
        (["stoat.cpp"], "stoat.cpp"),
        (["vStoat 0.22 released"], "vStoat 0.22"),
        (["Heron Works unveils H6 Ultra with a terabyte of memory"], "H6 Ultra"),
        (["Martens releases Marten Glimmer 30B open weights"], "Marten Glimmer 30B"),
        (["Weasel Card 50 announced: 48GB"], "Weasel Card 50"),
        (["llama.cpp now supports drafts"], "llama.cpp now supports drafts"),
        (["FerretKV isn't only for long chats: 20% less memory"], "FerretKV"),
        (["FerretKV is out", "My week with FerretKV", "FerretKV 2x faster"], "FerretKV"),
        (["Every time a model comes out I buy a card"], "Every time a model comes out I buy a card"),
        (["Just sharing my desk"], "Just sharing my desk"),
    ],
)
def test_stories_bear_the_name_they_announce(titles: list[str], expected: str) -> None:
    (item,) = clusters(*(post(title, 100) for title in titles))
    assert (item.kind, item.title) == ("story", expected)


def test_two_things_announced_in_one_breath() -> None:
    items = clusters(library("otter-2"), post("Introducing: Otter 2 and Stoat Shell.", kind="blog"))
    assert sorted((item.kind, item.title) for item in items) == [("model", "Otter 2"), ("story", "Stoat Shell")]
    assert all(any(row.kind == "blog" for row in item.entries()) for item in items)


def test_a_thread_that_begins_with_a_programs_name_joins_its_releases() -> None:
    items = clusters(release("v0.5.0", source="stoat/stoatfit"), post("StoatFit - find what runs", 200))
    assert [(item.kind, len(item.talk)) for item in items] == [("tool", 1)]


@given(st.randoms(use_true_random=False), st.integers(0, 60))
def test_every_entry_is_accounted_for_whatever_the_order(dice: random.Random, size: int) -> None:
    rows = a_month(dice, size)
    first = cluster(rows, makers=MAKERS, packagers=PACKAGERS)
    dice.shuffle(rows)
    second = cluster(rows, makers=MAKERS, packagers=PACKAGERS)
    assert {row.url for row in rows} == {row.url for item in first for row in item.entries()}
    shape = [
        sorted((item.kind, item.title, tuple(sorted(row.url for row in item.entries()))) for item in items)
        for items in (first, second)
    ]
    assert shape[0] == shape[1]
