"""`python -m knowledge`: the command line over the knowledge core. See docs/commands.md.

Holds nothing but the start.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from knowledge.cli.arguments import build_parser
from knowledge.cli.commands import run, tell
from knowledge.errors import BadInput


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command; the exit code is the process's."""
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        args = build_parser().parse_args(words)
    except BadInput as error:
        return tell(error, as_json="--json" in words)
    return run(args)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
