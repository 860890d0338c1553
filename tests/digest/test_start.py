"""How the digest's processes start: everything wrong is said at once, and no secret is ever said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.settings import Settings
from knowledge.errors import BadInput
from tests.conftest import ROOT

BAD = {
    "DATABASE_URL": "mysql://user:hidden-value@h/d",
    "DIGEST_PUBLIC_URL": "http://hidden-value",
    "DIGEST_CONTACT": "hidden-value\nX: y",
    "DIGEST_COLLECT_EVERY_H": "hidden-value",
    "DIGEST_FROM": "hidden-value",
    "DIGEST_SECRET": "hidden-value",
    "DIGEST_REPLY_TO": "hidden-value",
    "DIGEST_BOUNCES": "hidden-value",
    "DIGEST_DKIM_KEYS": "hidden-value",
    "DIGEST_SEND_LIMIT": "hidden-value",
    "DIGEST_DOMAIN_LIMITS": "hidden-value",
    "DIGEST_LEASE_S": "hidden-value",
    "DIGEST_SOFT_BOUNCES": "hidden-value",
    "DIGEST_BOUNCE_MAILDIR": "hidden-value",
    "DIGEST_WEB_PORT": "hidden-value",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_SECURITY": "hidden-value",
    "SMTP_USER": "hidden-value",
    "IMAP_HOST": "imap.example.org",
    "IMAP_SECURITY": "none",
    "IMAP_PORT": "hidden-value",
    "IMAP_USER": "hidden-value",
    "IMAP_FOLDER": "hidden-value\r\nA1 LOGOUT",
}
SECRETS = {
    "DIGEST_SECRET": "kept-signing-key-0123456789-abcdefghij",
    "SMTP_PASSWORD": "kept-smtp-password",
    "IMAP_PASSWORD": "kept-imap-password",
    "DIGEST_GITHUB_TOKEN": "kept-github-token",
}


def test_every_bad_setting_is_told_at_once() -> None:
    with pytest.raises(BadInput) as told:
        Settings.from_env(BAD)
    said = f"{told.value} {told.value.subject} {told.value.hint}"
    assert {name for name in BAD if name not in said} == {"SMTP_HOST", "IMAP_HOST"}  # these two are fine
    assert "hidden-value" not in f"{said} {told.value!r}"


def test_no_secret_is_in_what_settings_say_of_themselves() -> None:
    env = SECRETS | {"SMTP_HOST": "127.0.0.1", "SMTP_USER": "u", "IMAP_HOST": "h", "IMAP_USER": "u"}
    found = Settings.from_env(env)
    assert "kept-" not in f"{found} {found!r}"
    assert found.mail.server is not None
    assert found.mail.server.password == SECRETS["SMTP_PASSWORD"]


def start(env: dict[str, str], *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "digest", *words]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIGEST_", "SMTP_", "IMAP_"))}
    return subprocess.Popen(
        command, cwd=ROOT, env=clean | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_a_process_with_bad_settings_ends_with_2() -> None:
    process = start(BAD, "run")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "hidden-value" not in said
    assert "DIGEST_SECRET" in said
    assert "IMAP_FOLDER" in said


def test_processes_that_run_into_every_wall_tell_no_secret(tmp_path: Path) -> None:
    """Mail server and mailbox refuse, the database cannot be reached: all of it is said, without what is secret."""
    env = SECRETS | {
        "RUNLOCALAI_DATA": str(tmp_path),
        "DIGEST_FROM": "digest@example.org",
        "DIGEST_COLLECT_AT_START": "0",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "1",
        "SMTP_SECURITY": "none",
        "SMTP_USER": "u",
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": "1",
        "IMAP_SECURITY": "none",
        "IMAP_USER": "u",
    }
    process = start(env, "run")
    time.sleep(6)
    process.send_signal(signal.SIGTERM)
    heard = [process.communicate(timeout=60)[0]]
    assert process.returncode == 0, heard
    assert "Ctrl-C stops it" in heard[0]
    for words, url in (
        (("bounces", "read"), ""),
        (("run",), "postgresql://u:kept-database-password@127.0.0.1:1/d"),
        (("status", "--json"), "postgresql+psycopg://u:kept-database-password@127.0.0.1:1/d"),
    ):
        process = start(env | ({"DATABASE_URL": url} if url else {}), *words)
        heard.append(process.communicate(timeout=60)[0])
        assert process.returncode == 1, heard[-1]
        assert "cannot be" in heard[-1]
    assert "kept-" not in "".join(heard)
