"""Asks the real DNS, for `dns_check`. The only home of dnspython. It judges nothing."""

from __future__ import annotations

import dns.exception
import dns.resolver
import dns.reversename

TIMEOUT_S = 5.0


class DnsResolver:
    """The system's resolver, with a time limit."""

    def __init__(self, resolver: dns.resolver.Resolver | None = None) -> None:
        self._resolver = resolver or dns.resolver.Resolver()
        self._resolver.lifetime = TIMEOUT_S

    def ask(self, name: str, kind: str) -> list[str]:
        """Return a name's records. Raises OSError where the DNS cannot be asked."""
        try:
            asked = dns.reversename.from_address(name) if kind == "PTR" else dns.name.from_text(name)
            answers = self._resolver.resolve(asked, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, ValueError) as error:
            raise OSError(f"The DNS does not answer about {name}: {type(error).__name__}.") from error
        if kind == "TXT":
            return [b"".join(answer.strings).decode("utf-8", "replace") for answer in answers]
        return [str(answer) for answer in answers]
