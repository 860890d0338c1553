"""The REST half over plain HTTP: every route, answers to interactions in and out of time, rate limits, faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.standin import Rules, StandIn
from bot.standin.exchange import Exchange
from bot.standin.payloads import APP_ID, CHANNEL_ID, COMPONENTS_V2, EPHEMERAL, GUILD_ID, LOADING, USER_ID

Answer = tuple[int, Any]
BASE = f"/applications/{APP_ID}/commands"


class Caller:
    """A bot's HTTP client."""

    def __init__(self, discord: StandIn, session: aiohttp.ClientSession) -> None:
        self.discord, self.session = discord, session
        self.headers: dict[str, str] = {}

    async def __call__(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        auth = {"Authorization": f"Bot {self.discord.token if token is None else token}"}
        async with self.session.request(method, self.discord.api + path, json=body, headers=auth) as answer:
            self.headers = dict(answer.headers)
            raw = await answer.read()
            return answer.status, json.loads(raw) if answer.content_type == "application/json" and raw else raw

    def begin(self, kind: int = 2, **more: Any) -> Exchange:
        """An interaction that nobody was told of."""
        exchange, _ = self.discord.start(kind, data={"name": "fit"}, **more)
        return exchange

    async def callback(self, exchange: Exchange, body: Any, query: str = "") -> Answer:
        """Answer it."""
        return await self("POST", f"/interactions/{exchange.id}/{exchange.token}/callback{query}", body)

    async def hook(self, exchange: Exchange, method: str, path: str = "", body: Any = None) -> Answer:
        """Call the webhook of its token."""
        return await self(method, f"/webhooks/{APP_ID}/{exchange.token}{path}", body)


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with StandIn() as discord, aiohttp.ClientSession() as session:
        yield Caller(discord, session)


SAY = {"type": 4, "data": {"content": "x"}}


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/users/@me", "username"),
        (f"/users/{USER_ID}", "username"),
        ("/oauth2/applications/@me", "verify_key"),
        ("/applications/@me", "verify_key"),
        ("/gateway", "url"),
        ("/gateway/bot", "session_start_limit"),
        (f"/applications/{APP_ID}/emojis", "items"),
        (f"/channels/{CHANNEL_ID}", "guild_id"),
        (f"/guilds/{GUILD_ID}", "roles"),
        (f"/guilds/{GUILD_ID}/members/{USER_ID}", "user"),
    ],
)
async def test_what_there_is(call: Caller, path: str, key: str) -> None:
    status, body = await call("GET", path)
    assert status == 200
    assert key in body
    assert call.headers["Content-Type"] == "application/json"
    assert "X-RateLimit-Remaining" in call.headers
    assert (await call("GET", path, token="wrong"))[0] == 401


@pytest.mark.parametrize(
    ("path", "code"),
    [("/users/1", 10013), ("/channels/1", 10003), ("/guilds/1", 10004), (f"{BASE}/1", 10063),
     (f"/guilds/{GUILD_ID}/members/1", 10007), (f"/channels/{CHANNEL_ID}/messages/1", 10008), ("/channels/x", 50035)],
)  # fmt: skip
async def test_what_there_is_not(call: Caller, path: str, code: int) -> None:
    status, body = await call("GET", path)
    assert status in {400, 404}
    assert body["code"] == code
    assert call.discord.unknown == []


async def test_unknown_routes_are_remembered(call: Caller) -> None:
    assert (await call("GET", "/voice/regions"))[0] == 404
    assert call.discord.unknown == ["GET /api/v10/voice/regions"]


@pytest.mark.parametrize("base", [BASE, f"/applications/{APP_ID}/guilds/{GUILD_ID}/commands"])
async def test_commands(call: Caller, base: str) -> None:
    fit = {"name": "fit", "description": "d"}
    status, first = await call("PUT", base, [fit, {"name": "Menu", "type": 3}])
    assert status == 200
    _, again = await call("PUT", base, [fit])
    assert again[0]["id"] == first[0]["id"]
    assert (await call("GET", f"{base}/{again[0]['id']}"))[1]["name"] == "fit"
    assert (await call("POST", base, {"name": "two", "description": "d"}))[0] == 201
    assert [one["name"] for one in (await call("GET", base))[1]] == ["fit", "two"]
    assert (await call("DELETE", f"{base}/{again[0]['id']}"))[0] == 204
    assert (await call("DELETE", f"{base}/{again[0]['id']}"))[0] == 404
    status, refused = await call("PUT", base, [{"name": "Fit", "description": "d"}])
    assert status == 400
    assert refused["errors"]["0"]["name"]["_errors"]
    assert (await call("PUT", base, {"name": "fit"}))[0] == 400
    assert call.discord.command_writes == 3


