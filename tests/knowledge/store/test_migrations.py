"""The schema's history: from nothing to exactly the tables in use, on both backends, however often it is run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import knowledge.store.migrations.versions as versions
from knowledge.store import db
from knowledge.store.tables.every import metadata
from tests.conftest import ROOT


def test_migrations_and_tables_say_the_same(store: sa.Engine) -> None:
    with db.reading(store) as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_missing_table_would_be_noticed(store: sa.Engine) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("DROP TABLE feedback"))
    with db.reading(store) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata)


def test_upgrading_twice_changes_nothing(store_url: str, store: sa.Engine) -> None:
    with db.writing(store) as conn:
        conn.execute(sa.text("INSERT INTO meta (name, value) VALUES ('kept', 'yes')"))
    db.upgrade(store_url)
    with db.reading(store) as conn:
        db.require_schema(conn)
        assert conn.execute(sa.text("SELECT value FROM meta WHERE name = 'kept'")).scalar() == "yes"


def test_upgrades_started_together_all_succeed(empty_url: str) -> None:
    code = "import sys; from knowledge.store import db; db.upgrade(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)
    ]
    for process in started:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


def test_a_failing_migration_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create = op.create_table

    def fail_late(name: str, *parts: Any, **options: Any) -> Any:
        if name == "feedback":
            raise RuntimeError("disk full")
        return create(name, *parts, **options)

    monkeypatch.setattr(op, "create_table", fail_late)
    with pytest.raises(RuntimeError, match="disk full"):
        db.upgrade(empty_url)
    store = db.engine(empty_url)
    assert "model" not in sa.inspect(store).get_table_names()
    store.dispose()
    monkeypatch.undo()
    db.upgrade(empty_url)


def test_file_names_begin_with_their_revision() -> None:
    scripts = ScriptDirectory.from_config(db.alembic_config())
    history = tuple(reversed([script.revision for script in scripts.walk_revisions()]))
    assert history == db.schema_versions()
    assert scripts.get_current_head() == db.schema_versions()[-1]
    folder = Path(str(versions.__file__)).parent
    assert {path.name for path in folder.glob("*.py")} - {"__init__.py"} == {
        Path(s.path).name for s in scripts.walk_revisions()
    }
