"""`digest rank --month M --entries FILE`: order given entries by importance, without network or store."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

from digest.commands.output import DONE, say, say_json
from digest.evaluate import evaluate, judged_from, rank_table, table_text
from digest.leave_out import left_out, month_of
from digest.months import check_month
from digest.notes import NOTES_MAX
from digest.rank import Ranked, first_dates, rank
from digest.settings import SOURCES_DIR
from digest.sources import load_sources, organisations
from digest.text import TITLE_MAX, URL_MAX
from digest.told import Told
from knowledge.content_loader import load_content
from knowledge.errors import BadInput

_MONTH_LENGTH = 7


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("rank", help="order entries of a month by importance, or evaluate the order")
    command.add_argument("--month", metavar="YYYY-MM")
    command.add_argument("--entries", type=Path, metavar="FILE.jsonl")
    command.add_argument("--limit", type=int, default=0, help="only the best N")
    command.add_argument(
        "--evaluate", type=Path, metavar="DIR", help="instead: agreement with DIR's releases.csv and entries-*.jsonl"
    )
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Rank and print."""
    if args.evaluate is not None:
        return _evaluate(args.evaluate, as_json=args.json)
    if args.month is None or args.entries is None:
        raise BadInput("Ranking needs a month and its entries.", subject="rank", hint="Give --month and --entries.")
    month = check_month(args.month)
    told = [row for row in read_entries(args.entries) if not row.published or row.published[:_MONTH_LENGTH] == month]
    makers, packagers = organisations(load_sources(SOURCES_DIR))
    ranked = rank(told, makers=makers, packagers=packagers, known=_known())
    ranked = ranked[: args.limit] if args.limit > 0 else ranked
    if args.json:
        say_json({"month": month, "items": [_item_json(item) for item in ranked]})
        return DONE
    for place, item in enumerate(ranked, 1):
        say(f"{place:4d}  {item.score:6.2f}  {item.item.kind:5s}  {item.item.title}: {item.why}")
    return DONE


def _known() -> dict[str, str]:
    return first_dates((model.name, model.release_date) for model in load_content().models)


def _evaluate(folder: Path, *, as_json: bool) -> int:
    """Print the rank table: each month under the shipped weights, and under weights fitted to the other months."""
    files = sorted(folder.glob("entries-*.jsonl"))
    try:
        with (folder / "releases.csv").open(encoding="utf-8") as handle:
            judged = judged_from(csv.DictReader(handle))
    except (OSError, KeyError, ValueError) as error:
        raise BadInput(f"{folder} holds no judged releases: {error}", subject="--evaluate") from error
    if not files:
        raise BadInput(f"{folder} holds no entries-*.jsonl.", subject="--evaluate")
    makers, packagers = organisations(load_sources(SOURCES_DIR))
    known = _known()
    told = {file.stem.removeprefix("entries-"): read_entries(file) for file in files}
    scores = [
        evaluate(month, rank(rows, makers=makers, packagers=packagers, known=known), judged)
        for month, rows in told.items()
    ]
    months = [
        month_of(month, rows, judged, makers=makers, packagers=packagers, known=known) for month, rows in told.items()
    ]
    table = rank_table(scores, left_out(months))
    if as_json:
        say_json(table)
    else:
        say(table_text(table))
    return DONE


def read_entries(file: Path) -> list[Told]:
    """Read entries from JSON Lines; raises BadInput naming file and line where one is wrong."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read: {error}", subject=str(file)) from error
    return [_told(line, f"{file}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _told(line: str, where: str) -> Told:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise BadInput("The line is not JSON.", subject=where) from error
    if not isinstance(data, dict) or not isinstance(data.get("title"), str):
        raise BadInput("The line is no entry with a title.", subject=where)
    votes = data.get("votes")

    def text(name: str, limit: int = TITLE_MAX) -> str:
        value = data.get(name)
        return value[:limit] if isinstance(value, str) else ""

    return Told(
        source=text("source"),
        kind=text("kind"),
        url=text("url", URL_MAX),
        title=text("title"),
        published=text("published"),
        summary=text("summary", NOTES_MAX),
        votes=votes if isinstance(votes, int) and votes >= 0 else None,
    )


def _item_json(ranked: Ranked) -> dict[str, object]:
    item = ranked.item
    urls = list(dict.fromkeys(row.url for row in item.entries() if row.url))
    return {"title": item.title, "kind": item.kind, "score": ranked.score, "why": ranked.why, "entries": urls}
