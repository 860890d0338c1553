"""What answers mean: a table of real kinds of wording; retries end; a run that is refused as a whole is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mailer import Outcome, OutcomeKind, Stage
from digest.replies import RETRY_S, Refusals, judge, slow_down

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def outcome(code: int, text: str, stage: Stage = "rcpt") -> Outcome:
    kind: OutcomeKind = "accepted" if code < 300 else "later" if code < 500 else "refused"
    return Outcome(kind=kind, stage=stage, code=code, text=text)


@pytest.mark.parametrize(
    ("answer", "state", "suppress"),
    [
        (outcome(250, "2.0.0 Ok: queued", "body"), "accepted", False),
        (outcome(550, "5.1.1 <a@example.org>: Recipient address rejected: User unknown"), "hard", True),
        (outcome(550, "No such user here"), "hard", True),
        (outcome(550, "5.1.2 Host unknown"), "hard", True),
        (outcome(552, "5.2.2 Mailbox full, over quota"), "hard", False),
        (outcome(500, "5.3.0 Error: command failed"), "hard", False),
        (outcome(550, "5.7.1 Message rejected as spam content", "body"), "soft", False),
        (outcome(550, "5.7.26 unauthenticated email is not accepted, check SPF and DKIM"), "soft", False),
        (outcome(554, "5.7.1 Client host blocked using zen blocklist"), "soft", False),
        (outcome(552, "5.3.4 Message size exceeds fixed limit", "mail"), "soft", False),
        (outcome(450, "4.2.0 Greylisted, please try again later"), "pending", False),
        (outcome(421, "4.7.0 Try again later", "mail"), "pending", False),
        (Outcome(kind="unknown", text="the connection was lost"), "pending", False),
        (Outcome(kind="later", stage="connect", text="lost"), "pending", False),
    ],
)
def test_answers(answer: Outcome, state: str, *, suppress: bool) -> None:
    result = judge(7, 0, answer, now=NOW, jitter=0.5)
    assert (result.state, result.suppress) == (state, suppress)
    assert (result.due_at is not None) == (state == "pending")


@given(st.integers(0, 50), st.floats(0, 1))
def test_tries_come_ever_later_and_end(attempts: int, jitter: float) -> None:
    result = judge(7, attempts, outcome(450, "4.2.0 Greylisted"), now=NOW, jitter=jitter)
    assert result.attempts == attempts + 1
    if attempts >= len(RETRY_S):
        assert result.state == "soft"
    else:
        assert result.due_at is not None
        wait = result.due_at - NOW
        assert timedelta(seconds=RETRY_S[attempts]) <= wait <= timedelta(seconds=1.25 * RETRY_S[attempts])


def test_the_same_refusal_again_and_again_stops_the_run() -> None:
    refusals = Refusals(limit=5)
    for at in range(4):
        text = f"5.7.1 <reader{at}@example{at}.org>: rejected by policy, id 7f{at}3a https://example.org/{at}"
        assert not refusals.note(at, outcome(550, text))
    assert refusals.note(4, outcome(550, "5.7.1 <x@y.org>: rejected by policy, id 1 https://example.org/?9"))
    assert refusals.subscriber_ids == [0, 1, 2, 3, 4]


def test_one_accepted_or_one_other_refusal_begins_anew() -> None:
    refusals = Refusals(limit=3)
    no = outcome(550, "5.7.1 rejected by policy")
    for answer in (no, no, outcome(250, "Ok", "body"), no, no, outcome(550, "5.1.1 User unknown"), no, no):
        assert not refusals.note(1, answer)
    assert not refusals.tripped
    assert refusals.note(1, no)


def test_refusals_for_now_do_not_count() -> None:
    refusals = Refusals(limit=2)
    assert not any(refusals.note(at, outcome(451, "4.7.1 later")) for at in range(10))


def test_a_server_that_asks_for_less_is_heard() -> None:
    assert slow_down(outcome(421, "4.7.0 Too many connections from your host", "mail"))
    assert slow_down(outcome(450, "4.7.1 sending rate limit exceeded, too fast"))
    assert not slow_down(outcome(450, "4.2.0 Greylisted, try again"))
    assert not slow_down(outcome(550, "5.7.1 too many connections"))
