"""`python -m knowledge`: the command line over the knowledge core. See docs/commands.md.

Holds nothing but the start.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from knowledge.cli.arguments import build_parser
from knowledge.cli.commands import run, tell
from knowledge.errors import BadInput
from knowledge.question.text import clean


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command; the exit code is the process's."""
    words = [clean(word) for word in (sys.argv[1:] if argv is None else argv)]
    try:
        args = build_parser().parse_args(words)
    except BadInput as error:
        return tell(error, as_json="--json" in words)
    return run(args)


if __name__ == "__main__":
    if isinstance(sys.stdin, io.TextIOWrapper):  # a log or a batch line may hold bytes that are no text
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    try:
        sys.exit(main())
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
