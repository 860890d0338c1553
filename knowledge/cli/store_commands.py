"""The commands that touch the store (`upgrade`, `sync`, `check`, `move`) and how every other command opens it.

The embedded store is created and synced by itself when it is missing or older than the content files; a PostgreSQL
store
is only read: its operator runs `upgrade` and `sync`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

from rich.console import Console

from knowledge import heap
from knowledge.answers import Answers
from knowledge.content_loader import check, load_content
from knowledge.settings import CONTENT_DIR, Settings, store_address
from knowledge.store.db import engine, upgrade
from knowledge.store.queries import load_knowledge
from knowledge.store.sync import SyncReport, sync


def open_answers(*, show: bool = False) -> Answers:
    """Answers over the stored snapshot, the embedded store brought up to date first (`show`: with a progress bar)."""
    settings = Settings.from_env()
    if settings.database_url.startswith("sqlite:"):
        _refresh_embedded(settings, show=show)
    store = engine(settings.database_url)
    try:
        with heap.undisturbed():
            return Answers(load_knowledge(store))
    finally:
        store.dispose()


def _refresh_embedded(settings: Settings, *, show: bool) -> None:
    """Sync the embedded store where the content files changed since the last time; a stamp beside it remembers them."""
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    stamp = database.with_name(database.name + ".content")
    seen = _fingerprint(CONTENT_DIR)
    if database.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == seen:
        return
    upgrade(settings.database_url)
    report = _sync(settings, show=show)
    stamp.write_text(seen, encoding="utf-8")
    if show:
        print(f"The store at {database} is up to date: {_report_text(report)}")


def _fingerprint(folder: Path) -> str:
    """A hash over names, sizes and times of the content files: cheap to take, changes when any of them does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path.relative_to(folder)}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sync(settings: Settings, *, show: bool) -> SyncReport:
    from rich.progress import Progress  # most processes find the store up to date

    store = engine(settings.database_url)
    try:
        with Progress(console=Console(stderr=True), transient=True, disable=not show) as bar:
            task = bar.add_task("Reading the content", total=None)
            content = load_content(CONTENT_DIR)

            def advance(kind: str, done: int, total: int) -> None:
                bar.update(task, description=f"Storing each {kind.replace('_', ' ')}", completed=done, total=total)

            return sync(store, content, progress=advance)
    finally:
        store.dispose()


def _report_text(report: SyncReport) -> str:
    return f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged."


def run_upgrade(args: argparse.Namespace) -> int:
    """Create or migrate the tables."""
    upgrade(Settings.from_env().database_url)
    print(json.dumps({"ok": True}) if args.json else "The store's tables are those of this version.")
    return 0


def run_sync(args: argparse.Namespace) -> int:
    """Load the content into the store; says what changed."""
    settings = Settings.from_env()
    upgrade(settings.database_url)
    report = _sync(settings, show=not args.json)
    if args.json:
        counts = {
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "unchanged": report.unchanged,
        }
        print(json.dumps({"ok": True, **counts, "content_version": report.content_version}))
    else:
        print(_report_text(report))
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Every fault of the content files, with its place; exit 1 where there is one."""
    problems = check(args.content or CONTENT_DIR)
    if args.json:
        print(
            json.dumps(
                {"ok": not problems, "problems": [str(problem) for problem in problems]}, ensure_ascii=False, indent=2
            )
        )
    else:
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{len(problems)} faults." if problems else "The content is sound.")
    return 1 if problems else 0


def run_move(args: argparse.Namespace) -> int:
    """Carry a store over to another one; says how many rows of each table were written and found again."""
    from rich.progress import Progress

    from knowledge.store.move import move

    source = store_address(args.source, "--from")
    target = store_address(args.target, "--to") if args.target else Settings.from_env().database_url
    with Progress(console=Console(stderr=True), transient=True, disable=args.json) as bar:
        task = bar.add_task("Reading", total=None)
        report = move(source, target, progress=lambda table, n: bar.update(task, description=f"{table}: {n:,} rows"))
    if args.json:
        print(json.dumps({"ok": True, "rows": report.n_rows, "total": report.total}))
    else:
        for table, count in report.n_rows.items():
            if count:
                print(f"{count:>12,}  {table}")
        print(f"{report.total:>12,}  rows carried over; the target gave back every one of them as it was.")
    return 0
