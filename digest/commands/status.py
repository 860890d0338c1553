"""`digest status`: how every source stands, what is stored, which issues exist. It fetches nothing."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from digest.commands.output import DONE, say, say_json
from digest.commands.stores import open_store
from digest.health import complaints
from digest.settings import SOURCES_DIR
from digest.sources import load_sources


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("status", help="how the sources stand, what is stored")
    command.add_argument("--sources", type=Path, default=SOURCES_DIR, metavar="DIR", help="folder of source files")
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the status. A source in trouble does not fail the command: it is what the command is for."""
    sources, store, now = load_sources(args.sources), open_store(), datetime.now(UTC)
    states, dates = store.sources(), store.entry_dates()
    lines = [(source, complaints(states.get(source.id), dates.get(source.id, ()), now)) for source in sources]
    months, issues = store.counts(), store.issues()
    if args.json:
        say_json(
            {
                "sources": [
                    {"source": source.id, "ok": not words, "complaints": list(words), **_figures(states.get(source.id))}
                    for source, words in lines
                ],
                "entries_by_month": {month or "undated": count for month, count in sorted(months.items())},
                "issues": [{"month": month, "status": status} for month, status in issues],
            }
        )
        return DONE
    fetched = [words for source, words in lines if source.id in states]
    say(f"{len(lines)} sources, {len(fetched)} fetched at least once, {sum(not words for words in fetched)} well.")
    for source, words in lines:
        if source.id in states and words:
            say(f"  {source.id}: {'; '.join(words)}")
    say(f"{sum(months.values())} entries stored.")
    for month, status in issues:
        say(f"  issue {month}: {status}")
    return DONE


def _figures(state: object) -> dict[str, object]:
    names = (
        "last_status",
        "failure_count",
        "n_entries_last",
        "n_entries_new",
        "n_fetches",
        "n_not_modified",
        "n_bytes_total",
    )
    return {name: getattr(state, name) for name in names} if state is not None else {}
