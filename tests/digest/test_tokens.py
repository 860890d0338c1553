"""Tokens: only ours are read, for their purpose, in their time; keys may change; return paths name their mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import TokenError
from digest.tokens import MAX_AGE_S, Claim, Links, Tokens, message_id

OLD, NEW = "old key of many characters 0123456789", "new key of many characters 9876543210"


@given(st.integers(1, 2**62), st.integers(1, 10**6), st.sampled_from(sorted(MAX_AGE_S)))
def test_what_is_made_is_read(subscriber_id: int, version: int, purpose: str) -> None:
    tokens = Tokens([NEW])
    token = tokens.make(purpose, subscriber_id, version)  # type: ignore[arg-type]
    assert tokens.read(purpose, token) == Claim(subscriber_id, version)  # type: ignore[arg-type]
    assert len(token) < 120
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_a_token_serves_one_purpose_only() -> None:
    tokens = Tokens([NEW])
    for made in MAX_AGE_S:
        for read in MAX_AGE_S:
            token = tokens.make(made, 7, 1)
            if made == read:
                assert tokens.read(read, token) == Claim(7, 1)
            else:
                with pytest.raises(TokenError):
                    tokens.read(read, token)


@given(st.text(max_size=300))
def test_anything_else_is_forged(text: str) -> None:
    with pytest.raises(TokenError) as refused:
        Tokens([NEW]).read("unsubscribe", text)
    assert refused.value.reason == "forged"


@given(st.integers(0, 60), st.characters(codec="ascii"))
def test_a_changed_token_is_forged(at: int, char: str) -> None:
    tokens = Tokens([NEW])
    token = tokens.make("preferences", 7, 1)
    changed = token[:at] + char + token[at + 1 :]
    if changed == token:
        return
    try:
        read = tokens.read("preferences", changed)
    except TokenError:
        return
    assert read == Claim(7, 1)  # the last character of base64 has bits that mean nothing


def test_time_runs_out_for_confirming_only(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens([NEW])
    made = {purpose: tokens.make(purpose, 7, 1) for purpose in MAX_AGE_S}
    from itsdangerous import TimestampSigner

    year = 365 * 24 * 3600
    now = TimestampSigner("x").get_timestamp()
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: now + year)
    with pytest.raises(TokenError) as refused:
        tokens.read("confirm", made["confirm"])
    assert refused.value.reason == "expired"
    assert tokens.read("unsubscribe", made["unsubscribe"]) == Claim(7, 1)


@pytest.mark.parametrize("behind_s", [1, 3600])
def test_a_clock_that_was_set_back_voids_no_link(monkeypatch: pytest.MonkeyPatch, behind_s: int) -> None:
    """Two machines whose clocks differ by a second serve one reader's confirmation and the page after it."""
    from itsdangerous import TimestampSigner

    tokens, now = Tokens([NEW]), TimestampSigner("x").get_timestamp()
    made = {purpose: tokens.make(purpose, 7, 1) for purpose in MAX_AGE_S}
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: now - behind_s)
    for purpose, token in made.items():
        assert tokens.read(purpose, token) == Claim(7, 1)


def test_keys_change_in_peace() -> None:
    before, both, after = Tokens([OLD]), Tokens([NEW, OLD]), Tokens([NEW])
    token, path = before.make("unsubscribe", 7, 2), before.return_path("b@example.org", "2026-04", 7)
    assert both.read("unsubscribe", token) == Claim(7, 2)
    assert both.read_return_path(path) == ("2026-04", 7)
    assert after.read("unsubscribe", both.make("unsubscribe", 7, 2)) == Claim(7, 2)
    with pytest.raises(TokenError):
        after.read("unsubscribe", token)
    assert after.read_return_path(path) is None


@given(st.integers(1, 2**62), st.dates().map(lambda day: f"20{day.year % 100:02d}-{day.month:02d}"))
def test_a_return_path_names_its_mail_in_any_case(subscriber_id: int, month: str) -> None:
    tokens = Tokens([NEW])
    path = tokens.return_path("bounces@example.org", month, subscriber_id)
    assert len(path.partition("@")[0]) <= 64
    for written in (path, path.upper(), path.lower()):
        assert tokens.read_return_path(written) == (month, subscriber_id)
    assert tokens.read_return_path(path.replace("+", "+1")) is None
    assert tokens.read_return_path("bounces@example.org") is None


def test_a_message_id_is_the_same_for_ever_and_another_for_everybody_else() -> None:
    key = "ab" * 32
    made = {message_id(key, "2026-04", sid, "example.org") for sid in range(1, 500)}
    assert len(made) == 499
    assert message_id(key, "2026-04", 7, "example.org") in made
    assert message_id(key, "2026-05", 7, "example.org") not in made
    assert message_id("cd" * 32, "2026-04", 7, "example.org") not in made


def test_links_lead_to_their_pages() -> None:
    tokens = Tokens([NEW])
    link = Links("https://example.org", tokens).to("confirm", 7, 1)
    assert link.startswith("https://example.org/confirm/")
    assert tokens.read("confirm", link.rpartition("/")[2]) == Claim(7, 1)
