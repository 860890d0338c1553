"""How every command speaks: JSON on one line where asked for, else plain lines; errors too. No logic."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from knowledge.errors import KnowledgeError

DONE, FAILED, BAD_INPUT = 0, 1, 2


def error_json(error: KnowledgeError) -> dict[str, object]:
    """Return an error as data."""
    return {"code": error.code, "message": error.message, "subject": error.subject, "hint": error.hint}


def say(text: str) -> None:
    """Write one line to standard output."""
    sys.stdout.write(text + "\n")


def say_json(data: Mapping[str, object]) -> None:
    """Write one JSON line."""
    say(json.dumps(data, ensure_ascii=False))


def say_error(error: KnowledgeError, *, as_json: bool) -> int:
    """Tell an error and return its exit code."""
    if as_json:
        say_json({"ok": False, "error": error_json(error)})
    else:
        where = f"{error.subject}: " if error.subject and error.subject not in error.message else ""
        sys.stderr.write(f"{where}{error}\n")
    return error.exit_code
