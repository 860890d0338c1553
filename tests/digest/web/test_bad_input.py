"""What is not as it should be: addresses, links, forms, floods, a store that is gone. Polite, clear, without harm."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import dns.resolver
import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from digest.addresses import read_address
from digest.settings import Settings
from digest.tokens import MAX_AGE_S
from digest.web.deliverable import check_domain
from digest.web.limits import Buckets, Rate, client_key
from knowledge.errors import BadInput
from tests.digest.web.conftest import ENV, SECRET, World

ADDRESSES = [
    "",
    " ",
    "ann",
    "ann@",
    "@example.org",
    "ann@localhost",
    "ann@example",
    "a b@example.org",
    "Ann <ann@example.org>",
    '"Ann" <ann@example.org>',
    "ann@example.org, bob@example.org",
    "ann@example.org\r\nBcc: bob@example.org",
    "ann@example.org%0d%0aBcc:bob@example.org",
    "ann@exa\nmple.org",
    "ann@[127.0.0.1]",
    "ann@example..org",
    '"ann"@example.org',
    "änn@example.org",
    "ann@" + "a" * 300 + ".org",
    "x" * 10_000 + "@example.org",
    "<script>alert(1)</script>@example.org",
    "ann@example.org\x00",
    "ann@ex\u202eample.org",
]


async def test_a_bad_address_is_refused_politely(world: World) -> None:
    for address in ADDRESSES:
        world.forget_visitors()
        for form in ("/subscribe", "/preferences"):
            reply = await world.client.post(form, data={"address": address})
            assert reply.status_code == 422, address
            assert "name@example.org" in reply.text
            assert "<script>alert" not in reply.text
    assert world.stores.subscribers.counts() == {}
    assert await world.letters() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  ann@example.org ", "ann@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@EXAMPLE.org", "ann@example.org"),
        ("ann+digest@example.org", "ann+digest@example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
async def test_unusual_addresses_are_taken(world: World, typed: str, kept: str) -> None:
    assert (await world.client.post("/subscribe", data={"address": typed})).status_code == 303
    (mail,) = await world.letters()
    assert mail["to"] == kept


async def test_a_forged_link_is_said_to_be_none_of_ours(world: World) -> None:
    world.person("confirmed")
    before = world.dump()
    for token in ("x", "a.b.c", "..%2f..", "%00", "A" * 300, "WzEsMV0.aaaaaa.bbbb"):
        world.forget_visitors()
        for purpose in ("confirm", "unsubscribe", "preferences", "delete"):
            for method in ("GET", "POST"):
                assert (await world.client.request(method, f"/{purpose}/{token}")).status_code == 404, token
    assert world.dump() == before


async def test_a_link_serves_its_purpose_alone(any_world: World) -> None:
    pending, confirmed = any_world.person("pending"), any_world.person("confirmed")
    before = any_world.dump()
    for made in ("confirm", "unsubscribe", "preferences"):
        for person in (pending, confirmed):
            token = any_world.link(made, person).rpartition("/")[2]
            for used in {"confirm", "unsubscribe", "preferences", "export", "delete"} - {made}:
                if made == "preferences" and used in {"export", "delete"}:
                    continue
                assert (await any_world.client.post(f"/{used}/{token}")).status_code in {404, 405}
    assert any_world.dump() == before


@pytest.mark.parametrize("purpose", ["confirm", "preferences"])
async def test_an_expired_link_says_so(world: World, purpose: str) -> None:
    person = world.person("pending")
    age = MAX_AGE_S[purpose]  # type: ignore[index]
    assert age is not None
    token = _made_ago(purpose, person.id, age + 60)
    for method in ("GET", "POST"):
        reply = await world.client.request(method, f"/{purpose}/{token}")
        assert reply.status_code == 410
        assert "has expired" in reply.text
    assert world.now(person).state == "pending"


async def test_an_old_mail_still_unsubscribes(world: World) -> None:
    person = world.person("confirmed")
    token = _made_ago("unsubscribe", person.id, 10 * 365 * 86400)
    assert (await world.client.post(f"/unsubscribe/{token}")).status_code == 200
    assert world.now(person).state == "unsubscribed"


def _made_ago(purpose: str, subscriber_id: int, seconds: int) -> str:
    class Old(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - seconds

    signer = Old([SECRET.encode()], salt=f"digest {purpose}", digest_method=hashlib.sha256)
    return signer.sign(f"{subscriber_id}-1").decode()


async def test_a_used_confirmation_does_not_undo_leaving(world: World) -> None:
    person = world.person("pending")
    confirm, leave = world.link("confirm", person), world.link("unsubscribe", person)
    await world.client.post(confirm)
    assert (await world.client.post(confirm)).status_code == 303  # twice is once
    await world.client.post(leave)
    for method in ("GET", "POST"):
        assert (await world.client.request(method, confirm)).status_code == 410
    assert world.now(person).state == "unsubscribed"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://digest.example.org.evil.example"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "https://digest.example.org"}, 303),
        ({}, 303),
    ],
)
async def test_forms_of_other_sites_are_refused(world: World, headers: dict[str, str], status: int) -> None:
    person = world.person("pending")
    for path, data in (("/subscribe", {"address": "ann@example.org"}), (world.link("confirm", person), {})):
        reply = await world.client.post(path, data=data, headers=headers)
        assert reply.status_code == status
    assert world.now(person).state == ("confirmed" if status == 303 else "pending")


async def test_too_much_is_refused_before_it_is_read(world: World) -> None:
    for path in ("/subscribe", world.link("unsubscribe", world.person("confirmed"))):
        assert (await world.client.post(path, content="x" * 20_000)).status_code == 413
        assert (await world.client.post(path, content=_endless())).status_code == 413
        assert (await world.client.post(path, headers={"content-length": "many"}, content=b"")).status_code == 413
    assert (await world.client.post("/subscribe", data={f"f{i}": "x" for i in range(100)})).status_code == 400
    assert world.stores.subscribers.counts() == {"confirmed": 1}


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(40):
        yield b"x" * 1000


async def test_a_visitor_who_asks_for_many_addresses_is_slowed(world: World) -> None:
    replies = [await world.client.post("/subscribe", data={"address": f"a{i}@example.org"}) for i in range(12)]
    assert [reply.status_code for reply in replies] == [303] * 10 + [429] * 2
    assert int(replies[-1].headers["retry-after"]) >= 1
    assert len(await world.letters()) == 10


async def test_a_proxy_tells_visitors_apart_and_nobody_else_does(world: World) -> None:
    async def asks(peer: str, forwarded: str) -> list[int]:
        transport = httpx.ASGITransport(world.client._transport.app, client=(peer, 1))  # type: ignore[attr-defined]
        async with httpx.AsyncClient(transport=transport, base_url="https://digest.example.org") as client:
            headers = {"x-forwarded-for": forwarded} if forwarded else {}
            return [
                (await client.post("/subscribe", data={"address": "ann@example.org"}, headers=headers)).status_code
                for _ in range(10)
            ]

    assert 429 not in await asks("10.0.0.1", "203.0.113.1")
    assert 429 not in await asks("10.0.0.1", "203.0.113.2")
    assert 429 in await asks("10.0.0.1", "198.51.100.9, 203.0.113.1"), "only what the proxy added counts"
    assert 429 not in await asks("192.0.2.7", "203.0.113.77")
    assert 429 in await asks("192.0.2.7", "203.0.113.78"), "a visitor's own word about itself counts for nothing"


async def test_trying_links_out_is_slowed_while_good_ones_work(world: World) -> None:
    codes = [(await world.client.post(f"/unsubscribe/{i}")).status_code for i in range(40)]
    assert codes[0] == 404
    assert codes[-1] == 429
    person = world.person("confirmed")
    assert (await world.client.post(world.link("unsubscribe", person))).status_code == 200


async def test_all_letters_together_are_limited(world: World) -> None:
    world.site.limits.letters._full_at[""] = world.site.limits.letters._clock() + 1e9
    reply = await world.client.post("/subscribe", data={"address": "ann@example.org"})
    assert reply.status_code == 503
    assert world.stores.subscribers.counts() == {}


@given(
    burst=st.integers(1, 20),
    every_s=st.floats(0.01, 100),
    steps=st.lists(st.floats(0, 50), max_size=80),
)
def test_a_bucket_never_gives_more_than_its_rate(burst: int, every_s: float, steps: list[float]) -> None:
    now = 0.0
    buckets = Buckets(Rate(burst, every_s), lambda: now)
    taken = 0
    for step in steps:
        now += step
        wait_s = buckets.wait_s("x")
        assert wait_s >= 0
        taken += wait_s == 0
    assert taken <= burst + now / every_s + 1e-6
    now += every_s * 1.0001
    assert buckets.wait_s("x") == 0


@given(st.lists(st.text(max_size=5), max_size=300))
def test_buckets_are_bounded(keys: list[str]) -> None:
    buckets = Buckets(Rate(2, 10), lambda: 0.0, kept=50)
    for key in keys:
        buckets.wait_s(key)
    assert len(buckets) <= 50


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("x", "unknown"),
    ],
)
def test_a_visitor_is_an_address_or_a_network(address: str, key: str) -> None:
    assert client_key(address) == key


async def test_a_store_that_is_gone_is_said_and_heals(world: World, tmp_path: Path) -> None:
    person = world.person("confirmed")
    file = Path(str(world.stores.engine.url.database))
    world.stores.engine.dispose()
    aside = file.rename(tmp_path / "aside.db")  # noqa: ASYNC240 - a rename waits for nothing
    paths = ["/", world.link("preferences", person), world.link("unsubscribe", person)]
    for path in paths:
        reply = await world.client.get(path)
        assert reply.status_code == 503
        assert "try again" in reply.text
    reply = await world.client.post("/subscribe", data={"address": "ann@example.org"})
    assert reply.status_code == 503
    assert (await world.client.get("/healthz")).status_code == 503
    aside.rename(file)
    assert {(await world.client.get(path)).status_code for path in paths} == {200}
    assert (await world.client.get("/healthz")).json()["ok"] is True


async def test_the_loop_does_not_wait_for_the_store(world: World) -> None:
    """While a writer holds the store, pages that need no store are answered."""
    with world.stores.engine.connect() as conn:
        conn.execution_options(sqlite_begin="IMMEDIATE").execute(sa.text("SELECT 1"))
        slow = asyncio.create_task(world.client.post("/subscribe", data={"address": "ann@example.org"}))
        await asyncio.sleep(0.05)
        assert (await world.client.get("/privacy")).status_code == 200
        assert not slow.done()
        conn.rollback()
    assert (await slow).status_code == 303


def test_the_dns_may_be_asked() -> None:
    class Recorded(dns.resolver.Resolver):
        def __init__(self, error: Exception) -> None:
            super().__init__(configure=False)
            self.error = error

        def resolve(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]  # noqa: ARG002
            raise self.error

    with pytest.raises(BadInput, match="takes no mail"):
        check_domain("nothing.example.org", Recorded(dns.resolver.NXDOMAIN()))  # type: ignore[no-untyped-call]
    check_domain("slow.example.org", Recorded(dns.resolver.NoNameservers()))  # type: ignore[no-untyped-call]


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_said_not_to_be(text: str) -> None:
    try:
        found = read_address(text)
    except BadInput:
        return
    assert found.address.isascii()
    assert found.address.isprintable()


def test_every_bad_setting_is_said_at_once() -> None:
    bad = {
        **ENV,
        "DIGEST_WEB_PORT": "99999",
        "DIGEST_WEB_PROXIES": "everybody",
        "DIGEST_WEB_CHECK_DNS": "yes",
        "DIGEST_WEB_LETTERS": "0",
        "DIGEST_WEB_HOST": "a b",
        "DIGEST_WEB_METRICS": "1.2.3.4.5",
        "DIGEST_PUBLIC_URL": "http://digest.example.org",
    }
    with pytest.raises(BadInput) as caught:
        Settings.from_env(bad)
    assert all(name in caught.value.message for name in bad if name not in {"DIGEST_FROM", "DIGEST_SECRET"})


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "https://digest.example.org/x"])
def test_addresses_to_try_out_are_taken(url: str) -> None:
    assert Settings.from_env({"DIGEST_PUBLIC_URL": url}).public_url == url
