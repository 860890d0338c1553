"""Reads what a form sent, with caps on size, time and number of fields. It knows no field."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from knowledge.errors import BadInput

BODY_MAX_BYTES: Final = 16 * 1024
READ_WITHIN_S: Final = 15.0
FIELDS_MAX: Final = 60


class TooBig(BadInput):
    """A body larger than any form of ours."""

    code = "too_big"


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name, in the order they came."""

    fields: tuple[tuple[str, str], ...] = ()

    def text(self, name: str, limit: int = 1000) -> str:
        """Return the first value of a field without blanks around it, at most `limit` characters; empty without one."""
        return next((value.strip()[:limit] for key, value in self.fields if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for key, value in self.fields if key == name)


async def read_body(request: Request) -> bytes:
    """Return the body. Raises TooBig beyond the cap, BadInput where it does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_MAX_BYTES:
                    raise TooBig("That is more than this form takes.", subject="form", hint="Send less.")
    except (TimeoutError, ClientDisconnect) as error:
        raise BadInput("The form did not arrive.", subject="form", hint="Send it again.") from error
    return bytes(body)


async def read_form(request: Request) -> Form:
    """Return the fields of a form sent url-encoded; of any other body, none. Raises as `read_body`."""
    body = await read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return read_fields(body.decode("utf-8", "replace")) if kind == "application/x-www-form-urlencoded" else Form()


def read_fields(encoded: str) -> Form:
    """Return the fields of a query or an encoded body. Raises BadInput for too many of them."""
    try:
        fields = parse_qsl(encoded, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="replace")
    except ValueError as error:
        raise BadInput("That form has too many fields.", subject="form", hint="Send it as the page has it.") from error
    return Form(tuple(fields))
