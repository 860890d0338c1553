"""Where discord.py is taught what it does not do by itself: loopback addresses, lost callbacks, malformed events.

Each function names the fault it mends. Nothing of commands or answers is known here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import MultipartParameters, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.log import fields

logger = logging.getLogger(__name__)

CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
RETRY_WITHIN_S = 2.5
"""A failed callback is sent again only while Discord still takes it: 3 s from the interaction, less the way there."""


def point_to(api_url: str, gateway_url: str) -> None:
    """Talk to another Discord than the real one; the settings allow only loopback: whoever answers gets the token."""
    if api_url:
        Route.BASE = api_url
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class CallbackAdapter(AsyncWebhookAdapter):
    """Sends interaction callbacks without asking for the message back, and once more when the connection was reset.

    discord.py asks for every answer back (`with_response`) and parses it; nothing here uses that copy, a third of
    an answer's cost. It retries only errno 54 and 10054 (macOS, Windows); on Linux a reset is 104, and a server that
    closes an idle connection raises ServerDisconnectedError: either way the answer would be lost.
    """

    def create_interaction_response(
        self,
        interaction_id: int,
        token: str,
        *,
        session: aiohttp.ClientSession,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        params: MultipartParameters,
    ) -> Any:  # noqa: ANN401 -- as the parent has it
        """Answer an interaction; what discord.py reads from the receipt is known beforehand."""
        route = Route("POST", CALLBACK, webhook_id=interaction_id, webhook_token=token)
        body: dict[str, Any] = {"files": params.files, "multipart": params.multipart} if params.files else {}
        send = partial(self.request, route, session=session, proxy=proxy, proxy_auth=proxy_auth)
        return self._answer(interaction_id, partial(send, **(body or {"payload": params.payload})))

    async def _answer(self, interaction_id: int, send: Callable[[], Coroutine[Any, Any, Any]]) -> dict[str, Any]:
        started = time.monotonic()
        try:
            await send()
        except (aiohttp.ClientConnectionError, ConnectionError) as error:
            if time.monotonic() - started > RETRY_WITHIN_S:
                raise
            logger.warning("callback lost, sent again %s", fields(error=type(error).__name__))
            await send()
        return {"interaction": {"id": str(interaction_id), "type": 2}}


def use_callbacks() -> None:
    """Make this task, and all started from it, answer interactions through the CallbackAdapter."""
    async_context.set(CallbackAdapter())  # type: ignore[no-untyped-call]


def guard_events(client: discord.Client, failed: Callable[[str], None]) -> None:
    """Keep a malformed event from ending the client: one missing key in discord.py's parsers escapes `connect()`.

    `failed` is told the event's name. READY is left alone: without it there is no session.
    """
    parsers = client._connection.parsers
    for event, parser in list(parsers.items()):
        if event != "READY":
            parsers[event] = _guarded(event, parser, failed)


def _guarded(event: str, parser: Callable[[Any], Any], failed: Callable[[str], None]) -> Callable[[object], None]:
    def parse(data: object) -> None:
        try:
            parser(data)
        except Exception as error:  # noqa: BLE001 -- whatever a malformed payload raises, the next event must be read
            logger.warning("malformed event dropped %s", fields(event=event, error=repr(error)[:200]))
            failed(event)

    return parse


def already_answered(error: BaseException | None) -> bool:
    """Whether Discord says that it has this interaction's answer already, or no longer wants one."""
    return isinstance(error, discord.HTTPException) and error.code in {40060, 10062}
