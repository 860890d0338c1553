"""`digest parse FILE…`: what a feed document holds, one line a document. Nothing is fetched or stored."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from digest.commands.output import BAD_INPUT, DONE, FAILED, error_json, say, say_json
from digest.entry import Entry, ParsedFeed
from digest.errors import FeedError
from digest.feeds import parse_feed
from knowledge.errors import BadInput

_SIZE_MAX = 64 * 1024 * 1024


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("parse", help="show the entries of feed documents")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.add_argument("--url", default="", help="address the document came from; relative links are resolved by it")
    command.add_argument("--json", action="store_true", help="one JSON line a document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Parse each file; exit 1 where a document is no usable feed, 2 where a file cannot be read."""
    code, now = DONE, datetime.now(UTC)
    for file in args.files:
        line = read_file(file, now=now, url=args.url)
        code = max(code, BAD_INPUT if line.get("unreadable") else DONE if line["ok"] else FAILED)
        line.pop("unreadable", None)
        _tell(line, as_json=args.json)
    return code


def read_file(file: Path, *, now: datetime, url: str = "") -> dict[str, object]:
    """Return one document as the contract's line."""
    try:
        feed = parse_feed(_read(file), now=now, url=url)
    except FeedError as error:
        return {"file": str(file), "ok": False, "entries": [], "error": error_json(error)}
    except OSError as error:
        bad = BadInput(f"The file cannot be read: {error.strerror}.", subject=str(file))
        return {"file": str(file), "ok": False, "entries": [], "error": error_json(bad), "unreadable": True}
    return _feed_line(file, feed)


def _read(file: Path) -> bytes:
    if file.stat().st_size > _SIZE_MAX:
        raise FeedError("too_big", "The file is larger than 64 MiB.")
    return file.read_bytes()


def _feed_line(file: Path, feed: ParsedFeed) -> dict[str, object]:
    line: dict[str, object] = {"file": str(file), "ok": feed.error is None, "format": feed.format, "title": feed.title}
    line["entries"] = [_entry_json(entry) for entry in feed.entries]
    if feed.error is not None:
        line["error"] = error_json(feed.error)
    return line


def _entry_json(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "title": entry.title,
        "url": entry.url,
        "published": entry.published,
        "updated": entry.updated,
        "summary": entry.summary,
        **({"facts": dict(entry.facts)} if entry.facts else {}),
    }


def _tell(line: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        say_json(line)
        return
    entries = line["entries"]
    count = len(entries) if isinstance(entries, list) else 0
    error = line.get("error")
    fault = f"  {error['code']}: {error['message']}" if isinstance(error, dict) else ""
    say(f"{line['file']}: {count} entries{fault}")
