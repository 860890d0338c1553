"""An INSERT that may say what happens where the row is there already: SQLAlchemy has one for each backend.

Only the backend in use is loaded: PostgreSQL's dialect is 3 MiB in a process that keeps its rows in SQLite. What is
inserted, and what a conflict does, stands with each store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: sa.Table, dialect: sa.Dialect) -> sqlite.Insert | postgresql.Insert:
    """INSERT into a table, with `on_conflict_do_update` and `on_conflict_do_nothing`."""
    if dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert

    return insert(table)
