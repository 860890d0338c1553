"""Moving a store: both directions, every table, all or nothing; backups; data of the first release kept."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from knowledge.__main__ import main
from knowledge.errors import BadInput, StoreError
from knowledge.store import db, move
from knowledge.store.tables.every import metadata
from tests.fakes.postgres import database_of, find_binaries
from tests.knowledge.store.conftest import BACKENDS
from tests.knowledge.store.filling import N_ROWS, fill

TABLES = list(metadata.sorted_tables)


@pytest.fixture
def other_url(empty_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Give the address of an empty store of the other kind."""
    if empty_url.startswith("postgresql"):
        return f"sqlite:///{tmp_path / 'other.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of a store, in the order of its keys."""
    store = db.engine(url)
    try:
        with db.reading(store) as conn:
            return {
                table.name: [
                    dict(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in TABLES
            }
    finally:
        store.dispose()


def filled(url: str) -> None:
    db.upgrade(url)
    store = db.engine(url)
    with db.writing(store) as conn:
        fill(conn, TABLES)
    store.dispose()


@pytest.mark.postgres
def test_everything_comes_along_in_both_directions(empty_url: str, other_url: str) -> None:
    filled(empty_url)
    seen: list[str] = []
    report = move.move(empty_url, other_url, progress=lambda table, _n: seen.append(table))
    assert report.n_rows == {table.name: N_ROWS for table in TABLES}
    assert report.total == N_ROWS * len(TABLES)
    assert set(seen) == set(report.n_rows)
    assert contents(other_url) == contents(empty_url)


@pytest.mark.postgres
def test_numbers_go_on_where_they_were(empty_url: str, other_url: str) -> None:
    """A deleted subscriber's number is in mailed links: it must not come again at the new place."""
    db.upgrade(empty_url)
    table = metadata.tables["subscriber"]
    row = {
        "address": "a@example.org",
        "address_key": "a@example.org",
        "domain": "example.org",
        "state": "confirmed",
        "created_at": sa.func.now(),
        "updated_at": sa.func.now(),
    }
    numbers = []
    for url in (empty_url, other_url):
        store = db.engine(url)
        with db.writing(store) as conn:
            for _ in range(3):
                numbers.append(conn.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one())
                conn.execute(sa.delete(table))
        store.dispose()
        if url == empty_url:
            move.move(empty_url, other_url)
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_a_store_with_rows_is_refused(store_url: str, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'source.db'}"
    filled(source)
    store = db.engine(store_url)
    with db.writing(store) as conn:
        conn.execute(sa.text("INSERT INTO meta (name, value) VALUES ('mine', 'yes')"))
    before = contents(store_url)
    with pytest.raises(BadInput, match=r"is not empty.*'meta'"):
        move.move(source, store_url)
    assert contents(store_url) == before
    store.dispose()


def test_the_same_address_twice_is_refused(store_url: str) -> None:
    with pytest.raises(BadInput, match="the same"):
        move.move(store_url, store_url)


def test_a_source_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    with pytest.raises(StoreError, match="no store"):
        move.move(f"sqlite:///{tmp_path / 'none.db'}", f"sqlite:///{target}")
    assert not target.exists()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.postgres
def test_a_row_the_target_cannot_keep_undoes_all_of_it(tmp_path: Path, postgres_url: str) -> None:
    """SQLite keeps a NUL in a text, PostgreSQL does not."""
    source = f"sqlite:///{tmp_path / 'source.db'}"
    filled(source)
    store = db.engine(source)
    with db.writing(store) as conn:
        conn.execute(sa.text("UPDATE rig SET engine = 'a' || char(0)"))
    store.dispose()
    with pytest.raises(StoreError, match="'rig'"):
        move.move(source, postgres_url)
    assert not any(contents(postgres_url).values())


def test_a_target_that_alters_a_row_is_noticed(tmp_path: Path) -> None:
    source, target = f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'b.db'}"
    filled(source)
    db.upgrade(target)
    store = db.engine(target)
    with db.writing(store) as conn:
        conn.execute(
            sa.text(
                "CREATE TRIGGER liar AFTER INSERT ON guild_setting WHEN NEW.language <> '' "
                "BEGIN UPDATE guild_setting SET language = 'xx'; END"
            )
        )
    with pytest.raises(StoreError, match=r"'guild_setting'.*another content"):
        move.move(source, target)
    assert not any(contents(target).values())
    store.dispose()


@pytest.mark.postgres
def test_the_command(tmp_path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = f"sqlite:///{tmp_path / 'source.db'}"
    filled(source)
    spelt = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    assert main(["move", "--from", source, "--to", spelt, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == N_ROWS * len(TABLES)
    assert main(["move", "--from", source, "--to", spelt]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["move", "--from", "mysql://u:hidden@h/d", "--to", spelt]) == 2
    said = capsys.readouterr().err
    assert "--from" in said
    assert "hidden" not in said
    assert main(["move", "--from", postgres_url, "--to", f"sqlite:///{tmp_path / 'back.db'}"]) == 0
    assert "rows carried over" in capsys.readouterr().out


def test_a_copy_of_a_store_in_use_is_whole(tmp_path: Path) -> None:
    """The documented backup of the embedded store: a move into a file, while somebody has it open and writes."""
    source, copy = f"sqlite:///{tmp_path / 'live.db'}", f"sqlite:///{tmp_path / 'copy.db'}"
    filled(source)
    before = contents(source)
    live = db.engine(source)
    with db.writing(live) as conn:
        conn.execute(sa.text("DELETE FROM feedback"))
        move.move(source, copy)
    assert contents(copy) == before
    assert contents(source)["feedback"] == []
    live.dispose()


@pytest.mark.postgres
def test_a_dump_restores(postgres_server: str, postgres_url: str, tmp_path: Path) -> None:
    binaries = find_binaries()
    assert binaries is not None  # the server came from there
    tools = (binaries / "initdb").resolve().parent
    filled(postgres_url)
    dump = tmp_path / "backup.dump"
    subprocess.run([tools / "pg_dump", "--format=custom", f"--file={dump}", postgres_url], check=True)
    restored = database_of(postgres_server, f"restored_{os.getpid()}")
    subprocess.run([tools / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={restored}", dump], check=True)
    assert contents(restored) == contents(postgres_url)
    db.upgrade(restored)


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_of_the_first_release_are_kept(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Every row written under revision 0001 has the same values after the upgrade to this version."""
    url = f"sqlite:///{tmp_path / 'first.db'}" if backend == "sqlite" else request.getfixturevalue("postgres_url")
    if backend == "sqlite":
        (tmp_path / "first.db").touch()
    store = db.engine(url)
    with store.connect() as conn:
        config = db.alembic_config()
        config.attributes["connection"] = conn
        command.upgrade(config, db.schema_versions()[0])
        conn.commit()
    first = sa.MetaData()
    first.reflect(store)
    tables = [table for table in first.sorted_tables if table.name != "alembic_version"]
    assert {table.name for table in tables} < {table.name for table in TABLES}
    with db.writing(store) as conn:
        fill(conn, tables)
    with db.reading(store) as conn:
        before = {table.name: _rows(conn, table) for table in tables}
    db.upgrade(url)
    with db.reading(store) as conn:
        db.require_schema(conn)
        assert {table.name: _rows(conn, table) for table in tables} == before
        assert all(len(rows) == N_ROWS for rows in before.values())
        for table in TABLES:  # and this version reads them
            conn.execute(sa.select(table)).all()
    store.dispose()


def _rows(conn: sa.Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key))]