async def test_messages_of_a_channel(call: Caller) -> None:
    _, direct = await call("POST", "/users/@me/channels", {"recipient_id": str(USER_ID)})
    for channel in (direct["id"], str(CHANNEL_ID + 2)):
        base = f"/channels/{channel}/messages"
        status, message = await call("POST", base, {"content": "hello"})
        assert status == 200
        one = f"{base}/{message['id']}"
        assert (await call("PATCH", one, {"content": "bye"}))[1]["content"] == "bye"
        assert (await call("GET", one))[1]["edited_timestamp"]
        assert [each["id"] for each in (await call("GET", base))[1]] == [message["id"]]
        published = await call("POST", f"{one}/crosspost")
        assert published[0] == (400 if channel == direct["id"] else 200)
        assert (await call("PATCH", one, {"content": "x" * 2001}))[0] == 400
        assert (await call("DELETE", one))[0] == 204
        assert (await call("DELETE", one))[0] == 404
        assert (await call("POST", base, {}))[1]["code"] == 50035
    said = call.discord.say("mine")
    assert (await call("PATCH", f"/channels/{CHANNEL_ID}/messages/{said['id']}", {"content": "x"}))[1]["code"] == 50005


async def test_callback_and_its_receipt(call: Caller) -> None:
    exchange = call.begin()
    status, receipt = await call.callback(exchange, SAY, "?with_response=1")
    assert status == 200
    assert receipt["resource"]["message"]["content"] == "x"
    assert receipt["interaction"]["response_message_id"] == receipt["resource"]["message"]["id"]
    assert exchange.latency_s < 3
    assert (await call.callback(call.begin(), SAY))[0] == 204


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [(2, {"type": 7, "data": {}}, 50035), (2, {"type": 8, "data": {"choices": []}}, 50035), (4, SAY, 50035),
     (3, {"type": 7, "data": {"content": "x"}}, 50035), (2, "text", 50109), (2, {"type": 4, "data": "x"}, 50035)],
)  # fmt: skip
async def test_callbacks_that_do_not_fit(call: Caller, kind: int, body: Any, code: int) -> None:
    exchange = call.begin(kind)
    status, refused = await call.callback(exchange, body)
    assert (status, refused["code"]) == (400, code)
    assert not exchange.acked.is_set()


async def test_callbacks_twice_late_and_unknown(call: Caller) -> None:
    exchange = call.begin()
    await call.callback(exchange, SAY)
    assert (await call.callback(exchange, SAY))[1]["code"] == 40060
    assert exchange.repeated == 1
    late = call.begin()
    late.sent_s -= 3.1
    assert (await call.callback(late, SAY))[1]["code"] == 10062
    assert late.expired
    assert call.discord.answers.late == 1
    assert (await call("POST", "/interactions/1/nope/callback", SAY))[1]["code"] == 10062
    wrong = call.begin()
    assert (await call("POST", f"/interactions/1/{wrong.token}/callback", SAY))[0] == 404


async def test_deferral_is_filled_by_the_first_followup(call: Caller) -> None:
    exchange = call.begin()
    told: list[tuple[str, int, int | None]] = []
    call.discord.world.told.append(lambda what, posted: told.append((what, posted.json["flags"], posted.only_for)))
    assert (await call.hook(exchange, "POST", body={"content": "early"}))[1]["code"] == 10015
    await call.callback(exchange, {"type": 5, "data": {"flags": EPHEMERAL}})
    assert exchange.original is not None
    assert exchange.original["flags"] & LOADING
    assert not exchange.settled
    _, first = await call.hook(exchange, "POST", body={"content": "one"})
    assert first["id"] == exchange.original["id"]
    assert first["flags"] == EPHEMERAL
    assert told == [("posted", EPHEMERAL | LOADING, USER_ID), ("edited", EPHEMERAL, USER_ID)]
    _, second = await call.hook(exchange, "POST", body={"content": "two"})
    assert second["id"] != first["id"]
    path = f"/messages/{second['id']}"
    assert (await call.hook(exchange, "PATCH", path, {"content": "2"}))[1]["content"] == "2"
    assert (await call.hook(exchange, "GET", path))[1]["content"] == "2"
    await asyncio.sleep(2)  # its bucket: five in two seconds
    assert (await call.hook(exchange, "DELETE", path))[0] == 204
    assert (await call.hook(exchange, "DELETE", "/messages/@original"))[0] == 204
    assert (await call.hook(exchange, "GET", "/messages/@original"))[1]["code"] == 10008


async def test_tokens_end_and_people_who_installed_get_five(call: Caller) -> None:
    exchange = call.begin()
    await call.callback(exchange, SAY)
    exchange.sent_s -= 901
    assert (await call.hook(exchange, "POST", body={"content": "x"}))[1]["code"] == 50027
    mine = call.begin(guild_id=None, private=True, user_install=True)
    await call.callback(mine, SAY)
    mine.followups += [{}] * 5
    assert (await call.hook(mine, "POST", body={"content": "x"}))[1]["code"] == 40094


