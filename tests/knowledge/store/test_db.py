"""Engines, transactions and what a person is told when a store cannot be used."""

from __future__ import annotations

import socket
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge.errors import StoreError
from knowledge.store import db
from knowledge.store.queries import content_version, load_knowledge
from knowledge.store.tables.digest import entry, source_state

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "cannot be read as an address"),
        ("not a url", "cannot be read as an address"),
        ("mysql://u:secret@127.0.0.1/x", "'mysql', which is not supported"),
        ("sqlite://", "names no file"),
        ("postgresql://u:p@127.0.0.1:port/x", "cannot be read as an address"),
    ],
)
def test_a_bad_address_is_one_clear_line(url: str, says: str) -> None:
    for make in (db.engine, db.upgrade):
        with pytest.raises(StoreError) as caught:
            make(url)
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "secret" not in str(caught.value)
        assert caught.value.subject == "DATABASE_URL"


def test_an_unreachable_server_is_one_clear_line_without_the_password() -> None:
    with socket.socket() as taken:  # bound, never listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://someone:s3cret@127.0.0.1:{taken.getsockname()[1]}/name"
        with pytest.raises(StoreError) as caught:
            db.upgrade(url)
    assert "cannot be used" in caught.value.message
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value) + caught.value.subject


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file cannot be made"):
        db.upgrade(f"sqlite:///{tmp_path / 'file' / 'store.db'}")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("this is not a database, whatever its name says" * 20)
    with pytest.raises(StoreError) as caught:
        db.upgrade(f"sqlite:///{path}")
    assert "not a database" in caught.value.message


def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    store = db.engine(f"sqlite:///{tmp_path / 'store.db'}")
    with pytest.raises(StoreError) as caught:
        content_version(store)
    assert str(tmp_path / "store.db") in caught.value.message
    assert "knowledge upgrade" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_was_never_upgraded_says_what_to_run(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "store.db").touch()
    store = db.engine(empty_url)
    for ask in (content_version, load_knowledge):
        with pytest.raises(StoreError) as caught:
            ask(store)
        assert "empty" in caught.value.message
        assert "knowledge upgrade" in caught.value.hint
    store.dispose()


@pytest.mark.parametrize(("found", "hint"), [("0000", "newer version"), ("9999", "newer version")])
def test_an_unknown_schema_is_told(store: sa.Engine, found: str, hint: str) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    with pytest.raises(StoreError) as caught:
        content_version(store)
    assert found in caught.value.message
    assert hint in caught.value.hint


def test_an_older_schema_says_upgrade(store: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = db.schema_versions()
    monkeypatch.setattr(db, "schema_versions", lambda: (*versions, "9999"))
    with pytest.raises(StoreError) as caught:
        content_version(store)
    assert "needs 9999" in caught.value.message
    assert "knowledge upgrade" in caught.value.hint


def test_a_table_that_is_gone_is_a_store_error(store: sa.Engine) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("DROP TABLE meta"))
    with pytest.raises(StoreError):
        content_version(store)


def test_what_a_raising_block_wrote_is_undone(store: sa.Engine) -> None:
    row = sa.insert(source_state).values(source_id="a", url="https://example.org")
    with pytest.raises(sa.exc.IntegrityError), db.writing(store) as conn:  # noqa: PT012 - the second one fails
        conn.execute(row)
        assert conn.execute(sa.select(source_state.c.url)).scalar() == "https://example.org"
        conn.execute(row)
    with db.reading(store) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(source_state)).scalar() == 0


def test_a_reader_sees_one_moment_while_others_write(store: sa.Engine) -> None:
    count = sa.select(sa.func.count()).select_from(source_state)
    with db.reading(store) as conn:
        before = conn.execute(count).scalar()
        with db.writing(store) as other:
            other.execute(sa.insert(source_state).values(source_id="a", url="https://example.org"))
        assert conn.execute(count).scalar() == before == 0
    with db.reading(store) as conn:
        assert conn.execute(count).scalar() == 1


def test_foreign_keys_hold_on_both(store: sa.Engine) -> None:
    row = {
        "source_id": "nobody",
        "entry_key": "1",
        "url": "https://example.org/1",
        "title": "One",
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        "content_hash": "x",
        "month": "2026-11",
    }
    with pytest.raises(sa.exc.IntegrityError), db.writing(store) as conn:
        conn.execute(sa.insert(entry).values(row))


def test_instants_come_back_in_utc_and_naive_ones_are_refused(store: sa.Engine) -> None:
    in_tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    row = {"source_id": "a", "url": "https://example.org", "last_fetched_at": in_tokyo}
    with db.writing(store) as conn:
        conn.execute(sa.insert(source_state).values(row))
        found = conn.execute(sa.select(source_state.c.last_fetched_at, source_state.c.next_fetch_at)).one()
    assert found == (NOW, None)
    assert found[0].utcoffset() == timedelta(0)
    with pytest.raises(sa.exc.StatementError, match="time zone"), db.writing(store) as conn:
        conn.execute(sa.update(source_state).values(last_fetched_at=NOW.replace(tzinfo=None)))


def test_sqlite_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    db.upgrade(url)
    plain = sqlite3.connect(tmp_path / "store.db")
    assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()
