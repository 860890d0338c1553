"""Letters: tried again, given up, never lost without a word; what stands in them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from digest.errors import MailerError
from digest.letters import WAITING_MAX, Post
from digest.mailer import Envelope, Line, Outcome
from digest.subscribers import Letter, LetterKind
from tests.digest.web.conftest import World, links_in

ACCEPTED = Outcome(kind="accepted", code=250, text="ok")
LATER = Outcome(kind="later", code=451, text="try ann@example.org later")
REFUSED = Outcome(kind="refused", code=550, text="no such user")
UNREACHABLE = MailerError("The mail server cannot be reached.")


class ScriptedMailer:
    """A way out that answers as told: the real ones are tested elsewhere, their moods cannot be ordered."""

    lines = 1

    def __init__(self, *script: Outcome | MailerError) -> None:
        self.script: Iterator[Outcome | MailerError] = iter(script)
        self.sent: list[tuple[Envelope, bytes]] = []

    async def open(self) -> Line:
        answer = next(self.script)
        if isinstance(answer, MailerError):
            raise answer
        return _ScriptedLine(self, answer)


class _ScriptedLine:
    usable = True

    def __init__(self, mailer: ScriptedMailer, answer: Outcome) -> None:
        self._mailer, self._answer = mailer, answer

    async def send(self, envelope: Envelope, mail: bytes) -> Outcome:
        self._mailer.sent.append((envelope, mail))
        return self._answer

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("script", "outcome", "n_tries"),
    [
        ([ACCEPTED], "accepted", 1),
        ([LATER, UNREACHABLE, ACCEPTED], "accepted", 2),
        ([REFUSED], "refused", 1),
        ([LATER, LATER, LATER], "failed", 3),
        ([UNREACHABLE] * 3, "failed", 0),
        ([Outcome(kind="unknown", text="lost")], "accepted", 1),
    ],
)
async def test_a_letter_is_tried_until_it_is_settled(
    world: World,
    caplog: pytest.LogCaptureFixture,
    script: list[Outcome | MailerError],
    outcome: str,
    n_tries: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    mailer = ScriptedMailer(*script)
    post = Post(world.site.post._maker, mailer, now=world.clock, retry_after_s=(0.0, 0.0))
    post.start()
    post.put(Letter("confirm", world.person("pending", "ann")))
    await post.settle()
    await post.close()
    assert post.counts == {("confirm", outcome): 1}
    assert len(mailer.sent) == n_tries
    assert len({envelope.message_id for envelope, _ in mailer.sent}) <= 1, "a letter tried again is the same letter"
    assert "ann@example.org" not in caplog.text


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
