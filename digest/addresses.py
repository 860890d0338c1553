"""Reads a mail address a person typed: the form mail is sent to, and the key that finds it again. Pure, no DNS.

Whether anybody reads mail there is not its business; the confirmation mail finds out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

from knowledge.errors import BadInput

ADDRESS_MAX_CHARS: Final = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`address` is for the envelope (domain in its ASCII form), `key` is the same however it was typed."""

    address: str
    key: str
    domain: str


def read_address(text: str) -> Address:
    """Return the address typed. Raises BadInput that says what is wrong without repeating the address."""
    typed = text.strip() if len(text) <= 4 * ADDRESS_MAX_CHARS else ""
    if not typed or len(typed) > ADDRESS_MAX_CHARS:
        raise _bad("That is no mail address." if not typed else "That mail address is too long.")
    try:
        found = validate_email(
            typed, check_deliverability=False, allow_smtputf8=False, allow_display_name=False, allow_quoted_local=False
        )
    except EmailNotValidError as error:
        raise _bad(str(error)) from error
    local, domain = str(found.ascii_local_part), str(found.ascii_domain).lower()
    return Address(address=f"{local}@{domain}", key=f"{local.lower()}@{domain}", domain=domain)


def _bad(message: str) -> BadInput:
    return BadInput(message, subject="address", hint="Give it as name@example.org, without a display name.")
