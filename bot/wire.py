"""Where discord.py is taught what it does not do by itself: loopback addresses, lost callbacks, malformed events.

Each function names the fault it mends. Nothing of commands or answers is known here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import discord
import orjson
import yarl
from discord import app_commands, utils
from discord.gateway import DiscordWebSocket
from discord.http import MultipartParameters, Route, json_or_text
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.log import fields
from bot.shards import Session

logger = logging.getLogger(__name__)

_CONNECT: Final[Callable[..., Any]] = DiscordWebSocket.from_client.__func__  # type: ignore[attr-defined]

CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
JSON: Final = {"Content-Type": "application/json"}
RETRY_PAUSE_S: Final = 0.25
RETRY_WITHIN_S = 2.5
"""A failed callback is sent again only while Discord still takes it: 3 s from the interaction, less the way there."""


def point_to(api_url: str, gateway_url: str) -> None:
    """Talk to another Discord than the real one; the settings allow only loopback: whoever answers gets the token."""
    if api_url:
        Route.BASE = api_url
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class CallbackAdapter(AsyncWebhookAdapter):
    """Sends interaction callbacks in one lean request, and again where that can still help.

    discord.py asks for every answer back (`with_response`) and parses it; nothing here uses that copy, a third of
    an answer's cost. It retries only errno 54 and 10054 (macOS, Windows); on Linux a reset is 104, and a server that
    closes an idle connection raises ServerDisconnectedError: either way the answer would be lost. It waits a second
    after a 500 and as long as told after a 429, even past the deadline. `answered` is told which ids Discord took,
    `retried` that an answer was sent again.
    """

    def __init__(self, answered: Callable[[int], None], retried: Callable[[], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._answered, self._retried = answered, retried

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
        if not params.files:
            return self._answer(
                interaction_id, partial(self.post, interaction_id, token, session, params.payload or {})
            )
        route = Route("POST", CALLBACK, webhook_id=interaction_id, webhook_token=token)
        send = partial(self.request, route, session=session, proxy=proxy, proxy_auth=proxy_auth)
        return self._answer(interaction_id, partial(send, files=params.files, multipart=params.multipart))

    async def say(
        self, interaction_id: int, token: str, session: aiohttp.ClientSession, payload: Mapping[str, Any]
    ) -> None:
        """Answer with a payload as it is."""
        await self._answer(interaction_id, partial(self.post, interaction_id, token, session, payload))

    async def _answer(self, interaction_id: int, send: Callable[[], Coroutine[Any, Any, Any]]) -> dict[str, Any]:
        started = time.monotonic()
        try:
            await send()
        except (aiohttp.ClientConnectionError, ConnectionError) as error:
            if time.monotonic() - started > RETRY_WITHIN_S:
                raise
            self._retried()
            logger.warning("callback lost, sent again %s", fields(error=type(error).__name__))
            await send()
        self._answered(interaction_id)
        return {"interaction": {"id": str(interaction_id), "type": 2}}

    async def post_first(self, interaction: discord.Interaction[Any], body: bytes) -> None:
        """Answer an interaction with a message that is JSON text already. Raises as `Interaction.response` does.

        discord.py would build its view, its parameters and a receipt that nobody reads: a tenth of an answer's cost.
        """
        send = partial(self.post, interaction.id, interaction.token, interaction._session, body)
        await self._answer(interaction.id, send)
        interaction.response._response_type = discord.InteractionResponseType.channel_message

    async def post(
        self, interaction_id: int, token: str, session: aiohttp.ClientSession, payload: Mapping[str, Any] | bytes
    ) -> None:
        """One callback, sent again after a 429 or a 5xx while Discord still takes it. Raises as discord.py does."""
        url = yarl.URL(f"{Route.BASE}/interactions/{interaction_id}/{quote(token, safe='')}/callback", encoded=True)
        body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        until_s, pause_s = time.monotonic() + RETRY_WITHIN_S, RETRY_PAUSE_S
        while True:
            async with session.post(url, data=body, headers=JSON) as response:
                if 200 <= response.status < 300:
                    return
                said = await json_or_text(response)
            if response.status == 429 and isinstance(said, dict):
                pause_s = float(said.get("retry_after") or pause_s)
            elif response.status < 500:
                raise _refusal(response, said)
            if time.monotonic() + pause_s > until_s:
                raise _refusal(response, said)
            self._retried()
            await asyncio.sleep(pause_s)
            pause_s *= 2


def _refusal(response: aiohttp.ClientResponse, said: Any) -> discord.HTTPException:  # noqa: ANN401 -- JSON or text
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    usual = discord.DiscordServerError if response.status >= 500 else discord.HTTPException
    return kinds.get(response.status, usual)(response, said)


def use_callbacks(adapter: CallbackAdapter) -> None:
    """Make this task, and all started from it, answer interactions through the CallbackAdapter."""
    async_context.set(adapter)


def adapter_here() -> CallbackAdapter | None:
    """The CallbackAdapter this task answers through; None where there is none, as in tests inside one process."""
    found = async_context.get()
    return found if isinstance(found, CallbackAdapter) else None


def read_any_json() -> None:
    """Keep one odd frame from ending the client: orjson refuses lone surrogates, which escapes `connect()`.

    What is no JSON at all is read as an operation that does not exist, which discord.py logs and passes over.
    """
    utils._from_json = _from_json


def _from_json(text: str | bytes | bytearray | memoryview) -> Any:  # noqa: ANN401 -- any JSON
    try:
        return orjson.loads(text)
    except ValueError:
        try:
            return json.loads(text if isinstance(text, str) else bytes(text))
        except ValueError as error:
            logger.warning("frame that is no JSON passed over %s", fields(error=repr(error)[:100]))
            return {}


def take_interactions(client: discord.Client, take: Callable[[Any], None]) -> None:
    """Hand interactions over unparsed: discord.py parses each at once and starts two tasks for it."""
    client._connection.parsers["INTERACTION_CREATE"] = take


async def serve_interaction(
    client: discord.Client,
    tree: app_commands.CommandTree[Any],
    data: Any,  # noqa: ANN401 -- Discord's JSON
) -> discord.Interaction[Any] | None:
    """Parse an interaction and let the tree answer it; a press or a form, which the tree is not for, is returned.

    What discord.py does in `parse_interaction_create`, in one task.
    """
    interaction: discord.Interaction[Any] = discord.Interaction(data=data, state=client._connection)
    if data["type"] not in {2, 4}:
        return interaction
    try:
        await tree._call(interaction)
    except app_commands.AppCommandError as error:
        await tree._dispatch_error(interaction, error)
    return None


def shards_of(client: discord.AutoShardedClient) -> dict[int, Any]:
    """discord.py's own record of each shard: its connection and the task that reads it."""
    found: dict[int, Any] = getattr(client, "_AutoShardedClient__shards", {})
    return found


