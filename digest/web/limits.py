"""How often somebody may do something: token buckets in memory, boundedly many. Pure but for the clock given.

Buckets are lost when the process ends, and each process has its own: they stop floods, not the patient. What must hold
across restarts (letters to one address) is counted in the store.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BUCKETS_MAX: Final = 50_000
_IPV6_PREFIX: Final = 64
"""One household or server has a whole /64 to choose addresses from."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then one every `every_s` seconds."""

    burst: int
    every_s: float


class Buckets:
    """Token buckets by key, all of one rate. `clock` gives seconds that never go back."""

    def __init__(self, rate: Rate, clock: Callable[[], float], *, kept: int = BUCKETS_MAX) -> None:
        self._rate = rate
        self._clock = clock
        self._kept = kept
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def wait_s(self, key: str) -> float:
        """Take one for a key: 0 where it may be done now, else how many seconds to wait (and nothing is taken)."""
        now, rate = self._clock(), self._rate
        full_at = max(self._full_at.get(key, now), now)
        owed = full_at + rate.every_s - now
        if owed > rate.burst * rate.every_s + 1e-9:
            return owed - rate.burst * rate.every_s
        self._full_at[key] = full_at + rate.every_s
        self._full_at.move_to_end(key)
        while len(self._full_at) > self._kept:
            self._full_at.popitem(last=False)
        return 0.0


def client_key(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, an IPv6 network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)
