"""Tables of the bot: servers' settings, suggestions, the audit log, registered commands, identify slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")


def upgrade() -> None:
    """Create the tables."""
    _settings()
    _audit()
    _shared_by_processes()


def _settings() -> None:
    op.create_table(
        "guild_setting",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(8), nullable=False, server_default=EMPTY, comment="empty: as each reader"),
        sa.Column("public_answers", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("channel_id", sa.BigInteger(), comment="where issues are announced; NULL for nowhere"),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_setting"),
    )
    op.create_table(
        "suggestion",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger(), comment="NULL once its author is forgotten"),
        sa.Column("about", sa.String(200), nullable=False, comment="what it corrects, as its author names it"),
        sa.Column("text", sa.Text(), nullable=False, comment="secrets redacted"),
        sa.Column("source", sa.Text(), nullable=False, server_default=EMPTY, comment="where one can check it"),
        sa.Column("state", sa.String(12), nullable=False, comment="open, taken, declined"),
        sa.Column("content_version", sa.String(64), nullable=False, server_default=EMPTY),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("decided_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion"),
    )
    op.create_index("ix_suggestion_state", "suggestion", ["state"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("action", sa.String(64), nullable=False, comment="such as digest approve"),
        sa.Column("args_hash", sa.String(64), nullable=False, comment="SHA-256 of the arguments: no text is kept"),
        sa.Column("result", sa.String(200), nullable=False, server_default=EMPTY),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    said = "the audit log is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for name, event in (("audit_kept", "DELETE"), ("audit_frozen", "UPDATE")):
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON audit BEGIN SELECT RAISE(ABORT, '{said}'); END")
        return
    op.execute(
        f"CREATE FUNCTION audit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_frozen()"
    )


def _shared_by_processes() -> None:
    op.create_table(
        "registration",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, server_default=EMPTY, comment="of the commands sent"),
        sa.Column("lease_until", INSTANT, comment="somebody is sending them until then at most"),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("application_id", name="pk_registration"),
    )
    op.create_table(
        "identify_slot",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "bucket", sa.Integer(), autoincrement=False, nullable=False, comment="shard id modulo max_concurrency"
        ),
        sa.Column("free_at", INSTANT, nullable=False, comment="the next identify of this bucket may not be earlier"),
        sa.PrimaryKeyConstraint("application_id", "bucket", name="pk_identify_slot"),
    )
