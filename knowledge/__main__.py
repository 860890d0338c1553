"""`python -m knowledge`: the command line over the knowledge core. See docs/commands.md.

Holds nothing but the start.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from knowledge.cli.arguments import build_parser
from knowledge.cli.commands import run


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command; the exit code is the process's."""
    return run(build_parser().parse_args(argv))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
