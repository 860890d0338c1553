"""`python -m bench`: every benchmark after the other, each in a process of its own. It compares nothing itself."""

from __future__ import annotations

import subprocess
import sys

NAMES = (
    *("answer", "bot_soak", "bot_wire", "bounces", "chaos_send", "collect", "compose", "digest_rank", "rank"),
    *("search", "send", "web", "workers"),
)


def main() -> int:
    """Run them; the exit code is the worst of theirs."""
    worst = 0
    for name in NAMES:
        print(f"== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
