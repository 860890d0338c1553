"""Turns to identify kept by a process alone (the shared ones: tests/knowledge/store); sessions handed on."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from bot.shards import RESUMABLE_S, Session, Sessions, Turns
from knowledge.errors import StoreError

ONE = Session("abc", 7, "wss://gateway.discord.gg/")


async def test_without_a_store_the_process_keeps_turns_itself() -> None:
    async def away(bucket: int, window_s: float) -> datetime:
        raise StoreError("away", subject="store", hint="")

    for reserve in (None, away):
        turns = Turns(2, reserve, window_s=0.2)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await turns.wait(0)
        await turns.wait(1)
        assert loop.time() - began < 0.15
        await turns.wait(2)
        assert loop.time() - began >= 0.19


def sessions(folder: Path, token: str = "t" * 30) -> Sessions:
    return Sessions(folder, token, None, None)


def test_sessions_are_handed_on_once(tmp_path: Path) -> None:
    sessions(tmp_path).save({0: ONE}, 1000.0)
    after = sessions(tmp_path)
    after.load(1000.0 + RESUMABLE_S - 1)
    assert after.take(0) == ONE
    assert after.take(0) is None
    (written,) = tmp_path.iterdir()
    assert written.stat().st_mode & 0o777 == 0o600
    assert "t" * 30 not in written.read_text() + written.name


@pytest.mark.parametrize("now_s", [1000.0 + RESUMABLE_S, 999.0])
def test_old_sessions_are_not_tried(tmp_path: Path, now_s: float) -> None:
    sessions(tmp_path).save({0: ONE}, 1000.0)
    after = sessions(tmp_path)
    after.load(now_s)
    assert after.take(0) is None


def test_another_token_has_other_sessions(tmp_path: Path) -> None:
    sessions(tmp_path).save({0: ONE}, 1000.0)
    other = sessions(tmp_path, "u" * 30)
    other.load(1001.0)
    assert other.take(0) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at_s": 1}', '{"at_s": 1000, "sessions": {"x": {}}}', "null"])
def test_a_broken_file_costs_nothing_but_the_resume(tmp_path: Path, text: str) -> None:
    sessions(tmp_path).save({0: ONE}, 1000.0)
    (path,) = tmp_path.iterdir()
    path.write_text(text)
    after = sessions(tmp_path)
    after.load(1001.0)
    assert after.take(0) is None


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sessions(tmp_path / "file").save({0: ONE}, 1.0)
    assert not (tmp_path / "file").is_dir()
