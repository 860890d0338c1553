"""A mail server's pipe into a real process: what it exits with, and that a mail that could not be stored stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from knowledge.store.stores import Stores
from tests.conftest import ROOT
from tests.digest.sending import stores
from tests.digest.test_returned import HARD, SECRET, first, maildir, report, state, verp

__all__ = ["stores"]


def digest(url: str, *words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    values = {"DATABASE_URL": url, "DIGEST_FROM": "digest@example.org", "DIGEST_SECRET": SECRET, **env}
    return subprocess.run(
        [sys.executable, "-m", "digest", "bounces", *words],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **values},
        timeout=60,
        check=False,
    )


def test_a_mail_server_pipes_a_mail(stores: Stores, tmp_path: Path) -> None:
    who = first(stores)
    url = f"sqlite:///{stores.engine.url.database}"
    done = digest(url, "pipe", "--recipient", verp(who), stdin=report(HARD))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert state(stores, who) == "suppressed"
    away = digest("postgresql://nobody@127.0.0.1:1/none", "pipe", "--recipient", verp(who + 1), stdin=report(HARD))
    assert away.returncode == 75  # the mail server keeps it
    folder = maildir(tmp_path / "mail", [report(HARD, to=verp(who + 1))])
    assert digest(url, "read", DIGEST_BOUNCE_MAILDIR=str(folder)).stdout == b"1 hard suppressed\n"
    assert digest(url, "read").returncode == 2
