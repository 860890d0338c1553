"""The digest's command line: `python -m digest COMMAND`. It reads arguments and hands over; the commands do the work.

Exit codes: 0 done, 1 the answer is no or it failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from digest.commands import (
    approve,
    bounces,
    collect,
    dns_check,
    edit,
    parse,
    preview,
    propose,
    rank,
    run,
    send,
    send_test,
    status,
    subscribers,
    web,
)
from digest.commands.output import say_error
from knowledge.errors import KnowledgeError


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    root = argparse.ArgumentParser(prog="python -m digest", description="The monthly digest of local AI.")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        *(collect, status, rank, propose, preview, edit, approve, send_test, send, dns_check, parse),
        *(bounces, subscribers, web, run),
    ):
        module.register(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except KnowledgeError as error:
        return say_error(error, as_json=getattr(args, "json", False))
    except KeyboardInterrupt:
        return 1
    return code


if __name__ == "__main__":
    try:
        CODE = main()
        sys.stdout.flush()
    except BrokenPipeError:  # who read the output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        CODE = 1
    sys.exit(CODE)
