"""Settings of the web pages, read from what `settings` hands over; every bad value is noted, not only the first.

Nothing is bound or connected here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from digest.mail_settings import Problems

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_LOOPBACK: Final = "127.0.0.0/8,::1"
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:]{2,39}")


def _networks(text: str) -> tuple[Network, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in parts)
    except ValueError:
        raise ValueError("is not a list of addresses and networks") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Where the pages listen, whom they believe and how much they let through. Documented in `Settings`."""

    host: str = "127.0.0.1"
    port: int = 8080
    proxies: tuple[Network, ...] = ()
    metrics_for: tuple[Network, ...] = _networks(_LOOPBACK)
    check_dns: bool = False
    letters_per_hour: int = 600


def read_web_settings(source: Mapping[str, str], problems: Problems) -> WebSettings:
    """Read the settings of the pages; what is wrong goes to `problems`."""
    networks = "Give addresses or networks with commas between, like 127.0.0.1,10.0.0.0/8."
    return WebSettings(
        host=problems.read("DIGEST_WEB_HOST", source, "127.0.0.1", _host, "Give an address to listen on."),
        port=problems.read("DIGEST_WEB_PORT", source, "8080", _whole(1, 65535), "Give a port."),
        proxies=problems.read("DIGEST_WEB_PROXIES", source, "", _networks, networks),
        metrics_for=problems.read("DIGEST_WEB_METRICS", source, _LOOPBACK, _networks, networks),
        check_dns=problems.read("DIGEST_WEB_CHECK_DNS", source, "0", _yes_no, "Give 0 or 1."),
        letters_per_hour=problems.read(
            "DIGEST_WEB_LETTERS", source, "600", _whole(1, 1_000_000), "Give how many letters an hour may leave."
        ),
    )


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("is no address to listen on")
    return text


def _yes_no(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("is neither 0 nor 1")
    return text == "1"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"\d{1,7}", text) else low - 1
        if not low <= number <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return number

    return parse
