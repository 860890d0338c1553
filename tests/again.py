"""Runs what failed in the last run once more, one test at a time: `python -m tests.again`.

For `.ci/run` only, where hundreds of processes share few cores. It ends with 0 only if every one of at most `MOST`
failed tests passes now, and names them, so that a test which needs a second run is seen and mended. It does not look
at a run that broke off.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

MOST = 5
"""More failures than this are no accident of a busy machine."""

FAILED = Path(__file__).parent.parent / ".pytest_cache" / "v" / "cache" / "lastfailed"


def failed(kept: Path) -> list[str]:
    """The ids of the tests that failed in the last run, as pytest kept them; none where nothing was kept."""
    return sorted(json.loads(kept.read_text())) if kept.is_file() else []


def main() -> int:
    """The exit status: 0 where all that failed passes alone."""
    names = failed(FAILED)
    if not 0 < len(names) <= MOST:
        print(f"{len(names)} tests failed: not run again.")  # noqa: T201 - this is what it is for
        return 1
    status = int(pytest.main(["-n", "0", "-p", "no:cacheprovider", *names]))
    if status == 0:
        print("Passed only in a second run, alone: " + ", ".join(names))  # noqa: T201
    return status


if __name__ == "__main__":
    sys.exit(main())
