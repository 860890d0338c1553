"""Who is asking: the client's address behind trusted proxies, and whether a form is one of ours. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from digest.web_settings import Network

_HOPS_MAX: Final = 10


def client_address(request: Request, proxies: Sequence[Network]) -> str:
    """Return the address of the client. X-Forwarded-For is believed from proxies only, and only what they added."""
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for hop in ",".join(request.headers.getlist("x-forwarded-for")).split(",") if hop.strip()]
    at = peer
    for hop in reversed(hops[-_HOPS_MAX:]):
        if not within(at, proxies):
            break
        at = _bare(hop)
    return at


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address is in one of the networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def is_own_form(request: Request, public_url: str) -> bool:
    """Whether a POST comes from a page of ours: what browsers say about it, which no foreign page can change.

    Clients that say nothing are no browsers led here by somebody else's page, and hold no cookies of ours anyway.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {urlsplit(public_url).netloc, request.headers.get("host", "")} - {""}


def _bare(hop: str) -> str:
    """Return a hop's address without port and brackets."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
