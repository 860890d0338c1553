"""`python -m digest web` and `digest subscribers` as an operator has them: started, asked, stopped."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from digest.__main__ import main
from tests.digest.web.conftest import ENV

PERSON = "ann@example.org"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_the_pages_start_answer_and_let_letters_leave_when_stopped(tmp_path: Path) -> None:
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "web", "--port", str(port)),
        env={**ENV, "RUNLOCALAI_DATA": str(tmp_path), "PATH": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await _until_up(client)
            reply = await client.post("/subscribe", data={"address": PERSON})
            assert reply.status_code == 303
            assert "server" not in reply.headers
        process.send_signal(signal.SIGTERM)
        said = (await asyncio.wait_for(process.communicate(), 40))[0].decode()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode in {0, -signal.SIGTERM}
    assert len(list((tmp_path / "outbox").glob("confirm.*.eml"))) == 1
    for secret in (PERSON, ENV["DIGEST_SECRET"], "/subscribe"):
        assert secret not in said


async def _until_up(client: httpx.AsyncClient) -> None:
    for _ in range(300):
        try:
            if (await client.get("/healthz")).status_code == 200:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.2)
    pytest.fail("the pages did not come up")


async def test_a_port_that_is_taken_is_said_before_anything_is_promised(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "digest", "web", "--port", str(port)),
            env={**ENV, "RUNLOCALAI_DATA": str(tmp_path), "PATH": ""},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await asyncio.wait_for(process.communicate(), 40)
    assert (process.returncode, out) == (2, b"")
    assert f"127.0.0.1 port {port} cannot be listened on: Address already in use." in errors.decode()
    assert b"Traceback" not in errors


async def test_without_any_setting_they_can_be_tried_out(tmp_path: Path) -> None:
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "digest", "web", "--port", str(port), "--or-try"),
        env={"RUNLOCALAI_DATA": str(tmp_path), "PATH": ""},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await _until_up(client)
            assert (await client.post("/subscribe", data={"address": PERSON})).status_code == 303
            assert "strict-transport-security" not in (await client.get("/")).headers
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 40)
    (letter,) = (tmp_path / "outbox").glob("*.eml")
    assert f"http://127.0.0.1:{port}/confirm/" in letter.read_text()


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name, value in {**ENV, "RUNLOCALAI_DATA": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_pages_without_settings_say_which(
    env: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DIGEST_FROM")
    monkeypatch.delenv("DIGEST_SECRET")
    assert main(["web"]) == 2
    assert "DIGEST_FROM and DIGEST_SECRET" in capsys.readouterr().err


def _said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, list[dict[str, object]]]:
    code = main(["subscribers", *args, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_operator_does_all_by_hand(env: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "confirm", PERSON)[0] == 0
    (row,) = _said(capsys, "list", "--state", "confirmed")[1]
    assert row["address"] == PERSON
    (link,) = _said(capsys, "link", PERSON)[1]
    assert str(link["url"]).startswith("https://digest.example.org/preferences/")
    (export,) = _said(capsys, "export", PERSON)[1]
    assert set(export) == {"subscriber", "deliveries", "mail_events"}
    assert [_said(capsys, "unsubscribe", PERSON)[0] for _ in range(2)] == [0, 1]
    assert _said(capsys, "delete", PERSON)[0] == 0
    code, (error,) = _said(capsys, "export", PERSON)
    assert (code, error["ok"]) == (2, False)
    assert _said(capsys, "suppress", PERSON)[0] == 0
    assert _said(capsys, "confirm", PERSON)[0] == 1
    assert _said(capsys, "delete", PERSON)[0] == 1
    assert _said(capsys, "prune")[1] == [{"ok": True, "n_deleted": 0}]
    assert main(["subscribers", "list"]) == 0
    assert "suppressed" in capsys.readouterr().out


def test_an_import_needs_consent_and_takes_each_address_once(env: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = env / "list.csv"
    many = [f"a{i}@example.org,A {i}" for i in range(900)]
    file.write_text("\n".join(["email,name", PERSON, PERSON.upper(), "no address", '"bob@example.org";x', *many]))
    assert _said(capsys, "import", str(file))[0] == 2
    assert _said(capsys, "suppress", "bob@example.org")[0] == 0
    code, (told,) = _said(capsys, "import", str(file), "--consented")
    assert (code, told["added"], told["known"], told["bad"]) == (1, 901, 2, 1)
    code, (again,) = _said(capsys, "import", str(file), "--consented")
    assert (again["added"], again["known"]) == (0, 903)
    states = [row["state"] for row in _said(capsys, "list")[1]]
    assert (states.count("confirmed"), states.count("suppressed")) == (901, 1)
    assert _said(capsys, "import", str(env / "missing.csv"), "--consented")[0] == 2