def sessions_of(client: discord.AutoShardedClient) -> dict[int, Session]:
    """Where each shard's session stands now; of shards that have none, nothing."""
    return {
        number: Session(shard.ws.session_id, shard.ws.sequence, str(shard.ws.gateway))
        for number, shard in shards_of(client).items()
        if shard.ws.session_id and shard.ws.sequence is not None
    }


async def leave_open(client: discord.AutoShardedClient) -> None:
    """Leave the gateway so that the sessions can be resumed: discord.py says 1000, which ends them."""
    for shard in shards_of(client).values():
        shard._cancel_task()
        await shard.ws.close(code=4000)


def resume_from(take: Callable[[int], Session | None]) -> None:
    """Let a shard that connects for the first time resume the session `take` has for it; discord.py always identifies.

    Discord refuses a session it has forgotten with op 9, and the shard then identifies as usual.
    """

    async def from_client(cls: type[DiscordWebSocket], client: discord.Client, /, **given: Any) -> DiscordWebSocket:  # noqa: ANN401
        first = not given.get("resume") and given.get("session") is None
        kept = take(given.get("shard_id") or 0) if first else None
        made: DiscordWebSocket
        if kept is not None:
            there = {"session": kept.id, "sequence": kept.sequence, "gateway": yarl.URL(kept.gateway)}
            try:
                made = await _CONNECT(cls, client, **{**given, **there, "resume": True})
            except (OSError, aiohttp.ClientError) as error:
                logger.info("session not resumed %s", fields(shard=given.get("shard_id"), error=repr(error)[:100]))
            else:
                return made
        made = await _CONNECT(cls, client, **given)
        return made

    DiscordWebSocket.from_client = classmethod(from_client)  # type: ignore[assignment,method-assign]


def session_of(client: discord.Client) -> aiohttp.ClientSession:
    """The HTTP session a client that has logged in sends with."""
    found: aiohttp.ClientSession = client.http._HTTPClient__session  # type: ignore[attr-defined]
    return found


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
