"""Composed mails: every header right, nothing can be injected, splicing keeps the encoding, both signatures verify."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import dkim  # type: ignore[import-untyped]
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from digest.dkim import DkimKey, load_key
from digest.errors import HeaderError
from digest.headers import address_value, plain_value, text_value
from digest.message import Identity, MailTemplate, Reader, dot_free, encoded
from digest.placeholders import PREFERENCES, RIG_HTML, RIG_TEXT, UNSUBSCRIBE, for_everybody, for_sections
from knowledge.errors import BadInput
from tests.conftest import ROOT, skip_or_fail

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
RSA = DkimKey("s1", generate_private_key(public_exponent=65537, key_size=2048))
ED = DkimKey("s2", Ed25519PrivateKey.generate())
IDENTITY = Identity(
    from_address="digest@example.org",
    from_name="RUNLOCALAI",
    list_id="digest.example.org",
    archive_url="https://example.org/digest",
    domain="example.org",
    dkim_keys=(RSA, ED),
)
HTML = (
    f"<p>Grüße = 100 %</p>\n{RIG_HTML}\n<p>.</p>\n.\nFrom here\n"
    f"<a href='{UNSUBSCRIBE}'>no</a> <a href='{PREFERENCES}'>p</a>"
)
TEXT = f"Grüße   \n\n{RIG_TEXT}\n\n.dot\n.\nUnsubscribe:  {UNSUBSCRIBE}\nPreferences: {PREFERENCES}\n"
READER = Reader(
    address="ann@example.net",
    message_id="abc.2026-04@example.org",
    unsubscribe_url="https://example.org/unsubscribe/abc.DEF-1_2",
    preferences_url="https://example.org/preferences/abc?x=1=2",
    rig_html=encoded("<h2>Ihr Rechner: 12 GiB – läuft</h2>\n"),
    rig_text=encoded("IHR RECHNER\nläuft\n"),
)


def template(subject: str = "Local AI in April", text: str = TEXT) -> MailTemplate:
    return MailTemplate(subject=subject, html=HTML, text=text, feedback="2026-04:digest", identity=IDENTITY)


def parsed(mail: bytes) -> EmailMessage:
    return email.message_from_bytes(mail, policy=email.policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_headers_are_what_mail_programs_and_providers_look_for() -> None:
    mail = parsed(template().compose(READER, now=NOW))
    found = {name: str(value) for name, value in mail.items() if name != "DKIM-Signature"}
    assert found.pop("Content-Type").startswith("multipart/alternative; boundary=")
    assert found == {
        "From": "RUNLOCALAI <digest@example.org>",
        "Reply-To": "digest@example.org",
        "Subject": "Local AI in April",
        "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated",
        "List-Id": "<digest.example.org>",
        "List-Archive": "<https://example.org/digest>",
        "List-Unsubscribe": "<https://example.org/unsubscribe/abc.DEF-1_2>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
        "Feedback-ID": "2026-04:digest",
        "To": "ann@example.net",
        "Date": "Mon, 04 May 2026 09:00:00 +0000",
        "Message-ID": "<abc.2026-04@example.org>",
    }
    assert not mail.defects


def test_parts_are_spliced_in_and_come_out_as_written() -> None:
    mail = parsed(template().compose(READER, now=NOW))
    html, text = part(mail, "html"), part(mail, "plain")
    own = "<h2>Ihr Rechner: 12 GiB – läuft</h2>\n"
    assert html == (
        HTML.replace(RIG_HTML, own)
        .replace(UNSUBSCRIBE, READER.unsubscribe_url)
        .replace(PREFERENCES, READER.preferences_url)
    )
    assert text.replace("   \n", "\n") == (
        TEXT.replace("   \n", "\n")
        .replace(RIG_TEXT, "IHR RECHNER\nläuft\n")
        .replace(UNSUBSCRIBE, READER.unsubscribe_url)
        .replace(PREFERENCES, READER.preferences_url)
    )


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=400),
    st.text(alphabet="abc=?/.:-_", max_size=200),
)
def test_any_text_survives_splicing(words: str, tail: str) -> None:
    body = f"{words}{UNSUBSCRIBE}{words}{RIG_TEXT}{words}\n"
    reader = replace(READER, unsubscribe_url=f"https://e.org/{tail}", rig_text=encoded(words))
    made = template(text=body)
    mail = made.compose(reader, now=NOW)
    if made.dot_free and dot_free(reader.rig_text):
        assert b"\r\n." not in mail
    assert all(len(line) <= 76 for line in mail.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert b"\n" not in mail.replace(b"\r\n", b"")
    raw = parsed(mail).get_body(("plain",))
    assert raw is not None
    payload = raw.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == f"{words}https://e.org/{tail}{words}{words}{words}\n"


@given(
    st.text(max_size=120), st.sampled_from(["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028", "\x7f"]), st.text()
)
def test_no_value_can_add_a_line(before: str, control: str, after: str) -> None:
    for make in (text_value, plain_value, address_value):
        with pytest.raises(HeaderError):
            make("Subject", before + control + after)


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300))
def test_any_subject_is_one_field_and_reads_as_written(subject: str) -> None:
    mail = parsed(template(subject=subject).compose(READER, now=NOW))
    assert " ".join(str(mail["Subject"]).split()) == " ".join(subject.split())
    assert mail["Message-ID"] == "<abc.2026-04@example.org>"
    assert len(mail.keys()) == len(set(mail.keys())) + 1  # two DKIM signatures, everything else once


@given(st.text(max_size=80))
def test_a_reader_address_is_an_address_or_refused(address: str) -> None:
    try:
        mail = template().compose(replace(READER, address=address), now=NOW)
    except HeaderError:
        return
    assert parsed(mail)["To"].addresses[0].addr_spec == address


def test_the_same_reader_twice_is_the_same_mail() -> None:
    assert template().compose(READER, now=NOW) == template().compose(READER, now=NOW)


def records() -> dict[str, str]:
    return {f"{key.selector}._domainkey.example.org": key.record() for key in (RSA, ED)}


class BadSignatureError(Exception):
    """The signature is not the key's."""


