"""Letters: tried again, given up, never lost without a word; what stands in them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import dkim  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from digest.dkim import DkimKey
from digest.letters import WAITING_MAX, LetterMaker, Post
from digest.mail_settings import SmtpServer
from digest.outgoing import identity_of
from digest.smtp import SmtpMailer
from digest.subscribers import Letter, LetterKind
from tests.digest.web.conftest import PUBLIC_URL, World, links_in
from tests.fakes.smtp_sink import DROP, smtp_sink

LATER, REFUSED = b"451 4.2.0 ann@example.org: try again\r\n", b"550 5.1.1 ann@example.org: no such user\r\n"
KEYS = (DkimKey("s1", generate_private_key(public_exponent=65537, key_size=2048)),)


def _post(world: World, port: int, maker: LetterMaker | None = None) -> Post:
    server = SmtpServer(host="127.0.0.1", port=port, security="none", timeout_s=5)
    return Post(maker or world.site.post._maker, SmtpMailer(server), now=world.clock, retry_after_s=(0.0, 0.0))


@pytest.mark.parametrize(
    ("command", "replies", "outcome", "n_tries"),
    [
        ("RCPT", [], "accepted", 1),
        ("RCPT", [LATER, LATER], "accepted", 3),
        ("RCPT", [REFUSED], "refused", 1),
        ("RCPT", [LATER] * 9, "failed", 3),
        ("MAIL", [DROP], "accepted", 2),
        ("GREETING", [DROP] * 9, "failed", 0),
        ("BODY", [DROP], "accepted", 1),
    ],
)
async def test_a_letter_is_tried_until_it_is_settled(
    world: World, caplog: pytest.LogCaptureFixture, command: str, replies: list[bytes], outcome: str, n_tries: int
) -> None:
    caplog.set_level(logging.DEBUG)
    left, tries = iter(replies), 0

    def answer(said: str, _to: str, _n: int) -> bytes | None:
        nonlocal tries
        tries += said == "MAIL"
        return next(left, None) if said == command else None

    async with smtp_sink(answer, keep=True) as sink:
        post = _post(world, sink.port)
        post.start()
        post.put(Letter("confirm", world.person("pending", "ann")))
        await post.settle()
        await post.close()
        assert post.counts == {("confirm", outcome): 1}
        assert tries == n_tries
        assert len(sink.accepted) == (outcome == "accepted" and command != "BODY")
    assert "ann@example.org" not in caplog.text


async def test_a_server_that_is_not_there_is_given_up_on(world: World) -> None:
    async with smtp_sink() as sink:
        port = sink.port
    post = _post(world, port)
    post.start()
    post.put(Letter("confirm", world.person("pending")))
    await post.settle()
    await post.close()
    assert post.counts == {("confirm", "failed"): 1}


async def test_a_letter_is_signed_like_every_mail(world: World) -> None:
    identity = replace(identity_of(world.site.settings), dkim_keys=KEYS)
    maker = LetterMaker(identity, world.site.links, PUBLIC_URL, "bounces@example.org")
    async with smtp_sink(keep=True) as sink:
        post = _post(world, sink.port, maker)
        post.start()
        post.put(Letter("welcome", world.person("confirmed", "ann")))
        await post.settle()
        await post.close()
        (mail,) = sink.mails
        assert sink.senders == ["bounces@example.org"]
    record = KEYS[0].record().encode()
    assert dkim.verify(mail, dnsfunc=lambda _name, timeout=5: record)  # noqa: ARG005 - dkimpy names it
    assert not dkim.verify(mail.replace(b"/unsubscribe/", b"/unsubscribE/"), dnsfunc=lambda _n, timeout=5: record)  # noqa: ARG005


@pytest.mark.parametrize("kind", ["confirm", "welcome", "link"])
async def test_a_letter_says_the_same_in_both_its_forms(world: World, kind: LetterKind) -> None:
    world.site.post.put(Letter(kind, world.person("confirmed", "ann")))
    (mail,) = await world.letters()
    html = mail.get_body(("html",))
    assert html is not None
    content = html.get_content()
    for path in links_in(mail).values():
        assert path in content
    assert "<script" not in content
    assert "<img" not in content
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "RUNLOCALAI <digest@example.org>"
    assert (mail["List-Unsubscribe"] is not None) == (kind == "welcome")


async def test_a_full_line_turns_askers_away_instead_of_losing_letters(world: World) -> None:
    await world.site.post.close()
    letter = Letter("confirm", world.person("pending"))
    for _ in range(WAITING_MAX):
        world.site.post.put(letter)
    before = world.dump()
    reply = await world.client.post("/subscribe", data={"address": "ann@example.org"})
    assert reply.status_code == 503
    assert world.dump() == before
    world.site.post.put(letter)
    assert world.site.post.counts["confirm", "dropped"] == 1
    while world.site.post.n_waiting:
        world.site.post._waiting.get_nowait()
        world.site.post._waiting.task_done()


async def test_stopping_lets_letters_leave(world: World) -> None:
    for index in range(20):
        world.site.post.put(Letter("confirm", world.person("pending", f"ann{index}")))
    await world.site.post.close()
    assert len(await asyncio.to_thread(lambda: list(world.outbox.glob("*.eml")))) == 20
