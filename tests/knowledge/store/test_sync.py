"""Sync: the store equals the content, in one transaction, and the second run writes nothing."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from knowledge.content_loader import build_knowledge, load_content
from knowledge.content_types import Content
from knowledge.errors import ContentError, StoreError
from knowledge.store import db
from knowledge.store.queries import content_version, load_knowledge
from knowledge.store.sync import TABLES, SyncReport, sync
from tests.conftest import ROOT
from tests.knowledge.content.samples import write_content

N_SAMPLE = 2 + 2 + 2 + 2 + 2 + 1 + 1


def _writes(store: sa.Engine) -> list[str]:
    """Collect the writing statements that the store is sent from now on."""
    seen: list[str] = []

    @sa.event.listens_for(store, "before_cursor_execute")
    def _note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            seen.append(statement)

    return seen


def test_the_first_sync_stores_everything_and_the_second_writes_nothing(store: sa.Engine, content: Content) -> None:
    first = sync(store, content)
    assert (first.added, first.writes, first.unchanged) == (N_SAMPLE, N_SAMPLE, 0)
    writes = _writes(store)
    second = sync(store, content)
    assert second == SyncReport(unchanged=N_SAMPLE, content_version=first.content_version)
    assert writes == []


def test_what_was_synced_comes_back_equal(store: sa.Engine, content: Content) -> None:
    report = sync(store, content)
    loaded = load_knowledge(store)
    assert loaded == build_knowledge(content)
    assert list(loaded.models) == sorted(loaded.models)
    assert loaded.content_version == report.content_version == content_version(store)


def test_additions_changes_and_removals_are_counted_and_stored(store: sa.Engine, content: Content) -> None:
    sync(store, content)
    renamed = dataclasses.replace(content.models[0], name="Small-1B v2")
    more = dataclasses.replace(content.quants[0], id="Q5_K_M", name="Q5_K_M", bpw=5.69, aliases=())
    now = dataclasses.replace(
        content, models=(renamed, content.models[1]), quants=(*content.quants, more), tools=(), aliases=content.aliases
    )
    report = sync(store, now)
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    assert report.unchanged == N_SAMPLE - 2
    loaded = load_knowledge(store)
    assert loaded == build_knowledge(now)
    assert loaded.content_version != build_knowledge(content).content_version
    with db.reading(store) as conn:
        name = conn.execute(sa.select(TABLES["model"].c.name).where(TABLES["model"].c.id == renamed.id)).scalar()
    assert name == "Small-1B v2"


def test_the_version_ignores_the_order_of_files(content: Content) -> None:
    other = dataclasses.replace(content, models=content.models[::-1], terms=content.terms[::-1])
    assert build_knowledge(other) == build_knowledge(content)


def test_a_sync_that_fails_midway_changes_nothing(store: sa.Engine, content: Content) -> None:
    sync(store, content)
    before = load_knowledge(store)
    changed = dataclasses.replace(content, models=(content.models[1],), devices=(), terms=())

    def stop(kind: str, done: int, total: int) -> None:
        if kind == "alias":
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        sync(store, changed, progress=stop)
    assert load_knowledge(store) == before


_DIE_MIDWAY = """
import os, sys
from pathlib import Path
from knowledge.content_loader import load_content
from knowledge.store import db
from knowledge.store.sync import sync
sync(db.engine(sys.argv[1]), load_content(Path(sys.argv[2])), progress=lambda kind, *_: kind == "term" and os._exit(9))
"""


def test_a_process_killed_midway_leaves_the_old_content(store_url: str, tmp_path: Path) -> None:
    old = load_content(write_content(tmp_path / "old"))
    store = db.engine(store_url)
    sync(store, old)
    new = write_content(tmp_path / "new")
    (new / "tools" / "runners.yaml").write_text("tools: []\n")
    text = (new / "models" / "small.yaml").read_text()
    (new / "models" / "small.yaml").write_text(text.replace("downloads: 120", "downloads: 121"))
    died = subprocess.run([sys.executable, "-c", _DIE_MIDWAY, store_url, str(new)], cwd=ROOT, check=False)
    assert died.returncode == 9
    assert load_knowledge(store) == build_knowledge(old)
    assert sync(store, load_content(new)).writes == 2
    store.dispose()


def test_broken_content_never_reaches_the_store(store: sa.Engine, content: Content, tmp_path: Path) -> None:
    sync(store, content)
    before = load_knowledge(store)
    root = write_content(tmp_path / "broken")
    (root / "hardware" / "nvidia.yaml").write_text("vendor: NVIDIA\ndevices:\n  - {id: card-8-gb, name: 7}\n")
    with pytest.raises(ContentError):
        sync(store, load_content(root))
    assert load_knowledge(store) == before


def test_syncs_at_the_same_time_leave_one_content_whole(store: sa.Engine, content: Content) -> None:
    other = dataclasses.replace(
        content,
        models=tuple(dataclasses.replace(model, downloads=7) for model in content.models),
        tools=(),
        terms=content.terms[:1],
    )
    failures: list[BaseException] = []

    def run(mine: Content) -> None:
        try:
            for _ in range(3):
                sync(store, mine)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(mine,)) for mine in (content, other, content, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert load_knowledge(store) in (build_knowledge(content), build_knowledge(other))


def test_progress_reaches_every_total(store: sa.Engine, content: Content) -> None:
    last: dict[str, tuple[int, int]] = {}
    sync(store, content, progress=lambda kind, done, total: last.update({kind: (done, total)}))
    assert set(last) == set(TABLES)
    assert all(done == total for done, total in last.values())


def test_an_upgraded_store_without_content_says_sync(store: sa.Engine) -> None:
    assert content_version(store) is None
    with pytest.raises(StoreError) as caught:
        load_knowledge(store)
    assert "knowledge sync" in caught.value.hint


def test_a_stored_record_of_another_form_is_told(store: sa.Engine, content: Content) -> None:
    sync(store, content)
    with db.writing(store) as conn:
        conn.execute(sa.update(TABLES["device"]).values(payload={"id": 7}))
    with pytest.raises(StoreError, match="device is not of this version's form"):
        load_knowledge(store)


def test_the_real_content_goes_in_and_comes_back(store: sa.Engine) -> None:
    real = load_content()
    first = sync(store, real)
    assert first.added == len(real.models) + len(real.devices) + len(real.quants) + len(real.aliases) + len(
        real.terms
    ) + len(real.errors) + len(real.tools) + len(real.pages)
    assert sync(store, real).writes == 0
    assert load_knowledge(store) == build_knowledge(real)
