"""Sending from the command line: approve, send, send-test, the states between, with the folder as the way out."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.__main__ import main
from digest.tokens import Tokens
from knowledge.content_loader import load_content
from knowledge.store.stores import Stores, open_stores
from knowledge.store.subscriber_rows import SavedRig
from knowledge.store.sync import sync

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"
MONTH = "2026-04"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's empty data folder, with settings."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = {"RUNLOCALAI_DATA": str(tmp_path), "DIGEST_FROM": "RUNLOCALAI <d@example.org>", "DIGEST_SECRET": SECRET}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def stores(home: Path) -> Iterator[Stores]:
    """A store there with an issue and two readers, one of them with a machine."""
    made = open_stores(f"sqlite:///{home / 'runlocalai.db'}")
    sync(made.engine, load_content())
    assert main(["preview", "--month", MONTH]) == 0
    rows = [
        {"address": f"{name}@example.net", "address_key": f"{name}@example.net", "domain": "example.net", "rig": rig}
        for name, rig in (("ann", SavedRig(name="RTX 3060 12GB")), ("bob", None))
    ]
    made.subscribers.add_many(rows, now=NOW)
    yield made
    made.close()


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


def test_an_issue_goes_its_whole_way(stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = ["--month", MONTH, "--json"]
    stores.subscribers.save_choices(2, language="en", sections=["models"], rig=None, paused_until=None, now=NOW)
    assert main(["send", *month]) == 2
    assert main(["approve", *month]) == 0
    assert said(capsys)["n_deliveries"] == 2
    assert main(["send", *month, "--pause"]) == 0
    assert main(["send", *month]) == 1
    assert said(capsys)["state"] == "paused"
    assert main(["send", *month, "--resume"]) == 0
    assert main(["send", *month]) == 0
    assert said(capsys)["counts"] == {"accepted": 2}
    mails = {
        str(mail["To"]): mail
        for mail in (
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in (tmp_path / "outbox").glob("*.eml")
        )
    }
    assert set(mails) == {"ann@example.net", "bob@example.net"}
    bodies = {to: str(mail.get_body(("html",)).get_content()) for to, mail in mails.items()}  # type: ignore[union-attr]
    assert "On your RTX 3060 12GB" in bodies["ann@example.net"]
    assert "On your" not in bodies["bob@example.net"]
    headings = {to: body.count("<h2") for to, body in bodies.items()}
    assert headings["bob@example.net"] == 1 < headings["ann@example.net"]  # he chose one section
    for to, body in bodies.items():
        assert ".invalid" not in body
        token = str(mails[to]["List-Unsubscribe"]).rpartition("/")[2].rstrip(">")
        found = Tokens([SECRET]).read("unsubscribe", token)
        owner = stores.subscribers.by_id(found.subscriber_id)
        assert owner is not None
        assert owner.address == to
        assert body.count(token) == 1
    assert main(["send", *month]) == 0  # again, and nothing happens
    assert len(list((tmp_path / "outbox").iterdir())) == 2


def test_one_mail_to_try(stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "test.eml"
    asked = [
        "send-test",
        "--month",
        MONTH,
        "--to",
        "me@example.org",
        "--rig",
        "RTX 3090",
        "--file",
        str(file),
        "--json",
    ]
    assert main(asked) == 0
    assert said(capsys)["outcome"] == "accepted"
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert str(mail["Subject"]).startswith("[Test] ")
    assert "unsubscribe/" not in str(mail["List-Unsubscribe"])
    assert stores.runs.run(MONTH) is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["approve", "--month", "2025-01"],
        ["approve", "--month", MONTH, "--at", "soon"],
        ["send", "--month", "2025-01"],
        ["send-test", "--month", MONTH, "--to", "Ann <ann@example.org>"],
        ["send-test", "--month", MONTH, "--to", "a" * 10_000 + "@example.org"],
        ["send-test", "--month", "2025-01", "--to", "ann@example.org"],
    ],
)
def test_bad_input_is_one_clear_line(arguments: list[str], stores: Stores, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"]
    assert len(error["message"]) < 300


def test_addresses_as_people_type_them() -> None:
    from digest.addresses import read_address

    found = read_address("  Ann.Lee@Exämple.ORG ")
    assert (found.address, found.key, found.domain) == (
        "Ann.Lee@xn--exmple-cua.org",
        "ann.lee@xn--exmple-cua.org",
        "xn--exmple-cua.org",
    )
