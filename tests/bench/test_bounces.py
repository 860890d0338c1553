"""The bounce table: its splitting and leaving out on mails made here, its figures on real ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import bounces as bench
from digest import bounce_reasons

NOTICE = "From: MAILER-DAEMON@mx.example.net\nTo: digest@example.org\nSubject: failure notice\n\n<a@example.org>: {}\n"
MAILS = {
    "one-01.eml": ("550 no such user here", 1),
    "one-02.eml": ("550 this inbox is a potato", 0),
    "two-01.eml": ("550 no such user", 1),
    "two-02.eml": ("550 cuda_nsu otter", 1),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["file,hardbounce"]
    for name, (words, hard) in MAILS.items():
        (tmp_path / name).write_text(NOTICE.format(words))
        rows.append(f"{name},{hard}")
    (tmp_path / "EXPECTED.csv").write_text("\n".join([*rows, "gone-01.eml,1", "one-01.eml,0"]) + "\n")
    return tmp_path


def test_a_wording_only_one_system_has_is_struck_when_it_is_left_out(folder: Path) -> None:
    before = bounce_reasons._TABLE
    scores = bench.score(bench.load(folder))
    assert scores["one"] == bench.Score(n=2, addressed=2, kind_right=2, left_out_right=2)
    assert scores["two"] == bench.Score(n=2, addressed=2, kind_right=2, left_out_right=1)
    assert bounce_reasons._TABLE is before


def test_the_bench_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "| **all** | 4 | 100.0% | 100.0% | 75.0% |" in said
    assert sys.executable not in said


@pytest.mark.truth
def test_real_bounces_by_left_out_system(truth_dir: Path) -> None:
    mails = bench.load(truth_dir / "bounces")
    scores = bench.score(mails).values()
    assert sum(mine.kind_right for mine in scores) / len(mails) >= 0.965
    assert sum(mine.left_out_right for mine in scores) / len(mails) >= 0.94
    assert min(bench.folds(mails)) >= 0.93
