"""What maintainers type: months, times, and the commands from preview to approval."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.__main__ import main
from digest.months import check_month, instant, month_before
from knowledge.content_loader import load_content
from knowledge.errors import BadInput
from knowledge.store.stores import open_stores
from knowledge.store.sync import sync

MONTH = "2026-04"


@pytest.mark.parametrize(
    ("now", "month"), [(datetime(2026, 5, 1, tzinfo=UTC), "2026-04"), (datetime(2026, 1, 31, tzinfo=UTC), "2025-12")]
)
def test_the_month_before(now: datetime, month: str) -> None:
    assert month_before(now) == month


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "1999-12", "2026-4", "２０２６-04", "2026-04-01"])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(BadInput):
        check_month(text)


def test_times_are_utc_unless_they_say_otherwise() -> None:
    assert instant("2026-05-04T09:00") == instant("2026-05-04T11:00+02:00") == datetime(2026, 5, 4, 9, tzinfo=UTC)
    for text in ("tomorrow", "", "2026-02-30", "0001-01-01T00:00+12:00", "9999-12-31T23:59-12:00"):
        with pytest.raises(BadInput):
            instant(text)


def test_the_commands_of_a_maintainer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNLOCALAI_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = open_stores(f"sqlite:///{tmp_path / 'runlocalai.db'}")
    sync(made.engine, load_content())
    preview = ["preview", "--month", MONTH, "--no-judge", "--json"]
    edit = ["edit", "--month", MONTH, "--json"]
    decide = ["approve", "--month", MONTH, "--json"]

    def said(*arguments: str, code: int = 0) -> dict[str, object]:
        assert main(list(arguments)) == code
        answer: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return answer

    first = said(*preview)
    keys = first["keys"]
    assert isinstance(keys, list)
    card = next(key for key in keys if str(key).startswith("model:"))
    said(*edit, "note", str(card), "--text", "Tried it.")
    said(*edit, "hide", code=2)
    other = [key for key in keys if str(key).startswith("model:")][1]
    said(*edit, "hide", str(other))
    second = said(*preview)
    hidden, checks = second["keys"], second["checks"]
    assert isinstance(hidden, list)
    assert isinstance(checks, dict)
    assert other not in hidden
    assert checks["edits"] == {"ok": True, "words": "2 edits."}  # a release that is hidden was met
    assert second["revision"] != first["revision"]
    said(*decide, "--revision", str(first["revision"]), code=2)
    assert said(*decide, "--hold")["state"] == "held"
    said(*decide, "--revision", str(second["revision"]), code=2)
    assert said(*decide, "--release")["state"] == "draft"
    assert said(*decide, "--revision", str(second["revision"]))["state"] == "running"
    assert said(*preview)["draft"] is False
    said(*edit, "drop", "1", code=2)  # it is approved: nothing changes any more
    made.close()


def test_a_preview_for_one_machine_offers_nothing_to_approve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNLOCALAI_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = open_stores(f"sqlite:///{tmp_path / 'runlocalai.db'}")
    sync(made.engine, load_content())
    assert main(["preview", "--month", MONTH, "--rig", "RTX 3060 12GB", "--no-judge"]) == 0
    said = capsys.readouterr().out
    assert "for RTX 3060 12GB alone, not to be approved" in said
    assert "revision" not in said.splitlines()[1]
    assert made.issues.get(MONTH) is None
    made.close()


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    """As with `digest status | head -1`."""
    env = {**os.environ, "RUNLOCALAI_DATA": str(tmp_path)}
    env.pop("DATABASE_URL", None)
    with subprocess.Popen(
        [sys.executable, "-m", "digest", "status"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(60), errors) == (1, b"")
