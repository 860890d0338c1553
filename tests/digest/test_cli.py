"""The command line as a person or a program uses it: exit codes, JSON, one clear line for bad input."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from digest.__main__ import main
from knowledge.content_loader import load_content
from knowledge.store.db import engine, upgrade
from knowledge.store.sync import sync
from tests.digest.conftest import DATA
from tests.fakes.feed_server import Page, feed_server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that every command of the test uses."""
    monkeypatch.setenv("RUNLOCALAI_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_parse(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html></html>", encoding="utf-8")
    assert main(["parse", str(DATA / "atom_releases.xml"), "--json"]) == 0
    assert main(["parse", str(DATA / "atom_releases.xml"), str(page), "--json"]) == 1
    assert main(["parse", str(tmp_path / "absent.xml"), "--json"]) == 2
    first, again, html, absent = lines(capsys)
    assert first == again
    assert first["ok"] is True
    entries = first["entries"]
    assert isinstance(entries, list)
    assert [item["title"] for item in entries] == ["v1.2.0", "v1.1.9-rc1", "v1.0.0"]
    assert set(entries[0]) >= {"id", "title", "url", "published", "updated"}
    assert (html["ok"], html["error"]["code"]) == (False, "html")  # type: ignore[index]
    assert (absent["ok"], absent["error"]["code"]) == (False, "bad_input")  # type: ignore[index]


def listing(repo: str, published: str) -> dict[str, object]:
    row = {
        "source": "huggingface:Qwen",
        "kind": "model_listing",
        "url": f"https://huggingface.co/{repo}",
        "title": repo,
    }
    return row | {"published": published, "summary": "", "votes": None}


def test_rank(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [
        listing("Qwen/Qwen9-8B", "2026-04-02"),
        listing("Qwen/Old-1B", "2026-03-02"),
        {"source": "r/LocalLLaMA", "kind": "discussion", "url": "https://r.example.org/1", "title": "Qwen9 is out"}
        | {"published": "2026-04-03", "summary": "", "votes": 700},
    ]
    file = tmp_path / "entries.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert main(["rank", "--month", "2026-04", "--entries", str(file), "--json"]) == 0
    (answer,) = lines(capsys)
    items = answer["items"]
    assert isinstance(items, list)
    assert [(item["title"], item["kind"]) for item in items] == [("Qwen9-8B", "model")]
    assert items[0]["entries"] == ["https://huggingface.co/Qwen/Qwen9-8B", "https://r.example.org/1"]
    assert items[0]["why"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["rank", "--month", "April", "--entries", "x.jsonl"],
        ["rank", "--month", "2026-13", "--entries", "x.jsonl"],
        ["rank", "--month", "2026-04", "--entries", "absent.jsonl"],
        ["preview", "--month", "2026"],
        ["collect", "--sources", "absent-folder"],
        ["status", "--sources", "absent-folder"],
    ],
)
def test_bad_input_is_one_clear_line_and_exit_2(
    arguments: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert main([*arguments, "--json"]) == 2
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    error = json.loads(out)["error"]
    assert error["message"]
    assert error["subject"]


def test_a_source_nobody_has_is_named_with_the_nearest(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", "--only", "ollama-blgo"]) == 2
    assert "ollama-blog" in capsys.readouterr().err


def test_a_line_that_is_no_entry_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "entries.jsonl"
    file.write_text('{"title": "fine"}\n{"no": 1}\n', encoding="utf-8")
    assert main(["rank", "--month", "2026-04", "--entries", str(file)]) == 2
    assert f"{file}:2" in capsys.readouterr().err


def test_a_bad_database_url_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nowhere/x")
    assert main(["status"]) != 0
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "DATABASE_URL" in err


def test_preview(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{home / 'runlocalai.db'}"
    upgrade(url)
    store = engine(url)
    sync(store, load_content())
    store.dispose()
    assert main(["preview", "--month", "2026-04", "--json"]) == 0
    assert main(["preview", "--month", "2026-04", "--rig", "RTX 3060 12GB", "--json"]) == 0
    assert main(["preview", "--month", "2026-04", "--rig", "Zorblax 9000", "--json"]) == 2
    plain, rig, unknown = lines(capsys)
    for answer in (plain, rig):
        files = answer["files"]
        assert isinstance(files, dict)
        assert all(Path(path).stat().st_size > 10 for path in files.values())
    sections = rig["sections"]
    assert isinstance(sections, list)
    assert sections[:2] == ["brief", "rig"]
    assert unknown["ok"] is False
    assert main(["status", "--json"]) == 0
    (status,) = lines(capsys)
    assert status["issues"] == [{"month": "2026-04", "status": "draft"}]
    found = status["sources"]
    assert isinstance(found, list)
    assert len(found) == 178
    assert found[0]["complaints"] == ["never fetched"]


def test_preview_of_an_empty_store_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", "--month", "2026-04"]) == 1
    assert "sync" in capsys.readouterr().err


async def run(*arguments: str, home: Path) -> tuple[int, list[dict[str, object]]]:
    env = {**os.environ, "RUNLOCALAI_DATA": str(home)}
    env.pop("DATABASE_URL", None)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "digest", *arguments, "--json", env=env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode or 0, [json.loads(line) for line in out.decode().splitlines()]


async def test_collect_as_a_process(tmp_path: Path) -> None:
    pages = {
        "/atom": Page((DATA / "atom_releases.xml").read_bytes()),
        "/hf": Page((DATA / "hf_models.json").read_bytes(), content_type="application/json"),
        "/bad": Page(b"<html><body>Sorry</body></html>", content_type="text/html"),
    }
    folder = tmp_path / "sources"
    folder.mkdir()
    async with feed_server(pages) as server:
        kind = {"kind": "rss", "category": "model", "role": "maker", "evidence": "made for a test"}
        rows = [{"id": path.strip("/"), "name": path, "url": server.base_url + path, **kind} for path in pages]
        (folder / "all.yaml").write_text(json.dumps(rows), encoding="utf-8")
        code, first = await run("collect", "--recorded", "--sources", str(folder), home=tmp_path)
        server.forget()
        again, second = await run("collect", "--recorded", "--sources", str(folder), home=tmp_path)
        refused, third = await run("collect", "--sources", str(folder), "--only", "atom", home=tmp_path / "other")
    assert (code, again) == (0, 0)
    assert first[-1]["totals"]["n_new"] == 4  # type: ignore[index]
    assert {line["source"]: line["outcome"] for line in first[:-1]} == {"atom": "new", "hf": "new", "bad": "failed"}
    assert second[-1]["totals"]["n_new"] == 0  # type: ignore[index]
    assert server.bytes_sent == 0
    # without --recorded the very same address is a private network
    assert refused == 1
    assert (third[0]["error_code"], third[0]["n_new"]) == ("refused", 0)


def test_bounces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(
        b"From: MAILER-DAEMON@x.example\nSubject: failure\n\n<otter@example.org>: 550 5.1.1 user unknown\n"
    )
    assert main(["bounces", "classify", str(mail), "--json"]) == 0
    assert main(["bounces", "classify", str(tmp_path / "absent.eml"), "--json"]) == 2
    found, absent = lines(capsys)
    assert found == {
        "file": str(mail),
        "kind": "hard",
        "address": "otter@example.org",
        "status": "5.1.1",
        "reason": "userunknown",
    }
    assert "error" in absent


def test_help_names_every_command_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("collect", "status", "rank", "preview", "parse", "bounces", "run"))
    with pytest.raises(SystemExit) as bad:
        main(["nonsense"])
    assert bad.value.code == 2
