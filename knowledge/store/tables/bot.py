"""What the bot keeps of people: the rig they saved and the feedback they gave. Written by `rigs` alone.

A user is a Discord id and nothing else: no names, no messages, no guilds.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import Payload, RowId, UtcDateTime, metadata

rig = sa.Table(
    "rig",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("devices", Payload, nullable=False, comment="list of {id, count, memory_bytes}"),
    sa.Column("ram_bytes", sa.BigInteger),
    sa.Column("engine", sa.String(32), nullable=False, server_default=sa.text("''")),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("kind", sa.String(16), nullable=False, comment="fit, define, error …: which answer it is about"),
    sa.Column("subject", sa.Text, nullable=False, comment="what was asked, as the answer names it"),
    sa.Column("helpful", sa.Boolean),
    sa.Column("measured_tok_s", sa.Float),
    sa.Column("comment", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("content_version", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)
