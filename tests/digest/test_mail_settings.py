"""Settings of sending: each checked at start, all that is wrong told at once, no secret ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.mailer import FolderMailer
from digest.outgoing import identity_of, mailer_of
from digest.settings import Settings
from digest.smtp import SmtpMailer
from knowledge.errors import BadInput
from knowledge.store.delivery_rows import Lane

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"
GOOD = {
    "DIGEST_FROM": "RUNLOCALAI <digest@example.org>",
    "DIGEST_SECRET": f"{SECRET},{SECRET}x",
    "SMTP_HOST": "smtp.example.org",
    "SMTP_USER": "me",
    "SMTP_PASSWORD": "hunter2 hunter2",
}


def read(**changes: str) -> Settings:
    return Settings.from_env(GOOD | changes)


def test_good_settings() -> None:
    mail = read(
        DIGEST_SEND_LIMIT="10000/3600", DIGEST_DOMAIN_LIMITS="Gmail.com+googlemail.com=600/60:4, yahoo.com=9/1"
    ).mail
    assert mail.server is not None
    assert (mail.server.port, mail.server.security, mail.server.connections) == (587, "starttls", 10)
    assert (mail.from_name, mail.from_address, mail.bounces) == ("RUNLOCALAI", *["digest@example.org"] * 2)
    assert mail.dkim_domain == "example.org"
    assert mail.lanes == (
        Lane(name="gmail.com", domains=("gmail.com", "googlemail.com"), limit=600, window_s=60, at_once=4),
        Lane(name="yahoo.com", domains=("yahoo.com",), limit=9, window_s=1),
        Lane(name="*", limit=10000, window_s=3600),
    )
    assert read(SMTP_SECURITY="tls").mail.server.port == 465  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGEST_FROM", "nobody"),
        ("DIGEST_FROM", "A <a@b.org>\r\nBcc: c@d.org"),
        ("DIGEST_FROM", "A\x00 <a@b.org>"),
        ("DIGEST_REPLY_TO", "A <a@b.org>"),
        ("DIGEST_BOUNCES", "a b@c.org"),
        ("DIGEST_SECRET", "short"),
        ("DIGEST_SECRET", "a" * 40),
        ("DIGEST_DKIM_KEYS", "s1"),
        ("DIGEST_DKIM_KEYS", "s1=/absent/key.pem"),
        ("DIGEST_DKIM_DOMAIN", "not a host"),
        ("DIGEST_SEND_LIMIT", "10 a second"),
        ("DIGEST_SEND_LIMIT", "0/60"),
        ("DIGEST_DOMAIN_LIMITS", "gmail.com"),
        ("DIGEST_DOMAIN_LIMITS", "a.org=1/1,a.org=2/1"),
        ("DIGEST_LEASE_S", "0"),
        ("DIGEST_PUBLIC_URL", "http://example.org"),
        ("SMTP_HOST", "two words"),
        ("SMTP_PORT", "99999"),
        ("SMTP_SECURITY", "ssl3"),
        ("SMTP_SECURITY", "none"),
        ("SMTP_CONNECTIONS", "1000"),
        ("SMTP_CA_FILE", "/absent.pem"),
        ("SMTP_USER", ""),
    ],
)
def test_each_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(**{name: value})
    assert name in refused.value.subject
    assert refused.value.hint


def test_all_bad_values_are_told_at_once_and_no_secret_with_them() -> None:
    with pytest.raises(BadInput) as refused:
        read(SMTP_PORT="x", DIGEST_SECRET="hunter2", DIGEST_FROM="?", DIGEST_COLLECT_EVERY_H="often", SMTP_USER="")
    for name in ("SMTP_PORT", "DIGEST_SECRET", "DIGEST_FROM", "DIGEST_COLLECT_EVERY_H", "SMTP_USER"):
        assert name in refused.value.subject
        assert name in refused.value.message
    first, *rest = refused.value.message.splitlines()
    assert first == "5 settings cannot be used."
    assert "SMTP_PORT is not a number from 1 to 65535. Give a port." in [line.strip() for line in rest]
    assert "hunter2" not in f"{refused.value!r} {refused.value} {refused.value.hint}"


def test_no_representation_has_a_secret() -> None:
    shown = repr(read())
    assert SECRET not in shown
    assert "hunter2" not in shown


def test_what_sending_needs_is_asked_for_when_it_is_needed(tmp_path: Path) -> None:
    nothing = Settings.from_env({})
    assert isinstance(mailer_of(nothing, tmp_path), FolderMailer)
    assert isinstance(mailer_of(read(), tmp_path), SmtpMailer)
    with pytest.raises(BadInput) as refused:
        identity_of(nothing)
    assert refused.value.subject == "DIGEST_FROM, DIGEST_SECRET"
