"""rspamd on loopback for tests: its own folder, no maps, no fuzzy storage, no Redis, no DNS."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import skip_or_fail

START_S = 180
_OFF = (
    *("fuzzy_check", "rbl", "surbl", "redis", "greylist", "ratelimit", "history_redis", "phishing", "neural", "asn"),
    *("url_redirector", "mx_check", "dmarc", "reputation", "hfilter", "multimap", "dkim_signing", "arc", "replies"),
    *("bayes_expiry", "elastic", "clickhouse", "metadata_exporter", "antivirus", "external_services", "milter_headers"),
    *("spf", "whitelist"),
)
"""Modules that ask others: Redis, DNS, lists on the net."""


@dataclass(frozen=True, slots=True)
class Rspamd:
    """A running rspamd."""

    port: int

    def judge(self, mail: bytes) -> dict[str, Any]:
        """Return its judgement of a mail: `score`, `action`, `symbols`."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/checkv2", data=mail)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            found: dict[str, Any] = json.load(answer)
        return found


@contextlib.contextmanager
def rspamd(folder: Path) -> Iterator[Rspamd]:
    """Run rspamd out of a folder of its own; skip where it is not installed."""
    program = shutil.which("rspamd")
    if program is None or not Path("/etc/rspamd/rspamd.conf").is_file():
        skip_or_fail("rspamd is not installed")
    port = _free_port()
    _configure(folder, port)
    places = {"LOCAL_CONFDIR": folder, "DBDIR": folder, "RUNDIR": folder, "LOGDIR": folder}
    command = [str(program), "-f", "--insecure", "-c", "/etc/rspamd/rspamd.conf"]
    command += [f"--var={name}={place}" for name, place in places.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            _wait(port, process, folder)
            yield Rspamd(port)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=20)


def _configure(folder: Path, port: int) -> None:
    local = folder / "local.d"
    local.mkdir()
    (folder / "override.d").mkdir()
    for name in ("worker-controller.inc", "worker-proxy.inc", "worker-fuzzy.inc"):
        (local / name).write_text("enabled = false;\n")
    for name in _OFF:
        (local / f"{name}.conf").write_text("enabled = false;\n")
    (local / "worker-normal.inc").write_text(f'bind_socket = "127.0.0.1:{port}";\ncount = 1;\n')
    (local / "logging.inc").write_text('type = "console"; level = "warning";\n')
    (local / "options.inc").write_text(
        'filters = "chartable,dkim,regexp";\n'
        'dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; sockets = 1; }\n'
        "map_watch_interval = 1h;\n"
        f'control_socket = "{folder}/control.sock mode=0600";\n'
    )


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until it answers; loading its rules takes a while on a busy machine."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5):
            return
        time.sleep(0.2)
    skip_or_fail(f"rspamd did not start: {(folder / 'log').read_text(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
