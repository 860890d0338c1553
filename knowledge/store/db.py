"""Engines for the store, their transactions, and the schema's upgrade, the same for SQLite and PostgreSQL.

Everything that can be wrong with a store (address, reach, schema version) leaves here as a `StoreError` of one line.
No queries: those are in `queries`, `sync`, `rigs` and `digest_store`.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from knowledge.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine.interfaces import DBAPIConnection

BUSY_TIMEOUT_S: Final = 10
CONNECT_TIMEOUT_S: Final = 5
LOCK_TIMEOUT_MS: Final = 10_000
_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
_UPGRADE_HINT: Final = "Run `python -m knowledge upgrade`, then `python -m knowledge sync`."
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_UPGRADE_LOCK: Final = 7_270_001  # PostgreSQL advisory lock: one upgrade at a time, whoever starts it
_alembic_guard = threading.Lock()  # Alembic keeps its running environment in module globals


def engine(url: str) -> sa.Engine:
    """Make an engine for blocking use. `url` is `sqlite:///path` or `postgresql://…`; nothing is connected yet."""
    address = _driver_url(url)
    made = sa.create_engine(address, **_options(address))
    _listen(made)
    return made


@contextmanager
def reading(store: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection whose selects all see the same moment; nothing written in it is kept."""
    level = {} if store.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with explained(store.url), store.connect() as plain:
        yield plain.execution_options(**level)


@contextmanager
def writing(store: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection in one transaction: kept when the block ends, undone when it raises.

    SQLite takes its write lock at once and waits for it, so that reading first and writing later cannot fail halfway.
    """
    with explained(store.url), store.connect().execution_options(sqlite_begin="IMMEDIATE") as conn, conn.begin():
        yield conn


def upgrade(url: str) -> None:
    """Bring the schema of `url` to this version's, creating the store where there is none. Does nothing when it is."""
    from alembic import command

    if (path := _sqlite_path(_parsed(url))) is not None:
        _make_file(path)
    store = engine(url)
    try:
        with explained(store.url), _alembic_guard, _alone(store) as conn:
            config = alembic_config()
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
    finally:
        store.dispose()


def require_schema(conn: sa.Connection) -> None:
    """Raise a StoreError saying what to do unless the store's schema is exactly this version's."""
    versions = schema_versions()
    found = None
    if sa.inspect(conn).has_table("alembic_version"):
        found = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    where = public_url(conn.engine.url)
    if found is None:
        raise StoreError("The store is empty.", subject=where, hint=_UPGRADE_HINT)
    if found not in versions:
        hint = "It was written by a newer version of this program: install that one."
        raise StoreError(f"The store's schema {found} is unknown here.", subject=where, hint=hint)
    if found != versions[-1]:
        raise StoreError(
            f"The store's schema is {found}, this version needs {versions[-1]}.", subject=where, hint=_UPGRADE_HINT
        )


def alembic_config() -> Config:
    """Make Alembic's configuration: there is no ini file to go stale and no path of any machine in it."""
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def public_url(url: sa.URL) -> str:
    """Write the address without its password or driver, fit to be shown."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


@contextmanager
def explained(url: sa.URL) -> Iterator[None]:
    """Turn what a database driver raises inside the block into a StoreError of one line."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise StoreError(
            f"The store cannot be used: {_first_line(error)}.",
            subject=public_url(url),
            hint="Check DATABASE_URL and that the database server runs.",
        ) from error
    except sa.exc.ProgrammingError as error:
        hint = _UPGRADE_HINT
        raise StoreError(
            f"The store does not have what is needed: {_first_line(error)}.", subject=public_url(url), hint=hint
        ) from error
    except sa.exc.DatabaseError as error:
        if isinstance(error, sa.exc.IntegrityError | sa.exc.DataError):
            raise
        raise StoreError(
            f"The store cannot be read: {_first_line(error)}.",
            subject=public_url(url),
            hint="Is DATABASE_URL the right file?",
        ) from error


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except (sa.exc.ArgumentError, ValueError) as error:
        raise _bad_url("DATABASE_URL cannot be read as an address.") from error
    if backend not in _DRIVERS:
        raise _bad_url(f"DATABASE_URL names the database '{backend}', which is not supported.")
    if backend == "sqlite" and not parsed.database:
        raise _bad_url("DATABASE_URL names no file.")
    return parsed


def _bad_url(message: str) -> StoreError:
    hint = "Unset it to use the embedded store, or give sqlite:///path or postgresql://user:password@host:port/name."
    return StoreError(message, subject="DATABASE_URL", hint=hint)


def _driver_url(url: str) -> sa.URL:
    parsed = _parsed(url)
    return parsed.set(drivername=_DRIVERS[parsed.get_backend_name()])


def _sqlite_path(url: sa.URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def _make_file(path: Path) -> None:
    """Make the embedded store's file, empty: an engine alone never makes one, so that a typing error is noticed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StoreError(
            f"The store's file cannot be made: {why}.", subject=str(path), hint="Set RUNLOCALAI_DATA or DATABASE_URL."
        ) from error


def _options(url: sa.URL) -> dict[str, Any]:
    json = {"json_serializer": _to_json, "json_deserializer": msgspec.json.decode}
    if url.get_backend_name() == "sqlite":
        return {**json, "connect_args": {"timeout": BUSY_TIMEOUT_S}}
    return {**json, "pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_TIMEOUT_S}}


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _listen(store: sa.Engine) -> None:
    """SQLite: no file made by connecting, foreign keys on, real transactions (the driver leaves DDL outside them)."""
    if store.dialect.name != "sqlite":
        return
    path = _sqlite_path(store.url)

    @sa.event.listens_for(store, "do_connect")
    def _require_file(*_: object) -> None:
        if path is not None and not path.exists():
            raise StoreError(f"There is no store at {path}.", subject=str(path), hint=_UPGRADE_HINT)

    @sa.event.listens_for(store, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(store, "begin")
    def _begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql(f"BEGIN {conn.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


@contextmanager
def _alone(store: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection that no other upgrade runs beside, in this or any other process.

    PostgreSQL holds an advisory lock around migrations of one transaction each; SQLite runs all of them in one.
    """
    with store.connect() as plain:
        if store.dialect.name == "sqlite":
            _keep_write_ahead_log(plain)
            conn = plain.execution_options(sqlite_begin="IMMEDIATE")
            with conn.begin():
                yield conn
        else:
            plain.execute(sa.text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}"))
            plain.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _UPGRADE_LOCK})
            plain.commit()
            yield plain
            plain.rollback()
            plain.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _UPGRADE_LOCK})
            plain.commit()


def _keep_write_ahead_log(conn: sa.Connection) -> None:
    """Switch the file to a write-ahead log, which it then keeps. SQLite does not wait for others here, so we do."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    raw = conn.connection.driver_connection
    while raw is not None:
        try:
            raw.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise sa.exc.OperationalError("PRAGMA journal_mode=WAL", None, error) from error
            time.sleep(0.02)
        else:
            return


def schema_versions() -> tuple[str, ...]:
    """List the schema's revisions, oldest first, by the migrations' file names (Alembic stays unloaded)."""
    return tuple(sorted(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def _first_line(error: sa.exc.DBAPIError) -> str:
    return " ".join(str(error.orig).strip().splitlines()[:1]).rstrip(".")[:300]
