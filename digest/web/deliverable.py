"""Asks the DNS whether a domain takes mail at all. Only where DIGEST_WEB_CHECK_DNS is set; blocking, a few seconds."""

from __future__ import annotations

from typing import Final

import dns.resolver
from email_validator import EmailUndeliverableError, validate_email

from knowledge.errors import BadInput

WITHIN_S: Final = 4


def check_domain(domain: str, resolver: dns.resolver.Resolver | None = None) -> None:
    """Raise BadInput where a domain is known to take no mail; a DNS that does not answer says nothing against it."""
    asked = resolver or dns.resolver.Resolver()
    asked.lifetime = WITHIN_S
    try:
        validate_email(f"postmaster@{domain}", check_deliverability=True, dns_resolver=asked)
    except EmailUndeliverableError as error:
        raise BadInput("That domain takes no mail.", subject="address", hint="Look for a typing error.") from error
