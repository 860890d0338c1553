"""Rows by which bot and digest speak, never importing each other: maintainers' requests, counts of diagnosed errors.

A request is written by whoever asks (`request_store`), served by a digest process, and read again by who asked.
Counts are the bot's to write; they hold no text and no person.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import Payload, RowId, UtcDateTime, metadata

maintainer_request = sa.Table(
    "maintainer_request",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(24), nullable=False, comment="preview, approve, hold, edit, status, collect, …"),
    sa.Column("month", sa.String(7), nullable=False, server_default=sa.text("''"), comment="YYYY-MM, empty for none"),
    sa.Column("args", Payload, comment="what else was asked, by name"),
    sa.Column("asked_by", sa.String(64), nullable=False, comment="who: a Discord id, or a name on the command line"),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(12), nullable=False, comment="queued, running, done, failed"),
    sa.Column("result", Payload, comment="what came of it: text first, figures beside it"),
    sa.Column("worker", sa.String(64), nullable=False, server_default=sa.text("''"), comment="who serves it"),
    sa.Column("lease_until", UtcDateTime, comment="running: after this another worker takes it over"),
    sa.Column("finished_at", UtcDateTime),
    sa.Index("ix_maintainer_request_state_id", "state", "id"),
)

request_file = sa.Table(
    "request_file",
    metadata,
    sa.Column(
        "request_id", sa.BigInteger, sa.ForeignKey("maintainer_request.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("media_type", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="8 MB at most"),
)

diagnosis_count = sa.Table(
    "diagnosis_count",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("error_id", sa.String(200), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)