async def test_files_come_in_lie_on_the_cdn_and_stay_through_edits(call: Caller) -> None:
    exchange = call.begin()
    form = aiohttp.FormData()
    data = {"flags": COMPONENTS_V2, "components": [{"type": 13, "file": {"url": "attachment://a.txt"}}]}
    data["attachments"] = [{"id": 0, "filename": "a.txt", "description": "notes"}]
    form.add_field("payload_json", json.dumps({"type": 4, "data": data}), content_type="application/json")
    form.add_field("files[0]", b"hello", filename="a.txt", content_type="text/plain")
    url = f"{call.discord.api}/interactions/{exchange.id}/{exchange.token}/callback"
    async with call.session.post(url, data=form) as answer:
        assert answer.status == 204
    (kept,) = call.discord.posted(exchange)["attachments"]
    assert kept["description"] == "notes"
    async with call.session.get(kept["url"]) as got:
        assert await got.read() == b"hello"
        assert "sandbox" in got.headers["Content-Security-Policy"]
    text = {"components": [{"type": 10, "content": "t"}]}
    assert len((await call.hook(exchange, "PATCH", "/messages/@original", text))[1]["attachments"]) == 1
    none = {**text, "attachments": []}
    assert (await call.hook(exchange, "PATCH", "/messages/@original", none))[1]["attachments"] == []
    assert (await call.hook(exchange, "PATCH", "/messages/@original", {"content": "x"}))[0] == 400


async def test_files_beyond_the_limit_are_refused() -> None:
    rules = Rules(attachment_limit=100)
    async with StandIn(rules=rules) as discord, aiohttp.ClientSession() as session:
        exchange, body = discord.start(2, data={})
        assert body["attachment_size_limit"] == 100
        form = aiohttp.FormData({"payload_json": json.dumps(SAY)})
        form.add_field("files[0]", b"x" * 101, filename="a.txt")
        url = f"{discord.api}/interactions/{exchange.id}/{exchange.token}/callback"
        async with session.post(url, data=form) as answer:
            assert answer.status == 413
        async with session.get(f"{discord.origin}/attachments/1/1/a.txt") as answer:
            assert answer.status == 404


async def test_buckets_the_global_limit_and_the_ban() -> None:
    rules = Rules(global_per_s=8, invalid_most=4)
    async with StandIn(rules=rules) as discord, aiohttp.ClientSession() as session:
        call = Caller(discord, session)
        path = f"/channels/{CHANNEL_ID}/messages"
        statuses = [(await call("POST", path, {"content": "x"}))[0] for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert call.headers["X-RateLimit-Scope"] == "user"
        assert float(call.headers["Retry-After"]) > 0
        assert "Via" in call.headers
        for _ in range(3):
            status, body = await call("GET", "/users/@me")
        assert (status, body["global"]) == (429, True)
        exchange = call.begin()
        assert (await call.callback(exchange, SAY))[0] == 204  # interactions are outside of it
        await call("GET", "/users/@me", token="wrong")
        await call("GET", "/users/@me", token="wrong")
        status, text = await call("GET", "/users/@me")
        assert status == 429
        assert b"1015" in text
        assert "Via" not in call.headers


@pytest.mark.parametrize(
    ("fault", "status"), [("429", 429), ("429-global", 429), ("500", 500), ("502", 502), ("204", 204), ("garbage", 200)]
)
async def test_faults(call: Caller, fault: str, status: int) -> None:
    call.discord.faults.append(fault)
    exchange = call.begin()
    url = f"{call.discord.api}/interactions/{exchange.id}/{exchange.token}/callback?with_response=1"
    async with call.session.post(url, json=SAY) as answer:
        assert answer.status == status
    assert exchange.acked.is_set() == (fault == "garbage")


@pytest.mark.parametrize(("fault", "taken"), [("reset", False), ("reset-after", True)])
async def test_connections_cut(call: Caller, fault: str, taken: bool) -> None:
    call.discord.by_route.by_route["followup"].append(fault)
    exchange = call.begin()
    await call.callback(exchange, SAY)
    with pytest.raises(aiohttp.ClientError):
        await call.hook(exchange, "POST", body={"content": "x"})
    assert bool(exchange.followups) == taken


async def test_bodies_that_cannot_be_read(call: Caller) -> None:
    url = f"{call.discord.api}/channels/{CHANNEL_ID}/messages"
    auth = {"Authorization": f"Bot {call.discord.token}", "Content-Type": "application/json"}
    async with call.session.post(url, data=b"{broken", headers=auth) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 50109)


async def test_a_load_test_keeps_its_memory(call: Caller) -> None:
    for _ in range(30):
        await call.callback(call.begin(), SAY)
    assert len(call.discord.world.messages) == 30
    call.discord.forget()
    assert not call.discord.world.messages
    assert not call.discord.exchanges
