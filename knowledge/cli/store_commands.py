"""The commands that touch the store (`upgrade`, `sync`, `check`) and how every other command opens it.

The embedded store is created and synced by itself when it is missing or older than the content files; a PostgreSQL store
is only read: its operator runs `upgrade` and `sync`.
"""

from __future__ import annotations

import argparse
import json
import sys

from rich.console import Console
from rich.progress import Progress

from knowledge.answers import Answers
from knowledge.content_loader import build_knowledge, content_fingerprint, load_content
from knowledge.content_check import check
from knowledge.settings import CONTENT_DIR, Settings
from knowledge.store.db import make_engine, upgrade
from knowledge.store.queries import load_knowledge, stored_content_version
from knowledge.store.sync import SyncReport, sync


def open_answers(*, progress: bool = False) -> Answers:
    """Answers over the stored snapshot, the embedded store brought up to date first."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    try:
        if settings.database_url.startswith("sqlite:") and stored_content_version(engine) != content_fingerprint(CONTENT_DIR):
            upgrade(settings.database_url)
            _sync(settings, show=progress)
        return Answers(load_knowledge(engine))
    finally:
        engine.dispose()


def _sync(settings: Settings, *, show: bool) -> SyncReport:
    knowledge = build_knowledge(load_content(CONTENT_DIR))
    engine = make_engine(settings.database_url)
    try:
        with Progress(console=Console(stderr=True), transient=True, disable=not show) as bar:
            task = bar.add_task("Loading the catalogue", total=None)

            def advance(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            return sync(engine, knowledge, progress=advance)
    finally:
        engine.dispose()


def run_upgrade(args: argparse.Namespace) -> int:
    """Create or migrate the tables."""
    settings = Settings.from_env()
    revision = upgrade(settings.database_url)
    print(json.dumps({"ok": True, "revision": revision}) if args.json else f"The store is at revision {revision}.")
    return 0


def run_sync(args: argparse.Namespace) -> int:
    """Load the content into the store; says what changed."""
    settings = Settings.from_env()
    upgrade(settings.database_url)
    report = _sync(settings, show=not args.json)
    if args.json:
        print(json.dumps({"ok": True, "added": report.added, "changed": report.changed, "removed": report.removed, "unchanged": report.unchanged}))
    else:
        print(f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged.")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Every fault of the content files, with its place; exit 1 where there is one."""
    problems = check(args.content or CONTENT_DIR)
    if args.json:
        print(json.dumps({"ok": not problems, "problems": [str(problem) for problem in problems]}, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{len(problems)} faults." if problems else "The content is sound.")
    return 1 if problems else 0