class VerifyKey:
    """What dkimpy asks of PyNaCl, which is no dependency of ours, answered by `cryptography`.

    All that a verifier can get wrong about a signature's form (fields, canonical form, hashes, tags) is dkimpy's own.
    """

    def __init__(self, key: bytes, encoder: object) -> None:
        assert encoder == "base64"
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

    def verify(self, message: bytes, signature: bytes) -> bytes:
        try:
            self._key.verify(signature, message)
        except InvalidSignature as error:
            raise BadSignatureError from error
        return message


@pytest.fixture
def ed25519_for_dkimpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dkimpy verify Ed25519 with a lent primitive where PyNaCl is not installed."""
    if not hasattr(dkim, "nacl"):
        lent = SimpleNamespace(
            signing=SimpleNamespace(VerifyKey=VerifyKey),
            encoding=SimpleNamespace(Base64Encoder="base64"),
            exceptions=SimpleNamespace(BadSignatureError=BadSignatureError, ValueError=ValueError),
        )
        monkeypatch.setattr(dkim, "nacl", lent, raising=False)


def verified_by_dkimpy(mail: bytes, idx: int = 0) -> bool:
    def txt(name: bytes, timeout: int = 5) -> bytes:
        return records()[name.decode().rstrip(".")].encode()

    try:
        return bool(dkim.DKIM(mail).verify(idx=idx, dnsfunc=txt))
    except dkim.ValidationError:
        return False


TAMPERED = [
    (b"Subject: Local", b"Subject: Loca1"),
    (b"unsubscribe/abc", b"unsubscribe/xyz"),
    (b"From: RUN", b"From: evil@example.com\r\nFrom: RUN"),
    (b"List-Unsubscribe: <", b"List-Unsubscribe: <https://evil.example>\r\nList-Unsubscribe: <"),
    (b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Evil"),
    (b"here\r\n", b"there\r\n"),
]


@pytest.mark.usefixtures("ed25519_for_dkimpy")
@pytest.mark.parametrize(("idx", "algorithm"), [(0, b"rsa-sha256"), (1, b"ed25519-sha256")])
def test_dkimpy_verifies_and_notices_every_change(idx: int, algorithm: bytes) -> None:
    mail = template().compose(READER, now=NOW)
    assert mail.split(b"DKIM-Signature:")[idx + 1].split(b"a=")[1].startswith(algorithm)
    assert verified_by_dkimpy(mail, idx)
    for old, new in TAMPERED:
        assert old in mail
        assert not verified_by_dkimpy(mail.replace(old, new, 1), idx), old


def test_mailauth_verifies_both_signatures_and_notices_changes() -> None:
    node = shutil.which("node")
    if node is None or not (ROOT / "tests/judges/node_modules/mailauth").is_dir():
        skip_or_fail("node or mailauth is not installed")
    mail = template(subject="Grüße aus dem April " * 6).compose(READER, now=NOW)
    wanted = [("rsa-sha256", "pass"), ("ed25519-sha256", "pass")]
    assert judged(mail) == wanted
    changed = mail.replace(b"unsubscribe/abc", b"unsubscribe/xyz", 1)
    assert [result for _, result in judged(changed)] == ["fail", "fail"]


def judged(mail: bytes) -> list[tuple[str, str]]:
    asked = json.dumps({"mail": base64.b64encode(mail).decode(), "records": records()})
    said = subprocess.run(
        ["node", "dkim.mjs"], input=asked, capture_output=True, text=True, check=True, cwd=ROOT / "tests/judges"
    )
    results = json.loads(said.stdout)["results"]
    for result in results:
        signed = {name.strip() for name in result["signed"].split(":")}
        assert {"From", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"} <= signed
    return [(result["algorithm"], result["result"]) for result in results]


def test_keys_are_loaded_or_refused_without_showing_them(tmp_path: Path) -> None:
    def written(key: object) -> Path:
        path = tmp_path / "key.pem"
        data = key.private_bytes(  # type: ignore[attr-defined]
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(data)
        return path

    assert load_key("s1", written(RSA.private)).record() == RSA.record()
    assert load_key("s2", written(ED.private)).record() == ED.record()
    with pytest.raises(BadInput, match="2048"):
        load_key("s1", written(generate_private_key(public_exponent=65537, key_size=1024)))  # noqa: S505 - it is to be refused
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(BadInput) as refused:
        load_key("s1", bad)
    assert "c2VjcmV0" not in f"{refused.value} {refused.value.hint} {refused.value.__cause__}"
    with pytest.raises(BadInput):
        load_key("s1", tmp_path / "absent.pem")
    with pytest.raises(BadInput):
        load_key("a b", bad)


def test_the_archive_shows_nobodys_parts() -> None:
    shown = for_everybody(HTML + TEXT, "https://example.org/subscribe")
    assert "invalid" not in shown
    assert "reader's machine" not in shown


def sectioned() -> tuple[str, str]:
    names = {"brief": "In brief", "tools": "Tools & talk", "corrections": "Corrections"}
    html = "".join(
        f"<!--section:{slug}|{title.replace('&', '&amp;')}-->\n<div>{slug}</div>\n<!--/section-->\n{RIG_HTML}"
        for slug, title in names.items()
    )
    parts = [f"{title.upper()}\n{'-' * len(title)}\nabout {slug}\n" for slug, title in names.items()]
    return html, f"intro\n\n{parts[0]}\n{RIG_TEXT}\n\n{parts[1]}\n{parts[2]}\nHOW\n---\nend\n"


@pytest.mark.parametrize("wanted", [None, (), ("tools",), ("brief",), ("brief", "tools")])
def test_a_reader_gets_the_sections_chosen(wanted: tuple[str, ...] | None) -> None:
    html, text = for_sections(*sectioned(), wanted)
    for slug in ("brief", "tools", "corrections"):
        there = wanted is None or slug in wanted or slug == "corrections"
        assert (f"<div>{slug}</div>" in html) == there
        assert (f"about {slug}" in text) == there
    assert "section:" not in html
    assert html.count(RIG_HTML) == 3
    assert RIG_TEXT in text
    assert text.startswith("intro\n")
    assert text.endswith("HOW\n---\nend\n")


def test_a_text_without_such_a_heading_stays_whole() -> None:
    html, _ = sectioned()
    assert for_sections(html, "TOOLS & TALK\nno heading\n", ())[1] == "TOOLS & TALK\nno heading\n"


def test_a_mail_without_dots_is_known_to_be_one() -> None:
    """Nobody then searches 80 kB for one; a line too long to encode its dot, or a foreign part, is told."""
    assert template(text="Plain\n.dots\n..are\n.\nencoded\n").dot_free
    assert b"\r\n." not in template(text=".a\n").compose(READER, now=NOW)
    long = replace(READER, unsubscribe_url="https://e.org/" + "." * 300)
    assert b"\r\n." not in template().compose(long, now=NOW)
    assert not template(text="." + "x" * 75 + "\n").dot_free
    assert dot_free(b"a\r\nb.") and not dot_free(b".a") and not dot_free(b"a\r\n.b")  # noqa: PT018 - one table
