"""A throw-away PostgreSQL on loopback for tests, started from the machine's own binaries; gone when the tests end.

Not a fake at all, but it stands in for the operator's server. Where no binaries are installed its tests skip, or fail
under REQUIRE_ALL. As root it runs under an unprivileged account, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.conftest import skip_or_fail

_START_TIMEOUT_S = 30
_OWNER = "runlocalai"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=30")


def find_binaries() -> Path | None:
    """Find the folder with initdb and postgres: on PATH, or Debian's newest."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _account() -> str | None:
    """Name the account the server runs under: ours, unless we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """Start an empty cluster and give its address without a database: `postgresql://user@127.0.0.1:port`."""
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="runlocalai-pg-"))
    if account is not None:
        shutil.chown(folder, account)
    data, log = folder / "data", folder / "log"
    as_user: dict[str, object] = {} if account is None else {"user": account, "extra_groups": []}
    environ = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            env=environ,
            **as_user,  # type: ignore[call-overload]
        )
        port = _free_port()
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={port}", *_FAST)
        options = [part for setting in settings for part in ("-c", setting)]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environ,
                **as_user,  # type: ignore[call-overload]
            )
        try:
            address = f"postgresql://{_OWNER}@127.0.0.1:{port}"
            _wait_until_up(server, address, log)
            yield address
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            server.wait(timeout=20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_up(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(f"{address}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{said}") from error
            time.sleep(0.05)
        else:
            return


def database_of(server: str, name: str) -> str:
    """Make an empty database on a running server and return its address."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the address of a server that lives as long as the test session."""
    binaries = find_binaries()
    if binaries is None:
        skip_or_fail("PostgreSQL's server binaries are not installed")
    else:
        with running_server(binaries) as address:
            yield address


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the address of a fresh empty database, dropped after the test."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    yield database_of(postgres_server, name)
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
