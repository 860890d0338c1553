"""What the bot keeps: rigs and feedback of people (written by `rigs`), and what `bot_store` writes.

That is servers' settings, issues announced in them, suggested corrections, the audit log (append-only: the database's
triggers refuse changes), what was last registered with Discord, and the limiter of gateway identifies. A user is a
Discord id and nothing else: no names, no messages.
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

guild_setting = sa.Table(
    "guild_setting",
    metadata,
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("language", sa.String(8), nullable=False, server_default=sa.text("''"), comment="empty: as each reader"),
    sa.Column("public_answers", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("channel_id", sa.BigInteger, comment="where issues are announced; NULL for nowhere"),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column(
        "channel_problem",
        sa.String(12),
        nullable=False,
        server_default=sa.text("''"),
        comment="why nothing is posted there any more: forbidden, gone; empty: it works",
    ),
)

announcement = sa.Table(
    "announcement",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True, comment="the issue's"),
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(12), nullable=False, comment="claimed, posted, refused, unsure, failed, skipped"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_at", UtcDateTime, nullable=False, comment="when it was claimed first"),
    sa.Column("claimed_until", UtcDateTime, comment="one process posts it until then; after that it is taken for dead"),
    sa.Column("message_id", sa.BigInteger, comment="what was posted"),
)

suggestion = sa.Table(
    "suggestion",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("user_id", sa.BigInteger, comment="NULL once its author is forgotten"),
    sa.Column("about", sa.String(200), nullable=False, comment="what it corrects, as its author names it"),
    sa.Column("text", sa.Text, nullable=False, comment="secrets redacted"),
    sa.Column("source", sa.Text, nullable=False, server_default=sa.text("''"), comment="where one can check it"),
    sa.Column("state", sa.String(12), nullable=False, index=True, comment="open, taken, declined"),
    sa.Column("content_version", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("decided_by", sa.BigInteger),
    sa.Column("decided_at", UtcDateTime),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("guild_id", sa.BigInteger),
    sa.Column("action", sa.String(64), nullable=False, comment="such as digest approve"),
    sa.Column("args_hash", sa.String(64), nullable=False, comment="SHA-256 of the arguments: no text is kept"),
    sa.Column("result", sa.String(200), nullable=False, server_default=sa.text("''")),
)

registration = sa.Table(
    "registration",
    metadata,
    sa.Column("application_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False, server_default=sa.text("''"), comment="of the commands sent"),
    sa.Column("lease_until", UtcDateTime, comment="somebody is sending them until then at most"),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

identify_slot = sa.Table(
    "identify_slot",
    metadata,
    sa.Column("application_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("bucket", sa.Integer, primary_key=True, autoincrement=False, comment="shard id modulo max_concurrency"),
    sa.Column("free_at", UtcDateTime, nullable=False, comment="the next identify of this bucket may not be earlier"),
)
