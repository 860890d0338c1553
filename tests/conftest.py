"""Fixtures every test may use, and the house rules of testing.

No socket beyond loopback, no silent skip under REQUIRE_ALL.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from knowledge.answers import Answers
    from knowledge.catalog import Knowledge

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
TRUTH = SHARED / "truth"
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"

settings.register_profile("house", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def skip_or_fail(reason: str) -> None:
    """Skip with `reason`, or fail where REQUIRE_ALL says nothing may be missing."""
    if REQUIRE_ALL:
        pytest.fail(f"REQUIRE_ALL=1 and {reason}")
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `truth` need ../shared, which never travels with the project: its absence is a skip even in CI."""
    if item.get_closest_marker("truth") and not TRUTH.is_dir():
        pytest.skip("../shared/truth is not here")


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection beyond loopback, so that no test can depend on the network."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_loopback(address):
            raise PermissionError(f"a test tried to reach {address}")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if not _is_loopback(address):
            raise PermissionError(f"a test tried to reach {address}")
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)


@pytest.fixture(scope="session")
def truth_dir() -> Path:
    """Where the measured rows lie; only tests marked `truth` may ask for it."""
    return TRUTH


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The shipped content as a snapshot, read once."""
    from knowledge.content_loader import load_knowledge

    return load_knowledge()


@pytest.fixture(scope="session")
def answers(knowledge: Knowledge) -> Answers:
    """Answers over the shipped content."""
    from knowledge.answers import Answers

    return Answers(knowledge)
