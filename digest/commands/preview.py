"""`digest preview --month M`: compose and render a month's issue into a folder, and keep it as a draft."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from digest.commands.output import DONE, say, say_json
from digest.commands.rank import check_month
from digest.compose import compose
from digest.issue import Issue
from digest.render import Rendered, render
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.answers import Answers
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.db import engine, upgrade
from knowledge.store.digest_rows import IssueRow
from knowledge.store.digest_store import DigestStore
from knowledge.store.queries import load_knowledge


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("preview", help="render a month's issue into files")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument(
        "--rig", default="", metavar="HARDWARE", help="add the section for this machine, e.g. 'RTX 3060 12GB'"
    )
    command.add_argument("--ram", type=float, default=None, metavar="GIB", help="RAM beside the rig's card")
    command.add_argument("--sources", type=Path, default=SOURCES_DIR, metavar="DIR", help="folder of source files")
    command.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="where to write (default: the data folder)"
    )
    command.add_argument("--json", action="store_true", help="one JSON document with paths and figures")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Render and write the three files."""
    month, where = check_month(args.month), KnowledgeSettings.from_env()
    upgrade(where.database_url)
    database = engine(where.database_url)
    store, knowledge = DigestStore(database), load_knowledge(database)
    sources = {source.id: source for source in load_sources(SOURCES_DIR)}
    sources |= {source.id: source for source in load_sources(args.sources)}
    issue = compose(
        month,
        answers=Answers(knowledge),
        entries=store.entries_of_month(month),
        sources=sources,
        rig_name=args.rig,
        rig_ram_gib=args.ram,
    )
    rendered = render(issue, Settings.from_env())
    kept = not args.rig and store.save_issue(_row(month, rendered, knowledge.content_version), now=datetime.now(UTC))
    folder = args.out or where.data_dir / "preview"
    paths = write(folder, f"{month}{'-' + _slug(args.rig) if args.rig else ''}", rendered)
    _tell(issue, rendered, paths, kept=kept, as_json=args.json)
    return DONE


def _tell(issue: Issue, rendered: Rendered, paths: dict[str, Path], *, kept: bool, as_json: bool) -> None:
    """Say what was made and where it lies."""
    n_items = sum(len(section.items) + (len(section.table.rows) if section.table else 0) for section in issue.sections)
    n_bytes = len(rendered.html.encode())
    if as_json:
        sections = [section.slug for section in issue.sections]
        files = {kind: str(path) for kind, path in paths.items()}
        figures = {"html_bytes": n_bytes, "sections": sections, "n_items": n_items, "draft": kept, "files": files}
        say_json({"ok": True, "month": issue.month, "subject": rendered.subject, **figures})
        return
    say(rendered.subject)
    say(f"{len(issue.sections)} sections, {n_items} items, {n_bytes:,} bytes of HTML.")
    if not kept and not issue.rig_name:
        say("The issue of this month is past its draft, so the stored one was left as it is.")
    for path in paths.values():
        say(f"  {path}")


def write(folder: Path, name: str, rendered: Rendered) -> dict[str, Path]:
    """Write HTML, text and subject side by side and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        kind: folder / f"{name}.{ending}"
        for kind, ending in (("html", "html"), ("text", "txt"), ("subject", "subject.txt"))
    }
    paths["html"].write_text(rendered.html, encoding="utf-8")
    paths["text"].write_text(rendered.text, encoding="utf-8")
    paths["subject"].write_text(rendered.subject + "\n", encoding="utf-8")
    return paths


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in text.lower()).strip("-")[:60]


def _row(month: str, rendered: Rendered, content_version: str) -> IssueRow:
    return IssueRow(
        month=month,
        status="draft",
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        content_version=content_version,
    )
