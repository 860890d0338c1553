"""The peer the benches compare with, `llmfit`: its command line and its REST server, where it is installed.

Found by the LLMFIT environment variable or on the PATH; nothing is downloaded and the server listens on loopback only.
It measures nothing itself.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

MACHINE = ("--memory", "24G", "--ram", "64G")
PLAN = {"model": "Qwen/Qwen3-8B", "context": 8192, "quant": "Q4_K_M"}
START_TIMEOUT_S = 30.0


def command() -> str | None:
    """The peer's program; None where it is not installed."""
    return shutil.which(os.environ.get("LLMFIT") or "llmfit")


def plan_by_process(program: str) -> None:
    """One answer, a process for it."""
    asked = (PLAN["model"], "--context", str(PLAN["context"]), "--quant", PLAN["quant"])
    subprocess.run([program, "--json", *MACHINE, "plan", *map(str, asked)], capture_output=True, check=True, timeout=30)


class Server:
    """The peer's REST server over one kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"the peer answered {answer.status}: {text[:200]!r}")
        return text

    def alive(self) -> bool:
        """Whether it answers at all."""
        try:
            return bool(self._ask("GET", "/health"))
        except OSError:
            self._connection.close()
            return False

    def plan(self) -> None:
        """One answer."""
        self._ask("POST", "/api/v1/plan", json.dumps(PLAN))

    def ranking(self) -> int:
        """Rank its whole list for the machine; returns how many models that were."""
        return int(json.loads(self._ask("GET", "/api/v1/models?limit=10&sort=score"))["total_models"])


@contextmanager
def serving(program: str) -> Iterator[Server]:
    """Run the server while the block runs. Raises TimeoutError where it does not come up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [program, *MACHINE, "serve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        server = Server(port)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not server.alive():
            if time.monotonic() > deadline or process.poll() is not None:
                raise TimeoutError("the peer's server did not come up")
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)
