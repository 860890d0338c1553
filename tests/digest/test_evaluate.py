"""The rank table: which item is which judged row, what counts as missed, and weights fitted without a month."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from digest.__main__ import main
from digest.evaluate import Judged, evaluate, is_row, judged_from, own_words
from digest.leave_out import fitted, left_out, month_of
from digest.rank import WEIGHTS
from digest.told import Told
from tests.digest.told_by import MAKERS, PACKAGERS, library, post, ranked, release, repo

MONTH: list[Told] = [
    repo("otterlab/Otter-2-8B"),
    repo("mlx-community/Otter-2-8B-4bit"),
    library("otter-2"),
    post("StoatKV is out: half the cache", 600),
    post("Why is my card so loud?", 900),
    release("v0.3.1", source="ferret/ferret"),
]
JUDGED = [
    Judged(month="2026-04", title="Otter 2 (8B)", sources=3, local=True),
    Judged(month="2026-04", title="StoatKV cache", sources=2, local=True),
    Judged(month="2026-04", title="Marten Chat 9", sources=4, local=False),
    Judged(month="2026-04", title="Polecat 1", sources=2, local=True),
    Judged(month="2026-04", title="Weasel 7", sources=1, local=True),
    Judged(month="2026-05", title="Heron 3", sources=3, local=True),
]


@pytest.mark.parametrize(
    ("told", "row", "same"),
    [
        (repo("otterlab/Otter-2-8B"), "Otter 2 (8B/30B)", True),
        (repo("otterlab/Otter-2-8B"), "otter-2", True),
        (repo("otterlab/Otter-2-8B"), "Otter 2.5", False),
        (repo("otterlab/Otter-2-8B"), "Otter 3", False),
        (repo("heron/Heron-Medium-3.5-128B"), "Heron Medium 3.5 128B", True),
        (repo("heron/Heron-Large-3"), "Heron OCR 3", False),
        (post("stoat.cpp cache sharing was merged"), "stoat.cpp cache sharing", True),
        (post("Train experts 12x faster with 30% less memory"), "Stoat 12x faster experts training", True),
        (post("FerretKV is out"), "FerretKV attention", True),
        (post("A card I like"), "Ferret card", False),
    ],
)
def test_whether_an_item_is_a_row(told: Told, row: str, same: bool) -> None:
    coined = own_words([Judged(month="", title=row, sources=2, local=True)])
    (item,) = ranked(told)
    assert is_row(item, row, coined) is same


def test_a_month_is_scored_by_the_rows_that_matter() -> None:
    found = evaluate("2026-04", ranked(*MONTH), JUDGED)
    assert (found.wanted, found.missed) == (3, ("Polecat 1",))
    assert found.recall == pytest.approx(2 / 3)
    assert set(found.unjudged) == {"ferret 0.3.1", "Why is my card so loud?"}
    assert found.precision == pytest.approx(0.5)


def test_a_month_without_rows_or_items_is_no_division_by_nothing() -> None:
    found = evaluate("2026-09", [], JUDGED)
    assert (found.recall, found.precision) == (1.0, 1.0)


def test_rows_are_read_from_a_table() -> None:
    row = {"month": "2026-04", "title": "Otter 2", "n_independent_sources": "2", "local_relevant": "1"}
    (found,) = judged_from([row])
    assert found.matters


def test_fitting_moves_weights_towards_what_was_judged_and_leaves_a_month_out() -> None:
    loud = [post(f"Otter number {n} and why I like it?", 100 * n) for n in range(1, 35)]
    rows = [Judged(month="2026-04", title="ferret", sources=2, local=True)]
    month = month_of("2026-04", [*MONTH, *loud], rows, makers=MAKERS, packagers=PACKAGERS, known={})
    weights = fitted([month])
    assert set(weights) == set(WEIGHTS)
    assert all(weights[name] * WEIGHTS[name] > 0 for name in WEIGHTS)
    assert left_out([month]) == {"2026-04": month.agreement(np.sign(list(WEIGHTS.values())))[:2]}


def test_the_command_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "month,title,n_independent_sources,local_relevant"
    lines = [f"2026-0{month},Qwen9,3,1" for month in (4, 5)]
    (tmp_path / "releases.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    for month in ("2026-04", "2026-05"):
        entry = {"source": "ollama library", "kind": "model_listing", "url": "https://ollama.com/library/qwen9"}
        entry |= {"title": "qwen9", "published": f"{month}-03", "summary": "", "votes": None}  # type: ignore[dict-item]
        (tmp_path / f"entries-{month}.jsonl").write_text(json.dumps(entry), encoding="utf-8")
    assert main(["rank", "--evaluate", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "2026-05" in out
    assert out.count("100%") == 16
    assert main(["rank", "--evaluate", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mean"]["recall"] == 1.0


@pytest.mark.parametrize("arguments", [["rank"], ["rank", "--month", "2026-04"], ["rank", "--evaluate", "absent"]])
def test_what_is_missing_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err
