"""A DNS server on loopback, by UDP: answers from a table, and the faults a resolver meets. It asks nobody."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

Fault = Literal["", "silent", "servfail", "refused", "garbage"]


@dataclass(slots=True)
class Zone:
    """What the server knows: records by (name, kind) as zone files write them. `fault` is its mood."""

    records: dict[tuple[str, str], list[str]]
    fault: Fault = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def resolver(self) -> dns.resolver.Resolver:
        """A resolver that asks this server alone."""
        made = dns.resolver.Resolver(configure=False)
        made.nameservers, made.port, made.timeout = ["127.0.0.1"], self.port, 0.3
        return made

    def answer(self, query: dns.message.Message) -> bytes:
        """Answer a query, or with the fault."""
        (question,) = query.question
        name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if self.fault in {"servfail", "refused"}:
            response.set_rcode(dns.rcode.SERVFAIL if self.fault == "servfail" else dns.rcode.REFUSED)
        elif (name, kind) in self.records:
            response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, self.records[name, kind]))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


class _Handler(socketserver.BaseRequestHandler):
    zone: Zone

    def handle(self) -> None:
        data, socket = self.request
        if self.zone.fault == "silent":
            return
        answer = b"\x00" * 7 if self.zone.fault == "garbage" else self.zone.answer(dns.message.from_wire(data))
        socket.sendto(answer, self.client_address)


@contextmanager
def dns_server(zone: Zone) -> Iterator[Zone]:
    """Serve a zone for as long as the block lasts."""
    handler = type("Handler", (_Handler,), {"zone": zone})
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        zone.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield zone
        finally:
            server.shutdown()
            thread.join()
