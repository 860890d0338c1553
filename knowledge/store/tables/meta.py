"""Facts about the store itself, as name and value: `content_version` is the hash of the content that was last synced.

The schema's version is Alembic's own table, not here.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import metadata

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
